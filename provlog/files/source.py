"""An open input: its first bytes, which identify its reader, and all bytes, decompressed."""

from __future__ import annotations

import io
import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import IO, Any, Self, cast

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.files.remote import fetched
from provlog.origin import Origin
from provlog.urls import is_url, localized, shown

__all__ = [
    "ZIP", "BombError", "DamagedError", "Progress", "Source",
    "damaged", "display_name", "is_archive", "is_bomb", "readable",
]  # fmt: skip

Progress = Callable[[int], None]
"""Receives the number of bytes of a file that have been read so far."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""The first bytes of a zip archive, and of one without files."""
_TAR = b"ustar"
_TAR_AT = 257

LARGEST = 1 << 30
LARGEST_RATIO = 500
"""Decompressed data above both limits is refused. Logs of equal lines shrink 200-fold."""

_BLOCK = 1 << 16
_BOM = b"\xef\xbb\xbf"


class DamagedError(Exception):
    """Compressed data is damaged or ends early; the bytes before this point are valid."""


class BombError(DamagedError):
    """Compressed data is so much larger decompressed that it can only be a bomb."""

    def __str__(self) -> str:
        """Return the reason, with the limits."""
        size = f"{LARGEST // 2**20} MiB and {LARGEST_RATIO} times"
        return f"it decompresses to more than {size} its size, as only a bomb does"


def is_bomb(size: int, packed: int) -> bool:
    """Return whether compressed data is a bomb, by its size and its packed size."""
    return size > LARGEST and size > packed * LARGEST_RATIO


def display_name(path: str) -> str:
    """Return the name of an input in messages."""
    return "<stdin>" if path == "-" else shown(path)


def is_archive(head: bytes) -> bool:
    """Recognise an archive by the first bytes of its data, decompressed."""
    return head.startswith(ZIP) or head.startswith(_TAR, _TAR_AT)


