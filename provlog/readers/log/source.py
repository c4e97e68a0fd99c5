"""From a path to blocks of lines, decompressed on the way."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, cast

from provlog.errors import InputError
from provlog.files.remote import fetched
from provlog.urls import is_url, localized, shown

__all__ = ["MAX_LINE", "DamagedError", "Progress", "blocks", "display_name", "readable"]

MAX_LINE = 1 << 20
"""How long a line may be, in bytes; of a longer one only the beginning is read."""

Progress = Callable[[int], None]
"""Takes the number of bytes of a file that have been read so far."""

_BLOCK = 1 << 16
_BOM = b"\xef\xbb\xbf"
# Only a line that may hold a record is worth keeping whole.
_MARKS = (b"_P", b"PROV", b"{")
_CONTEXT = 64
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class DamagedError(Exception):
    """Compressed data cannot be read on; what came before is good."""


def display_name(path: str) -> str:
    """Return how a log is called in messages."""
    return "<stdin>" if path == "-" else shown(path)


def blocks(path: str, progress: Progress | None = None) -> Iterator[str]:
    """Yield a log in blocks of whole lines, each with its line end.

    Only the last line of the log may lack its line end.

    A log that grows meanwhile is read up to the line that was its last one when
    it was opened. Memory depends neither on the log's size nor on the length of
    its lines.

    Parameters
    ----------
    path : str
        The log, or its URL; ``-`` for standard input. Data compressed with gzip,
        bzip2, xz or zstd is recognised by its content.
    progress : callable, optional
        Takes the number of bytes of the file that have been read so far.

    Raises
    ------
    InputError
        If the log cannot be opened or read.
    DamagedError
        If compressed data is damaged or ends early, after all that could be read.
    """
    rest = b""
    skipping = False
    for chunk in _chunks(path, progress):
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
    """Decode lines; where they are no UTF-8, a stray byte is taken for Latin-1."""
    try:
        return lines.decode()
    except UnicodeDecodeError:
        escaped = lines.decode(errors="surrogateescape")
        return _ESCAPED_BYTE.sub(lambda match: chr(ord(match[0]) - 0xDC00), escaped)


def _chunks(path: str, progress: Progress | None) -> Iterator[bytes]:
    with _opened(path) as (raw, size):
        with readable(path):
            stream = _decompressed(raw)
        chunks = _read_plain(path, raw) if stream is raw else _read_compressed(stream)
        if stream is raw and size:
            chunks = _as_it_was(chunks, size)
        total = 0
        for chunk in chunks:
            yield chunk.removeprefix(_BOM) if total == 0 else chunk
            total += len(chunk)
            if progress is not None:
                progress(raw.tell() if size else total)


@contextmanager
def _opened(path: str) -> Iterator[tuple[io.BufferedReader[Any], int]]:
    """Open a log; yield it with its size, 0 where that is not known."""
    if path == "-":
        if sys.stdin is None:
            raise InputError("<stdin>: is closed")
        raw = io.BufferedReader(cast("Any", sys.stdin.buffer))
        try:
            yield raw, 0
        finally:
            # Standard input is not ours to close.
            raw.detach()
        return
    path = localized(path)
    if is_url(path):
        with fetched(path) as local, _opened(local) as opened:
            yield opened
        return
    with readable(path):
        raw = open(path, "rb")  # noqa: SIM115
    with raw:
        status = os.fstat(raw.fileno())
        yield raw, status.st_size if stat.S_ISREG(status.st_mode) else 0


@contextmanager
def readable(path: str) -> Iterator[None]:
    """Turn what the system says of a file that it cannot open or read into our error.

    Raises
    ------
    InputError
        If it cannot.
    """
    try:
        yield
    except FileNotFoundError:
        what = "is a link that leads nowhere" if os.path.islink(path) else "no such file"
        raise InputError(f"{path}: {what}") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; name the logs in it") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: cannot be read: {reason}") from error
    except ValueError as error:
        # A NUL in the name.
        raise InputError(f"{path!r}: cannot be read: {error}") from error


def _read_plain(path: str, stream: IO[bytes]) -> Iterator[bytes]:
    with readable(path):
        while chunk := stream.read(_BLOCK):
            yield chunk


def _read_compressed(stream: Any) -> Iterator[bytes]:
    chunk = b""
    damage: Exception | None = None
    while damage is None:
        try:
            # One step of the decompressor: more at once would be lost with what fails.
            piece = stream.read1(_BLOCK)
        except Exception as error:  # noqa: BLE001
            # Each decompressor has exceptions of its own.
            piece, damage = b"", error
        chunk += piece
        if len(chunk) >= _BLOCK or (chunk and not piece):
            yield chunk
            chunk = b""
        if not piece:
            break
    if damage is not None:
        raise DamagedError(str(damage)) from damage


def _as_it_was(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Stop at the end of the line that was the last one when the log had this size."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total > size:
            line_end = chunk.find(b"\n", max(len(chunk) - (total - size) - 1, 0))
            if line_end >= 0:
                yield chunk[: line_end + 1]
                return
        yield chunk


def _open_zst(stream: IO[bytes]) -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdFile(stream)


# By their first bytes, because names lie and standard input has none.
_DECOMPRESSORS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": lambda stream: gzip.GzipFile(fileobj=stream),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
    b"\x28\xb5\x2f\xfd": _open_zst,
}


def _decompressed(raw: io.BufferedReader[Any]) -> IO[bytes]:
    head = raw.peek(8)
    for magic, opener in _DECOMPRESSORS.items():
        if head.startswith(magic):
            stream: IO[bytes] = opener(raw)
            return stream
    return raw
