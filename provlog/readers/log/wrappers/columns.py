"""Remove the columns of rich's console handler around another wrapper.

rich puts each message into a column between times and levels on the left and paths on the right,
and wraps it there. The scanner reads records in such columns itself. Where the messages
are JSON, quoted lines or records without markers, their lines must be joined before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial

from provlog.patterns import regex
from provlog.readers.log.wrappers.escapes import detect_markup
from provlog.readers.log.wrappers.lines import Doubt, Line, Unwrap, as_one, holds_record, nonblank
from provlog.readers.log.wrapping import (
    GUESSED_BREAK,
    PATH_COLUMN,
    REMOVED_BLANKS,
    cells,
    column_text,
    message_offset,
)

__all__ = ["detect_columns", "has_columns"]

_SHARE = 0.9
_FEWEST_WRAPPED = 0.1
_NARROWEST = 4
_LONGEST_MESSAGE = 1 << 20
# The colours of a terminal; entities but for one character.
_ADDED = (regex(r"\x1b\[[0-9;?]*[A-Za-z]"), regex(r"(?<=&)\w+;|(?<=&)#\w+;"))


def has_columns(sample: Sequence[str]) -> bool:
    """Return whether nearly all lines have their messages in one column, and some are wrapped."""
    offset = _offset(sample)
    wrapped = sum(not line[:offset].strip() for line in sample)
    return offset > 0 and wrapped > _FEWEST_WRAPPED * len(sample)


def detect_columns(sample: Sequence[str]) -> Unwrap | None:
    """Recognise lines whose messages begin in the same column."""
    # In a page or a report, the columns are those of a log within it.
    offset = 0 if detect_markup(sample) is not None else _offset(sample)
    is_within = not offset or any(_is_wider_by(what, sample) for what in _ADDED)
    return None if is_within else partial(_unwrap, offset=offset)


def _is_wider_by(what: re.Pattern[str], sample: Sequence[str]) -> bool:
    """Return whether another program made lines of one width wider by adding to them."""
    changed = [line for line in sample if what.search(line)]
    as_found = Counter(map(cells, changed))
    before = Counter(len(what.sub("", line)) for line in changed)
    return max(before.values(), default=0) > max(as_found.values(), default=0)


def _offset(sample: Sequence[str]) -> int:
    """Return the column in which messages begin, 0 if there is none."""
    filled = nonblank(sample)
    # A time or a level begins the first line; it may be blank where it repeats.
    flush = []
    misses = 0
    for line in filled:
        if not line[0].isspace():
            flush.append(message_offset(line))
            misses += flush[-1] < _NARROWEST
            # Most logs end here, without a look at each line.
            if len(filled) - misses < _SHARE * len(filled):
                return 0
    offsets = Counter(offset for offset in flush if offset >= _NARROWEST)
    if not offsets:
        offsets = Counter(message_offset(line) for line in filled if _has_level(line))
    (offset, _), *_ = offsets.most_common(1) or [(0, 0)]
    begun = sum(bool(line[:offset].strip()) and _begins(line, offset) for line in filled)
    if begun <= 2 * sum(found < _NARROWEST for found in flush):
        return 0
    fitting = sum(_begins(line, offset) or not line[:offset].strip() for line in filled)
    return offset if fitting >= _SHARE * len(filled) else 0


def _has_level(line: str) -> bool:
    return bool(line[: message_offset(line)].strip())


def _begins(line: str, offset: int) -> bool:
    """Return whether a message begins on a line: beside a time, a level or a path."""
    if line[:offset].strip():
        return message_offset(line) == offset
    return PATH_COLUMN.search(line, offset) is not None


def _unwrap(lines: Iterator[Line], offset: int) -> Iterator[Line]:
    held: list[Line] = []
    doubts: list[Doubt] = []
    size = 0
    for line in lines:
        begins = _begins(line.text, offset)
        if held and not begins and line.text[:offset].strip():
            doubts.append(Doubt(line.number, "text of another program within a message"))
            yield line
            continue
        if held and (begins or size > _LONGEST_MESSAGE):
            yield from _message(held, doubts)
            held, doubts, size = [], [], 0
        held.append(line)
        size += len(line.text)
    if held:
        yield from _message(held, doubts)


def _message(lines: Sequence[Line], doubts: Sequence[Doubt]) -> Iterator[Line]:
    """Yield the lines of a message."""
    column = column_text([(line.number, line.text) for line in lines])
    if column is None:
        yield from lines
        return
    whole = as_one(lines)
    guesses = [Doubt(column.place(guess)[0], GUESSED_BREAK) for guess in column.guesses]
    if "\n" in column.text and holds_record(column.text):
        # More than one blank was lost, or the message has a line break.
        guesses.append(Doubt(column.place(column.text.index("\n") + 1)[0], GUESSED_BREAK))
    if len(lines) > 1:
        guesses.append(Doubt(lines[0].number, REMOVED_BLANKS, "PL111"))
    whole = whole._replace(doubts=(*whole.doubts, *doubts, *guesses))
    yield whole._replace(text=column.text.replace("\n", " "))
