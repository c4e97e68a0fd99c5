"""What this process has recorded, and the graph of it, read as from a log."""

from __future__ import annotations

import logging
import weakref
from collections.abc import Iterable
from contextlib import suppress
from itertools import chain
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from provlog.model import ProvGraph

__all__ = ["History", "graph_of"]

_NAME = "<capture>"
# So many lines are held in memory, a few megabytes; those before them in a temporary file.
_MOST_LINES = 20_000


class History:
    """The lines of all records; who uses it from several threads has a lock for it."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._earlier: IO[str] | None = None
        self._is_read = False
        self._has_lost = False

    def add(self, lines: list[str]) -> None:
        """Remember records, one a line, without the ends of lines."""
        self._lines += lines
        # Not while it is read: what is recorded meanwhile comes from what reads it.
        if len(self._lines) > _MOST_LINES and not self._is_read:
            self._put_away()

    def lines(self) -> list[str]:
        """Return all records, as lines with their ends."""
        self._is_read = True
        try:
            earlier = []
            if self._earlier is not None:
                self._earlier.seek(0)
                earlier = self._earlier.readlines()
            return [*earlier, *(f"{line}\n" for line in self._lines)]
        finally:
            self._is_read = False

    def _put_away(self) -> None:
        try:
            if self._earlier is None:
                self._earlier = TemporaryFile("w+", encoding="utf-8", newline="\n")  # noqa: SIM115
                weakref.finalize(self, self._earlier.close)
            self._earlier.seek(0, 2)
            self._earlier.writelines(f"{line}\n" for line in self._lines)
            # What is still to be written would be written by a process that is forked, too.
            self._earlier.flush()
        except OSError as error:
            self._lose(error)
        finally:
            self._lines.clear()

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


def graph_of(lines: Iterable[str]) -> ProvGraph:
    """Return the graph of records, one a line."""
    from provlog.builder import Builder
    from provlog.readers.dialect import Dialect
    from provlog.readers.scanner import Scanner

    builder = Builder()
    report = builder.graph.diagnostics.append
    scanner, dialect = Scanner(_NAME, report), Dialect(report)
    for records in chain(map(scanner.feed, lines), [scanner.finish()]):
        builder.add_all(dialect.feed(records))
    return builder.finish()
