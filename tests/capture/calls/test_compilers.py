"""Compilers get the function itself."""

from __future__ import annotations

import pickle
from typing import Any

import numba
import pytest
from numba import njit
from numba.core.bytecode import get_function_object

from provlog.capture import Capture
from provlog.capture.calls.compilers import NumbaAttribute
from tests.capture.reading import activities


def transparent(function: Any) -> Any:
    return function


def test_a_decorator_that_compiles_gets_the_function_itself(
    capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    @njit
    @capture.trace
    def first(x: float) -> float:
        return x

    @numba.vectorize(
        ["float64(float64)"],
    )  # type: ignore[untyped-decorator, no-untyped-call]
    @transparent
    @capture.trace(name="two")
    def second(x: float) -> float:
        return x

    class Steps:
        @staticmethod
        @njit
        @capture.trace
        def third(x: float) -> float:
            return x

    compiled: Any = (first.py_func, Steps.third.py_func)  # type: ignore[attr-defined]
    assert not any(hasattr(one, "__wrapped__") for one in compiled)
    assert second(2.0) == 2.0
    assert [record.getMessage() for record in caplog.records] == [
        "provlog: first is not traced: the decorator njit compiles the function itself",
        "provlog: second is not traced: the decorator numba.vectorize compiles the function itself",
        "provlog: third is not traced: the decorator njit compiles the function itself",
    ]


def test_below_and_beside_other_decorators_functions_are_traced(capture: Capture) -> None:
    @transparent
    @capture.trace
    def first() -> None: ...

    @capture.trace
    @transparent
    def second() -> None: ...

    first()
    second()
    assert [len(activities(capture.graph(), name)) for name in ("first", "second")] == [1, 1]


def test_numba_finds_the_function_in_a_wrapper_and_provlog_warns_once(
    capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    def scaled(x: float) -> float:
        return x

    wrapper = capture.trace(scaled)
    for _ in range(2):
        assert get_function_object(wrapper) is scaled  # type: ignore[no-untyped-call]
    [record] = caplog.records
    assert record.getMessage().endswith("scaled from code that numba compiles are not recorded")


def test_the_attribute_for_numba_is_sent_to_workers() -> None:
    sent = pickle.loads(pickle.dumps(NumbaAttribute("scaled")))
    assert (type(sent), sent) == (NumbaAttribute, "__wrapped__")
