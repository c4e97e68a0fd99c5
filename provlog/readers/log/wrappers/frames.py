"""Learn how the lines of a log begin and end, to tell them from parts of broken lines.

A time, a name, a quote or a brace begins every line that another program wrote. A line
without it goes on with the line before it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import STRIPPED, common_start

__all__ = ["Frame", "frame_of"]

_DIGITS = regex(r"\d+")
_LONGEST = 80
_FEWEST = 3
# A head of this length does not begin part of a line by chance.
_LONG = 6
_SHARE = 0.9


class Frame(NamedTuple):
    """The beginning and the end that all lines have in common, apart from numbers and quotes."""

    head: str
    tail: str

    def begins(self, text: str) -> bool:
        """Return whether a text begins like a line."""
        return _head(text).startswith(self.head)

    def separates(self, text: str, following: str) -> bool:
        """Return whether a line ends with a text that fills the width, and another one begins."""
        if not self.begins(following):
            return False
        if self.tail and len(self.head) < _LONG:
            return _tail(text).startswith(self.tail)
        return not self.head.isalpha()


def frame_of(sample: Sequence[str], widths: Sequence[int]) -> Frame | None:
    """Return the frame of broken lines, ``None`` if their beginnings differ.

    Examples
    --------
    >>> frame_of(["[1] one, two", "thin;", "[2] four, fi", "ve;", "[34] six;"], [12])
    Frame(head='[0] ', tail=';')
    """
    full = {width - blanks for width in widths for blanks in range(STRIPPED + 1)}
    pairs = [pair for pair in pairwise(sample) if len(pair[0]) not in full]
    heads = [_head(text) for text in [*sample[:1], *(behind for _, behind in pairs)] if text]
    head = _shared(heads)
    if len(heads) < _FEWEST or not head.strip():
        return None
    return Frame(head, _shared([_tail(text) for text, _ in pairs]))


def _head(text: str) -> str:
    return _DIGITS.sub("0", text[:_LONGEST].replace('"', "'"))


def _tail(text: str) -> str:
    return _DIGITS.sub("0", text[-_LONGEST:].replace('"', "'"))[::-1]


def _shared(texts: Sequence[str]) -> str:
    """Return the beginning that nearly all texts have in common."""
    for length in (12, 6, 3, 2, 1):
        counts = Counter(text[:length] for text in texts)
        for begin, count in counts.most_common(1):
            if count >= _SHARE * len(texts):
                return common_start([text for text in texts if text.startswith(begin)])
    return ""
