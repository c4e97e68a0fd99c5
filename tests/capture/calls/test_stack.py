"""Deep recursions of traced functions."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.capture.calls import stack
from provlog.model.graph import ProvGraph
from tests.capture.reading import activities

Graph = Callable[[], ProvGraph]
# Deep enough to fail if each call took two frames.
DEPTH = 500


@pytest.fixture(autouse=True)
def limit() -> Iterator[int]:
    """Set a recursion limit that leaves room for the frames of pytest."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(700)
    yield 700
    sys.setrecursionlimit(before)


@pytest.fixture
def descend(capture: Capture) -> Callable[[int], int]:
    @capture.trace
    def descend(n: int) -> int:
        return 0 if n == 0 else 1 + descend(n - 1)

    return descend


def test_a_recursion_is_as_deep_as_without_tracing(
    descend: Callable[[int], int], graph: Graph, limit: int
) -> None:
    assert descend(DEPTH) == DEPTH
    assert sys.getrecursionlimit() == limit
    found = activities(graph(), "descend")
    assert len(found) == DEPTH + 1
    assert all(one.end is not None for one in found)


def test_an_infinite_recursion_still_ends(capture: Capture, limit: int) -> None:
    depths = []

    @capture.trace
    def infinite(n: int) -> None:
        depths.append(n)
        infinite(n + 1)

    with pytest.raises(RecursionError):
        infinite(0)
    assert DEPTH < max(depths) < 2 * limit
    assert sys.getrecursionlimit() == limit


def test_a_limit_that_the_program_sets_is_kept(capture: Capture) -> None:
    @capture.trace
    def descend(n: int) -> None:
        if n == 0:
            sys.setrecursionlimit(900)
        else:
            descend(n - 1)

    descend(3 * stack.STEP)
    assert sys.getrecursionlimit() == 900


def test_the_largest_limit_is_accepted(descend: Callable[[int], int]) -> None:
    sys.setrecursionlimit(2**31 - 1)
    assert descend(3 * stack.STEP) == 3 * stack.STEP
    assert sys.getrecursionlimit() == 2**31 - 1


def test_several_threads_may_recurse_at_once(descend: Callable[[int], int], limit: int) -> None:
    results: list[int] = []
    threads = [
        threading.Thread(target=lambda: results.append(descend(DEPTH // 2))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [DEPTH // 2] * 4
    assert sys.getrecursionlimit() <= limit + 4 * DEPTH


@pytest.mark.parametrize("depth", [2 * stack.STEP])
def test_generators_and_coroutines(capture: Capture, limit: int, depth: int) -> None:
    @capture.trace
    def items(n: int) -> Iterator[int]:
        yield n
        if n:
            yield from items(n - 1)

    @capture.trace
    async def count(n: int) -> int:
        return 0 if n == 0 else 1 + await count(n - 1)

    assert len(list(items(depth))) == depth + 1
    assert asyncio.run(count(depth)) == depth
    assert sys.getrecursionlimit() == limit


def test_lowering_an_exceeded_limit_is_not_an_error(limit: int) -> None:
    added = stack.extend(stack.STEP)

    def deep(n: int) -> Any:
        return stack.reduce(added + limit - 5) if n == 0 else deep(n - 1)

    deep(20)
    stack.reduce(added)
    assert sys.getrecursionlimit() == limit
