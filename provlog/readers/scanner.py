"""From lines to records: finds markers, joins what was broken, decodes payloads.

Nearly all of a log is either no provenance, and is passed over without being
split into lines, or a record that is whole on its line, and takes one regular
expression and one call of a C decoder. Everything else (a record that spans
lines or shares one, a broken marker, a cut or odd payload) is collected into a
*region* of consecutive lines, which :mod:`provlog.readers.region` reads with
patience.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from provlog.readers.payload import decode
from provlog.readers.records import Record
from provlog.readers.region import Finding, Reading, Region, early_time, read_region
from provlog.readers.source import MAX_LINE, Block

__all__ = ["Scanner"]

# From the first underscore before a P on: two markers around a time, or one
# marker; then the payload.
_WHOLE = re.compile(rb"_PROV_+(?:(\d[\dT:.,Z+ -]{9,40})_+PROV_*)?\(?(?=\{)")
_PATH_COLUMN = rb"(?:[^\s:]+\.\w+|<[^>\s]+>):\d+"
# A line that a record begins on: it holds a marker, or ends within one.
_OPENING = re.compile(
    rb"_PROV_|(?<![A-Za-z0-9_])_{1,2}P(?:R(?:OV?)?)?(?:\s+%b)?\s*\Z" % _PATH_COLUMN
)
_ENDS_IN_UNDERSCORE = re.compile(rb"_(?:\s+%b)?\s*\Z" % _PATH_COLUMN)
_BEGINS_WITH_PROV = re.compile(rb"\s*PROV_")
# A line that begins as log records do: with a level, or with a date and a time.
_LOG_LINE = re.compile(
    rb"\s*(?:\[[^\]]{1,40}\]\s*|\d[\d:.,/T-]*\s+(?:\d[\d:.,]*\s+)?)?"
    rb"(?:NOTSET|DEBUG|INFO|WARNING|ERROR|CRITICAL)\b"
    rb"|\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?!.*_PROV)"
)
_MARKER = re.compile(rb"_PROV_+(?=\d{4}-|\(?\{|[A-Za-z]{2})")
_WITHIN_TIME = b"0123456789.:"
_AWAITS_MARKER = re.compile(rb"_PROV_+\d[\dT:.,Z+ -]*\s*\Z")
_BARE = re.compile(rb"""\{.*?['"](?:activity|entity|session)_id['"]\s*:""")

_MAX_REGION = MAX_LINE
# A region that began with half a marker is none if no payload begins soon.
_MAX_WITHOUT_PAYLOAD = 4096


class Scanner:
    """Finds the records of one log.

    Parameters
    ----------
    report : callable
        Takes what was found wrong: a code, line, column and message.
    """

    def __init__(self, report: Finding) -> None:
        self._report = report
        self._region: Region | None = None
        self._last_line = b""

    def feed(self, block: Block) -> Iterator[Record]:
        """Yield the records of the next block of lines."""
        number, text = block
        size = len(text)
        is_ascii = text.isascii()
        position = 0
        # Where the next line is that may hold a record; -1 while it is unknown.
        mark = brace = -1
        # Nearly always every PROV belongs to an underscore before it.
        prov = -1 if text.count(b"PROV") > text.count(b"_PROV") else size
        while position < size:
            if self._region is not None:
                end = _line_end(text, position)
                line = text[position:end]
                if self._continues(line):
                    yield from self._extend(number, line)
                    position = end + 1
                    number += 1
                    continue
                yield from self.finish()
            if mark < position and (mark := text.find(b"_P", position)) < 0:
                mark = size
            if prov < position and (prov := text.find(b"PROV", position)) < 0:
                prov = size
            if brace < position:
                brace = _line_with_brace(text, position)
            at = min(mark, prov, brace)
            if at == size:
                break
            if skipped := text.count(b"\n", position, at):
                number += skipped
                position = text.rfind(b"\n", position, at) + 1
            start, position = position, _line_end(text, at) + 1
            end = position - 1
            if mark < end:
                whole = _WHOLE.match(text, mark, end)
                if whole is not None and end - start <= MAX_LINE:
                    behind = text.rfind(b"}", mark, end) + 1
                    fields = decode(text[whole.end() : behind])
                    if fields is not None and (behind == end or b"_P" not in text[behind:end]):
                        time = whole[1] or early_time(text[start:mark])
                        column = mark - start
                        if not is_ascii:
                            column = len(text[start:mark].decode(errors="replace"))
                        yield Record(number, column + 1, time.decode() if time else None, fields)
                        number += 1
                        continue
            elif brace < end and (fields := _bare_record(text[start:end])) is not None:
                yield Record(number, 1, None, fields)
                number += 1
                continue
            yield from self._open(number, text, start, end)
            number += 1
        self._last_line = text[text.rfind(b"\n", 0, size - 1) + 1 :].rstrip(b"\r\n")

    def finish(self) -> Iterator[Record]:
        """Yield what is left at the end of the log."""
        if self._region is not None:
            reading = read_region(self._region)
            self._region = None
            yield from self._accept(reading)

    def _accept(self, reading: Reading) -> list[Record]:
        for finding in reading.findings:
            self._report(*finding)
        return reading.records

    def _open(self, number: int, text: bytes, start: int, end: int) -> Iterator[Record]:
        """Begin a region with this line, if a record may begin on it."""
        line = text[start:end]
        if len(line) > MAX_LINE:
            mark = _OPENING.search(line)
            if mark is not None:
                limit = f"{MAX_LINE >> 20} MiB"
                self._report("PL105", number, mark.start() + 1, f"line longer than {limit}: left out")
        elif _OPENING.search(line):
            self._region = Region()
            yield from self._extend(number, line)
        elif _BEGINS_WITH_PROV.match(line):
            before = text[text.rfind(b"\n", 0, start - 1) + 1 : start] if start else self._last_line
            if _ENDS_IN_UNDERSCORE.search(before):
                self._region = Region()
                self._region.add(number - 1, before.rstrip(b"\r\n"))
                yield from self._extend(number, line)
        elif _BARE.match(line):
            self._region = Region(is_bare=True)
            yield from self._extend(number, line)

    def _extend(self, number: int, line: bytes) -> Iterator[Record]:
        """Add a line to the region, and end it if it is whole now."""
        region = self._region
        assert region is not None
        region.add(number, line.removesuffix(b"\r"))
        if region.may_be_whole():
            reading = read_region(region)
            if reading.cost == 0:
                self._region = None
                yield from self._accept(reading)

    def _continues(self, line: bytes) -> bool:
        """Tell whether a line may belong to the region before it."""
        region = self._region
        assert region is not None
        if region.size + len(line) > (_MAX_REGION if region.has_payload else _MAX_WITHOUT_PAYLOAD):
            return False
        if _LOG_LINE.match(line):
            return False
        marker = _MARKER.search(line)
        if marker is None:
            return not _BARE.match(line) or not region.has_payload
        before = line[: marker.start()].rstrip(b"_")
        if before[-1:] in _WITHIN_TIME and before and early_time(before) is None:
            return True
        return not before.strip() and _AWAITS_MARKER.search(region.last_line) is not None


def _line_end(text: bytes, position: int) -> int:
    end = text.find(b"\n", position)
    return end if end >= 0 else len(text)


def _line_with_brace(text: bytes, position: int) -> int:
    if text.startswith(b"{", position):
        return position
    at = text.find(b"\n{", position)
    return at + 1 if at >= 0 else len(text)


def _bare_record(line: bytes) -> dict[str, Any] | None:
    """Decode a line that is nothing but the payload of a record."""
    if len(line) > MAX_LINE or not _BARE.match(line):
        return None
    return decode(line.rstrip())