class Source:
    """An open input; use it as a context manager.

    If the file grows in the meantime, it is read up to the line that was the last one when
    it was opened.

    Parameters
    ----------
    path : str
        The input, or its URL; ``-`` for standard input. Data compressed with gzip,
        bzip2, xz or zstd is recognised by its content.
    progress : callable, optional
        Receives the number of bytes of the file that have been read so far.
    name : str, optional
        The name of the input in diagnostics, by default its path.
    member : binary file, optional
        The member of an archive to read, opened; ``path`` is then its name.

    Attributes
    ----------
    path, name : str
        The input, and its name in diagnostics.
    head : bytes
        The first bytes of the input, decompressed: at most 64 KiB, without a byte
        order mark of UTF-8.
    is_plain : bool
        Whether ``path`` is a local, uncompressed file that can be opened again.

    Raises
    ------
    InputError
        If the input cannot be opened or read.

    Examples
    --------
    >>> with Source("sample_logs/presentation-excerpt.log") as source:
    ...     source.name, source.head[:7]
    ('sample_logs/presentation-excerpt.log', b'INFO:ga')
    """

    def __init__(
        self,
        path: str,
        progress: Progress | None = None,
        name: str | None = None,
        member: IO[bytes] | None = None,
    ) -> None:
        self.path = path
        self.name = name or display_name(path)
        self.head = b""
        self.is_plain = False
        self._progress = progress
        self._member = member
        self._damage: DamagedError | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Open the input and read its head."""
        with self._stack:
            raw, size = self._stack.enter_context(
                _opened(self.path)
                if self._member is None
                else nullcontext((cast("Any", self._member), 0))
            )
            with readable(self.path):
                packed = _Counted(raw)
                stream = _decompressed(raw, packed)
            self.is_plain = stream is raw and size > 0 and not is_url(self.path)
            self._plain = raw, size, packed
            self._chunks = self._read(raw, stream, size, packed)
            try:
                self.head = next(self._chunks, b"")
            except DamagedError as error:
                self._damage = error
            # Keep the input open only if no error occurred until here.
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Close the input."""
        self._stack.close()

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the input, once, beginning with its head.

        Raises
        ------
        InputError
            If the input cannot be read.
        DamagedError
            If compressed data is damaged or ends early; raised after the last valid bytes.
        """
        if self._damage is not None:
            raise self._damage
        if self.head:
            yield self.head
        yield from self._chunks

    def read(self, report: Report) -> bytes:
        """Return all bytes of the input; report PL001 if compressed data is damaged.

        Raises
        ------
        InputError
            If the input cannot be read.
        """
        found: list[bytes] = []
        try:
            found.extend(self._again() if self.is_plain else self.chunks())
        except DamagedError as error:
            report(damaged(self.name, 1, error))
        return b"".join(found)

    def _again(self) -> Iterator[bytes]:
        """Yield a plain file from its beginning, in one piece: joining pieces copies them."""
        raw, size, packed = self._plain
        with readable(self.path):
            raw.seek(0)
        return self._read(raw, raw, size, packed, block=size)

    def _read(
        self,
        raw: io.BufferedReader[Any],
        stream: IO[bytes],
        size: int,
        packed: _Counted,
        block: int = _BLOCK,
    ) -> Iterator[bytes]:
        if stream is raw and self._member is None:
            chunks = _read_plain(self.path, raw, block)
            chunks = _up_to_size(chunks, size) if size else chunks
        else:
            chunks = _read_compressed(stream)
        total = 0
        for chunk in chunks:
            yield chunk.removeprefix(_BOM) if total == 0 else chunk
            total += len(chunk)
            if stream is not raw and is_bomb(total, packed.count):
                raise BombError
            if self._progress is not None:
                self._progress(raw.tell() if size else total)


def damaged(name: str, line: int, error: DamagedError) -> Diagnostic:
    """Return the diagnostic for compressed data that is damaged after a line."""
    what = "input is refused" if isinstance(error, BombError) else "compressed data is damaged"
    message = f"{what}: {error}; the records before this point were kept"
    return Diagnostic("PL001", Origin(name, line, 1), message)


@contextmanager
def _opened(path: str) -> Iterator[tuple[io.BufferedReader[Any], int]]:
    """Open a log; yield it with its size, 0 if that is unknown."""
    if path == "-":
        if sys.stdin is None:
            raise InputError("<stdin>: is closed")
        raw = io.BufferedReader(cast("Any", sys.stdin.buffer))
        try:
            yield raw, 0
        finally:
            # Standard input must stay open.
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
    """Raise an InputError if the operating system cannot open or read a file.

    Raises
    ------
    InputError
        If the file cannot be opened or read.
    """
    try:
        yield
    except FileNotFoundError:
        what = "is a broken link" if os.path.islink(path) else "no such file"
        raise InputError(f"{path}: {what}") from None
    except IsADirectoryError:
        raise InputError(f"{path}: is a directory; name the logs in it") from None
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"{path}: cannot be read: {reason}") from error
    except ValueError as error:
        # The name contains a NUL.
        raise InputError(f"{path!r}: cannot be read: {error}") from error


def _read_plain(path: str, stream: IO[bytes], block: int) -> Iterator[bytes]:
    with readable(path):
        while chunk := stream.read(block):
            yield chunk


def _read_compressed(stream: Any) -> Iterator[bytes]:
    chunk = b""
    damage: Exception | None = None
    while damage is None:
        try:
            # Decompress in small steps, because a failing step loses its data.
            piece = stream.read1(_BLOCK)
        except Exception as error:  # noqa: BLE001
            # The decompressors raise various exceptions.
            piece, damage = b"", error
        chunk += piece
        if len(chunk) >= _BLOCK or (chunk and not piece):
            yield chunk
            chunk = b""
        if not piece:
            break
    if damage is not None:
        raise DamagedError(str(damage)) from damage


def _up_to_size(chunks: Iterator[bytes], size: int) -> Iterator[bytes]:
    """Yield the chunks up to the end of the line that was the last one at this size."""
    total = 0
    for chunk in chunks:
        total += len(chunk)
        if total >= size:
            line_end = chunk.find(b"\n", max(len(chunk) - (total - size) - 1, 0))
            if line_end >= 0:
                yield chunk[: line_end + 1]
                return
        yield chunk


def _open_gz(stream: IO[bytes]) -> Any:
    from gzip import GzipFile

    return GzipFile(fileobj=stream)


def _open_bz2(stream: IO[bytes]) -> Any:
    from bz2 import BZ2File

    return BZ2File(stream)


def _open_xz(stream: IO[bytes]) -> Any:
    from lzma import LZMAFile

    return LZMAFile(stream)


def _open_zst(stream: IO[bytes]) -> Any:
    if sys.version_info >= (3, 14):
        from compression import zstd
    else:
        from backports import zstd
    return zstd.ZstdFile(stream)


# By first bytes instead of names: names may be wrong, and standard input has none.
_DECOMPRESSORS: dict[bytes, Callable[[Any], Any]] = {
    b"\x1f\x8b": _open_gz,
    b"BZh": _open_bz2,
    b"\xfd7zXZ\x00": _open_xz,
    b"\x28\xb5\x2f\xfd": _open_zst,
}


class _Counted:
    """A stream whose bytes that were read are counted."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.count = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        data = self._stream.read(size)
        self.count += len(data)
        return data


def _decompressed(raw: io.BufferedReader[Any], packed: _Counted) -> IO[bytes]:
    head = raw.peek(8)
    for magic, opener in _DECOMPRESSORS.items():
        if head.startswith(magic):
            stream: IO[bytes] = opener(packed)
            return stream
    return raw
