"""Read the bytes of a source as blocks of whole lines."""

from __future__ import annotations

from collections.abc import Iterator

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import DamagedError, Source, damaged
from provlog.readers.log.encodings import LineDecoder, without_utf32
from provlog.readers.log.wrappers.lines import Line, holds_record

__all__ = ["MAX_LINE", "blocks", "first_lines", "has_long_lines", "numbered"]

MAX_LINE = 1 << 20
"""The maximal length of a line in bytes; only the beginning of a longer line is read."""

# A document, or a log that was joined into one line, within a wrapper.
_LONGEST_WRAPPED = 1 << 28
# Only lines that may hold a record are kept completely.
_MARKS = (b"_P", b"PROV", b"{")
_CONTEXT = 64
_FEWEST_LINES, _LONG_HEAD = 3, 1 << 16


def blocks(source: Source, longest: int = MAX_LINE) -> Iterator[str]:
    """Yield a log in blocks of whole lines, each with its line end.

    Only the last line of the log may lack its line end. The memory used is independent of
    the log's size and the length of its lines.

    Parameters
    ----------
    source : Source
        The opened log.
    longest : int, optional
        The most bytes of a line that are read.

    Raises
    ------
    InputError
        If the log cannot be read.
    DamagedError
        If compressed data is damaged or ends early; raised after the last readable block.
    """
    rest = bytearray()
    skipping = False
    decoder = LineDecoder()
    for chunk in without_utf32(source.chunks()):
        if skipping:
            line_end = chunk.find(b"\n")
            if line_end < 0:
                continue
            chunk = chunk[line_end + 1 :]
            skipping = False
        end = chunk.rfind(b"\n") + 1
        if end:
            yield decoder.decode(bytes(rest) + chunk[:end])
            rest = bytearray(chunk[end:])
            continue
        rest += chunk
        if len(rest) > longest:
            if any(mark in rest for mark in _MARKS):
                yield decoder.decode(bytes(rest)) + "\n"
                rest = bytearray()
                skipping = True
            else:
                rest = rest[-_CONTEXT:]
    if last := decoder.decode(bytes(rest), final=True):
        yield last


def first_lines(source: Source) -> list[str]:
    """Return the first lines of a source, the last one only if whole or alone."""
    head = b"".join(without_utf32(iter([source.head])))
    lines = LineDecoder().decode(head, final=True).replace("\r\n", "\n").split("\n")
    return lines if len(lines) == 1 or not lines[-1] else lines[:-1]


def has_long_lines(source: Source) -> bool:
    """Return whether the head of a log has few lines, which may be a document or a whole log."""
    if len(source.head) < _LONG_HEAD or source.head.count(b"\n") >= _FEWEST_LINES:
        return False
    head = b"".join(without_utf32(iter([source.head])))
    return holds_record(LineDecoder().decode(head, final=True))


def numbered(source: Source, report: Report) -> Iterator[Line]:
    """Yield a log line by line, with numbers; report PL001 if compressed data is damaged.

    Raises
    ------
    InputError
        If the log cannot be read.
    """
    number = 1
    try:
        for block in blocks(source, _LONGEST_WRAPPED):
            for text in block.removesuffix("\n").split("\n") if block else ():
                yield Line(number, text.removesuffix("\r"))
                number += 1
    except DamagedError as error:
        report(damaged(source.name, number, error))
