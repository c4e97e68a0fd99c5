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
from provlog.capture.process.workers import Program
from tests.capture.fixtures import Make
from tests.capture.reading import activities


def data_of(function: Any) -> bytes:
    """Return what is sent of a function of a main module, which the worker lacks."""
    assert isinstance(function, FunctionType)
    function.__module__ = "__main__"
    data: bytes = cloudpickle.dumps(function)
    return data


def sent(function: Any) -> Any:
    """Return a function as a worker receives it."""
    return cloudpickle.loads(data_of(function))


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
def test_a_function_sent_by_value_to_a_worker_is_recorded(
    function: Callable[..., Any], done: Callable[[Any], Any], expected: Any, make: Make, log: Path,
) -> None:  # fmt: skip
    traced = make().trace(function)
    copies = [sent(traced), sent(traced)]
    assert [done(copy(5)) for copy in copies] == [expected, expected]
    assert len(activities(provlog.read(log), function.__name__)) == 2


@pytest.mark.parametrize(("function", "done", "expected"), KINDS)
def test_a_function_sent_by_value_elsewhere_works_and_warns(
    function: Callable[..., Any], done: Callable[[Any], Any], expected: Any,
    make: Make, log: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    traced = make().trace(function)
    data = data_of(traced)
    monkeypatch.setattr("provlog.capture.capture._captures", set())
    monkeypatch.setattr(
        "provlog.capture.capture.current_program",
        lambda: Program("another", "", 0, is_worker=False),
    )
    with caplog.at_level(logging.WARNING, "provlog"):
        copies = [cloudpickle.loads(data), cloudpickle.loads(data)]
        assert [done(copy(5)) for copy in copies] == [expected, expected]
    [record] = caplog.records
    assert record.getMessage() == (
        f"provlog: activity {function.__name__!r} is not recorded in a process that received its "
        "function by value and is not a worker of the program: move the function to a module"
    )
    assert log.read_bytes() == b""


def test_an_unpickled_capture_is_itself_or_has_the_same_log(
    make: Make, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    capture = make()
    data = cloudpickle.dumps(capture)
    assert cloudpickle.loads(data) is capture
    monkeypatch.setattr("provlog.capture.capture._captures", set())
    received: list[Capture] = []
    monkeypatch.setattr("provlog.capture.capture._received", received)
    copy = cloudpickle.loads(data)
    assert received == [copy]
    with copy.activity("there"):
        assert copy.trace(plain)(5) == 6
    assert [len(activities(provlog.read(log), name)) for name in ("there", "plain")] == [1, 1]
    copy.close()


def test_an_unpickled_capture_without_a_log_is_disabled(monkeypatch: pytest.MonkeyPatch) -> None:
    data = cloudpickle.dumps(Capture())
    monkeypatch.setattr("provlog.capture.capture._captures", set())
    copy = cloudpickle.loads(data)
    with copy.activity("there"):
        assert copy.trace(plain)(5) == 6
    assert list(copy.graph().activities) == []
