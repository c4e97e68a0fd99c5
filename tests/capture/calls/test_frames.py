"""The frames of the program, and no others, that code inside a traced call sees."""

from __future__ import annotations

import logging
import sys
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any
from unittest.mock import patch

import pytest

from provlog.capture import Capture
from provlog.capture.calls import recording
from tests.capture.methods import class_with_methods, names_on_stack
from tests.capture.reading import activities, activity, parameters

needs_compiled = pytest.mark.skipif(
    recording._compiled() is None, reason="the compiled modules are not built"
)


@pytest.fixture
def limit() -> Iterator[None]:
    before = sys.getrecursionlimit()
    yield
    sys.setrecursionlimit(before)


def in_traceback(error: BaseException) -> list[str]:
    """Return the names of the functions in a traceback below the test."""
    return [one.name for one in traceback.extract_tb(error.__traceback__)][1:]


METHODS = ("method", "of_class", "static", "value", "cached", "fails")


def inheriting(capture: Capture, base: Any = None) -> Any:
    kind = type("Kind", (base or class_with_methods(),), {})
    for name in METHODS:
        capture.trace_method(kind, name)
    return kind


def called(kind: Any) -> list[list[str]]:
    thing = kind()
    return [
        thing.method(), kind.method(thing), kind.method(self=thing), kind.of_class(),
        kind.static(), thing.value, thing.cached(),
    ]  # fmt: skip


@needs_compiled
def test_inherited_methods_take_no_frame(capture: Capture) -> None:
    kind = inheriting(capture)
    named = ["method", "__call__", "method"]
    assert called(kind) == [
        ["method", "called"], ["method", "called"], [*named, "called"], ["of_class", "called"],
        ["static", "called"], ["value", "called"], ["cached", "called"],
    ]  # fmt: skip
    with pytest.raises(KeyError) as raised:
        kind().fails(key="gone")
    assert in_traceback(raised.value) == ["fails"]
    found = capture.graph()
    assert len(activities(found, "method")) == 3
    assert parameters(activity(found, "fails")) == {"key": "gone"}
    assert activity(found, "fails").values("log:exception") == ["KeyError"]


def test_inherited_methods_take_a_frame_in_python(capture: Capture) -> None:
    with patch.object(recording, "_compiled", lambda: None):
        kind = inheriting(capture)
    assert called(kind)[0] == ["method", "__call__", "method", "called"]
    assert kind().value == ["value", "__call__", "value"]
    assert len(activities(capture.graph(), "value")) == 2


@pytest.mark.parametrize("is_compiled", [False, pytest.param(True, marks=needs_compiled)])
def test_inherited_methods_of_other_objects(capture: Capture, is_compiled: bool) -> None:
    """A function does not ask of which class its first argument is."""
    compiled: Any = recording._compiled if is_compiled else lambda: None
    base = class_with_methods()
    with patch.object(recording, "_compiled", compiled):
        kind = inheriting(capture, base)
    for other in (base(), 5):
        assert kind.method(other)[0] == "method"
    del base.method
    with pytest.raises(AttributeError, match="has no attribute 'method'"):
        kind().method()
    found = activities(capture.graph(), "method")
    assert [one.values("log:status") for one in found] == [[], [], ["failed"]]


@needs_compiled
def test_functions_of_many_parameters_take_no_frame(capture: Capture) -> None:
    names = [f"p{number}" for number in range(200)]
    namespace: dict[str, Any] = {"names_on_stack": names_on_stack}
    exec(f"def many({', '.join(names)}=5, *, last=6): return names_on_stack(), p0, p199", namespace)
    many = capture.trace(namespace["many"])
    assert many(*range(199)) == (["many"], 0, 5)
    assert many(*range(199), p199=7, last=8) == (["many"], 0, 7)
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'p198'"):
        many(*range(198))
    found = [parameters(one) for one in activities(capture.graph(), "many")]
    assert [(one["p198"], one["p199"], one["last"]) for one in found] == [(198, 5, 6), (198, 7, 8)]


@needs_compiled
def test_functions_of_compiled_modules_take_no_frame(capture: Capture) -> None:
    ordered: Any = capture.trace(sorted)
    assert ordered([2, 1], key=lambda one: len(names_on_stack())) == [2, 1]
    seen: list[list[str]] = []
    ordered([1], key=lambda one: seen.append(names_on_stack()))
    assert seen == [["<lambda>"]]
    with pytest.raises(TypeError) as raised:
        ordered(5)
    assert in_traceback(raised.value) == []
    assert [one.values("log:status") for one in activities(capture.graph(), "sorted")] == [
        [], [], ["failed"],
    ]  # fmt: skip


def deep(capture: Capture) -> Callable[[int], int]:
    @capture.trace
    def descend(n: int) -> int:
        return len(names_on_stack()) if n == 0 else descend(n - 1)

    return descend


@needs_compiled
@pytest.mark.usefixtures("limit")
def test_nested_calls_take_no_frame_while_the_stack_of_c_has_room(capture: Capture) -> None:
    sys.setrecursionlimit(2000)
    descend = deep(capture)
    # Python 3.12 allows fewer calls in C than others.
    depth = 300 if sys.version_info[:2] == (3, 12) else 900
    assert descend(depth) == depth + 1
    assert type(descend) is not FunctionType
    assert sys.getrecursionlimit() == 2000
    assert len(activities(capture.graph(), "descend")) == depth + 1


@needs_compiled
@pytest.mark.usefixtures("limit")
@pytest.mark.parametrize("size", [64, 256, 1024])
def test_the_stack_of_a_thread_may_be_small(capture: Capture, size: int) -> None:
    sys.setrecursionlimit(10**5)
    descend = deep(capture)
    lengths: list[int] = []

    def test_thread() -> None:
        lengths.append(descend(5000))

    threading.stack_size(size * 1024)
    try:
        thread = threading.Thread(target=test_thread)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
    assert type(descend) is FunctionType
    assert 5001 < lengths[0] < 2 * 5001
    assert len(activities(capture.graph(), "descend")) == 5001


@needs_compiled
@pytest.mark.usefixtures("limit")
def test_an_infinite_recursion_is_as_deep_as_without_tracing(capture: Capture) -> None:
    depths: list[int] = []

    def infinite(n: int) -> None:
        depths.append(n)
        infinite(n + 1)

    sys.setrecursionlimit(1000)
    with pytest.raises(RecursionError):
        infinite(0)
    expected = depths[-1]
    infinite = capture.trace(infinite)
    with pytest.raises(RecursionError):
        infinite(0)
    assert expected - 50 < depths[-1] < expected + 150
    assert sys.getrecursionlimit() == 1000


@needs_compiled
def test_the_caller_is_the_frame_of_the_program(
    capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    class Old:
        def warn(self) -> str:
            warnings.warn("old", stacklevel=2)
            logging.getLogger("program").warning("caller", stacklevel=2)
            return sys._getframe(1).f_code.co_name

    kind: Any = type("New", (Old,), {})
    capture.trace_method(kind, "warn")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        name = kind().warn()
    assert name == "test_the_caller_is_the_frame_of_the_program"
    assert caught[0].filename == __file__
    assert caplog.records[-1].funcName == name
