"""Where the records of a capture go: to a logger, and into the memory of this process."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Iterator
from contextlib import suppress
from tempfile import TemporaryFile
from time import time
from typing import IO, Any

from provlog.capture.clock import as_text
from provlog.capture.handler import DESTINATION, LogFileHandler

__all__ = ["LOGGER", "RecordLog"]

LOGGER = logging.getLogger("provlog.capture")
"""What takes all records and complaints; its level and its handlers are the user's."""

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
        if handler is not None:
            LOGGER.addHandler(handler)
        self.forget()

    def forget(self) -> None:
        """Begin a new history: in a process that was forked, the old one is its parent's."""
        self._templates = _Templates()
        self._lines: list[str] = []
        self._earlier: IO[str] | None = None
        self._has_lost = False
        self._lock = threading.Lock()

    def write(self, payload: str) -> None:
        """Write a record: the ``repr`` of a dict of plain literals."""
        seconds = time()
        line = f"_PROV_{as_text(seconds)}_PROV_{payload}"
        lines = self._lines
        lines.append(line)
        if len(lines) > _MOST_LINES:
            self._spill()
        # `logging.config` disables all loggers that it does not know.
        LOGGER.disabled = False
        if self._is_wanted():
            self._handle(self._record(line, seconds))

    def _is_wanted(self) -> bool:
        if self._handler is None:
            return LOGGER.isEnabledFor(logging.INFO)
        # The level of other logs does not count for what has a file of its own.
        return LOGGER.level <= logging.INFO

    def _handle(self, record: logging.LogRecord) -> None:
        if self._handler is None:
            LOGGER.handle(record)
        elif LOGGER.filter(record):
            # Records that have a file do not belong on the console too.
            for handler in LOGGER.handlers:
                if handler.level <= logging.INFO:
                    handler.handle(record)

    def lines(self) -> Iterator[str]:
        """Yield all records that this process has written, as lines with their ends."""
        with self._lock:
            if self._earlier is not None:
                self._earlier.seek(0)
                # Not `yield from`, which closes the file if nobody wants the rest.
                for line in self._earlier:  # noqa: UP028
                    yield line
            yield from [f"{line}\n" for line in self._lines]

    def close(self) -> None:
        """Write to no handler of our own from now on."""
        if self._handler is not None:
            LOGGER.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def _spill(self) -> None:
        # Not while the history is read: it may be this very thread that does.
        if not self._lock.acquire(blocking=False):
            return
        count = len(self._lines)
        try:
            if self._earlier is None:
                self._earlier = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115
                weakref.finalize(self, self._earlier.close)
            self._earlier.seek(0, 2)
            self._earlier.writelines(f"{line}\n" for line in self._lines[:count])
            # What is still to be written would be written by a process that is forked, too.
            self._earlier.flush()
        except OSError as error:
            self._lose(error)
        finally:
            del self._lines[:count]
            self._lock.release()

    def _lose(self, error: OSError) -> None:
        # With what it could not write.
        with suppress(OSError):
            if self._earlier is not None:
                self._earlier.close()
        self._earlier = None
        if not self._has_lost:
            self._has_lost = True
            logging.getLogger("provlog").warning(
                "Capture.graph() lacks what was recorded first: %s", error
            )

    def _record(self, line: str, seconds: float) -> logging.LogRecord:
        factory = logging.getLogRecordFactory()
        if factory is not logging.LogRecord:
            record = factory(LOGGER.name, logging.INFO, "", 0, line, None, None)
        else:
            record = self._templates.record(line, seconds)
        record.__dict__[DESTINATION] = self._handler
        return record


class _Templates(threading.local):
    """A log record for each thread, to copy: making one takes several times as long."""

    def __init__(self) -> None:
        template = logging.LogRecord(LOGGER.name, logging.INFO, __file__, 0, "", None, None)
        self.fields: dict[str, Any] = vars(template)
        self.offset = template.relativeCreated - template.created * 1000

    def record(self, line: str, seconds: float) -> logging.LogRecord:
        record = object.__new__(logging.LogRecord)
        record.__dict__ = fields = self.fields.copy()
        fields["msg"] = line
        fields["created"] = seconds
        fields["msecs"] = seconds % 1 * 1000
        fields["relativeCreated"] = seconds * 1000 + self.offset
        return record
