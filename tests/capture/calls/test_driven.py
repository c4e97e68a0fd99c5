"""Traced coroutines and generators are Python's own, and survive hostile use."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import inspect
import sys
import threading
import traceback
import types
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.capture.calls import recording
from provlog.capture.records.activity import current
from tests.capture.bodies import BODIES, Pause, coroutine, driven, generator, items, outcome, step
from tests.capture.reading import activities, activity


def test_they_are_generators_and_coroutines_of_python(capture: Capture) -> None:
    plain = capture.trace(generator)(["catch"], [])
    assert type(plain) is types.GeneratorType
    assert inspect.getgeneratorstate(plain) == "GEN_CREATED"
    assert next(plain) == 0
    assert inspect.getgeneratorstate(plain) == "GEN_SUSPENDED"
    frame: Any = plain.gi_frame
    assert frame.f_code.co_name == plain.__name__ == "generator"
    awaited = capture.trace(coroutine)(["catch"], [])
    assert type(awaited) is types.CoroutineType
    assert inspect.iscoroutine(awaited)
    assert asyncio.iscoroutine(awaited)
    assert awaited.send(None) == 0
    # Tools follow what it awaits.
    below: Any = awaited.cr_await
    assert below.cr_frame.f_code.co_name == "coroutine"
    assert below.cr_await.gi_frame.f_code.co_name == "__await__"
    later = capture.trace(items)(["catch"], [])
    assert type(later) is types.AsyncGeneratorType
    awaited.close()


def test_the_coroutines_of_generators_can_be_awaited(capture: Capture) -> None:
    @capture.trace
    @types.coroutine
    def old() -> Generator[Any, Any, Any]:
        return (yield "pause")

    async def main() -> Any:
        return await old()

    running = main()
    assert running.send(None) == "pause"
    with pytest.raises(StopIteration, match="5"):
        running.send(5)


def test_a_coroutine_that_is_never_awaited_is_reported(capture: Capture) -> None:
    async def forgotten() -> None:
        pass

    sys.set_coroutine_origin_tracking_depth(1)
    try:
        found: Any = capture.trace(forgotten)()
        assert found.cr_origin[0][2] == "test_a_coroutine_that_is_never_awaited_is_reported"
        with pytest.warns(RuntimeWarning, match=r"coroutine '.*forgotten' was never awaited"):
            del found
    finally:
        sys.set_coroutine_origin_tracking_depth(0)


def test_the_wrapper_keeps_neither_items_nor_arguments_alive(capture: Capture) -> None:
    class Large:
        pass

    async def pass_on(large: Any) -> Any:
        reference = weakref.ref(large)
        del large
        await Pause("pause")
        return reference

    def make() -> Iterator[Any]:
        large = Large()
        reference = weakref.ref(large)
        yield large
        del large
        yield reference

    if recording._compiled() is None:
        pytest.skip("the wrapper in Python keeps them")
    running = capture.trace(make)()
    item = next(running)
    del item
    assert next(running)() is None
    awaited: Any = capture.trace(pass_on)(Large())
    awaited.send(None)
    with pytest.raises(StopIteration) as end:
        awaited.send(None)
    assert end.value.value() is None


# Hostile use


def test_a_generator_may_not_run_itself(capture: Capture) -> None:
    running: Any = None

    @capture.trace
    def items() -> Iterator[Any]:
        for way in ("close", "send", "throw"):
            yield outcome(step, running, way)[0]

    running = items()
    assert [*running] == ["generator already executing"] * 3


@pytest.mark.parametrize("body", BODIES)
def test_suspended_ones_in_cycles_are_collected(capture: Capture, body: Any) -> None:
    seen: list[Any] = []

    class Node:
        pass

    def suspend() -> weakref.ref[Any]:
        node: Any = Node()
        node.running = running = capture.trace(body)(["propagate"] * 3, [node])
        if inspect.isasyncgen(running):
            node.driver = node.running.asend(None)
            assert node.driver.send(None) == "pause"
        else:
            assert node.running.send(None) == 0
        return weakref.ref(node, lambda _: seen.append("collected"))

    reference = suspend()
    gc.collect()
    gc.collect()
    assert reference() is None
    assert seen == ["collected"]


@pytest.mark.parametrize("limit", [300, 1000])
def test_deep_recursions_end_with_an_error(capture: Capture, limit: int) -> None:
    @capture.trace
    def endless(n: int) -> Iterator[int]:
        yield n
        yield from endless(n + 1)

    @capture.trace
    async def forever(n: int) -> None:
        await forever(n + 1)

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(limit + len(traceback.extract_stack()))
    try:
        with pytest.raises(RecursionError):
            for _ in endless(0):
                pass
        with pytest.raises(RecursionError):
            forever(0).send(None)
    finally:
        sys.setrecursionlimit(before)


@pytest.mark.parametrize("size", [256, 1024])
@pytest.mark.parametrize("is_raised", [False, True])
def test_a_coroutine_may_be_awaited_deeply_in_a_small_stack(
    capture: Capture, size: int, is_raised: bool
) -> None:
    # Before Python 3.12, awaiting takes room on the stack of C also without tracing.
    depth = 3000 if is_raised and sys.version_info >= (3, 12) else 100

    @capture.trace
    async def descend(n: int) -> int:
        return 0 if n == 0 else 1 + await descend(n - 1)

    results: list[Any] = []

    def run() -> None:
        results.append(outcome(step, descend(depth), "next")[0])

    before = sys.getrecursionlimit()
    sys.setrecursionlimit(10**5)
    threading.stack_size(size * 1024)
    try:
        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
    finally:
        threading.stack_size(0)
        sys.setrecursionlimit(before)
    assert results == [depth]
    assert len(activities(capture.graph(), "descend")) == depth + 1


def test_tasks_are_cancelled(capture: Capture) -> None:
    cleaned: list[str] = []

    @capture.trace
    async def waits() -> None:
        try:
            await asyncio.sleep(100)
        finally:
            await asyncio.sleep(0)
            cleaned.append("waits")

    @capture.trace
    async def endless() -> AsyncIterator[int]:
        try:
            while True:
                await asyncio.sleep(0)
                yield 1
        finally:
            cleaned.append("endless")

    async def consume() -> None:
        async for _ in endless():
            await waits()

    async def main() -> None:
        task = asyncio.create_task(consume())
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        gc.collect()
        await asyncio.sleep(0.01)

    asyncio.run(main())
    assert cleaned == ["waits", "endless"]
    found = capture.graph()
    assert activity(found, "waits").values("log:exception") == ["CancelledError"]
    assert activity(found, "endless").end is not None


def test_another_context_or_thread_may_finish(capture: Capture) -> None:
    @capture.trace
    async def waits() -> str:
        await Pause("pause")
        return "end"

    @capture.trace
    def items() -> Iterator[int]:
        yield 1
        yield 2

    before = current.get()
    awaited, running = waits(), items()
    contextvars.copy_context().run(awaited.send, None)
    contextvars.copy_context().run(next, running)
    results: list[Any] = []

    def finish() -> None:
        results.append(outcome(step, awaited, "next")[0])
        results.append([*running])

    thread = threading.Thread(target=finish)
    thread.start()
    thread.join()
    assert results == ["end", [2]]
    assert current.get() is before
    for name in ("waits", "items"):
        assert activity(capture.graph(), name).end is not None


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("watch", [sys.settrace, sys.setprofile])
@pytest.mark.parametrize("body", BODIES)
def test_debuggers_and_profilers_may_watch(capture: Capture, body: Any, watch: Any) -> None:
    expected = driven(body, ["catch"] * 4, ["next", "send", "throw", "next"])
    traced = capture.trace(body)
    events: list[str] = []

    def watcher(frame: Any, event: str, arg: Any) -> Any:
        events.append(event)
        return watcher

    with ExitStack() as stack:
        stack.callback(watch, sys.gettrace() if watch is sys.settrace else sys.getprofile())
        watch(watcher)
        found = driven(traced, ["catch"] * 4, ["next", "send", "throw", "next"])
    if recording._compiled() is not None:
        assert found == expected
    assert events.count("call") >= events.count("return") > 0


def test_an_interruption_reaches_the_body(capture: Capture) -> None:
    """A signal may arrive where the wrapper runs, or where the body does."""
    seen: list[str] = []

    @capture.trace
    def items() -> Iterator[int]:
        try:
            yield 1
            raise KeyboardInterrupt
        finally:
            seen.append("cleaned")

    with pytest.raises(KeyboardInterrupt):
        [*items()]
    assert seen == ["cleaned"]
    assert activity(capture.graph(), "items").values("log:exception") == ["KeyboardInterrupt"]


async def gathered(function: Callable[[int], Awaitable[Any]]) -> list[Any]:
    return list(await asyncio.gather(*map(function, range(20))))


def test_many_tasks_take_turns(capture: Capture) -> None:
    @capture.trace
    async def inner(n: int) -> int:
        for _ in range(n % 3):
            await asyncio.sleep(0)
        return n

    @capture.trace
    async def outer(n: int) -> int:
        return await inner(n) + await inner(n + 1)

    assert asyncio.run(gathered(outer)) == [2 * n + 1 for n in range(20)]
    found = capture.graph()
    assert len(activities(found, "inner")) == 40
    for one in activities(found, "inner"):
        parents = {
            relation.target.label
            for relation in found.relations["wasInfluencedBy"]
            if relation.source is one
        }
        assert "outer" in parents
