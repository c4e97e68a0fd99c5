"""Where the records of a capture go: to a logger, and into the memory of this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from typing import Any

from provlog.capture.clock import Moment
from provlog.capture.handler import DESTINATION, TOGETHER, LogFileHandler
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
            if lines and self._is_wanted():
                self._hand_over(lines, seconds)

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

    def _is_wanted(self) -> bool:
        if self._handler is None:
            return LOGGER.isEnabledFor(logging.INFO)
        # The level of other logs does not count for what has a file of its own.
        return LOGGER.level <= logging.INFO

    def _hand_over(self, lines: list[str], seconds: float) -> None:
        """Make one logging call for each record."""
        last = len(lines) - 1
        for number, record in enumerate(self._records(lines, seconds)):
            # Our own file takes them all with the last one.
            record.__dict__[TOGETHER] = lines if number == last else ()
            if self._handler is None:
                LOGGER.handle(record)
            elif not LOGGER.filters or LOGGER.filter(record):
                # Records that have a file do not belong on the console too.
                for handler in LOGGER.handlers:
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
