"""Reading logs: from a path to the event stream.

The stages are one module each: :mod:`~provlog.readers.log.source` (bytes),
:mod:`~provlog.readers.log.scanner` with :mod:`~provlog.readers.log.region` and
:mod:`~provlog.readers.log.wrapping` (records), :mod:`~provlog.readers.log.payload` with
:mod:`~provlog.readers.log.literals` (fields) and :mod:`~provlog.readers.log.dialect`
(events).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from provlog.diagnostics.codes import Diagnostic, Report
from provlog.model.events import Event
from provlog.origin import Origin
from provlog.readers.log.dialect import Dialect
from provlog.readers.log.scanner import Record, Scanner
from provlog.readers.log.source import DamagedError, Progress, blocks, display_name

__all__ = ["line_events", "log_events", "log_records"]


def log_events(
    path: str, report: Report, progress: Progress | None = None, name: str | None = None
) -> Iterator[Event]:
    """Yield the events of one log, lazily.

    Parameters
    ----------
    path : str
        The log; ``-`` for standard input.
    report : callable
        Takes the diagnostics as they are found.
    progress : callable, optional
        Takes the number of bytes of the file that have been read so far.
    name : str, optional
        What the log is called, if it is not by its path.

    Raises
    ------
    InputError
        If the log cannot be opened or read.
    """
    scanned = _scanned(path, report, progress, name)
    return chain.from_iterable(map(Dialect(report).feed, scanned))


def log_records(path: str, report: Report, progress: Progress | None = None) -> Iterator[Record]:
    """Yield the records of one log, lazily; parameters and errors as :func:`log_events`."""
    return chain.from_iterable(_scanned(path, report, progress))


def line_events(lines: Iterable[str], name: str, report: Report) -> Iterator[Iterable[Event]]:
    """Yield the events of the lines of a log that is in memory, line by line.

    Parameters
    ----------
    lines : iterable of str
        The lines with their ends.
    name : str
        The name of the log in diagnostics.
    report : callable
        Takes the diagnostics as they are found.
    """
    scanner, dialect = Scanner(name, report), Dialect(report)
    for records in chain(map(scanner.feed, lines), [scanner.finish()]):
        yield dialect.feed(records)


def _scanned(
    path: str, report: Report, progress: Progress | None, name: str | None = None
) -> Iterator[list[Record]]:
    """Yield the records of one log, block by block."""
    file = name or display_name(path)
    scanner = Scanner(file, report)
    try:
        yield from map(scanner.feed, blocks(path, progress))
    except DamagedError as error:
        message = f"compressed data cannot be read on: {error}; what came before is kept"
        report(Diagnostic("PL001", Origin(file, scanner.number, 1), message))
    yield scanner.finish()
