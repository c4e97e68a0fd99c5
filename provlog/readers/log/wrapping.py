"""Join the lines of records that rich's console handler, a PDF or a terminal wrapped.

rich puts the message into a column between time and level on the left and the
path on the right. It breaks the message at blanks, which are lost, and breaks
words only if they are longer than the column. A PDF or a terminal has no columns
and breaks anywhere. The lines alone do not always show where a blank was lost.
Therefore :func:`joined` yields several texts, and the caller takes the one that parses.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise

from msgspec import Struct

from provlog.patterns import regex

__all__ = [
    "GUESSED_BREAK",
    "PATH",
    "PATH_COLUMN",
    "REMOVED_BLANKS",
    "STRING",
    "Joined",
    "Line",
    "break_within_string",
    "cells",
    "column_text",
    "joined",
    "message_offset",
    "unwrapped_lines",
]

GUESSED_BREAK = "line break within a value: a blank may be missing, or text of another program"
"""The message about a break at which it is not known what was lost."""
REMOVED_BLANKS = "a program wrapped values at blanks and removed these: their number is a guess"
"""The message about breaks at which there may have been several blanks."""

Line = tuple[int, str]
"""A line's number, counted from 1, and its text without line end."""

# rich's columns on the left: a time, blank if it repeats, and a level in 8 characters.
_TIME_COLUMN = r"(?:\[[^\]]{1,40}\]|\d[\d:./-]*)"
_LEFT_COLUMNS = regex(rf"{_TIME_COLUMN}?\s*(?=[A-Z]{{2,8}}\s)[A-Z ]{{8}}\s|{_TIME_COLUMN}\s|\s+")
# The path in rich's column on the right.
PATH = r"(?:[^\s:]+\.\w+|<[^>\s]+>):\d+"
PATH_COLUMN = regex(rf"\s{PATH}\s*$")
_NARROWEST_PATH = 6
_BROKEN_NUMBER = regex(r"[\d.:T-]\n[\d.:]")
_WORD = regex(r"\S*")
# A line as long as the column that nevertheless ends with a complete word: it ends with its
# only comma; or it ends with the name in a <Quantity 1. TeV>, before the number.
_WHOLE_WORD = regex(r"(?:[^,:\n]|:(?!['\"\[{\d]))*,\n|[^,:\n]*<[A-Z]\w+\n[\d.\[-]", re.DOTALL)
# A string with its quotes. An unclosed one takes the rest of the text, so that each quote is tried
# only once.
STRING = regex(r"""'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+"|['"].*""", re.DOTALL)
_AROUND_BLANKS = regex(r"(\S\S)[ ]{2,}(\S)")
_LAST_WORD = regex(r"(?<!\S)\S*$")


class Joined(Struct):
    """The text of joined lines, with the places of its parts in the log.

    Parameters
    ----------
    text : str
        The text.
    offsets : list of int
        The start of each line in the text.
    places : list of tuple
        The number of each line and the column at which its part of the text
        begins, both counted from 1.
    guesses : list of int
        The offsets of line breaks at which a blank may or may not have been lost.
    blanks : list of int
        The offsets of line breaks in strings at which blanks may have been lost; it is not
        known how many.
    """

    text: str
    offsets: list[int]
    places: list[tuple[int, int]]
    guesses: list[int] = []
    blanks: list[int] = []

    def place(self, offset: int) -> tuple[int, int]:
        """Return the line number and column in the log of an offset in the text."""
        index = bisect_right(self.offsets, offset) - 1
        number, column = self.places[index]
        return number, column + offset - self.offsets[index]


def joined(lines: Sequence[Line]) -> Iterator[Joined]:
    """Yield the possible texts before lines were wrapped, the likeliest first.

    Parameters
    ----------
    lines : sequence of (int, str)
        Consecutive lines of a log.
    """
    texts = [text for _, text in lines]
    numbers = [number for number, _ in lines]
    if len(lines) > 1:
        message = column_text(lines)
        if message is not None:
            yield message
    yield unwrapped_lines(lines)
    if len(lines) > 1:
        indent = min((_indent(text) for text in texts[1:] if text.strip()), default=0)
        parts = [texts[0], *(text[indent:] for text in texts[1:])]
        if _is_padded(texts):
            parts = [part.rstrip() for part in parts]
        glue, guesses = _guessed_glue(parts)
        text = _glued(parts, glue, numbers, 0)
        text.guesses = [text.offsets[index + 1] for index in guesses]
        if " " in glue:
            breaks = _breaks_in_strings(text)
            text.blanks = [
                at for _, at, index in breaks if glue[index - 1] == " " and index - 1 not in guesses
            ]
        yield text
        yield _glued(texts[:1], [], numbers, 0)


