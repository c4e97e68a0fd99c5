"""Leave out the parts of a record into which another program has written.

Programs that share a terminal or a file with the log may write between two parts of a record:
a C library's warning, a progress bar. The text alone does not show where their words end, so
the value around them is not known; the rest of the record is.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial
from itertools import pairwise
from typing import Any

from provlog.patterns import regex
from provlog.readers.log.escapes import unescape
from provlog.readers.log.facets import IDS
from provlog.readers.log.wrapping import STRING, Joined, message_offset

__all__ = [
    "LIKE_BEGINNING",
    "PROGRESS",
    "UNKNOWN",
    "UNKNOWN_VALUE",
    "behind_foreign_text",
    "first_foreign_line",
    "foreign_lines",
    "has_broken_text",
    "is_like_record",
    "is_marked",
    "is_torn",
    "is_torn_text",
    "known",
    "masked",
    "progress_bar",
    "quoted",
    "torn_lines",
]

LIKE_BEGINNING = "line like the beginning of a record, with text of another program: left out"
"""A message of diagnostics."""

_WORD = regex(r"\s*(\S*)")
# The text of an object may span lines: "array([1, 2,", "<Table length=2>", "RegionGeom" before
# a blank, ruled or indented line.
_OBJECT = regex(r"\s*(?:(?:[A-Za-z_][\w.]*)?[<(\[{]|[A-Z]\w*(?: Keywords)?[ \t]*\n[\s=-])")
# A list that ends before the last line.
_ENDED_LIST = regex(r"(?s)[\[({].*\n[^\])}]*\Z")
# The last lines of a table of pandas, and one of its rows.
_END_OF_TABLE = regex(
    r"(?s)(?:.*\n)?(?:(?:Freq|Name): [^\n]*, |Length: \d+, )*dtype: [^\n]+\Z"
    r"|.*\n\n\[\d+ rows x \d+ columns\]\Z"
)
_ROW = regex(r"\S+(?: \S+)* {2,}\S")
# A value that goes on behind its end: 3097WARNING, 'fit'45%|##  |, [1, 2]x.
_OVERRUN = regex(
    r"""(?s)['"]|[-+]?\d[\d.]*(?![\d.\s/:T-]|$)|(?:True|False|None|nan|inf)(?!\s|$)"""
    r"|[\[{(].*[^\]})]\Z"
)
UNKNOWN = "\ufdd0"
"""Stands for a value that is not known: a code point that Unicode reserves for such uses."""

UNKNOWN_VALUE = "text of another program within a value: {} left out"
"""A message of diagnostics about a value or a record."""

PROGRESS = "%|"
"""The text that all progress bars of one kind have: ``45%|####    | 3/7``."""

_LEVEL = "(?i:warning|error|info|notice|fatal)"
_LINE_OF_CODE = r"\.(?:py|pyx|c|cc|cpp|h):\d+: "
# A line that begins like one of another program: a warning, an error, a progress bar.
_FOREIGN_LINE = regex(
    rf"(?:[\w./+-]+:? ){{0,2}}\[?{_LEVEL}\]?(?: \S{{1,20}})?: |\S+{_LINE_OF_CODE}"
    r"|lib[\w.+-]*: |Traceback \(most recent call last\)"
    r"|[^'\"{}]{0,80}?\b\d{1,3}%(?:\s*[|\]]|\s*\Z)"
    r"|\[ *\d+\.\d+\] |(?:free|malloc)\(\): "
)
_FOREIGN_WORDS = regex(rf"(?:(?<![A-Za-z]){_LEVEL}|WARNING|ERROR|Warning)\]?: |\S{_LINE_OF_CODE}")
_PROGRESS_BAR = regex(r"\d%\s*[|\]]")
_PROGRESS_WITHIN = regex(r"\d%\|")
# What the text of an object begins with: <Table length=2>, array([1, 2]), [1, 2] m.
_OWN_TEXT = regex(r"[<(\[]|[A-Za-z_][\w.]*[<(\[{]")
# What goes on behind a bracket: [1, 2]WARNING: bad.
_BEHIND_BRACKET = regex(r"[\])}] ?(?=[\w/\[])(.{1,120})")
_STRING_WITHIN = regex(r"""(?s)['"]|.*(?<![bBrRuUfF\W])(['"])[^'"]*\1\Z""")
# Text before a key, without quotes and brackets of a key of its own: 45%|#  | 3/7 [00:01] 'name':
_BEHIND_TEXT = regex(
    r"""(?![bBrRuUfF]{0,2}['"])(?:[^'"{}\[\],\n]|\[[^'"{}\[\]\n]*\])++"""
    r"""(?=(['"])[\w.-]+\1\s*:)"""
)
# The beginning of a first key; or up to four lines with a key that only records have, or its end.
_LIKE_RECORD = regex(
    r"""\{\s*['"](?:activity|entity|session)(?!['"])"""
    r"""|\{[^\n]*(?:\n(?!\{|[^\n]*_PROV_)[^\n]*){0,3}?(?:_id|startTime|endTime|_name)['"]\s*:"""
)


