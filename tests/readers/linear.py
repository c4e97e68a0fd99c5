"""Distinguish linear from quadratic time."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import process_time

from provlog.errors import InputError


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
    before = min(seconds(small) for _ in range(3))
    # Other programs may disturb a measurement.
    return any(taken < 0.05 or taken < 9 * before for taken in (seconds(large) for _ in range(3)))