def column_text(lines: Sequence[Line]) -> Joined | None:
    """Return the text of the message column of lines, ``None`` if they have no columns."""
    texts = [text for _, text in lines]
    column = _message_column(texts)
    if column is None:
        return None
    left, width = column
    parts = [text[left : left + width + text.count("\x1b")].rstrip() for text in texts]
    message = _glued(parts, _column_glue(parts, width), [number for number, _ in lines], left)
    breaks = _breaks_in_strings(message)
    message.blanks = [at for _, at, _ in breaks]
    is_whole = not _lacks_first_line(texts, left)
    message.guesses = _column_guesses(message, breaks, parts, is_whole)
    message.text = STRING.sub(_mended, message.text)
    return message


def unwrapped_lines(lines: Sequence[Line]) -> Joined:
    """Join lines with the line breaks that they had."""
    texts = [text for _, text in lines]
    return _glued(texts, ["\n"] * (len(texts) - 1), [number for number, _ in lines], 0)


def _glued(parts: Sequence[str], glue: Sequence[str], numbers: Sequence[int], left: int) -> Joined:
    offsets = []
    pieces = []
    length = 0
    for part, end in zip(parts, [*glue, ""], strict=True):
        offsets.append(length)
        pieces.append(part + end)
        length += len(part) + len(end)
    return Joined("".join(pieces), offsets, [(number, left + 1) for number in numbers])


def _indent(text: str) -> int:
    return len(text) - len(text.lstrip())


def _is_padded(texts: Sequence[str]) -> bool:
    return len(set(map(len, texts))) == 1 and any(text[-1:] == " " for text in texts)


def message_offset(line: str) -> int:
    """Return the column at which a message begins in its first line; 0 without other columns."""
    columns = _LEFT_COLUMNS.match(line)
    return columns.end() if columns is not None else 0


def _message_column(texts: Sequence[str]) -> tuple[int, int] | None:
    """Return the start and the width of rich's message column, if there is one."""
    first = texts[0]
    left = message_offset(first)
    if any(text[:left].strip() for text in texts[1:]):
        return None
    path = PATH_COLUMN.search(first, left)
    if path is not None:
        return left, cells(first[left : path.start()])
    if _lacks_first_line(texts, left):
        # The first line of the message, perhaps with a path, is not among these lines.
        return left, max(len(text.rstrip()) for text in texts) - left
    if left or _is_padded(texts):
        return left, max(map(cells, texts)) - left
    return None


def cells(text: str) -> int:
    """Return the width of a text as rich counts it: the escape character has no width."""
    return len(text) - text.count("\x1b")


def _lacks_first_line(texts: Sequence[str], left: int) -> bool:
    """Return whether the first line of a message is not among lines beside a column of paths.

    Only that line has a time, a level or a path. The others have blanks instead.
    """
    if not left or texts[0][:left].strip() or PATH_COLUMN.search(texts[0], left) is not None:
        return False
    return max(len(text.rstrip()) for text in texts) < max(map(len, texts)) - _NARROWEST_PATH


def _column_glue(parts: Sequence[str], width: int) -> list[str]:
    """Return the text between the lines of a column of known width."""
    glue = []
    within_word = False
    for part, following in pairwise(parts):
        if cells(part) < width:
            glue.append("\n" if _fits(part, following, width) else " ")
        elif " " in part.lstrip() or (
            not within_word and _WHOLE_WORD.match(f"{part}\n{following}")
        ):
            glue.append(" ")
        else:
            glue.append("")
        within_word = glue[-1] == ""
    return glue


