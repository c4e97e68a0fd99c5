"""Generators link the calls that take them with the activities that run them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterable, Iterator

from provlog.capture import Capture
from tests.capture.reading import activities, activity, generated, used


def rows(count: int) -> Iterator[int]:
    yield from range(count)


def doubled(numbers: Iterable[int]) -> Iterator[int]:
    for one in numbers:
        yield 2 * one


def total(numbers: Iterable[int]) -> int:
    return sum(numbers)


async def arows(count: int) -> AsyncIterator[int]:
    for one in range(count):
        yield one


async def atotal(numbers: AsyncIterator[int]) -> int:
    return sum([one async for one in numbers])


def test_a_generator_that_a_call_takes_is_generated_by_its_activity(capture: Capture) -> None:
    trace = capture.trace
    assert trace(total)(trace(doubled)(trace(rows)(4))) == 12
    found = capture.graph()
    stream = used(found, activity(found, "total"))["numbers"]
    assert generated(found, activity(found, "doubled")) == {"result": stream}
    inner = used(found, activity(found, "doubled"))["numbers"]
    assert generated(found, activity(found, "rows")) == {"result": inner}


def test_an_asynchronous_generator_is_linked_as_well(capture: Capture) -> None:
    assert asyncio.run(capture.trace(atotal)(capture.trace(arows)(4))) == 6
    found = capture.graph()
    stream = used(found, activity(found, "atotal"))["numbers"]
    assert generated(found, activity(found, "arows")) == {"result": stream}


def test_each_generator_is_that_of_its_own_call(capture: Capture) -> None:
    traced, add = capture.trace(rows), capture.trace(total)
    first, second = traced(2), traced(3)
    assert (add(second), add(first), [*traced(1)]) == (3, 1, [0])
    found = capture.graph()
    made = [generated(found, one) for one in activities(found, "rows")]
    taken = [used(found, one)["numbers"] for one in activities(found, "total")]
    assert made == [{"result": taken[0]}, {"result": taken[1]}, {}]


def test_a_generator_that_never_runs_is_not_kept_alive(capture: Capture) -> None:
    stream = capture.trace(rows)(2)
    capture.trace(lambda numbers: None, "ignore")(stream)
    reference = weakref.ref(stream)
    del stream
    gc.collect()
    assert reference() is None
    found = capture.graph()
    assert activities(found, "rows") == []
