"""Timestamps of records, formatted fast: every traced call takes several."""

from __future__ import annotations

from datetime import datetime
from time import time_ns

__all__ = ["SECOND", "Timestamp", "format_time", "second", "timestamp"]

SECOND = 1_000_000_000
"""A second in nanoseconds."""

second: tuple[int, str] = (0, "")
"""The start of the last whole second and its text, with a format for the microseconds."""

Timestamp = tuple[int, str]
"""A time in nanoseconds since the epoch, and as text."""


def timestamp() -> Timestamp:
    """Return the current time; its text is the local time with the offset from UTC.

    Examples
    --------
    >>> now, text = timestamp()
    >>> abs(datetime.fromisoformat(text).timestamp() - now / 1e9) < 1e-5
    True
    """
    now = time_ns()
    start, text = second
    rest = now - start
    return now, text % (rest // 1000) if 0 <= rest < SECOND else format_time(now)


def format_time(now: int) -> str:
    """Return nanoseconds since the epoch as a local ``xsd:dateTime`` with its offset from UTC.

    Examples
    --------
    >>> datetime.fromisoformat(format_time(1_570_447_206_250_000_000)).timestamp()
    1570447206.25
    """
    global second  # noqa: PLW0603  (a cache)
    whole, rest = divmod(now, SECOND)
    text = datetime.fromtimestamp(whole).astimezone().isoformat()
    text = f"{text[:19]}.%06d{text[19:]}"
    # In one assignment, so that every thread sees both halves.
    second = now - rest, text
    return text % (rest // 1000)
