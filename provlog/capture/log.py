"""Where the records of a capture go: to a logger, and into the memory of this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from provlog.capture.clock import Moment
from provlog.capture.handler import DESTINATION, LogFileHandler
from provlog.capture.history import History

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
        if handler is not None:
            LOGGER.addHandler(handler)
        self.forget()

    def forget(self) -> None:
        """Begin a new history: in a process that was forked, the old one is its parent's."""
        self._templates = _Templates()
        self._history = History()
        self._lock = threading.RLock()

    def write(self, payloads: Sequence[str], moment: Moment) -> None:
        """Write records.

        Parameters
        ----------
        payloads : sequence of str
            The records: each is the ``repr`` of a dict of plain literals.
        moment : Moment
            When they were so.
        """
        seconds, text = moment
        lines = [f"_PROV_{text}_PROV_{payload}" for payload in payloads]
        # So that the order is the same here and there.
        with self._lock:
            self._history.add(lines)
            # `logging.config` disables all loggers that it does not know.
            LOGGER.disabled = False
            own = self._handler
            if own is None:
                if LOGGER.isEnabledFor(logging.INFO):
                    self._hand_over(lines, seconds, None)
            # The level of other logs does not count for what has a file of its own.
            elif LOGGER.level <= logging.INFO:
                handlers = LOGGER.handlers
                if own in handlers and own.is_plain and not LOGGER.filters:
                    # What goes into a file as it is takes no records, and one write.
                    own.append("\n".join(lines))
                    handlers = [handler for handler in handlers if handler is not own]
                if handlers:
                    self._hand_over(lines, seconds, handlers)

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

    def _hand_over(
        self, lines: list[str], seconds: float, handlers: list[logging.Handler] | None
    ) -> None:
        """Make one logging call for each record, to these handlers alone if any are given."""
        for record in self._records(lines, seconds):
            if handlers is None:
                LOGGER.handle(record)
            elif LOGGER.filter(record):
                # Records that have a file do not belong on the console too.
                for handler in handlers:
                    if handler.level <= logging.INFO:
                        handler.handle(record)

    def _records(self, lines: Sequence[str], seconds: float) -> list[logging.LogRecord]:
        factory = logging.getLogRecordFactory()
        if factory is not logging.LogRecord:
            arguments = LOGGER.name, logging.INFO, __file__, 0
            records = [factory(*arguments, line, None, None) for line in lines]
            for record in records:
                record.__dict__[DESTINATION] = self._handler
            return records
        fields = self._templates.fields(seconds)
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
