"""Find the records in the lines of a log, and decode their payloads.

Most of a log is ordinary messages or records that are complete on one line. The scanner
skips messages without splitting them into lines; a complete record takes one regular
expression and one call of a C decoder. The scanner collects everything else (a record that
spans lines or shares one, a broken marker, a truncated or unusual payload) into a *region*
of consecutive lines, which :mod:`provlog.readers.log.region` reads.
"""

from __future__ import annotations

import re
from typing import Any

from provlog.compiled import compiled
from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.events import Event
from provlog.origin import Origin
from provlog.patterns import regex
from provlog.readers.log.dialect import Dialect, Record
from provlog.readers.log.foreign import LIKE_BEGINNING, PROGRESS, is_like_record
from provlog.readers.log.lines import MAX_LINE
from provlog.readers.log.payload import decode
from provlog.readers.log.region import ID_KEYS, Reading, Region, early_time, read_region
from provlog.readers.log.wrapping import PATH

__all__ = ["Record", "Scanner"]

# An underscore may begin a marker. After a marker come, optionally, the time and another
# marker; then the payload, up to the last brace of the line; then the rest of the line.
# Or the line ends within the marker, perhaps with a column that holds a path.
_PATH_COLUMN = rf"(?:[ \t]+{PATH})?[ \t\r]*"
_MARK = regex(
    r"_(?:PROV_+(?:(\d[\dT:.,Z+ -]{9,40})_+PROV_*)?\(?(\{[^\n]*\})([^\n]*)|PROV_"
    rf"|P(?:R(?:OV?)?)?{_PATH_COLUMN}(?:\n|\Z)|{_PATH_COLUMN}\n(?:[ \t]*PROV_|\Z))",
    re.ASCII,
)
# A line that begins like a log message: with a level, or with a date and a time.
_LOG_LINE = regex(
    r"\s*(?:\[[^\]]{1,40}\]\s*|\d[\d:.,/T-]*\s+(?:\d[\d:.,]*\s+)?)?"
    r"(?:NOTSET|DEBUG|INFO|WARNING|ERROR|CRITICAL)\b"
    r"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?!.*_PROV)",
    re.ASCII,
)
_NEXT_MARKER = regex(r"_PROV_+(?=\d{4}-|\(?\{|[A-Za-z]{2})", re.ASCII)
_ENDS_WITHIN_STRING = regex(r"[\[{(:,] ?['\"]\Z")
_ENDS_WITHIN_TIME = regex(r"[\d.:]\Z", re.ASCII)
_BRACE_BELOW = regex(r"\n\{")
_MARKER = regex("_PROV_")
_BARE = regex(r"""\{.*?['"](?:activity|entity|session)_id['"]\s*:""")

_FAST = compiled("provlog.readers.log._fast")
_MAX_REGION = MAX_LINE
# After half a marker, a payload must begin within this length; otherwise it is not a marker.
_MAX_WITHOUT_PAYLOAD = 4096


