"""Measure lines in characters, bytes or columns of a terminal."""

from __future__ import annotations

import unicodedata
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import Line

__all__ = [
    "Measure",
    "columns",
    "is_full",
    "is_plain",
    "size_in_bytes",
    "with_widths",
    "without_colours",
]

Measure = Callable[[str], int]

_ANSI = regex(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x1b\\|\x07))")
# Bytes of a character that was cut; they were decoded as Latin-1.
_CUT_BEFORE = regex(r"[\xc2-\xf4][\x80-\xbf]{0,2}\Z")
_CUT_BEHIND = regex(r"[\x80-\xbf]{1,3}")


def size_in_bytes(text: str) -> int:
    """Return the bytes of a text, which may begin with the rest of a character."""
    rest = _CUT_BEHIND.match(text)
    return len(text.encode(errors="replace")) - (len(rest[0]) if rest is not None else 0)


def columns(text: str) -> int:
    """Return the columns of a terminal that a text fills."""
    text = without_colours(text)
    if text.isascii():
        return len(text.expandtabs(8))
    return sum(map(_width, text.expandtabs(8)))


def without_colours(text: str) -> str:
    """Return a text without the escape sequences of a terminal."""
    return _ANSI.sub("", text) if "\x1b" in text else text


def _width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def is_plain(line: str) -> bool:
    """Return whether all measures of a line agree."""
    return line.isascii() and "\x1b" not in line and "\t" not in line


def is_full(line: str, following: str, width: int, measure: Measure | None) -> bool:
    """Return whether a line fills the width, by one measure or by any if none is known."""
    if measure is None:
        measures = (len,) if is_plain(line) else (len, size_in_bytes, columns)
        return any(is_full(line, following, width, item) for item in measures)
    found = measure(line)
    if found == width:
        return True
    if measure is size_in_bytes and found > width and _CUT_BEHIND.match(following):
        # Each byte of a character that was cut became a character of two bytes.
        cut = _CUT_BEFORE.search(line)
        return cut is not None and found - len(cut[0]) == width
    # A tab or a wide character had no room.
    return bool(
        measure is columns
        and width - 8 < found < width
        and following
        and columns(line + following[0]) > width
    )


# The number of lines before and behind a line that show the width there.
_NEAR = 8


def with_widths(lines: Iterator[Line], widths: Sequence[int]) -> Iterator[tuple[Line, int]]:
    """Yield lines with the width at which they were broken, of several in one log.

    It is the narrower one of the widest that lines before and behind fill.
    """
    if len(widths) == 1:
        yield from ((line, widths[0]) for line in lines)
        return
    known, widest = frozenset(widths), max(widths)
    ahead = deque(islice(lines, _NEAR))
    before: deque[int] = deque(maxlen=_NEAR)
    while ahead:
        before.append(len(ahead[0].text))
        behind = (len(line.text) for line in ahead)
        width = min(
            max(known.intersection(near), default=widest) for near in (set(before), set(behind))
        )
        yield ahead.popleft(), width
        ahead.extend(islice(lines, 1))
