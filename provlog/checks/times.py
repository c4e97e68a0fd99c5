"""Compare two times of a log, as far as their zones and digits allow."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from provlog.model.values import date_time

__all__ = ["earliest", "is_before", "latest", "record_time"]

_FRACTION = re.compile(r"\.(\d+)")
_DATE = re.compile(r"T00:00:00(?!\.)")
_MINUTE = re.compile(r"T\d\d:\d\d:00(?!\.)")


def record_time(written: str | None) -> str | None:
    """Return the time of a record, ``None`` without a valid time."""
    return None if written is None else date_time(written)


def is_before(first: str | None, second: str | None) -> bool | None:
    """Return whether a time is certainly before another one, ``None`` if they are incomparable.

    They are incomparable if one is unknown, or if only one has a zone. A time is as exact as
    its last digit: whole seconds stand for any time within the second.

    Examples
    --------
    >>> is_before("2020-01-01T00:00:01.5", "2020-01-01T00:00:02.5")
    True
    >>> is_before("2020-01-01T00:00:01", "2020-01-01T00:00:01.5")
    False
    >>> is_before("2020-01-01T00:00:01", "2020-01-01T00:00:02.5Z") is None
    True
    """
    if first is None or second is None:
        return None
    earlier, later = datetime.fromisoformat(first), datetime.fromisoformat(second)
    if (earlier.tzinfo is None) != (later.tzinfo is None):
        return None
    exact, other = _exactness(first), _exactness(second)
    # If one time has more digits, the other one may have been rounded up.
    margin = exact if exact >= other else exact + other / 2
    # A difference, unlike a sum, does not overflow in the last second of the year 9999.
    return later - earlier >= margin


def earliest(times: Sequence[str | None]) -> int | None:
    """Return the index of the earliest time, ``None`` if they cannot be compared.

    Examples
    --------
    >>> earliest(["2020-01-01T00:00:02", "2020-01-01T00:00:01"])
    1
    >>> earliest(["2020-01-01T00:00:02", None]) is None
    True
    """
    known = _comparable(times)
    return min(range(len(known)), key=known.__getitem__) if known else None


def latest(times: Sequence[str | None]) -> int | None:
    """Return the index of the latest time, ``None`` if they cannot be compared."""
    known = _comparable(times)
    return max(range(len(known)), key=known.__getitem__) if known else None


def _comparable(times: Sequence[str | None]) -> list[datetime]:
    """Return times to compare; an empty list if one is unknown, or only some have a zone."""
    known = [datetime.fromisoformat(time) for time in times if time is not None]
    with_zone = {time.tzinfo is not None for time in known}
    return known if len(known) == len(times) and len(with_zone) == 1 else []


def _exactness(time: str) -> timedelta:
    # The reader completes minutes and dates to whole seconds.
    if _DATE.search(time):
        return timedelta(days=1)
    if _MINUTE.search(time):
        return timedelta(minutes=1)
    match = _FRACTION.search(time)
    digits = len(match[1]) if match is not None else 0
    return timedelta(microseconds=10 ** max(6 - digits, 0))
