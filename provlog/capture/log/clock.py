"""The time of a record, cheaply: several are taken in each traced call."""

from __future__ import annotations

from datetime import datetime
from time import time_ns

__all__ = ["Moment", "as_text", "moment"]

_SECOND = 1_000_000_000

# When the last whole second began, and its text, with a place for the microseconds.
# Replaced as one, so that no thread sees half of it.
_second: tuple[int, str] = (0, "")

Moment = tuple[int, str]
"""A time in nanoseconds since the epoch, and as text."""


def moment() -> Moment:
    """Return the time, and as text the local time with its offset from UTC.

    Examples
    --------
    >>> now, text = moment()
    >>> abs(datetime.fromisoformat(text).timestamp() - now / 1e9) < 1e-5
    True
    """
    now = time_ns()
    begin, text = _second
    rest = now - begin
    return now, text % (rest // 1000) if 0 <= rest < _SECOND else as_text(now)


def as_text(now: int) -> str:
    """Return a time in nanoseconds since the epoch as ``xsd:dateTime``, local with its offset.

    Examples
    --------
    >>> datetime.fromisoformat(as_text(1_570_447_206_250_000_000)).timestamp()
    1570447206.25
    """
    global _second  # noqa: PLW0603  (a cache)
    whole, rest = divmod(now, _SECOND)
    text = datetime.fromtimestamp(whole).astimezone().isoformat()
    text = f"{text[:19]}.%06d{text[19:]}"
    _second = now - rest, text
    return text % (rest // 1000)
