"""Read logs: turn a source into a stream of events.

Each stage is a module: :mod:`~provlog.readers.log.lines` with
:mod:`~provlog.readers.log.encodings` (blocks of lines),
:mod:`~provlog.readers.log.wrappers` (removes what other programs put around lines),
:mod:`~provlog.readers.log.scanner` with :mod:`~provlog.readers.log.region` and
:mod:`~provlog.readers.log.wrapping` (records), :mod:`~provlog.readers.log.payload` with
:mod:`~provlog.readers.log.literals` (fields) and :mod:`~provlog.readers.log.dialect`
(events).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TypeVar

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.files.source import DamagedError, Source, damaged
from provlog.model.events import Event
from provlog.origin import Origin
from provlog.readers.log.dialect import Dialect, Record
from provlog.readers.log.lines import blocks, first_lines, has_long_lines, numbered
from provlog.readers.log.scanner import Scanner
from provlog.readers.log.wrappers import Line, unwrapped, wrapper_of
from provlog.readers.log.wrappers.lines import Doubt

__all__ = ["line_events", "log_records", "read_log"]

Read = TypeVar("Read", Event, Record)

# Streams beyond these share the scanner of the first one.
_MOST_STREAMS = 1000
_LONGEST_RUN = 500


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
    return chain.from_iterable(_translated(source, report))


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


def _translated(source: Source, report: Report) -> Iterator[list[Event]]:
    """Yield the events of one log, block by block."""
    dialect = Dialect(report)
    if _may_be_wrapped(source):
        yield from map(dialect.feed, _scanned_lines(source, report))
        return
    scanner = Scanner(source.name, report)
    yield from _through(partial(scanner.events, dialect), scanner, source, report)
    yield dialect.feed(scanner.finish())


def _scanned(source: Source, report: Report) -> Iterator[list[Record]]:
    """Yield the records of one log, block by block."""
    if _may_be_wrapped(source):
        yield from _scanned_lines(source, report)
        return
    scanner = Scanner(source.name, report)
    yield from _through(scanner.feed, scanner, source, report)
    yield scanner.finish()


def _may_be_wrapped(source: Source) -> bool:
    """Return whether a log has a wrapper, or such long lines that its head does not show it."""
    return wrapper_of(first_lines(source)) is not None or has_long_lines(source)


def _through(
    read: Callable[[str], list[Read]], scanner: Scanner, source: Source, report: Report
) -> Iterator[list[Read]]:
    """Yield what a scanner reads from each block of a log."""
    try:
        yield from map(read, blocks(source))
    except DamagedError as error:
        report(damaged(source.name, scanner.number, error))


def _scanned_lines(source: Source, report: Report) -> Iterator[list[Record]]:
    """Yield the records of a log within wrappers, and report these with the first record."""
    titles, lines = unwrapped(numbered(source, report))
    note = Diagnostic("PL012", Origin(source.name, 1, 1), f"unwrapped: {', '.join(titles)}")
    reported = not titles
    for records in _streams(source, report, lines):
        # An input without records is not a log: leave it to the advice on unknown inputs.
        if records and not reported:
            report(note)
            reported = True
        yield records


def _streams(source: Source, report: Report, lines: Iterator[Line]) -> Iterator[list[Record]]:
    """Yield the records of lines, each stream of them read by its own scanner."""
    scanners: dict[str, Scanner] = {}
    for number, texts, stream in _runs(_without_doubts(source.name, report, lines)):
        if len(scanners) >= _MOST_STREAMS:
            stream = next(iter(scanners)) if stream not in scanners else stream
        scanner = scanners.get(stream)
        if scanner is None:
            scanner = scanners[stream] = Scanner(source.name, report)
        yield scanner.feed("\n".join(texts) + "\n", number)
    for scanner in scanners.values():
        yield scanner.finish()


def _without_doubts(name: str, report: Report, lines: Iterator[Line]) -> Iterator[Line]:
    """Yield lines, and report what their wrappers do not show."""
    before: tuple[Doubt, ...] = ()
    known: set[Doubt] = set()
    is_wrapped = False
    for line in lines:
        # The lines of a text with line breaks repeat its doubts.
        if line.doubts is not before:
            before = line.doubts
            new, known = [doubt for doubt in before if doubt not in known], set(before)
            for doubt in dict.fromkeys(new):
                if doubt.code != "PL111" or not is_wrapped:
                    report(Diagnostic(doubt.code, Origin(name, doubt.number, 1), doubt.message))
                is_wrapped = is_wrapped or doubt.code == "PL111"
        yield line


def _runs(lines: Iterator[Line]) -> Iterator[tuple[int, list[str], str]]:
    """Yield consecutive lines of one stream together: the number of the first, texts, stream."""
    first = 0
    texts: list[str] = []
    stream = ""
    for line in lines:
        if (
            not texts
            or line.number != first + len(texts)
            or line.stream != stream
            or len(texts) >= _LONGEST_RUN
        ):
            if texts:
                yield first, texts, stream
            first, stream = line.number, line.stream
            texts = []
        texts.append(line.text)
    if texts:
        yield first, texts, stream
