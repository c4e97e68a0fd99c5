"""Find the place of a problem in a document that was parsed as a whole."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.origin import Origin
from provlog.patterns import regex
from provlog.readers.documents.names import Problem

__all__ = ["Lines", "deepest_place", "located", "place_of"]

_LINE_FEED = regex("\n")
# A string, also one that never ends, or a bracket.
_BRACKET = regex(rb'"(?:[^"\\]++|\\.)*+"?|([\[{(])|[\]})]', re.DOTALL)


def place_of(data: bytes, offset: int) -> tuple[int, int]:
    """Return the line and the column, from 1, of an offset.

    Examples
    --------
    >>> place_of(b"ab\\ncd", 4)
    (2, 2)
    """
    start = data.rfind(b"\n", 0, offset) + 1
    line = data.count(b"\n", 0, offset) + 1
    return line, len(data[start:offset].decode("utf-8", "replace")) + 1


def deepest_place(data: bytes) -> str:
    """Return the line and the column of the first of the most deeply nested brackets, in words.

    Examples
    --------
    >>> deepest_place(b'{"a": "[[[",\\n"b": [1]}')
    'line 2, column 6'
    """
    depth = deepest = offset = 0
    for bracket in _BRACKET.finditer(data):
        if bracket[1]:
            depth += 1
            if depth > deepest:
                deepest, offset = depth, bracket.start()
        elif bracket[0][:1] != b'"':
            depth -= 1
    line, column = place_of(data, offset)
    return f"line {line}, column {column}"


class Lines:
    """The lines of a text.

    Examples
    --------
    >>> lines = Lines("ab\\ncd")
    >>> lines.place(1), lines.place(4)
    ((1, 2), (2, 2))
    """

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _beginnings(self) -> list[int]:
        return [0, *(match.end() for match in _LINE_FEED.finditer(self._text))]

    def place(self, position: int) -> tuple[int, int]:
        """Return line and column of a position, from 1."""
        line = bisect_right(self._beginnings, position)
        return line, position - self._beginnings[line - 1] + 1


_MOST_SEARCHES = 100


def located(data: bytes, name: str, report: Report) -> Problem:
    """Return a function that reports each problem at the first place with its text.

    It searches the document only for the first problems, so that the time stays linear.
    """
    searches = 0

    def problem(code: str, message: str, text: str) -> None:
        nonlocal searches
        searches += 1
        offset = data.find(text.encode("utf-8", "replace")) if searches <= _MOST_SEARCHES else -1
        line, column = place_of(data, offset) if offset >= 0 else (1, 1)
        report(Diagnostic(code, Origin(name, line, column), message))

    return problem
