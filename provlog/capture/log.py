"""Where the records of a capture go: to a logger, and into the memory of this process."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO, Any

from provlog.capture.clock import Moment
from provlog.capture.handler import DESTINATION, TOGETHER, LogFileHandler
from provlog.capture.signals import hand_on

__all__ = ["COMPLAINTS", "LOGGER", "RecordLog"]

LOGGER = logging.getLogger("provlog.capture")
"""What takes all records and complaints; its level and its handlers are the user's."""

COMPLAINTS = logging.getLogger("provlog")
"""What hears of what could not be recorded."""

# So many lines are held in memory, a few megabytes; those before them in a temporary file.
_MOST_LINES = 20_000


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
            # Before those that may fail.
            LOGGER.addHandler(handler)
            LOGGER.handlers.insert(0, LOGGER.handlers.pop())
            # Records that have a file do not belong on the console too.
            LOGGER.propagate = False
            if LOGGER.level == logging.NOTSET:
                LOGGER.setLevel(logging.INFO)
        self.forget()

    def forget(self) -> None:
        """Begin a new history: in a process that was forked, the old one is its parent's."""
        self._templates = _Templates()
        self._lines: list[str] = []
        self._earlier: IO[str] | None = None
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
        # So that the order is the same here and there, if that is a file of ours: a handler of
        # the user's may wait for another thread that writes.
        with self._lock:
            self._remember(lines)
            if _is_ours_alone():
                self._hand_over(lines, seconds)
                return
        self._hand_over(lines, seconds)

    def _remember(self, lines: list[str]) -> None:
        self._lines += lines
        if len(self._lines) > _MOST_LINES:
            self._spill()

    def _hand_over(self, lines: list[str], seconds: float) -> None:
        """Make one logging call for each record."""
        # `logging.config` disables all loggers that it does not know.
        LOGGER.disabled = False
        handle = self._way()
        if not lines or handle is None:
            return
        last = len(lines) - 1
        for number, record in enumerate(self._records(lines, seconds)):
            # Our own file takes them all with the last one.
            record.__dict__[TOGETHER] = lines if number == last else ()
            try:
                handle(record)
            except Exception as error:  # noqa: BLE001  (a handler or a filter of the user's)
                self._tell(error)

    def _way(self) -> Callable[[logging.LogRecord], object] | None:
        """What takes the records, according to what the user has set."""
        if LOGGER.isEnabledFor(logging.INFO):
            # `handle` does nothing else if there are no filters.
            return LOGGER.handle if LOGGER.filters else LOGGER.callHandlers
        if self._handler is not None and LOGGER.getEffectiveLevel() <= logging.INFO:
            # `logging.disable` silences what the program says, not what it was told to record.
            return self._handler.handle
        return None

    def _tell(self, error: Exception) -> None:
        hand_on(error)
        if self._has_told:
            return
        # Before it is told, since the same handler may be asked to write that, too.
        self._has_told = True
        with suppress(Exception):
            reason = f"{type(error).__name__}: {error}"
            COMPLAINTS.warning("a handler of the log provlog.capture failed: %s", reason)

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

    def lines(self) -> list[str]:
        """Return all records that this process has written, as lines with their ends."""
        with self._lock:
            earlier = []
            if self._earlier is not None:
                self._earlier.seek(0)
                earlier = self._earlier.readlines()
            return [*earlier, *(f"{line}\n" for line in self._lines)]

    def close(self) -> None:
        """Write to no handler of our own from now on."""
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _spill(self) -> None:
        if self._earlier is None:
            self._earlier = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115
        self._earlier.seek(0, 2)
        self._earlier.writelines(f"{line}\n" for line in self._lines)
        self._lines.clear()


def _is_ours_alone() -> bool:
    """Tell whether all that hears of the records are files of captures."""
    if LOGGER.propagate or LOGGER.filters:
        return False
    return all(type(handler) is LogFileHandler for handler in LOGGER.handlers)


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
    record.__dict__ = {**fields, "msg": line}
    return record
