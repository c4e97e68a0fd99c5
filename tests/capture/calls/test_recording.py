"""Functions that joblib or dask send to workers by value, with all that they refer to."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import cloudpickle
import pytest

import provlog
from provlog.capture import Capture
from tests.capture.fixtures import Make
from tests.capture.reading import activities


def sent(function: Any) -> Any:
    """Return a function as a worker receives it: defined in a main module that it lacks."""
    assert isinstance(function, FunctionType)
    function.__module__ = "__main__"
    return cloudpickle.loads(cloudpickle.dumps(function))


def plain(n: int) -> int:
    return n + 1


async def coroutine(n: int) -> int:
    await asyncio.sleep(0)
    return n + 1


def generator(n: int) -> Iterator[int]:
    yield n + 1


async def asynchronous(n: int) -> AsyncIterator[int]:
    yield n + 1


async def all_of(items: AsyncIterator[int]) -> list[int]:
    return [item async for item in items]


KINDS: list[tuple[Callable[..., Any], Callable[[Any], Any], Any]] = [
    (plain, int, 6),
    (coroutine, asyncio.run, 6),
    (generator, list, [6]),
    (asynchronous, lambda items: asyncio.run(all_of(items)), [6]),
]


@pytest.mark.parametrize(("function", "done", "expected"), KINDS)
def test_a_function_sent_by_value_works_and_warns(
    function: Callable[..., Any], done: Callable[[Any], Any], expected: Any,
    make: Make, log: Path, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    traced = make().trace(function)
    with caplog.at_level(logging.WARNING, "provlog"):
        copies = [sent(traced), sent(traced)]
        assert [done(copy(5)) for copy in copies] == [expected, expected]
    assert [record.getMessage() for record in caplog.records] == [
        f"provlog: activity {function.__name__!r} is not recorded in workers that received its function by value: move the function to a module that the workers import"
    ]
    assert done(traced(5)) == expected
    assert len(activities(provlog.read(log), function.__name__)) == 1


def test_an_unpickled_capture_is_itself_or_disabled(
    make: Make, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = make()
    data = cloudpickle.dumps(capture)
    assert cloudpickle.loads(data) is capture
    monkeypatch.setattr("provlog.capture.capture._captures", set())
    copy = cloudpickle.loads(data)
    assert isinstance(copy, Capture)
    with copy.activity("there") as activity:
        activity.used("events.fits")
    assert copy.trace(plain)(5) == 6
    assert list(copy.graph().activities) == []
    assert log.read_bytes() == b""
