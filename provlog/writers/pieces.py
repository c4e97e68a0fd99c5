"""Join lines into pieces: large enough for speed, small enough to stream."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import AnyStr

__all__ = ["pieces"]

_LINES = 1000


def pieces(lines: Iterator[AnyStr], separator: AnyStr) -> Iterator[AnyStr]:
    """Yield lines joined into pieces, with the separator within and between them.

    Examples
    --------
    >>> "".join(pieces(iter("abc"), ", "))
    'a, b, c'
    """
    piece = list(islice(lines, _LINES))
    while piece:
        yield separator.join(piece)
        piece = list(islice(lines, _LINES))
        if piece:
            yield separator
