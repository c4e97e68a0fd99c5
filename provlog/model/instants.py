"""Compare times as instants, independent of their zone and number of digits."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from provlog.patterns import regex

__all__ = ["Instant", "instant", "same_instant"]

# datetime keeps only six digits of a second.
_FURTHER_DIGITS = regex(r"\.\d{6}(\d*[1-9])", re.ASCII)

Instant = tuple[datetime, str]
"""A time and its digits below a microsecond, so that only equal instants compare equal."""


# A pipeline states the start of its session thousands of times, beside that of each activity.
@lru_cache(maxsize=64)
def instant(time: str) -> Instant:
    """Return the instant of a valid ``xsd:dateTime``.

    Raises
    ------
    ValueError
        If the time is invalid.

    Examples
    --------
    >>> instant("2024-03-11T20:00:00.5Z") == instant("2024-03-11T21:00:00.500000+01:00")
    True
    """
    further = _FURTHER_DIGITS.search(time)
    return datetime.fromisoformat(time), further[1] if further is not None else ""


def same_instant(first: str, second: str) -> bool:
    """Return whether two valid times are the same instant.

    A time without a zone differs from every time with one, because its zone is unknown.

    Examples
    --------
    >>> same_instant("2024-03-11T20:00:00Z", "2024-03-11T20:00:00+00:00")
    True
    >>> same_instant("2024-03-11T20:00:00Z", "2024-03-11T20:00:00")
    False
    """
    return first == second or instant(first) == instant(second)
