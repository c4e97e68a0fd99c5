"""Wrappers have the parameters of their functions, and code that looks finds the program's own."""

from __future__ import annotations

import inspect
import logging
import traceback
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib  # type: ignore[import-untyped]
import pytest

from provlog.capture import Capture
from tests.capture.reading import activity, parameters


def plain(a: int, b: int = 2) -> tuple[Any, ...]:
    return a, b


def mixed(a: int, /, b: int, c: int = 3, *rest: int, d: int, e: int = 5, **more: int) -> Any:
    return a, b, c, rest, d, e, more


async def coroutine(a: int, *, b: int = 2) -> Any:
    return a, b


def any_number(*rest: int, **more: int) -> Any:
    return rest, more


def generator(a: int, b: int = 2) -> Iterator[int]:
    yield a + b


async def asynchronous(a: int, *rest: int) -> AsyncIterator[int]:
    yield a


FUNCTIONS = [plain, mixed, any_number, coroutine, generator, asynchronous]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_code_has_the_parameters_and_the_name_of_the_function(
    capture: Capture, function: Any
) -> None:
    traced = capture.trace(function)
    count = function.__code__.co_argcount + function.__code__.co_kwonlyargcount
    assert traced.__code__.co_varnames[:count] == function.__code__.co_varnames[:count]
    for name in ("co_name", "co_qualname", "co_argcount", "co_posonlyargcount",
                 "co_kwonlyargcount"):  # fmt: skip
        assert getattr(traced.__code__, name) == getattr(function.__code__, name)
    flags = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS | inspect.CO_GENERATOR
    assert traced.__code__.co_flags & flags == function.__code__.co_flags & flags
    assert traced.__defaults__ == function.__defaults__
    assert traced.__globals__ is function.__globals__
    assert inspect.signature(traced) == inspect.signature(function)
    assert inspect.getsource(traced) == inspect.getsource(function)
    added = {"__wrapped__", "__numba__"}
    assert {name: one for name, one in vars(traced).items() if name not in added} == vars(function)


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("wrong", [{}, {"z": 1, "a": 1, "b": 2, "d": 3, "y": 4}])
def test_wrong_arguments_are_refused_at_the_call(
    capture: Capture, function: Any, wrong: dict[str, int]
) -> None:
    if function is mixed and wrong:
        wrong = {"a": 1, "b": 2}
    if function is any_number:
        return
    traced = capture.trace(function)
    with pytest.raises(TypeError) as expected:
        function(**wrong)
    with pytest.raises(TypeError) as found:
        traced(**wrong)
    assert str(found.value) == str(expected.value)


def test_all_arguments_arrive_and_are_recorded(capture: Capture) -> None:
    traced = capture.trace(mixed)
    assert traced(1, 2, 4, 6, 7, d=8, z=9) == (1, 2, 4, (6, 7), 8, 5, {"z": 9})
    assert parameters(activity(capture.graph(), "mixed")) == {
        "a": 1, "b": 2, "c": 4, "rest": "[6,7]", "d": 8, "e": 5, "z": 9,
    }  # fmt: skip


def test_a_function_of_any_number_of_arguments_is_traced(capture: Capture) -> None:
    traced = capture.trace(any_number)
    assert traced(1, 2, z=3) == ((1, 2), {"z": 3})
    assert parameters(activity(capture.graph(), "any_number")) == {"rest": "[1,2]", "z": 3}


def test_odd_names_of_parameters_work(capture: Capture) -> None:
    namespace: dict[str, Any] = {}
    exec("def odd(make, wrapper, function, _provlog_call=1): return make", namespace)
    assert capture.trace(namespace["odd"])(5, 6, 7) == 5

    class Mangled:
        def method(self, __secret: int) -> int:  # noqa: PYI063
            return __secret

    assert capture.trace_methods(Mangled)().method(3) == 3


def test_a_warning_names_the_caller(capture: Capture) -> None:
    @capture.trace
    def old() -> None:
        warnings.warn("old", stacklevel=2)

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        old()
        line = inspect.currentframe().f_lineno - 1  # type: ignore[union-attr]
    assert (caught[0].filename, caught[0].lineno) == (__file__, line)


def test_a_log_record_names_the_function_and_its_caller(
    capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    @capture.trace
    def log() -> None:
        logging.getLogger("program").warning("own")
        logging.getLogger("program").warning("caller", stacklevel=2)

    log()
    own, caller = [one for one in caplog.records if one.name == "program"]
    assert (own.funcName, caller.funcName) == (
        "log", "test_a_log_record_names_the_function_and_its_caller",
    )  # fmt: skip
    assert caller.pathname == __file__


def first(path: Path) -> str:
    return f"first {path.name}"


def second(path: Path) -> str:
    return f"second {path.name}"


def test_a_cache_that_compares_sources_keeps_functions_apart(
    capture: Capture, tmp_path: Path
) -> None:
    memory = joblib.Memory(tmp_path, verbose=0)
    cached = [memory.cache(capture.trace(function)) for function in (first, second)]
    for _ in range(2):
        assert [one(Path("a")) for one in cached] == ["first a", "second a"]
    assert joblib.Memory(tmp_path, verbose=0).cache(first).check_call_in_cache(Path("a"))


def test_tracebacks_name_the_function(capture: Capture) -> None:
    @capture.trace
    def fail() -> None:
        raise ValueError

    try:
        fail()
    except ValueError as error:
        frames = traceback.extract_tb(error.__traceback__)
    assert {frame.name for frame in frames[1:]} == {"fail"}


def test_a_program_may_change_the_attributes_of_a_traced_function(capture: Capture) -> None:
    def count() -> int:
        counted.calls += 1
        return int(counted.calls)

    counted: Any = capture.trace(count)
    counted.calls = 0
    assert (counted(), counted()) == (1, 2)
    assert SimpleNamespace(**vars(counted)).calls == 2
