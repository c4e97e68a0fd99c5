"""Generators link the calls that take them with the activities that run them."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from tests.capture.both import both_logs
from tests.capture.fixtures import Make
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


def sum_of(self: object, numbers: Iterable[int]) -> int:
    return sum(numbers)


def members_of(program: str) -> Any:
    usage = [{"role": "numbers", "entityName": "Numbers", "value": program}]
    return {"activities": {"total": {"usage": usage}, "Adder.total": {"usage": usage}}}


@pytest.mark.parametrize("value", ["numbers", "args.numbers"])
@pytest.mark.parametrize("is_method", [False, True])
def test_a_definition_may_name_the_generator(value: str, is_method: bool) -> None:
    def program(capture: Capture) -> Any:
        kind: Any = type("Adder", (), {"total": sum_of})
        kind.total.__qualname__ = "Adder.total"
        if is_method:
            capture.trace_methods(kind)
            add = kind().total
        else:
            add = capture.trace(total)
        assert add(capture.trace(rows)(4)) == 6
        return capture.graph()

    (fast, found), (pure, _) = both_logs(program, members_of(value))
    stream = used(found, activity(found, "total"))["numbers"]
    assert stream.label == "Numbers"
    assert generated(found, activity(found, "rows")) == {"result": stream}
    assert fast == pure


def test_an_instance_variable_is_not_the_argument_of_that_name(make: Make) -> None:
    class Adder:
        numbers = (5, 6)

        def total(self, numbers: Iterable[int]) -> int:
            return sum(numbers)

    capture = make(definitions_of(members_of("numbers")))
    capture.trace_methods(Adder)
    assert Adder().total(capture.trace(rows)(4)) == 6
    assert generated(capture.graph(), activity(capture.graph(), "rows")) == {}


def test_a_decorator_or_a_block_may_name_the_generator(capture: Capture) -> None:
    add = capture.trace(total, used={"all": "numbers"})
    assert add(capture.trace(rows)(4)) == 6
    stream = capture.trace(doubled)([1, 2])
    with capture.activity("block") as block:
        block.used(stream, role="stream")
        assert sum(stream) == 6
    found = capture.graph()
    for name, taker, role in (("rows", "total", "all"), ("doubled", "block", "stream")):
        entity = used(found, activity(found, taker))[role]
        assert generated(found, activity(found, name)) == {"result": entity}
