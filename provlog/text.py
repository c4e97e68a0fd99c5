"""Times and texts as a person reads them in a terminal."""

from __future__ import annotations

import re
from datetime import datetime

__all__ = ["clock", "duration", "printable", "seconds_between"]

_FRACTION = re.compile(r"\.\d+")
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def clock(time: str | None) -> str:
    """Return a time without fractions of a second.

    Examples
    --------
    >>> clock("2019-10-07T11:20:05.884419")
    '2019-10-07 11:20:05'
    """
    return _FRACTION.sub("", time or "").replace("T", " ")


def seconds_between(start: str | None, end: str | None) -> float | None:
    """Return how long something took, in seconds; ``None`` where that is not known.

    It is not where one time has a zone and the other has none.
    """
    if start is None or end is None:
        return None
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except TypeError:
        return None


def duration(seconds: float) -> str:
    """Return a time span as a person says it.

    Examples
    --------
    >>> duration(3.25), duration(75), duration(4500)
    ('3.2 s', '1 min 15 s', '1 h 15 min')
    >>> duration(0.0143), duration(0.00001)
    ('14 ms', '<1 ms')
    """
    sign, seconds = "-" if seconds < 0 else "", abs(seconds)
    if 0 < seconds < 0.001:
        return f"{sign}<1 ms"
    if 0 < seconds < 0.0995:
        return f"{sign}{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 10:
        return f"{sign}{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{sign}{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{sign}{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours} h {minutes} min"


def printable(text: str) -> str:
    """Return a text in which nothing can move a terminal's cursor or change its colours."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _UNPRINTABLE for char in text)
