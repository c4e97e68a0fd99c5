"""Distinguish linear from quadratic time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import process_time

from provlog.errors import InputError

_ROUNDS = 10


def seconds(read: Callable[[], object]) -> float:
    """Return the processor time for reading an input, which may be invalid."""
    start = process_time()
    with suppress(InputError):
        read()
    return process_time() - start


def is_linear(small: Callable[[], object], large: Callable[[], object]) -> bool:
    """Return whether an input four times as large takes about four times as long to read.

    Quadratic time would be sixteen times as long. Very short times cannot be measured well.
    """
    return any(_is_linear_now(small, large) for _ in range(_ROUNDS))


def _is_linear_now(small: Callable[[], object], large: Callable[[], object]) -> bool:
    # Both are measured in each round: a host may be slow for longer than one measurement takes.
    before = min(seconds(small) for _ in range(3))
    taken = seconds(large)
    return taken < 0.05 or taken < 9 * before
