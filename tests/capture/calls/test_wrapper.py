"""Functions whose calls the compiled module records without a frame of its own."""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import sys
import threading
import traceback
import weakref
from collections.abc import Callable, Iterator
from contextlib import suppress
from types import FunctionType
from typing import Any

import cloudpickle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provlog.capture import Capture
from provlog.capture.calls import recording
from tests.capture.both import both_logs
from tests.capture.methods import class_with_methods, names_on_stack
from tests.capture.reading import activities, activity, parameters
from tests.profiles import examples

pytestmark = pytest.mark.skipif(
    recording._compiled() is None, reason="the compiled modules are not built"
)


def test_the_stack_shows_the_frames_of_the_program_only(capture: Capture) -> None:
    kind: Any = capture.trace_methods(class_with_methods())
    for name in ("__call__", "value"):
        capture.trace_method(kind, name)
    thing = kind()
    assert thing.method() == kind.method(thing) == ["method"]
    assert (kind.of_class(), kind.static(), thing.static()) == (
        ["of_class"],
        ["static"],
        ["static"],
    )
    assert (thing.value, thing.cached(), thing()) == (["value"], ["cached"], ["method", "__call__"])
    outer: Any = capture.trace(lambda: [*map(kind.static, [])] or names_on_stack(), "outer")
    assert outer() == ["<lambda>"]
    caller: Any = capture.trace(lambda: inspect.stack()[1].function, "caller")
    assert caller() == "test_the_stack_shows_the_frames_of_the_program_only"
    assert len(activities(capture.graph(), "method")) == 3


def test_a_traceback_has_the_frames_of_the_program_only(capture: Capture) -> None:
    @capture.trace
    def fail(text: str) -> None:
        raise ValueError(text) from KeyError(text)

    with pytest.raises(ValueError, match="one") as raised:
        fail("one")
    assert [one.name for one in traceback.extract_tb(raised.value.__traceback__)][1:] == ["fail"]
    assert type(raised.value.__cause__) is KeyError
    assert activity(capture.graph(), "fail").values("log:exception") == ["ValueError"]


def test_it_looks_like_a_function(capture: Capture) -> None:
    def function(a: int, b: int = 2) -> int:
        """Doc."""
        return a + b

    traced: Any = capture.trace(function)
    assert isinstance(traced, FunctionType)
    assert inspect.isfunction(traced)
    for name in (
        "__name__",
        "__qualname__",
        "__module__",
        "__doc__",
        "__defaults__",
        "__annotations__",
    ):
        assert getattr(traced, name) == getattr(function, name)
    assert repr(traced).split(" at ")[0] == repr(function).split(" at ")[0]
    assert repr(type(traced)) == repr(FunctionType)
    assert copy.deepcopy(traced) is copy.copy(traced) is traced


def by_name(number: int) -> int:
    return number + 1


def test_it_is_pickled_by_name(capture: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    traced = capture.trace(by_name)
    monkeypatch.setitem(globals(), "by_name", traced)
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(traced, protocol)) is traced


def test_it_may_be_sent_by_value(capture: Capture) -> None:
    @capture.trace
    def function(x: int) -> int:
        return x + 1

    assert cloudpickle.loads(cloudpickle.dumps(function))(5) == 6
    assert parameters(activity(capture.graph(), "function")) == {"x": 5}


def test_a_changed_default_counts(capture: Capture) -> None:
    def function(a: int = 1, *, b: int = 2) -> tuple[int, int]:
        return a, b

    traced: Any = capture.trace(function)
    assert traced() == (1, 2)
    traced.__defaults__ = (5,)
    assert traced() == (5, 2)
    traced.__kwdefaults__ = {"b": 7}
    assert traced(a=4) == (4, 7)
    found = [parameters(one) for one in activities(capture.graph(), "function")]
    assert found == [{"a": 1, "b": 2}, {"a": 5, "b": 2}, {"a": 4, "b": 7}]


def test_functions_in_cycles_are_released(capture: Capture) -> None:
    def made() -> weakref.ref[Any]:
        def function() -> Any:
            return traced

        traced = capture.trace(function)
        with capture.activity("block"):
            assert traced() is traced
        return weakref.ref(traced)

    references = [made() for _ in range(3)]
    gc.collect()
    assert [one() for one in references] == [None] * 3


