"""The log file, to which threads and processes write at once."""

from __future__ import annotations

import logging
import os
import stat
from contextlib import suppress
from errno import EBADF
from typing import Any

from provlog.capture.log.warnings import complain
from provlog.errors import OutputError
from provlog.objects.signals import reraise_from_signal

fcntl: Any = None
with suppress(ImportError):
    # Windows has none.
    import fcntl

__all__ = ["DESTINATION", "LogFileHandler"]

DESTINATION = "provlog_handler"
"""The attribute of a log record that says which of several such handlers takes it."""


# A pipe that nobody reads is refused at once, not waited for.
_FLAGS = (
    os.O_WRONLY | os.O_APPEND | os.O_CREAT
    | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
)  # fmt: skip


_FIRST_NUMBER = 200


class LogFileHandler(logging.Handler):
    """A handler that appends each record to a file as a line that is whole.

    Each line is one write at the end of the file, so that the lines of several threads
    and processes never mix (on file systems of this machine; NFS cannot promise it). What
    cannot be written is lost: that is told once, by the logger ``provlog``, and is never
    the program's trouble.

    Parameters
    ----------
    path : str or path-like
        The file; it is made if it is not there.
    delay : bool
        Open it with the first record.

    Attributes
    ----------
    path : str
        The file's absolute path.

    Raises
    ------
    OutputError
        If it cannot be opened for writing.
    """

    def __init__(self, path: str | os.PathLike[str], delay: bool = False) -> None:
        self.path = os.path.abspath(os.fsdecode(path))
        self._descriptor = -1 if delay else _opened(self.path)
        # Not before: what could not be opened must not be closed when the program ends.
        super().__init__()
        is_whole = not delay and _ends_whole(self.path, self._descriptor)
        self._start = b"" if is_whole else b"\n"
        self._has_told = False

    def handle(self, record: logging.LogRecord) -> bool:
        """Append a record, unless it belongs into another file."""
        if record.__dict__.get(DESTINATION, self) is not self:
            return False
        return bool(super().handle(record))

    def emit(self, record: logging.LogRecord) -> None:
        """Append a record, formatted if the handler has a formatter."""
        try:
            text = record.getMessage() if self.formatter is None else self.format(record)
        except Exception as error:  # noqa: BLE001  (whatever is in the record)
            self._tell(error)
        else:
            self.append(f"{text}\n".encode("utf-8", "backslashreplace"))

    def append(self, lines: bytes) -> None:
        """Append a line, or several, in one piece; each with its end."""
        try:
            data = self._start + lines
            if self._descriptor < 0:
                # `logging.config` closes all handlers that it finds.
                self._descriptor = _opened(self.path)
            # Without a lock: the system does not mix what two threads write.
            try:
                written = os.write(self._descriptor, data)
            except OSError as error:
                if error.errno != EBADF:
                    raise
                # The program has closed it.
                self._descriptor = _opened(self.path)
                written = os.write(self._descriptor, data)
            if written != len(data):
                self._write_rest(data[written:])
            elif self._start:
                self._start = b""
        except Exception as error:  # noqa: BLE001
            self._tell(error)

    def _write_rest(self, data: bytes) -> None:
        self.acquire()
        try:
            # Until all is there: what comes after half a line begins on a line of its own.
            self._start = b"\n"
            while data:
                written = os.write(self._descriptor, data)
                if not written:
                    raise OSError("nothing more is taken")
                data = data[written:]
            self._start = b""
        finally:
            self.release()

    def _tell(self, error: Exception) -> None:
        reraise_from_signal(error)
        if self._has_told:
            return
        # Before it is told, since this handler may be asked to write that, too.
        self._has_told = True
        with suppress(Exception):
            reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
            complain("%s: provenance records are lost: %s", self.path, reason)

    def close(self) -> None:
        """Close the file; a record that comes later opens it again."""
        self.acquire()
        try:
            # The number may soon be that of a file of the program.
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
        raise OutputError(f"{path}: cannot be written: there is no folder {folder}") from error
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error
    except ValueError as error:
        raise OutputError(f"{path!r}: cannot be written: {error}") from error
    return descriptor if fcntl is None else _raised(descriptor)


def _raised(descriptor: int) -> int:
    """Return the same under a number that no file of the program gets.

    A program may close all that it knows, as daemons do: the next file that it opens would
    have our number, and our records.
    """
    os.set_blocking(descriptor, True)
    try:
        raised: int = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_NUMBER)
    except OSError:
        # So many files may not be open.
        return descriptor
    os.close(descriptor)
    return raised


def _ends_whole(path: str, descriptor: int) -> bool:
    """Tell whether a file ends with a whole line; a writer that was killed may have left less."""
    status = os.fstat(descriptor)
    if status.st_size == 0 or not stat.S_ISREG(status.st_mode):
        return True
    try:
        with open(path, "rb") as stream:
            stream.seek(-1, os.SEEK_END)
            return stream.read(1) == b"\n"
    except OSError:
        # An empty line does no harm.
        return False
