"""Format texts for people: times, durations, suggestions, printable characters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from provlog.patterns import regex

__all__ = ["clock", "did_you_mean", "duration", "printable", "seconds_between"]

_FRACTION = regex(r"\.\d+")
# The time to compare names grows with the product of their lengths.
_MAX_NAME = 100
_UNPRINTABLE = "\N{REPLACEMENT CHARACTER}"


def clock(time: str | None) -> str:
    """Return a time without its fraction of a second.

    Examples
    --------
    >>> clock("2019-10-07T11:20:05.884419")
    '2019-10-07 11:20:05'
    """
    return _FRACTION.sub("", time or "").replace("T", " ")


def seconds_between(start: str | None, end: str | None) -> float | None:
    """Return the seconds between two times; ``None`` if one is missing or only one has a zone."""
    if start is None or end is None:
        return None
    try:
        return (datetime.fromisoformat(end) - datetime.fromisoformat(start)).total_seconds()
    except TypeError:
        return None


def duration(seconds: float) -> str:
    """Return a number of seconds in words.

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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a suggestion of the most similar name, to be inserted into a message.

    Examples
    --------
    >>> did_you_mean("provjso", ["provn", "provjson"]), did_you_mean("x", ["provn"])
    (" (did you mean 'provjson'?)", '')
    """
    from difflib import get_close_matches

    near = get_close_matches(name[:_MAX_NAME], [one[:_MAX_NAME] for one in known], n=1, cutoff=0.65)
    return f" (did you mean {near[0]!r}?)" if near else ""


def printable(text: str) -> str:
    """Return a text without characters that control a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _UNPRINTABLE for char in text)