def is_like_record(text: str, start: int = 0) -> bool:
    r"""Return whether lines from a brace on are like a record whose first key is torn.

    Examples
    --------
    >>> is_like_record("{'activi45%|#  |\nty_id': 'a1', 'endTime': '2020-01-01T00:00:00'}")
    True
    >>> is_like_record("{'level': 'info',\n 'name': 'fit'}")
    False
    """
    return _LIKE_RECORD.match(text, start) is not None


def is_torn_text(text: str) -> bool:
    """Return whether a value that is not a literal contains words of another program or a string.

    Examples
    --------
    >>> is_torn_text("'Crab' 45%|#  | 3/7"), is_torn_text("libpng warning: no profile 0.5")
    (True, True)
    >>> is_torn_text("<Table length=2>"), is_torn_text("PosixPath('a')"), is_torn_text("0.5 TeV")
    (False, False, False)
    >>> is_torn_text("[1, 2]WARNING: bad card"), is_torn_text("Error('(a) warning: b')")
    (True, False)
    """
    if _PROGRESS_BAR.search(text):
        return True
    if _OWN_TEXT.match(text):
        return text[0] != "<" and _goes_on(text)
    return bool(_FOREIGN_WORDS.search(text) or _STRING_WITHIN.match(text))


def _goes_on(text: str) -> bool:
    """Return whether words of another program follow a bracket of the text of an object."""
    position, plain = 0, STRING.sub("''", text)
    while (bracket := _BEHIND_BRACKET.search(plain, position)) is not None:
        if _FOREIGN_LINE.match(bracket[1]):
            return True
        position = bracket.start(1)
    return False


def behind_foreign_text(text: str, position: int) -> int:
    """Return the position of the next key in quotes, if other text precedes it; else -1.

    Examples
    --------
    >>> behind_foreign_text("{45%|#  | 3/7 [00:01<00:02,  2.5it/s]'name': 'fit'}", 1)
    37
    >>> behind_foreign_text("{name: 'fit'}", 1)
    -1
    """
    found = _BEHIND_TEXT.match(text, position)
    return -1 if found is None else found.end()


def foreign_lines(texts: Sequence[str]) -> set[int]:
    """Return the indices of lines that do not belong to a record.

    They begin like lines of other programs, or have neither the indent nor the width of the
    other lines.

    Examples
    --------
    >>> foreign_lines(["_PROV_{'entity_id': 1,", "libpng warning: no profile", "'a': 2}"])
    {1}
    """
    column = message_offset(texts[0])
    further = range(1, len(texts))
    if column:
        outside = {index for index in further if texts[index][:column].strip()}
        return outside if len(outside) <= len(texts) // 3 else set()
    found = {index for index in further if _FOREIGN_LINE.match(texts[index])}
    # The last line of a record is shorter, unless the lines are padded.
    width, count = Counter(map(len, texts[:-1])).most_common(1)[0] if texts[1:] else (0, 0)
    if count > 2 and count >= 0.7 * (len(texts) - 1):
        found |= {index for index in further[:-1] if len(texts[index]) != width}
    return found


def first_foreign_line(texts: Sequence[str]) -> int:
    """Return the index of the first line that begins like one of another program; 0 without one.

    Examples
    --------
    >>> first_foreign_line(["_PROV_{'mask': array([1,", "45%|#  | 3/7", "       2])}"])
    1
    """
    further = range(1, len(texts))
    return next((index for index in further if _FOREIGN_LINE.match(texts[index])), 0)


def torn_lines(texts: Sequence[str], longest: int) -> list[int]:
    """Return the indices of the lines that end for another reason than their length.

    Parameters
    ----------
    texts : sequence of str
        The lines of a record, without line ends.
    longest : int
        The length of the longest line around that was not broken; 0 if most were.

    Returns
    -------
    list of int
        The lines at whose end the next word had room. The value there has a line break, or
        another program wrote into the record.

    Examples
    --------
    >>> torn_lines(["{'name': 'Crab neb45%|#  |", "ula'}"], longest=80)
    [0]
    >>> torn_lines(["{'name': 'Crab", "Nebula'}"], longest=16)
    []
    """
    found = []
    for index, (text, following) in enumerate(pairwise(texts)):
        word = _WORD.match(following)
        assert word is not None
        if len(text) + 1 + len(word[1]) <= longest:
            found.append(index)
    return found


