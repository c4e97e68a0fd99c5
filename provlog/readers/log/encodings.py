"""Decode the lines of a log: UTF-8, UTF-16 in both byte orders, UTF-32, stray bytes as Latin-1.

Windows PowerShell's ``>`` writes UTF-16, and its ``>>`` continues a file of another program
in UTF-16, so that each line may have its own encoding.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from provlog.patterns import regex

__all__ = ["LineDecoder", "without_utf32"]

_ESCAPED_BYTE = regex("[\udc80-\udcff]")
_UTF32 = {
    "utf-32-le": regex(rb"\xff\xfe\x00\x00|(?:[\t\r\n -~]\x00\x00\x00){2}"),
    "utf-32-be": regex(rb"\x00\x00\xfe\xff|(?:\x00\x00\x00[\t\r\n -~]){2}"),
}
_UTF8 = "utf-8"
_LE = "utf-16-le"
_BE = "utf-16-be"
# A line in UTF-16 without an end within this number of bytes is decoded without it.
_LONGEST_LINE = 4 << 20
_SHORTEST_UTF8 = 8


def without_utf32(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield chunks of a log in UTF-32 as UTF-8, and those of other logs unchanged."""
    first = next(chunks, b"")
    encoding = next((name for name, pattern in _UTF32.items() if pattern.match(first)), None)
    if encoding is None:
        yield first
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).removeprefix("\ufeff").encode()
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


class LineDecoder:
    """Decoder of blocks of lines, each of which ends in the byte of a line feed."""

    def __init__(self) -> None:
        self._encoding = _UTF8
        self._held = b""

    def decode(self, block: bytes, final: bool = False) -> str:
        """Return the text of a block; in UTF-16 its last line may come with the next block."""
        if not self._held and b"\0" not in block and self._encoding == _UTF8:
            return _text(block)
        data = self._held + block
        found = []
        start = at = 0
        while (at := data.find(b"\n", at)) >= 0:
            behind = data[at + 1 : at + 2]
            if not behind and not final and data.find(b"\0", start, at) >= 0:
                # A NUL after it decides the byte order.
                break
            encoding = self._encoding_of(data[start:at], behind)
            if encoding is not None:
                end = at + 2 if encoding == _LE else at + 1
                found.append(self._decoded(data[start:end], encoding))
                self._encoding = encoding
                start = end
            at += 1
        self._held = data[start:]
        if self._held and (final or len(self._held) > _LONGEST_LINE):
            found.append(self._decoded(self._held, self._last_encoding()))
            self._held = b""
        return "".join(found)

    def _encoding_of(self, line: bytes, behind: bytes) -> str | None:
        """Return the encoding of a line; ``None`` if its last byte is part of a character."""
        ends_le = behind == b"\0"
        ends_be = line[-1:] == b"\0"
        if not line:
            return _LE if ends_le and self._encoding != _BE else _UTF8
        if line == b"\0":
            return self._encoding if self._encoding == _BE else _UTF8
        found = _looks_like(line[self._start(line) :])
        if found == _UTF8 and self._encoding != _UTF8 and not _is_utf8(line):
            # Few of its characters are Latin.
            found = self._encoding
        if found == _LE:
            return _LE if ends_le and (len(line) - self._start(line)) % 2 == 0 else None
        if found == _BE:
            return _BE if ends_be and len(line) % 2 else None
        return _UTF8

    def _start(self, line: bytes) -> int:
        """Return the start of UTF-16 in a line, which may follow a line of UTF-8 without an end."""
        before = line.find(b"\0") - 1
        if before <= 0 or (self._encoding != _UTF8 and before % 2 == 0):
            return 0
        try:
            line[:before].decode()
        except UnicodeDecodeError:
            return 0
        return before

    def _decoded(self, line: bytes, encoding: str) -> str:
        if encoding == _UTF8:
            return _text(line)
        start = self._start(line) if encoding == _LE else 0
        text = _text(line[:start]) + line[start:].decode(encoding, "replace")
        return text.replace("\ufeff", "")

    def _last_encoding(self) -> str:
        """Return the encoding of a last line without a line end."""
        line = self._held
        found = _looks_like(line[self._start(line) :])
        return self._encoding if found == _UTF8 and not _is_utf8(line) else found


def _looks_like(line: bytes) -> str:
    """Return the encoding that fits the positions of NULs in a line."""
    half = len(line) // 2
    low, high = line[0::2].count(0), line[1::2].count(0)
    if high > half // 4 and low <= half // 8:
        return _LE
    if low > half // 4 and high <= half // 8:
        return _BE
    return _UTF8


def _is_utf8(line: bytes) -> bool:
    """Return whether a line is more likely UTF-8 than UTF-16."""
    if b"\0" in line or len(line) < _SHORTEST_UTF8:
        return False
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _text(lines: bytes) -> str:
    """Decode lines as UTF-8, with invalid bytes decoded as Latin-1."""
    try:
        return lines.decode()
    except UnicodeDecodeError:
        escaped = lines.decode(errors="surrogateescape")
        return _ESCAPED_BYTE.sub(lambda match: chr(ord(match[0]) - 0xDC00), escaped)
