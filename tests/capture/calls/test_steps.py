"""What the bodies of traced coroutines and generators, and their drivers, see: no wrapper."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import AsyncIterator, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provlog.capture import Capture
from provlog.capture.calls import recording
from tests.capture.bodies import (
    BODIES,
    REACTIONS,
    STEPS,
    Pause,
    coroutine,
    driven,
    names_in,
    outcome,
    step,
)
from tests.capture.both import both_logs
from tests.capture.methods import names_on_stack
from tests.capture.reading import activities
from tests.profiles import examples

needs_compiled = pytest.mark.skipif(
    recording._compiled() is None, reason="the compiled modules are not built"
)

reactions = st.lists(st.sampled_from(REACTIONS), max_size=6)
ways = st.lists(st.sampled_from(STEPS), max_size=6)


@needs_compiled
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(150), deadline=None)
@given(st.sampled_from(BODIES), reactions, st.booleans(), ways)
def test_a_body_and_its_driver_see_what_they_see_without_tracing(
    body: Any, reactions: list[str], starts: bool, ways: list[str]
) -> None:
    ways = ["next", *ways] if starts else ways
    if not starts and ways[:1] != ["next"]:
        # Python adds a line of the function itself, or of the wrapper.
        ways = [way for way in ways if way in ("next", "close")]
    expected = driven(body, reactions, ways)
    assert driven(Capture().trace(body), reactions, ways) == expected


@needs_compiled
@pytest.mark.filterwarnings("ignore")
@settings(max_examples=examples(50), deadline=None)
@given(st.sampled_from(BODIES), reactions, ways)
def test_the_log_is_the_same_as_in_python(body: Any, reactions: list[str], ways: list[str]) -> None:
    def program(capture: Capture) -> None:
        within: Any = capture.trace(lambda: None, "within")

        driven(capture.trace(body), reactions, ["next", *ways])
        # The activity is not current any more.
        within()

    if body is coroutine:
        # In Python, the activity of one that goes on after it is closed has ended before.
        reactions = [one for one in reactions if one != "catch"]
    (fast, _), (pure, _) = both_logs(program)
    assert fast == pure


# Frames


def looks(seen: list[str]) -> Iterator[int]:
    seen += names_on_stack()
    yield 1
    raise ValueError("end")


async def looks_once(seen: list[str]) -> None:
    await Pause("pause")
    seen += names_on_stack()
    raise ValueError("end")


async def looks_later(seen: list[str]) -> AsyncIterator[int]:
    await Pause("pause")
    seen += names_on_stack()
    yield 1
    raise ValueError("end")


LOOKING: list[Any] = [looks, looks_once, looks_later]


def stack_and_traceback(function: Any) -> tuple[list[str], list[str]]:
    """Return the frames that the body sees, and those in its traceback."""
    seen: list[str] = []

    async def drive() -> None:
        found = function(seen)
        if inspect.iscoroutine(found):
            await found
        elif inspect.isgenerator(found):
            for _ in found:
                pass
        else:
            async for _ in found:
                pass

    def run() -> None:
        driver = drive()
        while True:
            driver.send(None)

    with pytest.raises(ValueError, match="end") as raised:
        run()
    return seen, names_in(raised.value)[1:]


@needs_compiled
@pytest.mark.parametrize("function", LOOKING)
def test_the_body_has_no_frame_of_a_wrapper_above(capture: Capture, function: Any) -> None:
    expected = stack_and_traceback(function)
    assert stack_and_traceback(capture.trace(function)) == expected
    assert function.__name__ in expected[0]
    found = activities(capture.graph(), function.__name__)
    assert found[-1].values("log:exception") == ["ValueError"]


@pytest.mark.parametrize("function", LOOKING)
def test_it_takes_one_more_frame_in_python(capture: Capture, function: Any) -> None:
    stack, trace = stack_and_traceback(function)
    with patch.object(recording, "_compiled", lambda: None):
        traced = capture.trace(function)
    name = function.__name__
    place = stack.index(name)
    assert stack_and_traceback(traced) == (
        [*stack[:place], name, *stack[place:]], [*trace[:-1], name, name],
    )  # fmt: skip


@pytest.mark.parametrize("is_compiled", [False, pytest.param(True, marks=needs_compiled)])
def test_warnings_and_log_records_name_the_caller(
    capture: Capture, caplog: pytest.LogCaptureFixture, is_compiled: bool
) -> None:
    def old() -> Iterator[int]:
        warnings.warn("old", stacklevel=2)
        logging.getLogger("program").warning("caller", stacklevel=2)
        yield 1

    compiled: Any = recording._compiled if is_compiled else lambda: None
    with patch.object(recording, "_compiled", compiled):
        traced = capture.trace(old)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert [*traced()] == [1]
    assert caught[0].filename == __file__
    assert caplog.records[-1].funcName == "test_warnings_and_log_records_name_the_caller"


@needs_compiled
def test_frames_of_nested_generators_and_coroutines(capture: Capture) -> None:
    @capture.trace
    def inner() -> Iterator[Any]:
        try:
            yield names_on_stack()
        except KeyError:
            yield names_on_stack()

    @capture.trace
    def outer() -> Iterator[Any]:
        yield from inner()

    @capture.trace
    async def awaited(n: int) -> Any:
        await Pause("pause")
        return names_on_stack() if n == 0 else await awaited(n - 1)

    running: Any = outer()
    assert next(running) == running.throw(KeyError("x")) == ["inner", "outer"]
    coroutine: Any = awaited(3)
    for _ in range(4):
        assert coroutine.send(None) == "pause"
    assert outcome(step, coroutine, "next")[0] == ["awaited"] * 4 + ["step", "outcome"]
    assert coroutine.cr_frame is None
