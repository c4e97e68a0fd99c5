"""The handler of the log file, which several threads and processes may write to."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from errno import EBADF
from typing import Any

from provlog.capture.log.warnings import warn
from provlog.errors import OutputError
from provlog.objects.signals import reraise_from_signal

fcntl: Any = None
with suppress(ImportError):
    # This module does not exist on Windows.
    import fcntl

__all__ = ["DESTINATION", "LogFileHandler"]

DESTINATION = "provlog_handler"
"""The attribute of a log record that names the handler that it is for, if there are several."""

# Non-blocking: opening a pipe without a reader fails at once instead of waiting.
_FLAGS = (
    os.O_WRONLY | os.O_APPEND | os.O_CREAT
    | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
)  # fmt: skip

_MIN_DESCRIPTOR = 200


class LogFileHandler(logging.Handler):
    """A handler that appends each record to a file as one whole line.

    Each line is one write at the end of the file, so that the lines of several threads
    and processes never mix (on local file systems; NFS does not guarantee it). Records
    that cannot be written are lost: the logger ``provlog`` warns once, and the program
    continues.

    Parameters
    ----------
    path : str or path-like
        The file; created if it does not exist.
    delay : bool
        Open it at the first record.

    Attributes
    ----------
    path : str
        The file's absolute path.
    is_quick : bool, optional
        Whether a write takes so little time that a compiled writer does not let other threads
        run meanwhile: the file is a regular one of a local file system. ``None`` if not known yet.

    Raises
    ------
    OutputError
        If it cannot be opened for writing.
    """

    # Compiled code finds these fields by their places.
    __slots__ = ("_descriptor", "_prefix", "is_quick")

    def __init__(self, path: str | os.PathLike[str], delay: bool = False) -> None:
        self.path = os.path.abspath(os.fsdecode(path))
        self._descriptor = -1 if delay else _opened(self.path)
        # After opening: logging closes all registered handlers when the program ends.
        super().__init__()
        is_whole = not delay and _ends_whole(self.path, self._descriptor)
        self._prefix = b"" if is_whole else b"\n"
        self._has_warned = False
        self.is_quick: bool | None = None

    def handle(self, record: logging.LogRecord) -> bool:
        """Append a record unless it belongs to another file."""
        if record.__dict__.get(DESTINATION, self) is not self:
            return False
        return bool(super().handle(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record, formatted if the handler has a formatter."""
        try:
            text = record.getMessage() if self.formatter is None else self.format(record)
        except Exception as error:  # noqa: BLE001  (the record may contain anything)
            self._warn(error)
        else:
            self.append(f"{text}\n".encode("utf-8", "backslashreplace"))

    def append(self, lines: bytes) -> None:
        """Append whole lines in one write."""
        try:
            if self._prefix:
                lines = self._prefix + lines
            # Without a lock: the operating system does not mix two writes.
            try:
                written = os.write(self._descriptor, lines)
            except OSError as error:
                if error.errno != EBADF:
                    raise
                # The program closed the descriptor, or `logging.config` all existing handlers.
                self._descriptor, self.is_quick = _opened(self.path), None
                written = os.write(self._descriptor, lines)
            if written != len(lines):
                self._write_rest(lines[written:])
            elif self._prefix:
                self._prefix = b""
        except Exception as error:  # noqa: BLE001
            self._warn(error)

    def _write_rest(self, data: bytes) -> None:
        self.acquire()
        try:
            # Until the line is complete, the next record must start on a new line.
            self._prefix = b"\n"
            while data:
                written = os.write(self._descriptor, data)
                if not written:
                    raise OSError("the file accepts no more data")
                data = data[written:]
            self._prefix = b""
        finally:
            self.release()

    def _warn(self, error: Exception) -> None:
        reraise_from_signal(error)
        if self._has_warned:
            return
        # Set before warning, since this handler may have to write the warning, too.
        self._has_warned = True
        with suppress(Exception):
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            warn("%s: provenance records are lost: %s", self.path, reason)

    def close(self) -> None:
        """Close the file; a later record opens it again."""
        self.acquire()
        try:
            # Forget the descriptor first: the program may soon get the same number.
            descriptor, self._descriptor = self._descriptor, -1
            if descriptor >= 0:
                os.close(descriptor)
        finally:
            self.release()
            super().close()


def _opened(path: str) -> int:
    try:
        descriptor = os.open(path, _FLAGS, 0o666)
    except FileNotFoundError as error:
        folder = os.path.dirname(path)
        raise OutputError(
            f"{path}: cannot be written: the folder {folder} does not exist"
        ) from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    except ValueError as error:
        raise OutputError(f"{path!r}: cannot be written: {error}") from error
    return descriptor if fcntl is None else _moved_up(descriptor)


def _moved_up(descriptor: int) -> int:
    """Return a duplicate of a descriptor with a number that the program does not get.

    A daemon closes all descriptors that it knows: the next file that it opened would have
    the number of the log, and receive the records.
    """
    os.set_blocking(descriptor, True)
    try:
        moved: int = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _MIN_DESCRIPTOR)
    except OSError:
        # The limit of open files is lower.
        return descriptor
    os.close(descriptor)
    return moved


def _ends_whole(path: str, descriptor: int) -> bool:
    """Return whether the last line is complete; a killed writer may have truncated it."""
    status = os.fstat(descriptor)
    if status.st_size == 0 or not stat.S_ISREG(status.st_mode):
        return True
    try:
        with open(path, "rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) == b"\n"
    except OSError:
        # In doubt, write an additional empty line.
        return False
