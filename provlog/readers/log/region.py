"""Read records that span lines, share a line or are damaged.

A region is a run of lines on which one or more records begin. Its lines can be joined in
several ways (:mod:`provlog.readers.log.wrapping`). The reader tries all of them and keeps
the reading that needs the fewest repairs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from msgspec import Struct, field

from provlog.patterns import regex
from provlog.readers.log import foreign
from provlog.readers.log.literals import read_literal
from provlog.readers.log.parsed import MAX_DEPTH, TooCostlyError, TooDeepError
from provlog.readers.log.parsed import Reading as Parsed
from provlog.readers.log.payload import decode, decode_yaml
from provlog.readers.log.wrapping import (
    GUESSED_BREAK,
    PATH,
    REMOVED_BLANKS,
    Joined,
    Line,
    break_within_string,
    joined,
    message_offset,
    unwrapped_lines,
)

__all__ = ["ID_KEYS", "Finding", "Found", "Reading", "Region", "early_time", "read_region"]

Found = tuple[int, int, str | None, dict[str, Any]]
"""A record: line and column of its marker, its time, its payload."""

Finding = tuple[str, int, int, str]
"""A diagnostic: code, line, column and message."""

_EARLY_TIME = regex(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?(?=_*\Z)",
    re.ASCII,
)
_LONGEST_EARLY_TIME = 48
ID_KEYS = frozenset({"session_id", "activity_id", "entity_id"})

# A line break in a marker may leave one blank.
_GAP = r"\s?"
_PROV = rf"(?:_{_GAP}){{1,2}}{_GAP.join('PROV')}"
_FIRST = regex(rf"{_PROV}{_GAP}_{_GAP}_?")
# A marker with a time after it is the first one of the next record, not a second one.
_TIME_AND_SECOND = regex(
    rf"\s*(\d[\d\sT:.,Z+-]{{3,60}}?)\s*{_PROV}(?:{_GAP}_){{0,2}}(?!\s*\d{{4}}-)"
)
_AWAITS_MARKER = regex(rf"{_PROV}{_GAP}_{_GAP}_?\d{{4}}-\d\d-\d\d[T ]?\d\d:\d\d[\dT:.,Z+-]*_?\Z")
_MOST_LINES_OF_A_TIME = 30
_PATH_COLUMN = rf"(?:[ \t]+{PATH})?[ \t]*$"
_PATH = regex(rf"(?<![ \t]){_PATH_COLUMN}")
_NO_PAYLOAD = regex(
    rf"\s*\d{{4}}-[\dT:.,Z+-]*(?!{_PATH_COLUMN})|\s*\d[\dT:.,Z+-]*{_PATH_COLUMN}|{_PATH_COLUMN}|\s*$",
    re.MULTILINE,
)
_BLANKS = regex(r"\s+")
_PAYLOAD = regex(r"\s*+(?:\(\s*+)?(?=\{)")
_ANOTHER_BARE = regex(r"\s*(?=\{)")
_BETWEEN_DATE_AND_TIME = regex(r"(?<=\d{4}-\d\d-\d\d)\s(?=\d\d:)")
_ANSI = regex(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x1b\x07]*(?:\x1b\\|\x07))")

# Costs of the findings of a reading. A reading without costs is taken.
_COSTS = {
    "PL101": 2,
    "PL102": 4,
    "PL103": 6,
    "PL104": 10,
    "PL106": 10,
    "PL107": 0,
    "PL108": 1,
    "PL109": 0,
    "PL110": 0,
    "PL111": 0,
}
# A string, with the colon behind a key. One that never ends takes all that is left.
_STRING = regex(
    r"""(?:'[^'\\]*+(?:\\.[^'\\]*+)*+'|"[^"\\]*+(?:\\.[^"\\]*+)*+")\s*+(:)?|['"].*""", re.DOTALL
)
_NO_MARKER = 20
_MOST_LOOKS_BEHIND = 8


class Region(Struct):
    """Consecutive lines of a log, each with its number."""

    lines: list[Line] = field(default_factory=list)
    is_bare: bool = False
    size: int = 0
    balance: int = 0
    has_payload: bool = False
    attempts: int = 0
    next_attempt: int = 0
    message_offset: int = 0

    def has_in_its_column(self, line: str) -> bool:
        """Return whether a line has the indent that rich gives all but a message's first line."""
        return self.message_offset > 0 and not line[: self.message_offset].strip()

    @property
    def texts(self) -> list[str]:
        """The lines without their numbers."""
        return [text for _, text in self.lines]

    @property
    def last_line(self) -> str:
        """The last line added."""
        return self.lines[-1][1]

    def add(self, number: int, line: str) -> None:
        """Add a line, without terminal colours."""
        if "\x1b" in line:
            line = _ANSI.sub("", line)
        if not self.lines:
            self.message_offset = message_offset(line)
        self.lines.append((number, line))
        self.size += len(line) + 1
        self.balance += line.count("{") - line.count("}")
        self.has_payload = self.has_payload or "{" in line

    def awaits_marker(self) -> bool:
        """Return whether the region ends within a time, after which a marker must follow."""
        if self.has_payload or len(self.lines) > _MOST_LINES_OF_A_TIME:
            return False
        text = "".join(_PATH.sub("", line).strip() for _, line in self.lines)
        return _AWAITS_MARKER.search(text) is not None

    def may_be_whole(self) -> bool:
        """Return whether the region may be complete, so that the scanner should try to read it."""
        if self.balance or (len(self.lines) > 1 and "}" not in self.last_line):
            return False
        if self.size < self.next_attempt:
            return False
        # In a log that closes brackets on every line, do not read all lines again at each line.
        self.attempts += 1
        self.next_attempt = self.size * 2 if self.attempts >= 8 else 0
        return True


class Reading(Struct):
    """Records and findings of a region; the cost counts repairs and guesses."""

    records: list[Found] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    cost: int = 0
    looks_behind: int = 0

    def may_look_behind_marker(self) -> bool:
        """Return whether another slow attempt to read beyond the next marker is allowed."""
        self.looks_behind += 1
        return self.looks_behind <= _MOST_LOOKS_BEHIND

    def add(self, code: str, place: tuple[int, int], message: str) -> None:
        """Add a finding."""
        self.findings.append((code, *place, message))
        self.cost += _COSTS[code]


def early_time(before: str) -> str | None:
    """Return the time directly before a marker."""
    match = _EARLY_TIME.search(before[-_LONGEST_EARLY_TIME:])
    return match[0] if match is not None else None


def read_region(region: Region, longest: Callable[[], int] = int) -> Reading:
    """Read a region in the way that needs the fewest repairs.

    Parameters
    ----------
    region : Region
        The lines.
    longest : callable, optional
        Returns the length of the longest line around that was not broken; 0 if most were.
    """
    best, source = _fewest_repairs(region.lines, region.is_bare)
    if (best.cost or source.guesses) and (indices := foreign.foreign_lines(region.texts)):
        rest = [line for index, line in enumerate(region.lines) if index not in indices]
        reading, text = _fewest_repairs(rest, region.is_bare)
        is_better = reading.cost < best.cost or reading.cost == 0
        if is_better and not text.guesses:
            numbers = [region.lines[index][0] for index in sorted(indices)]
            message = f"text of another program within a record: left out line {numbers[0]}"
            more = f" and {len(numbers) - 1} more" if len(numbers) > 1 else ""
            reading.add("PL110", (numbers[0], 1), message + more)
            return reading
    if len(region.lines) > 1 and (torn := foreign.torn_lines(region.texts, longest())):
        without = _without_foreign(region, torn, best, source)
        if without.records != best.records:
            return without
    guess = _guess_within_value(source) if source.guesses else break_within_string(source)
    if guess is not None:
        best.add("PL109", source.place(guess), GUESSED_BREAK)
    elif not best.findings:
        _add_doubt(best, region, source)
    if source.blanks:
        best.add("PL111", source.place(source.blanks[0]), REMOVED_BLANKS)
    return best


def _add_doubt(reading: Reading, region: Region, source: Joined) -> None:
    """Report what may be text of another program within a value."""
    if index := foreign.first_foreign_line(region.texts):
        # The text of an object may span lines, and may have any content.
        message = "line like one of another program within a value"
        reading.add("PL109", (region.lines[index][0], 1), message)
    elif foreign.has_broken_text(reading.records, source.text):
        reading.add("PL109", (region.lines[0][0], 1), GUESSED_BREAK)
    elif (at := foreign.progress_bar(source.text)) >= 0:
        reading.add("PL110", source.place(at), "text like a progress bar within a value: kept")


def _fewest_repairs(lines: Sequence[Line], is_bare: bool) -> tuple[Reading, Joined]:
    """Return the reading of lines, joined in any way, that needs the fewest repairs; its text."""
    best: Reading | None = None
    source = Joined("", [], [])
    for text in joined(lines):
        reading = _read(text, is_bare)
        if best is None or reading.cost < best.cost:
            best, source = reading, text
        if reading.cost == 0:
            break
    assert best is not None
    return best, source


def _guess_within_value(source: Joined) -> int | None:
    """Return the offset of the first guess that changes a value, or adds a blank to a key."""
    for string in _STRING.finditer(source.text):
        index = bisect_left(source.guesses, string.start() + 1)
        if index == len(source.guesses):
            return None
        guess = source.guesses[index]
        if guess < string.end() and (string[1] is None or source.text[guess - 1] == " "):
            return guess
    return None


def _without_foreign(region: Region, torn: list[int], best: Reading, source: Joined) -> Reading:
    """Return the reading of a region without the parts around the ends of torn lines."""
    lines = unwrapped_lines(region.lines)
    text = foreign.masked(lines, torn)
    # An object that spans lines is not torn: its record has been read from this very text.
    found = best if text.text == source.text else _read(text, region.is_bare)
    reading = Reading(findings=[*found.findings], cost=found.cost)
    strings = foreign.quoted(lines.text)
    for line, column, time, fields in found.records:
        sure = foreign.known(fields, partial(foreign.is_torn, strings=strings))
        if sure is not None:
            reading.records.append((line, column, time, sure))
    what = "value" if 0 < len(found.records) == len(reading.records) else "record"
    place = lines.place(lines.offsets[torn[0] + 1])
    reading.add("PL110", place, foreign.UNKNOWN_VALUE.format(what))
    return reading


def _read(source: Joined, is_bare: bool) -> Reading:
    """Read all records of a text."""
    reading = Reading()
    if is_bare:
        position = _read_bare(reading, source)
    else:
        marker = _FIRST.search(source.text)
        if marker is None:
            reading.cost = _NO_MARKER
            return reading
        position = marker.start()
    while (marker := _FIRST.search(source.text, position)) is not None:
        position = _read_record(reading, source, marker)
    return reading


def _read_bare(reading: Reading, source: Joined) -> int:
    """Read payloads without markers; return the position after them."""
    position, steps = _read_payload(reading, source, 0, 0, None), 0
    marker = _FIRST.search(source.text)
    text = source.text[: marker.start()] if marker is not None else source.text
    while (another := _ANOTHER_BARE.match(text, position)) is not None:
        at = another.end()
        place = source.place(at)
        literal = _parsed(reading, place, text, at, steps)
        if literal is None:
            return len(text)
        _add(reading, place, None, literal)
        position, steps = max(literal.end, at + 1), literal.steps
    return position


def _read_record(reading: Reading, source: Joined, marker: re.Match[str]) -> int:
    """Read the record after a marker; return the position after it."""
    text, at = source.text, marker.start()
    timed = _TIME_AND_SECOND.match(text, marker.end())
    if timed is not None:
        position = timed.end()
        time: str | None = _BLANKS.sub("", _BETWEEN_DATE_AND_TIME.sub("T", timed[1]))
    else:
        position = marker.end()
        time = early_time(text[max(at - _LONGEST_EARLY_TIME, 0) : at])
    payload = _PAYLOAD.match(text, position)
    if payload is not None:
        return _read_payload(reading, source, at, payload.end(), time)
    lost = _NO_PAYLOAD.match(text, position)
    if lost is not None:
        reading.add("PL103", source.place(at), "record lost: nothing follows its marker and time")
        return lost.end()
    end = text.find("\n", position)
    end = len(text) if end < 0 else end
    prose = text[position:end].strip()
    fields = decode_yaml(prose) if ":" in prose else None
    if fields is not None and not ID_KEYS.isdisjoint(fields):
        reading.records.append((*source.place(at), time, fields))
    elif not text[max(at - 1, 0) : at].isalnum() or timed is not None:
        shown = prose if len(prose) <= 80 else prose[:79] + "…"
        reading.add("PL107", source.place(at), f"prose after a marker, not a record: {shown!r}")
    return end


def _read_payload(reading: Reading, source: Joined, at: int, start: int, time: str | None) -> int:
    """Read the payload at ``start`` of the record that begins at ``at``."""
    text, place = source.text, source.place(at)
    following = _FIRST.search(text, start)
    limit = following.start() if following is not None else len(text)
    behind = text.rfind("}", start, limit) + 1
    fields = decode(text[start:behind])
    if fields is not None:
        reading.records.append((*place, time, fields))
        return behind
    literal = _parsed(reading, place, text[start:limit])
    if literal is None:
        return limit
    literal.end += start
    if not literal.is_sure and following is not None and reading.may_look_behind_marker():
        # A string may contain text that looks like a marker.
        with suppress(TooCostlyError, TooDeepError, RecursionError):
            longer = read_literal(text, start)
            literal = longer if longer.is_sure else literal
    if not literal.foreign and not (literal.is_sure and isinstance(literal.value, dict)):
        fields = _yaml_fields(text[start:limit])
        if fields is not None and _is_better(fields, literal):
            reading.records.append((*place, time, fields))
            return limit
    _add(reading, place, time, literal)
    return max(literal.end, start + 1)


def _parsed(
    reading: Reading, place: tuple[int, int], text: str, start: int = 0, steps: int = 0
) -> Parsed | None:
    """Parse the payload at ``start``, or report the reason why that is impossible."""
    try:
        return read_literal(text, start, steps)
    except TooCostlyError:
        reading.add("PL104", place, "brackets of the payload do not match: record left out")
    except (TooDeepError, RecursionError):
        message = f"payload nested deeper than {MAX_DEPTH} levels: record left out"
        reading.add("PL106", place, message)
    return None


def _add(reading: Reading, place: tuple[int, int], time: str | None, literal: Parsed) -> None:
    """Add a parsed record and its repairs."""
    if not isinstance(literal.value, dict):
        reading.add("PL104", place, "payload is not a mapping: record left out")
    elif literal.foreign:
        sure = foreign.known(literal.value, foreign.is_marked)
        if sure is not None:
            reading.records.append((*place, time, sure))
        what = "record" if sure is None else "value"
        reading.add("PL110", place, foreign.UNKNOWN_VALUE.format(what))
    elif literal.value or not literal.problems:
        reading.records.append((*place, time, literal.value))
    for problem in literal.problems:
        reading.add(problem.code, place, problem.message)
    reading.cost += literal.guesses + literal.bare_keys + literal.foreign


def _is_better(fields: dict[str, Any], literal: Parsed) -> bool:
    """Return whether the fields that YAML reads are better than those of our own parser.

    A key without a value does not count: it is often a part of a text with a comma.
    """
    if literal.problems or literal.bare_keys or not isinstance(literal.value, dict):
        return True
    return any(value is not None for key, value in fields.items() if key not in literal.value)


def _yaml_fields(text: str) -> dict[str, Any] | None:
    """Return the mapping that PyYAML reads from a payload on one line."""
    line = text.rstrip()
    return decode_yaml(line) if "\n" not in line else None
