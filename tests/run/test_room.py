"""Room for the frames of a program on the stack of Python."""

from __future__ import annotations

import traceback

import pytest

from provlog.run.room import with_room

resource = pytest.importorskip("resource")

CALLS = 500


def leaf(a: int, b: int) -> int:
    return a + b


def at_depth(depth: int) -> int:
    """Return the number of pages that the system provides for calls of one function."""
    if depth:
        return at_depth(depth - 1)
    before: int = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for number in range(CALLS):
        leaf(number, number)
    after: int = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    return after - before


@with_room
def in_room(depths: range) -> list[int]:
    """Do that at some depths.

    Of 16 kB, one call in about a hundred begins a block, which takes a page for each call.
    """
    return [at_depth(depth) for depth in depths]


def test_calls_at_no_depth_take_blocks_of_memory_again_and_again() -> None:
    in_room(range(300))
    assert max(in_room(range(300))) < CALLS // 2


@with_room
def failing(number: int) -> None:
    raise ValueError(number)


def test_the_function_stays_the_same() -> None:
    assert (in_room.__name__, failing.__module__) == ("in_room", __name__)
    with pytest.raises(ValueError, match="5") as caught:
        failing(5)
    assert traceback.extract_tb(caught.tb)[-1].line == "raise ValueError(number)"


def test_a_deep_recursion_has_its_usual_limit() -> None:
    with pytest.raises(RecursionError):
        in_room(range(10**6, 10**6 + 1))
