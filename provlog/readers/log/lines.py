"""Read the bytes of a source as blocks of whole lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from provlog.files.source import Source

__all__ = ["MAX_LINE", "blocks"]

MAX_LINE = 1 << 20
"""The maximal length of a line in bytes; only the beginning of a longer line is read."""

# Keep only lines whole that may hold a record.
_MARKS = (b"_P", b"PROV", b"{")
_CONTEXT = 64
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


def blocks(source: Source) -> Iterator[str]:
    """Yield a log in blocks of whole lines, each with its line end.

    Only the last line of the log may lack its line end. The memory used is independent of
    the log's size and the length of its lines.

    Raises
    ------
    InputError
        If the log cannot be read.
    DamagedError
        If compressed data is damaged or ends early; raised after the last readable block.
    """
    rest = b""
    skipping = False
    for chunk in source.chunks():
        if skipping:
            line_end = chunk.find(b"\n")
            if line_end < 0:
                continue
            chunk = chunk[line_end + 1 :]
            skipping = False
        end = chunk.rfind(b"\n") + 1
        if end:
            yield _text(rest + chunk[:end])
            rest = chunk[end:]
            continue
        rest += chunk
        if len(rest) > MAX_LINE:
            if any(mark in rest for mark in _MARKS):
                yield _text(rest) + "\n"
                rest = b""
                skipping = True
            else:
                rest = rest[-_CONTEXT:]
    if rest:
        yield _text(rest)


def _text(lines: bytes) -> str:
    """Decode lines as UTF-8, with invalid bytes decoded as Latin-1."""
    try:
        return lines.decode()
    except UnicodeDecodeError:
        escaped = lines.decode(errors="surrogateescape")
        return _ESCAPED_BYTE.sub(lambda match: chr(ord(match[0]) - 0xDC00), escaped)