class Scanner:
    """Finder of the records in one log.

    Parameters
    ----------
    file : str
        The log's name, for the origins of records.
    report : callable
        Receives the diagnostics.
    """

    def __init__(self, file: str, report: Report) -> None:
        self._file = file
        self._report = report
        self._region: Region | None = None
        # The block, the current position in it, and the number of the line there.
        self._text = ""
        self._position = 0
        self._number = 1
        # The next line that begins with a brace, once it is asked for.
        self._brace = -1
        # Whether a region begins at the position.
        self._begins_region = False
        # The length of the longest record in the block, once it is asked for.
        self._longest = -1
        # Whether records were wrapped at blanks.
        self._is_wrapped = False
        # Whether the log has records without markers, and lines that may be torn ones.
        self._has_bare = False
        self._torn: list[Diagnostic] = []
        # The compiled reader, and whether it can read the block.
        self._is_begun = False
        self._fast: Any = (
            None if _FAST is None else _FAST.FastReader(file, Origin, early_time, ID_KEYS)
        )

    @property
    def number(self) -> int:
        """The number of the next line, counted from 1."""
        return self._number

    def feed(self, text: str, number: int | None = None) -> list[Record]:
        """Return the records of the next block of lines.

        Parameters
        ----------
        text : str
            The lines.
        number : int, optional
            The number of the first one, if it does not follow the last block's.
        """
        if number is not None:
            self._number = number
        records: list[Record] = []
        fast = self._begin(text)
        while self._position < len(text):
            if fast is not None and self._is_between_regions:
                self._position, self._number = fast.records(self._position, self._number, records)
            if self._position < len(text):
                self._read(records, one=fast is not None)
        return records

    def events(self, dialect: Dialect, text: str) -> list[Event]:
        """Return the events of the next block of lines, which a dialect makes."""
        fast = self._begin(text)
        events: list[Event] = []
        while self._position < len(text):
            if fast is not None and self._is_between_regions:
                self._position, self._number = fast.events(
                    self._position, self._number, dialect, events
                )
            if self._position < len(text):
                # One by one, so that diagnostics are in the order of the lines.
                records: list[Record] = []
                self._read(records, one=fast is not None)
                events += dialect.feed(records)
        return events

    @property
    def _is_between_regions(self) -> bool:
        return self._region is None and not self._begins_region

    def _begin(self, text: str) -> Any:
        """Take the next block; return the compiled reader if it can read it."""
        self._text, self._position, self._longest = text, 0, -1
        self._brace = -1
        fast = self._fast
        self._is_begun = bool(fast and len(text) <= MAX_LINE and fast.begin(text))
        return fast if self._is_begun else None

    def _read(self, records: list[Record], one: bool) -> None:
        """Read the next line of a region, or complete records if there is no region."""
        if self._region is not None:
            records += self._next_of_region()
            return
        if self._begins_region:
            self._begins_region = False
            records += self._line_with_marker()
            return
        if self._brace < self._position:
            self._brace = _line_with_brace(self._text, self._position)
        if self._position == self._brace:
            self._line_with_brace(records)
        else:
            self._scan(records, self._brace, one)

    def finish(self) -> list[Record]:
        """Return the last records after the end of the log."""
        records: list[Record] = []
        if self._region is not None:
            records = self._end_region()
        self._report_torn()
        return records

    def _end_region(self) -> list[Record]:
        """Return the records of the region."""
        region = self._region
        assert region is not None
        return self._ended(region, read_region(region, self._longest_record))

    def _ended(self, region: Region, reading: Reading) -> list[Record]:
        self._has_bare = self._has_bare or (region.is_bare and bool(reading.records))
        self._region = None
        return self._accepted(reading)

    def _longest_record(self) -> int:
        """Return the length of the longest line with a whole record; 0 if most are broken."""
        is_bare = self._region is not None and self._region.is_bare
        if self._longest < 0 and self._is_begun and not is_bare:
            self._longest = self._fast.longest_record()
        if self._longest < 0:
            begins = _BARE.match if is_bare else _MARKER.search
            lines = [line for line in self._text.split("\n") if begins(line)]
            whole = [len(line) for line in lines if line.rstrip().endswith(("}", "})"))]
            self._longest = max(whole, default=0) if 2 * len(whole) >= len(lines) else 0
        return self._longest

    def _accepted(self, reading: Reading) -> list[Record]:
        for code, line, column, message in reading.findings:
            if code == "PL111":
                # It holds for all wrapped records of a log.
                if self._is_wrapped:
                    continue
                self._is_wrapped = True
            self._report(Diagnostic(code, Origin(self._file, line, column), message))
        return [
            (Origin(self._file, line, column, time), fields)
            for line, column, time, fields in reading.records
        ]

    def _scan(self, records: list[Record], limit: int, one: bool = False) -> None:
        """Read records (or ``one``) up to one that is incomplete on its line."""
        file, text, number, position = self._file, self._text, self._number, self._position
        too_long = len(text) > MAX_LINE
        for mark in _MARK.finditer(text, position, limit):
            at, end = mark.span()
            if skipped := text.count("\n", position, at):
                number += skipped
                position = text.rfind("\n", position, at) + 1
            time, payload, rest = mark.groups()
            if payload is None or too_long or PROGRESS in payload or (rest and "_P" in rest):
                break
            fields = decode(payload)
            if fields is None:
                break
            if time is None:
                time = early_time(text[position:at])
            records.append((Origin(file, number, at - position + 1, time), fields))
            number += 1
            position = end + 1
            if one:
                self._position, self._number = position, number
                return
        else:
            number += text.count("\n", position, limit)
            self._position, self._number = limit, number
            return
        self._position, self._number = position, number
        self._begins_region = True

    def _take_line(self) -> tuple[int, str]:
        """Return the next line and its number, and continue after it."""
        text, start = self._text, self._position
        end = _line_end(text, start)
        self._position = end + 1
        self._number += 1
        return self._number - 1, text[start:end].removesuffix("\r")

    def _line_with_marker(self) -> list[Record]:
        """Begin a region with a line on which a record begins."""
        number, line = self._take_line()
        if len(line) > MAX_LINE:
            self._tell_too_long(number, line.find("_P") + 1)
            return []
        self._region = Region()
        return self._extend(number, line)

    def _tell_too_long(self, line: int, column: int) -> None:
        message = f"record longer than {MAX_LINE >> 20} MiB: left out, or cut at that length"
        self._report(Diagnostic("PL105", Origin(self._file, line, column), message))

    def _line_with_brace(self, records: list[Record]) -> None:
        """Read a line that may be a payload without a marker."""
        text, start = self._text, self._position
        end = _line_end(text, start)
        if end - start > MAX_LINE:
            number, line = self._take_line()
            if _BARE.match(line, 0, MAX_LINE) or "_PROV_" in line:
                self._tell_too_long(number, 1)
            return
        if _BARE.match(text, start, end):
            payload = text[start:end].rstrip()
            fields = decode(payload) if PROGRESS not in payload else None
            if fields is not None and not ID_KEYS.isdisjoint(fields):
                records.append((Origin(self._file, self._number, 1), fields))
                self._has_bare = True
                self._take_line()
                return
            if text.find("_PROV_", start, end) < 0:
                self._region = Region(is_bare=True)
                records += self._extend(*self._take_line())
                return
        elif is_like_record(text, start):
            self._torn.append(
                Diagnostic("PL110", Origin(self._file, self._number, 1), LIKE_BEGINNING)
            )
        self._scan(records, end + 1)

    def _report_torn(self) -> None:
        """Report lines that may be torn records, if others have no markers either."""
        if self._has_bare or (self._fast is not None and self._fast.has_bare):
            for diagnostic in self._torn:
                self._report(diagnostic)
        self._torn.clear()

    def _next_of_region(self) -> list[Record]:
        """Add the next line to the region, or end the region before it."""
        text, start = self._text, self._position
        if self._continues(text[start : _line_end(text, start)]):
            return self._extend(*self._take_line())
        return self._end_region()

    def _extend(self, number: int, line: str) -> list[Record]:
        """Add a line to the region, and end the region if it is complete."""
        region = self._region
        assert region is not None
        region.add(number, line)
        if region.may_be_whole():
            reading = read_region(region, self._longest_record)
            if reading.cost == 0:
                return self._ended(region, reading)
        return []

    def _continues(self, line: str) -> bool:
        """Return whether a line may continue the region."""
        region = self._region
        assert region is not None
        if region.size + len(line) > (_MAX_REGION if region.has_payload else _MAX_WITHOUT_PAYLOAD):
            if region.has_payload:
                self._tell_too_long(region.lines[0][0], 1)
            return False
        if (
            _LOG_LINE.match(line)
            and not region.has_in_its_column(line)
            and not _ENDS_WITHIN_STRING.search(region.last_line)
        ):
            return False
        marker = _NEXT_MARKER.search(line)
        if marker is None:
            return not _BARE.match(line) or not region.has_payload
        before = line[: marker.start()].rstrip("_")
        if _ENDS_WITHIN_TIME.search(before) and early_time(before) is None:
            return True
        is_second = line[marker.end() : marker.end() + 1] in ("(", "{")
        return not before.strip() and is_second and region.awaits_marker()


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return end if end >= 0 else len(text)


def _line_with_brace(text: str, position: int) -> int:
    """Return the start of the next line that begins with a brace."""
    if text.startswith("{", position):
        return position
    found = _BRACE_BELOW.search(text, position)
    return found.start() + 1 if found is not None else len(text)
