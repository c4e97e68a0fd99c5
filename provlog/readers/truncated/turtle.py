"""Complete truncated Turtle and TriG."""

from __future__ import annotations

import re

from provlog.patterns import regex
from provlog.readers.truncated.complete import Complete

__all__ = ["completed"]

_TOKEN = regex(
    rb'"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|(?P<a>"{0,2}\Z))'
    rb"|'''(?:[^'\\]|\\.|'(?!''))*+(?:'''|(?P<b>'{0,2}\Z))"
    rb'|"(?:[^"\\\n]|\\.)*+(?:"|(?P<c>\\?\Z))'
    rb"|'(?:[^'\\\n]|\\.)*+(?:'|(?P<d>\\?\Z))"
    rb"|<[^<>\"\s]*+(?:>|(?P<e>\Z))|(?P<comment>#[^\n]*+)|(?P<sign>[\[\](){};,])"
    rb"|(?P<word>[^\s\"'<>#\[\](){};,]++)|(?P<other>\S)",
    re.DOTALL,
)
# A dot at the end of a name ends a statement, unless it is escaped.
_ENDS = regex(rb"(?<!\\)\.\Z")


def completed(data: bytes) -> Complete | None:
    """Return the complete part of a document; ``None`` if it is not truncated.

    Examples
    --------
    >>> completed(b"ex:g { ex:a a ex:B . ex:c a").data
    b'ex:g { ex:a a ex:B .}'
    """
    depth = position = end = 0
    is_in_graph = was_in_graph = False
    for match in _TOKEN.finditer(data):
        kind, token = match.lastgroup, match[0]
        if kind == "other":
            return None
        if kind == "comment":
            continue
        end = match.end()
        if kind == "sign":
            depth += (token in b"[(") - (token in b"])")
            if depth < 0:
                return None
            if token in b"{}":
                is_in_graph = token == b"{"
                position, was_in_graph = end, is_in_graph
        elif kind == "word" and depth == 0 and _ENDS.search(token) is not None:
            position, was_in_graph = end, is_in_graph
    if end <= position and not was_in_graph:
        return None
    return Complete(data[:position] + (b"}" if was_in_graph else b""), position)
