"""Where the records of a capture go: to a logger, and into the memory of this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from provlog.capture.log.clock import Moment
from provlog.capture.log.handler import DESTINATION, LogFileHandler
from provlog.capture.log.history import History
from provlog.capture.log.warnings import complain
from provlog.objects.signals import reraise_from_signal

__all__ = ["LOGGER", "RecordLog"]

LOGGER = logging.getLogger("provlog.capture")
"""What takes all records; its level and its handlers are the user's."""


class RecordLog:
    """Writes records, one logging call each, and remembers them.

    Parameters
    ----------
    handler : LogFileHandler, optional
        Takes the records of this log and of no other one.
    """

    def __init__(self, handler: LogFileHandler | None = None) -> None:
        self._handler = handler
        self._has_told = False
        if handler is not None:
            LOGGER.addHandler(handler)
        self.forget()

    def forget(self) -> None:
        """Begin a new history: in a process that was forked, the old one is its parent's."""
        self._templates = _Templates()
        self._history = History()
        self._lock = threading.RLock()

    def write(self, lines: Sequence[str], moment: Moment) -> None:
        """Write records.

        Parameters
        ----------
        lines : sequence of str
            The records, as lines with their ends.
        moment : Moment
            When they were so.
        """
        if not lines:
            return
        data = "".join(lines).encode("utf-8", "backslashreplace")
        own = self._handler
        if own is not None and self._is_all(own):
            # So that the order is the same here and there.
            with self._lock:
                self._history.add(data)
                # What goes into a file as it is takes no log records, and one write.
                own.append(data)
            return
        # Not while others are at work: a handler of the user's may wait for another thread
        # that writes.
        with self._lock:
            self._history.add(data)
        handlers = self._listening()
        if handlers:
            self._hand_over([line[:-1] for line in lines], moment[0], handlers)

    def _is_all(self, own: LogFileHandler) -> bool:
        """Tell whether our file, and nothing else, takes all records as they are."""
        return (
            LOGGER.handlers == [own]
            and LOGGER.level <= logging.INFO
            and own.level <= logging.INFO
            and own.formatter is None
            and not own.filters
            and not LOGGER.filters
        )

    def lines(self) -> list[str]:
        """Return all records that this process has written, as lines with their ends."""
        with self._lock:
            return self._history.lines()

    def close(self) -> None:
        """Write to no handler of our own from now on."""
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _listening(self) -> Sequence[logging.Handler | None]:
        """What takes the records; ``None`` stands for what the logger does on its own."""
        # `logging.config` disables all loggers that it does not know.
        LOGGER.disabled = False
        if self._handler is None:
            return [None] if LOGGER.isEnabledFor(logging.INFO) else []
        # Records that have a file do not belong on the console too, and the level of other
        # logs does not count for them.
        handlers: list[logging.Handler] = LOGGER.handlers if LOGGER.level <= logging.INFO else []
        if LOGGER.manager.disable >= logging.INFO:
            # That silences what the program says, not what it was told to record.
            return [handler for handler in handlers if handler is self._handler]
        return handlers

    def _hand_over(
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
                except Exception as error:  # noqa: BLE001  (a handler or a filter of the user's)
                    self._tell(error)

    def _tell(self, error: Exception) -> None:
        reraise_from_signal(error)
        if self._has_told:
            return
        # Before it is told, since the same handler may be asked to write that, too.
        self._has_told = True
        with suppress(Exception):
            reason = f"{type(error).__name__}: {error}"
            complain("a handler of the log provlog.capture failed: %s", reason)

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
    """A log record for each thread, to copy: making one takes several times as long."""

    def __init__(self) -> None:
        template = logging.LogRecord(LOGGER.name, logging.INFO, __file__, 0, "", None, None)
        self._fields = vars(template)
        self._offset = template.relativeCreated - template.created * 1000

    def fields(self, seconds: float) -> dict[str, Any]:
        """Return what records of that time share."""
        fields = self._fields.copy()
        fields["created"] = seconds
        fields["msecs"] = seconds % 1 * 1000
        fields["relativeCreated"] = seconds * 1000 + self._offset
        return fields


def _record(fields: dict[str, Any], line: str) -> logging.LogRecord:
    record = object.__new__(logging.LogRecord)
    # A copy and one more: joining them takes twice as long.
    record.__dict__ = own = fields.copy()
    own["msg"] = line
    return record