def masked(source: Joined, torn: Sequence[int]) -> Joined:
    """Return a text in which the strings that contain the end of a torn line are unknown.

    All offsets stay.

    Parameters
    ----------
    source : Joined
        The lines, joined by line breaks.
    torn : sequence of int
        The indices of torn lines.
    """
    text, position, pieces = source.text, 0, []
    ends = [source.offsets[index + 1] - 1 for index in torn]
    for string in STRING.finditer(text):
        start, end = string.span()
        if bisect_right(ends, start) < bisect_right(ends, end - 2) and text[end - 1] in "'\"":
            pieces += [text[position : start + 1], UNKNOWN * (end - start - 2)]
            position = end - 1
    return Joined("".join([*pieces, text[position:]]), source.offsets, source.places)


def quoted(text: str) -> set[str]:
    """Return all strings in a text, without their quotes and escapes."""
    return {unescape(string[0][1:-1]) for string in STRING.finditer(text) if "\n" not in string[0]}


def progress_bar(text: str) -> int:
    """Return the offset of the first progress bar within quotes; -1 without one.

    Examples
    --------
    >>> progress_bar("{'name': 'Crab neb 45%|#  | 3/7ula'}"), progress_bar("{'n': 1} 45%|#  |")
    (21, -1)
    """
    if PROGRESS in text:
        for string in STRING.finditer(text):
            within = _PROGRESS_WITHIN.search(text, *string.span())
            if within is not None:
                return within.start() + 1
    return -1


def known(fields: dict[str, Any], is_unknown: Callable[[Any], bool]) -> dict[str, Any] | None:
    """Return the known part of a record; ``None`` if one of its ids is unknown.

    Parameters
    ----------
    fields : dict
        The record.
    is_unknown : callable
        Returns whether a key or a value is unknown.

    Examples
    --------
    >>> fields = {"activity_id": "a1", "parameters": {"lo": 0.5, "label": "\\ufdd0"}}
    >>> known(fields, is_marked)
    {'activity_id': 'a1', 'parameters': {'lo': 0.5}}
    >>> known({"activity_id": "a1", "used_id": "45%|#  |\\n1"}, is_marked) is None
    True
    """
    ids = [value for key, value in fields.items() if key in IDS and isinstance(value, str)]
    if any(is_unknown(value) or "\n" in value for value in ids):
        return None
    found: dict[str, Any] = _known(fields, is_unknown)
    return found


def is_marked(value: Any) -> bool:
    """Return whether a value is marked as unknown."""
    return bool(value == UNKNOWN)


def is_torn(value: Any, strings: AbstractSet[str]) -> bool:
    """Return whether a value of a record with torn lines is unknown.

    Parameters
    ----------
    value : object
        The value.
    strings : set of str
        The values that were in quotes.
    """
    if not isinstance(value, str):
        return False
    if value in strings or "\n" not in value:
        return UNKNOWN in value or (_OVERRUN.match(value) is not None and value not in strings)
    if _FOREIGN_LINE.match(value.partition("\n")[0]) or _ENDED_LIST.match(value):
        return True
    return _OBJECT.match(value) is None and not _is_table(value)


def has_broken_text(records: Sequence[tuple[Any, ...]], text: str) -> bool:
    r"""Return whether a key or a value has a line break that the text of no object has.

    Parameters
    ----------
    records : sequence of tuple
        The records; the last item of each is its payload.
    text : str
        The text from which they were read.

    Examples
    --------
    >>> has_broken_text([({"n": "hello\n12"},)], "{'n': hello\n12}")
    True
    >>> has_broken_text([({"n": "array([1,\n2])"},)], "{'n': array([1,\n2])}")
    False
    """
    if "\n" not in text:
        return False
    is_broken = partial(_is_broken, strings=quoted(text))
    return any(_known(fields, is_broken) != fields for *_, fields in records)


def _is_broken(value: Any, strings: AbstractSet[str]) -> bool:
    return isinstance(value, str) and "\n" in value and is_torn(value, strings)


def _is_table(text: str) -> bool:
    """Return whether a text is a table of pandas, whose rows have the same length.

    Examples
    --------
    >>> _is_table("ra  dec\\n0  1    2\\n1  3    4"), _is_table("12libpng warning:  bad\\n34")
    (True, False)
    """
    header, *rows = text.split("\n")
    if _END_OF_TABLE.match(text):
        return True
    width = len(rows[0])
    return len(header) < width and all(len(row) == width and _ROW.match(row) for row in rows)


def _known(value: Any, is_unknown: Callable[[Any], bool]) -> Any:
    if isinstance(value, dict):
        return {
            key: _known(item, is_unknown)
            for key, item in value.items()
            if not is_unknown(item) and not is_unknown(key)
        }
    if isinstance(value, list):
        return [_known(item, is_unknown) for item in value if not is_unknown(item)]
    return value
