"""Reading logs: from a path to the event stream.

The stages are one module each: :mod:`~provlog.readers.source` (bytes),
:mod:`~provlog.readers.scanner` with :mod:`~provlog.readers.region` and
:mod:`~provlog.readers.wrapping` (records), :mod:`~provlog.readers.payload` with
:mod:`~provlog.readers.literals` (fields) and :mod:`~provlog.readers.dialect`
(events).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from provlog.diagnostics import Diagnostic, Report
from provlog.events import Event, Origin
from provlog.readers.dialect import events
from provlog.readers.records import Record
from provlog.readers.region import Finding
from provlog.readers.scanner import Scanner
from provlog.readers.source import Block, DamagedError, Progress, blocks, display_name

__all__ = ["log_events", "log_records"]


def log_events(path: str, report: Report, progress: Progress | None = None) -> Iterator[Event]:
    """Yield the events of one log, lazily.

    Parameters
    ----------
    path : str
        The log; ``-`` for standard input.
    report : callable
        Takes the diagnostics as they are found.
    progress : callable, optional
        Takes the number of bytes of the file that have been read so far.

    Raises
    ------
    InputError
        If the log cannot be opened or read.
    """
    return events(log_records(path, report, progress), display_name(path), report)


def log_records(path: str, report: Report, progress: Progress | None = None) -> Iterator[Record]:
    """Yield the records of one log, lazily; parameters and errors as :func:`log_events`."""
    file = display_name(path)

    def found(code: str, line: int, column: int, message: str) -> None:
        report(Diagnostic(code, Origin(file, line, column), message))

    scanner = Scanner(found)
    return chain(
        chain.from_iterable(map(scanner.feed, _undamaged(blocks(path, progress), found))),
        # A generator: it begins when all blocks are read.
        scanner.finish(),
    )


def _undamaged(blocks: Iterator[Block], found: Finding) -> Iterator[Block]:
    """Yield blocks as far as they can be read."""
    number = 1
    try:
        for block in blocks:
            number = block.number
            yield block
    except DamagedError as error:
        message = f"compressed data cannot be read on: {error}; what came before is kept"
        found("PL001", number, 1, message)