def _breaks_in_strings(joined: Joined) -> list[tuple[str, int, int]]:
    """Return all breaks in strings: the string, the offset and the index of the line behind."""
    found = []
    for string in STRING.finditer(joined.text):
        start, end = string.span()
        for index in range(bisect_right(joined.offsets, start), len(joined.offsets)):
            if joined.offsets[index] >= end:
                break
            found.append((string[0], joined.offsets[index], index))
    return found


def _column_guesses(
    column: Joined, breaks: Sequence[tuple[str, int, int]], parts: Sequence[str], is_whole: bool
) -> list[int]:
    """Return the offsets of breaks in strings at which the number of lost blanks is not known.

    There were several if the next word had room, and perhaps if the text is like that around
    several blanks in the string. Without the first line of a message, the width is not
    known for sure, nor whether a word was cut.
    """
    longest = 0 if is_whole else max(map(len, parts))
    guesses = []
    for string, of_string in groupby(breaks, lambda item: item[0]):
        runs = _AROUND_BLANKS.findall(string)
        # The same escape before several blanks, or the same punctuation behind them.
        escapes = {before for before, _ in runs if before[0] == "\\"}
        punctuation = {behind for _, behind in runs if not behind.isalnum()}
        for _, offset, index in of_string:
            if column.text[offset - 1] == "\n":
                is_guess = True
            elif column.text[offset - 1] == " ":
                is_guess = parts[index - 1][-2:] in escapes or parts[index][:1] in punctuation
            else:
                is_guess = len(parts[index - 1]) == longest
            if is_guess:
                guesses.append(offset)
    return guesses


def break_within_string(source: Joined) -> int | None:
    """Return the offset of the first line that begins within a string.

    Strings in a repr and in JSON have no line breaks; something else broke the line.
    """
    if len(source.offsets) == 1:
        return None
    for string in STRING.finditer(source.text, source.text.find("{")):
        if "\n" in string[0] and string[0].rstrip(": \n")[-1] in "'\"":
            return string.start() + string[0].index("\n") + 1
    return None


def _mended(string: re.Match[str]) -> str:
    # A string in a repr has no line break. If the next word had room, there were several blanks.
    text = string[0]
    return text.replace("\n", " ") if len(text) > 1 and text[-1] == text[0] else text


def _fits(part: str, following: str, width: int) -> bool:
    """Return whether the next word had room on the line, so that the line was not wrapped."""
    word = _WORD.match(following)
    assert word is not None
    return cells(part) + 1 + cells(word[0]) <= width


def _guessed_glue(parts: Sequence[str]) -> tuple[list[str], list[int]]:
    """Return the likeliest text lost between lines that were wrapped without columns.

    And the indices of the lines after which it is only a guess.
    """
    width = max(map(len, parts))
    pairs = list(pairwise(parts))
    if len(pairs) > 1 and all(len(part) == width for part, _ in pairs):
        return [""] * len(pairs), []
    # A line that is not full was broken at a blank, if its next word had no room.
    wrapped = any(len(part) < width and not _cuts_number(part, text) for part, text in pairs)
    wrapped = wrapped and not any(_fits(*pair, width) for pair in pairs)
    found = [_guess(*pair, width, wrapped) for pair in pairs]
    return [glue for glue, _ in found], [
        index for index, (_, is_guess) in enumerate(found) if is_guess
    ]


def _cuts_number(part: str, following: str) -> bool:
    return _BROKEN_NUMBER.match(f"{part[-1:]}\n{following[:1]}") is not None


def _guess(part: str, following: str, width: int, wrapped: bool) -> tuple[str, bool]:
    """Return the text lost between two lines, and whether that is only a guess."""
    last, word = _LAST_WORD.search(part), _WORD.match(following)
    assert last is not None
    assert word is not None
    if part[-1:].isspace() or following[:1].isspace() or _cuts_number(part, following):
        return "", False
    if len(last[0]) + len(word[0]) > width:
        return "", False
    if wrapped:
        return " ", False
    if _fits(part, following, width):
        return "", True
    # The string that is broken here. If it has blanks, it was broken at a blank.
    around = re.split("['\"]", part)[-1] + re.split("['\"]", following)[0]
    return " " if " " in around else "", True
