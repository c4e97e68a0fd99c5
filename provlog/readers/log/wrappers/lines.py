"""The types for removing wrappers: lines and wrappers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from provlog.patterns import regex

__all__ = [
    "REMOVED_BREAK",
    "STRIPPED",
    "Doubt",
    "Line",
    "Unwrap",
    "Wrapper",
    "as_one",
    "common_start",
    "holds_record",
    "most",
    "nonblank",
    "share",
    "split",
    "unfit",
]

REMOVED_BREAK = "line break removed from a value, which may have had one here"
"""The message of a doubt about a line break."""

STRIPPED = 3
"""The most blanks at the end of a line that another program is known to remove."""

_QUOTE = r"(?:['\"]|&(?:#0*39|#x0*27|apos|#0*34|#x0*22|quot);)"
_KEY = regex(rf"{_QUOTE}(?:session|activity|entity)_id\\*{_QUOTE}", re.IGNORECASE)

# Part of a line in quotes, of a JSON object, of a value or of a cell.
_QUOTED = regex(r"\s*\{?\s*[bB]?['\"]|[^{]{0,400}?[=,;\t]['\"]")


class Doubt(NamedTuple):
    """What a wrapper does not show: the number of a line of the file, a message and its code."""

    number: int
    message: str
    code: str = "PL109"


class Line(NamedTuple):
    """A line of a log.

    Parameters
    ----------
    number : int
        The number of its line in the file, counted from 1.
    text : str
        The text without the line end.
    stream : str
        The process, container or output that wrote it, if the wrapper names it. The lines
        of a record belong to one stream, even if there are lines of others between them.
    doubts : tuple of Doubt
        What the wrappers do not show.
    """

    number: int
    text: str
    stream: str = ""
    doubts: tuple[Doubt, ...] = ()

    def doubted(self, message: str, number: int = 0) -> Line:
        """Return the line with another doubt, about itself or the line with this number."""
        return self._replace(doubts=(*self.doubts, Doubt(number or self.number, message)))


Unwrap = Callable[[Iterator[Line]], Iterator[Line]]
"""Removes a wrapper from lines."""


class Wrapper(NamedTuple):
    """A way in which another program wraps the lines of a log.

    Parameters
    ----------
    title : str
        The name in diagnostics.
    detect : callable
        Returns the function that removes the wrapper, given the first lines; ``None`` if
        they do not have it.
    only_around : bool, optional
        Whether it is removed only around another wrapper, records without markers or records
        that something else broke before, because the scanner reads other records within it.
    exposes_records : bool, optional
        Whether records without markers begin the lines without it, so that it is the last one.
    """

    title: str
    detect: Callable[[Sequence[str]], Unwrap | None]
    only_around: bool = False
    exposes_records: bool = False


def holds_record(text: str) -> bool:
    """Return whether a text holds a record, or part of one."""
    # Two searches for fixed texts, which most lines lack, take less time than one for a pattern.
    return "PROV_" in text or ("_id" in text and _KEY.search(text) is not None)


def unfit(line: Line) -> Line:
    """Return a line without the wrapper of the others; mark it if a record in it is quoted."""
    is_quoted = _QUOTED.match(line.text) is not None and holds_record(line.text)
    message = "line is not wrapped like the others: parts of values may be lost"
    return line.doubted(message) if is_quoted else line


def split(line: Line) -> Iterator[Line]:
    """Yield the lines of a text with line breaks, all with the text's number."""
    for part in line.text.removesuffix("\n").split("\n"):
        yield line._replace(text=part.removesuffix("\r"))


def as_one(lines: Sequence[Line], between: str = "") -> Line:
    """Join several lines into one, with all their doubts."""
    doubts = tuple(doubt for line in lines for doubt in line.doubts)
    return lines[0]._replace(text=between.join(line.text for line in lines), doubts=doubts)


def nonblank(lines: Iterable[str]) -> list[str]:
    """Return the lines that are not blank."""
    return [line for line in lines if line.strip()]


def share(lines: Iterable[str], matches: Callable[[str], object]) -> float:
    """Return the fraction of nonblank lines that match; 0 without such lines."""
    found = [*map(matches, nonblank(lines))]
    return (
        sum(item is not None and item is not False for item in found) / len(found) if found else 0
    )


def most(lines: Iterable[str], matches: Callable[[str], object]) -> bool:
    """Return whether nine of ten nonblank lines match, and at least one.

    Stop as soon as too many do not: most logs have none of the known wrappers.

    Examples
    --------
    >>> import re
    >>> most(["> a", " ", "> b"], re.compile("> ").match)
    True
    """
    candidates = nonblank(lines)
    misses = 0
    for line in candidates:
        found = matches(line)
        misses += found is None or found is False
        if 10 * misses > len(candidates):
            return False
    return bool(candidates)


def common_start(texts: Sequence[str]) -> str:
    """Return the beginning that all texts have in common."""
    first, last = min(texts), max(texts)
    pairs = enumerate(zip(first, last, strict=False))
    return first[: next((index for index, (a, b) in pairs if a != b), len(first))]
