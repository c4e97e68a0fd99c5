"""The records of this process, kept for ``Capture.graph()``."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from provlog.capture.log.warnings import warn

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["RecordBuffer", "graph_of"]

_NAME = "<capture>"
# The number of bytes that stay in memory; earlier ones move to a temporary file.
_MAX_BYTES = 4 * 1024 * 1024


class RecordBuffer:
    """The lines of all records; callers in several threads need a lock of their own."""

    def __init__(self) -> None:
        self._recent: list[bytes] = []
        self._size = 0
        self._file: IO[bytes] | None = None
        self._is_being_read = False
        self._has_lost_records = False

    def add(self, lines: bytes) -> None:
        """Append records as whole lines."""
        self._recent.append(lines)
        self.grow(len(lines))

    def grow(self, size: int) -> None:
        """Take note of a number of bytes that are new in the buffer."""
        self._size += size
        # During a read, records may come from the code that reads: leave the file alone.
        if self._size > _MAX_BYTES and not self._is_being_read:
            self._move_to_file()

    def lines(self) -> list[str]:
        """Return all records as lines with their line ends."""
        self._is_being_read = True
        try:
            earlier = b""
            if self._file is not None:
                self._file.seek(0)
                earlier = self._file.read()
            text = b"".join([earlier, *self._recent]).decode()
        finally:
            self._is_being_read = False
        # Not splitlines: a text in a record may contain other line separators.
        return [f"{line}\n" for line in text.split("\n")[:-1]]

    def _move_to_file(self) -> None:
        try:
            if self._file is None:
                self._file = _temporary_file()
                weakref.finalize(self, self._file.close)
            self._file.seek(0, 2)
            rest = memoryview(b"".join(self._recent))
            while rest:
                rest = rest[self._file.write(rest) :]
        except Exception as error:  # noqa: BLE001  (the program may have its own `tempfile`)
            self._drop_file(error)
        finally:
            self._recent.clear()
            self._size = 0

    def _drop_file(self, error: Exception) -> None:
        # Closing it may fail for the same reason.
        with suppress(OSError):
            if self._file is not None:
                self._file.close()
        self._file = None
        if not self._has_lost_records:
            self._has_lost_records = True
            warn("Capture.graph() lacks the earliest records: %s", error)


def _temporary_file() -> IO[bytes]:
    import tempfile

    # Python chooses the temporary folder once: leave that choice to the program. Without a
    # buffer, which a forked process would write a second time.
    before = tempfile.tempdir
    try:
        return tempfile.TemporaryFile(buffering=0)
    finally:
        tempfile.tempdir = before


def graph_of(lines: Iterable[str]) -> ProvGraph:
    """Return the graph of records, one per line."""
    # Imported on demand, since most programs only write a log.
    from provlog.building.reading import Reading

    with Reading() as reading:
        reading.add_lines(lines, _NAME)
        return reading.finish()
