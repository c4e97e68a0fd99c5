"""The destinations of records: the logger ``provlog.capture`` and the buffer of this process."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from operator import attrgetter
from typing import Any

from provlog.capture.log.buffer import RecordBuffer
from provlog.capture.log.file_handler import DESTINATION, LogFileHandler
from provlog.capture.log.warnings import warn
from provlog.objects.signals import reraise_from_signal

__all__ = ["LOGGER", "RecordLog", "Records"]

_INFO = logging.INFO
_BLOCK = 1 << 22
# What decides whether records need more than one write: several attributes in one call.
_receivers = attrgetter("handlers", "filters")
_changes = attrgetter("level", "formatter", "filters")
_NO_CHANGES: tuple[object, ...] = logging.NOTSET, None, []

LOGGER = logging.getLogger("provlog.capture")
"""The logger of all records; its level and handlers belong to the user."""


class Records:
    """Records of one time that are not written yet.

    Parameters
    ----------
    now : int
        Their time in nanoseconds since the epoch.
    time : str
        The same as text.

    Attributes
    ----------
    lines : list of str
        The records as lines with their line ends.
    """

    __slots__ = ("lines", "now", "time")

    def __init__(self, now: int, time: str) -> None:
        self.now = now
        self.time = time
        self.lines: list[str] = []


class RecordLog:
    """Write records, with one logging call each, and keep them.

    Parameters
    ----------
    handler : LogFileHandler, optional
        Receives the records of this log only.
    """

    # Compiled code finds these fields by their places.
    __slots__ = ("__dict__", "__weakref__", "_buffer", "_handler", "_lock")

    def __init__(self, handler: LogFileHandler | None = None) -> None:
        self._handler = handler
        self._only_own: tuple[object, ...] = [handler], []
        self._has_warned = False
        if handler is not None:
            LOGGER.addHandler(handler)
        self.reset()

    def reset(self) -> None:
        """Start an empty buffer; in a forked process the old one belongs to the parent."""
        self._templates = _Templates()
        self._buffer = RecordBuffer()
        self._keep = self._buffer.add
        self._lock = threading.RLock()

    def write(self, records: Records) -> None:
        """Write records, and remove them from their list."""
        lines = records.lines
        if not lines:
            return
        records.lines = []
        data = "".join(lines).encode("utf-8", "backslashreplace")
        own = self._handler
        # The records go to the log file, unchanged, and nowhere else.
        if (
            own is not None
            and _receivers(LOGGER) == self._only_own
            and _changes(own) == _NO_CHANGES
            and LOGGER.level <= _INFO
        ):
            # Locked, so that file and buffer have the same order.
            with self._lock:
                self._keep(data)
                # All lines in one write, without log records.
                own.append(data)
            return
        # Call the handlers without the lock: one of the user may wait for another thread
        # that writes records.
        with self._lock:
            self._keep(data)
        handlers = self._active_handlers()
        if handlers:
            self._emit([line[:-1] for line in lines], records.now, handlers)

    def lines(self) -> list[str]:
        """Return all records that this process has written, as lines with their line ends."""
        with self._lock:
            return self._buffer.lines()

    def position(self) -> int:
        """Return the size of the log file; 0 without one."""
        file = self._file()
        return os.path.getsize(file) if file is not None else 0

    def since(self, position: int) -> Iterator[bytes]:
        """Yield the records of all processes behind a position of the log file, in blocks.

        Without a file, they are those that this process has written.
        """
        file = self._file()
        if file is None:
            yield "".join(self.lines()).encode()
            return
        with open(file, "rb") as stream:
            stream.seek(position)
            while block := stream.read(_BLOCK):
                yield block + stream.readline()

    @property
    def path(self) -> str | None:
        """The path of the log file, if there is one."""
        return self._handler.path if self._handler is not None else None

    def _file(self) -> str | None:
        path = self.path
        return path if path is not None and os.path.isfile(path) else None

    def close(self) -> None:
        """Detach and close the handler of this log."""
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _active_handlers(self) -> Sequence[logging.Handler | None]:
        """Return the handlers of the records; ``None`` stands for the logger with its own."""
        # `logging.config` disables all loggers that its configuration does not name.
        LOGGER.disabled = False
        if self._handler is None:
            return [None] if LOGGER.isEnabledFor(logging.INFO) else []
        # With a log file, the records do not go to the handlers and levels of parent loggers,
        # such as the console.
        handlers: list[logging.Handler] = LOGGER.handlers if LOGGER.level <= logging.INFO else []
        if LOGGER.manager.disable >= logging.INFO:
            # `logging.disable` silences the program, not the log file that it asked for.
            return [handler for handler in handlers if handler is self._handler]
        return handlers

    def _emit(
        self, lines: Sequence[str], now: int, handlers: Sequence[logging.Handler | None]
    ) -> None:
        """Make one logging call for each record."""
        for record in self._records(lines, now):
            for handler in handlers:
                try:
                    if handler is None:
                        LOGGER.handle(record)
                    elif handler.level <= logging.INFO and LOGGER.filter(record):
                        handler.handle(record)
                except Exception as error:  # noqa: BLE001  (a handler or filter of the user)
                    self._warn(error)

    def _warn(self, error: Exception) -> None:
        reraise_from_signal(error)
        if self._has_warned:
            return
        # Set before warning, since the same handler may have to write the warning, too.
        self._has_warned = True
        with suppress(Exception):
            reason = f"{type(error).__name__}: {error}"
            warn("a handler of the log provlog.capture failed: %s", reason)

    def _records(self, lines: Sequence[str], now: int) -> list[logging.LogRecord]:
        factory = logging.getLogRecordFactory()
        if factory is not logging.LogRecord:
            arguments = LOGGER.name, logging.INFO, __file__, 0
            records = [factory(*arguments, line, None, None) for line in lines]
            for record in records:
                record.__dict__[DESTINATION] = self._handler
            return records
        fields = self._templates.fields(now / 1e9)
        fields[DESTINATION] = self._handler
        return [_record(fields, line) for line in lines]


class _Templates(threading.local):
    """A template log record for each thread: copying is several times faster than creating."""

    def __init__(self) -> None:
        template = logging.LogRecord(LOGGER.name, logging.INFO, __file__, 0, "", None, None)
        self._fields = vars(template)
        self._offset = template.relativeCreated - template.created * 1000

    def fields(self, seconds: float) -> dict[str, Any]:
        """Return the fields that all records of a time share."""
        fields = self._fields.copy()
        fields["created"] = seconds
        fields["msecs"] = seconds % 1 * 1000
        fields["relativeCreated"] = seconds * 1000 + self._offset
        return fields


def _record(fields: dict[str, Any], line: str) -> logging.LogRecord:
    record = object.__new__(logging.LogRecord)
    # Copy and assign: merging two dicts takes twice as long.
    record.__dict__ = own = fields.copy()
    own["msg"] = line
    return record
