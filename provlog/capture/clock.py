"""The time of a record, cheaply: several are taken in each traced call."""

from __future__ import annotations

from datetime import datetime
from time import time

__all__ = ["Moment", "as_text", "moment"]

# The last whole second, and its text before and behind the fraction. Replaced as
# one, so that no thread sees half of it.
_second: tuple[int, str, str] = (-1, "", "")


Moment = tuple[float, str]
"""A time in seconds since the epoch, and as text."""


def moment() -> Moment:
    """Return the time, and as text the local time with its offset from UTC.

    Examples
    --------
    >>> seconds, text = moment()
    >>> abs(datetime.fromisoformat(text).timestamp() - seconds) < 1e-5
    True
    """
    seconds = time()
    return seconds, as_text(seconds)


def as_text(seconds: float) -> str:
    """Return a time in seconds since the epoch as ``xsd:dateTime``, local with its offset.

    Examples
    --------
    >>> datetime.fromisoformat(as_text(1570447206.25)).timestamp()
    1570447206.25
    """
    global _second  # noqa: PLW0603  (a cache)
    whole = int(seconds)
    known, before, behind = _second
    if whole != known:
        text = datetime.fromtimestamp(whole).astimezone().isoformat()
        before, behind = f"{text[:19]}.", text[19:]
        _second = whole, before, behind
    # With a seventh digit in front, which goes: padding with zeros takes twice as long.
    return before + str(int((seconds - whole + 1) * 1_000_000))[1:] + behind
