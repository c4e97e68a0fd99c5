"""What this process has recorded, and the graph of it, read as from a log."""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import IO, TYPE_CHECKING

from provlog.capture.log.warnings import complain

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["History", "graph_of"]

_NAME = "<capture>"
# So many bytes are held in memory; those before them in a temporary file.
_MOST_BYTES = 4 * 1024 * 1024


class History:
    """The lines of all records; who uses it from several threads has a lock for it."""

    def __init__(self) -> None:
        self._latest: list[bytes] = []
        self._size = 0
        self._earlier: IO[bytes] | None = None
        self._is_read = False
        self._has_lost = False

    def add(self, lines: bytes) -> None:
        """Remember records: whole lines."""
        self._latest.append(lines)
        self._size += len(lines)
        # Not while it is read: what is recorded meanwhile comes from what reads it.
        if self._size > _MOST_BYTES and not self._is_read:
            self._put_away()

    def lines(self) -> list[str]:
        """Return all records, as lines with their ends."""
        self._is_read = True
        try:
            earlier = b""
            if self._earlier is not None:
                self._earlier.seek(0)
                earlier = self._earlier.read()
            text = b"".join([earlier, *self._latest]).decode()
        finally:
            self._is_read = False
        # A text may have other ends of lines in it.
        return [f"{line}\n" for line in text.split("\n")[:-1]]

    def _put_away(self) -> None:
        try:
            if self._earlier is None:
                # What is still to be written would be written by a process that is forked, too.
                self._earlier = _temporary_file()
                weakref.finalize(self, self._earlier.close)
            self._earlier.seek(0, 2)
            rest = memoryview(b"".join(self._latest))
            while rest:
                rest = rest[self._earlier.write(rest) :]
        except OSError as error:
            self._lose(error)
        finally:
            self._latest.clear()
            self._size = 0

    def _lose(self, error: OSError) -> None:
        # With what it could not write.
        with suppress(OSError):
            if self._earlier is not None:
                self._earlier.close()
        self._earlier = None
        if not self._has_lost:
            self._has_lost = True
            complain("Capture.graph() lacks what was recorded first: %s", error)


def _temporary_file() -> IO[bytes]:
    # Where temporary files go is found out once: let the program be the one who does.
    before = tempfile.tempdir
    try:
        return tempfile.TemporaryFile(buffering=0)
    finally:
        tempfile.tempdir = before


def graph_of(lines: Iterable[str]) -> ProvGraph:
    """Return the graph of records, one a line."""
    # Imported when a program asks for its graph: most only write their log.
    from provlog.building.reading import Reading

    with Reading() as reading:
        reading.add_lines(lines, _NAME)
        return reading.finish()
