"""Many calls of one function in one activity."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from collections.abc import Iterator
from contextvars import copy_context
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import provlog
from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.model.graph import Activity, ProvGraph
from tests.capture.fixtures import Make
from tests.capture.programs import run
from tests.capture.reading import activities, activity, generated, parameters, used


def summary(graph: ProvGraph, name: str) -> Activity:
    """Return the activity that sums up calls."""
    [found] = [one for one in activities(graph, name) if one.values("log:calls")]
    return found


def trace(capture: Capture, function: Any, name: str) -> Any:
    return capture.trace(function, name)


def facts(one: Activity) -> tuple[Any, ...]:
    return tuple(one.values(f"log:{key}")[0] for key in ("calls", "failed_calls"))


def inputs(graph: ProvGraph, one: Activity) -> list[Any]:
    return [relation.target for relation in graph.relations["used"] if relation.source is one]


def outputs(graph: ProvGraph, one: Activity) -> list[Any]:
    relations = graph.relations["wasGeneratedBy"]
    return [relation.source for relation in relations if relation.target is one]


def test_later_calls_are_one_activity(make: Make) -> None:
    capture = make(each=3)

    @capture.trace
    def scale(data: Any, n: int) -> Any:
        if n == 7:
            raise ValueError(n)
        return data * n

    data = [np.arange(3.0), np.arange(4.0)]
    with capture.activity("loop"):
        for n in range(10):
            try:
                scale(data[n // 5], n)
            except ValueError:
                assert n == 7
    found = capture.graph()
    assert found.diagnostics == []
    assert len(activities(found, "scale")) == 4
    one = summary(found, "scale")
    assert facts(one) == (7, 1)
    assert 0 <= one.values("log:total_time")[0] < 10
    assert one.start is not None
    assert one.end is not None
    assert one.values("log:last_call")[0] >= one.start
    first = activities(found, "scale")[0]
    assert inputs(found, one)[0] is used(found, first)["data"]
    assert len(inputs(found, one)) == 2
    assert len(outputs(found, one)) == 6


def test_a_method_sums_up_with_its_object_and_changes(make: Make) -> None:
    capture = make(each=1)

    @capture.trace_methods
    class Counter:
        def __init__(self) -> None:
            self.total = 0

        def add(self, number: int, extra: Any = None) -> None:
            self.total += number

    counter = Counter()
    with capture.activity("loop"):
        for n in range(5):
            counter.add(n)
    found = capture.graph()
    one = summary(found, "add")
    assert facts(one) == (4, 0)
    [before], [after] = inputs(found, one), outputs(found, one)
    assert before is not after
    assert counter.total == 10


def test_each_activity_counts_for_itself_and_nested_calls_too(make: Make) -> None:
    capture = make(each=2)
    inner = trace(capture, lambda n: n, "inner")

    @capture.trace
    def outer(n: int) -> None:
        for _ in range(n):
            inner(n)

    for n in (2, 2, 4, 4):
        outer(n)
    capture.close()
    found = capture.graph()
    assert [one.values("log:calls") for one in activities(found, "outer")] == [[], [], [2]]
    # Two in each of the first two; two and a summary in the summary of `outer`.
    assert len(activities(found, "inner")) == 2 + 2 + 3
    assert facts(summary(found, "outer")) == (2, 0)
    assert facts(summary(found, "inner")) == (6, 0)


def test_a_task_that_outlives_its_activity_counts_outside_of_it(make: Make) -> None:
    capture = make(each=2)
    work = trace(capture, lambda n: n, "work")
    with capture.activity("loop"):
        context = copy_context()
    for n in range(5):
        context.run(work, n)
    capture.close()
    found = capture.graph()
    assert len(activities(found, "work")) == 3
    assert facts(summary(found, "work")) == (3, 0)


def test_definitions_are_followed_for_the_first_calls_of_a_summary(make: Make) -> None:
    source = {
        "parameters": [{"name": "n"}],
        "usage": [{"role": "data", "value": "data"}],
        "generation": [{"role": "out", "value": "result"}],
    }
    capture = make(definitions_of({"activities": {"scale": source}}), each=1)

    @capture.trace
    def scale(data: Any, n: int) -> Any:
        return data * n

    with capture.activity("loop"):
        for n in range(4):
            scale(np.arange(3.0), n)
    found = capture.graph()
    one = summary(found, "scale")
    assert parameters(one) == {}
    assert len(inputs(found, one)) == 1
    assert len(outputs(found, one)) == 3
    assert set(generated(found, one)) == {"out"}


def test_coroutines_generators_and_threads_sum_up(make: Make) -> None:
    capture = make(each=1)

    @capture.trace
    async def wait(n: int) -> int:
        await asyncio.sleep(0)
        return n

    @capture.trace
    def items(n: int) -> Iterator[int]:
        yield from range(n)

    @capture.trace
    def work(*numbers: int) -> int:
        return sum(numbers)

    async def gather() -> None:
        assert await asyncio.gather(*map(wait, range(5))) == [*range(5)]

    with capture.activity("loop"):
        asyncio.run(gather())
        assert [list(items(2)) for _ in range(3)] == [[0, 1]] * 3
    threads = [threading.Thread(target=lambda: [work(n, n) for n in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    capture.close()
    found = capture.graph()
    assert facts(summary(found, "wait")) == (4, 0)
    assert facts(summary(found, "items")) == (2, 0)
    counted = [facts(one)[0] for one in activities(found, "work") if one.values("log:calls")]
    assert sum(counted) + len(activities(found, "work")) - len(counted) == 400


def test_a_summary_keeps_no_object_alive(make: Make) -> None:
    capture = make(each=0)

    class Thing:
        pass

    show = trace(capture, lambda thing: Thing(), "show")
    with capture.activity("loop"):
        things = [Thing() for _ in range(5)]
        references = [weakref.ref(one) for one in things]
        results = [weakref.ref(show(one)) for one in things]
        del things
        gc.collect()
        assert [one() for one in (*references, *results)] == [None] * 10
    found = capture.graph()
    assert len(inputs(found, activity(found, "show"))) == 5


@pytest.mark.parametrize("end", ["", "import sys; sys.exit(3)", "raise KeyError"])
def test_a_summary_outside_of_activities_ends_with_the_program(tmp_path: Path, end: str) -> None:
    run(
        tmp_path,
        f"""
        import multiprocessing
        from provlog.capture import Capture
        capture = Capture(log="run.log", each=2)
        @capture.trace
        def work(n): return n
        def child():
            for n in range(6): work(n)
        if __name__ == "__main__":
            child()
            process = multiprocessing.get_context("fork").Process(target=child)
            process.start(); process.join()
            {end}
        """,
    )
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    sums = [facts(one)[0] for one in activities(found, "work") if one.values("log:calls")]
    assert sums == [4, 4]
    assert all(one.end for one in activities(found, "work"))