@pytest.fixture
def limit() -> Iterator[None]:
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)


@pytest.mark.usefixtures("limit")
@pytest.mark.parametrize("in_thread", [False, True])
def test_a_recursion_takes_no_room_on_the_stack_of_c(capture: Capture, in_thread: bool) -> None:
    def even(n: int) -> bool:
        return True if n == 0 else odd(n - 1)

    def odd(n: int) -> bool:
        return False if n == 0 else even(n - 1)

    even, odd = capture.trace(even), capture.trace(odd)
    functions: list[Any] = [even, odd]
    sys.setrecursionlimit(10**6)
    results: list[bool] = []
    # Each call in C takes about a kilobyte.
    threading.stack_size(1024 * 1024)
    try:
        thread = threading.Thread(target=lambda: results.append(even(5000)))
        thread.start() if in_thread else thread.run()
        if in_thread:
            thread.join()
    finally:
        threading.stack_size(0)
    assert results == [True]
    assert {*map(type, functions)} == {FunctionType}
    assert even(3) is False
    found = capture.graph()
    assert len(activities(found, "even")) + len(activities(found, "odd")) == 5005


def test_a_method_that_others_replace_meanwhile(capture: Capture) -> None:
    """A function may lose its last other reference while it runs."""
    namespace: dict[str, Any] = {}

    @capture.trace
    def function(x: int) -> int:
        namespace.clear()
        gc.collect()
        return x

    namespace["one"] = function
    del function
    assert namespace["one"](5) == 5
    assert parameters(activity(capture.graph(), "function")) == {"x": 5}


# Arguments

SIGNATURES: list[Callable[..., Any]] = [
    lambda: None,
    lambda a: a,
    lambda a, b=2: (a, b),
    lambda a, /, b=2, *, c=3: (a, b, c),
    lambda a=1, /, b=2: (a, b),
    lambda *, a, b=2: (a, b),
    lambda a, *rest: (a, rest),
    lambda a, /, **others: (a, others),
    lambda a=1, *rest, b=2, **others: (a, rest, b, others),
    lambda a, b, c, d, e, *, f=6: (a, b, c, d, e, f),
]
values = st.sampled_from([1, 2.5, "text", None, (1, 2)])
arguments = st.tuples(
    st.integers(0, len(SIGNATURES) - 1),
    st.lists(values, max_size=6),
    st.dictionaries(st.sampled_from(["a", "b", "c", "d", "z", "api_key"]), values, max_size=4),
)


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(arguments, max_size=30), st.booleans())
def test_arguments_are_bound_as_in_python(
    calls: list[tuple[int, list[Any], dict[str, Any]]], is_method: bool
) -> None:
    def program(capture: Capture) -> list[Any]:
        kind = type("Kind", (), {f"f{number}": one for number, one in enumerate(SIGNATURES)})
        if is_method:
            capture.trace_methods(kind)
        functions = [capture.trace(one, f"f{number}") for number, one in enumerate(SIGNATURES)]
        thing = kind()
        found: list[Any] = []
        for number, given_values, named in calls:
            function = getattr(thing, f"f{number}") if is_method else functions[number]
            try:
                result = function(*given_values, **named)
                found.append([one for one in result if one is not thing] if result else None)
            except TypeError as error:
                found.append(str(error))
        return found

    (fast, results), (pure, expected) = both_logs(program)
    assert results == expected
    assert fast == pure


def test_unknown_names_of_arguments(capture: Capture) -> None:
    class Text(str):
        __slots__ = ()

    def copied(name: str) -> str:
        return "".join([name[:0], *name])

    traced: Any = capture.trace(lambda a, b=2: (a, b), "f")
    # Not the interned name.
    assert traced(**{copied("a"): 1, Text("b"): 3}) == (1, 3)
    with suppress(TypeError):
        traced(1, c=2)
    assert [parameters(one) for one in activities(capture.graph(), "f")] == [{"a": 1, "b": 3}]
