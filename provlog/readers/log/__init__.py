"""Read logs: turn a source into a stream of events.

Each stage is a module: :mod:`~provlog.readers.log.lines` (blocks of lines),
:mod:`~provlog.readers.log.scanner` with :mod:`~provlog.readers.log.region` and
:mod:`~provlog.readers.log.wrapping` (records), :mod:`~provlog.readers.log.payload` with
:mod:`~provlog.readers.log.literals` (fields) and :mod:`~provlog.readers.log.dialect`
(events).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import DamagedError, Source, damaged
from provlog.model.events import Event
from provlog.readers.log.dialect import Dialect
from provlog.readers.log.lines import blocks
from provlog.readers.log.scanner import Record, Scanner

__all__ = ["line_events", "log_records", "read_log"]


def read_log(source: Source, report: Report) -> Iterator[Event]:
    """Yield the events of one log, lazily.

    Parameters
    ----------
    source : Source
        The opened log.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the log cannot be read.
    """
    return chain.from_iterable(map(Dialect(report).feed, _scanned(source, report)))


def log_records(source: Source, report: Report) -> Iterator[Record]:
    """Yield the records of one log, lazily; parameters and errors as :func:`read_log`."""
    return chain.from_iterable(_scanned(source, report))


def line_events(lines: Iterable[str], name: str, report: Report) -> Iterator[Iterable[Event]]:
    """Yield the events of a log in memory, line by line.

    Parameters
    ----------
    lines : iterable of str
        The lines with their ends.
    name : str
        The name of the log in diagnostics.
    report : callable
        Receives the diagnostics as they are found.
    """
    scanner, dialect = Scanner(name, report), Dialect(report)
    for records in chain(map(scanner.feed, lines), [scanner.finish()]):
        yield dialect.feed(records)


def _scanned(source: Source, report: Report) -> Iterator[list[Record]]:
    """Yield the records of one log, block by block."""
    scanner = Scanner(source.name, report)
    try:
        yield from map(scanner.feed, blocks(source))
    except DamagedError as error:
        report(damaged(source.name, scanner.number, error))
    yield scanner.finish()
