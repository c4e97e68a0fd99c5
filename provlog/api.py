"""The Python face: read logs, write documents and pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import IO

from provlog.building.builder import Builder
from provlog.building.positions import Places
from provlog.collector import collector_paused
from provlog.diagnostics.codes import Diagnostic, Report, no_record, unreadable
from provlog.errors import InputError, UsageError
from provlog.files.replace import replacing
from provlog.model.events import Event
from provlog.model.graph import ProvGraph
from provlog.readers.log import log_events
from provlog.readers.log.source import display_name
from provlog.writers import Format, Piece, format_for_path, format_named
from provlog.writers.pictures.options import Drawing

__all__ = ["EventStream", "Path", "check", "events", "read", "write"]

Path = str | os.PathLike[str]


class EventStream(Iterator[Event]):
    """The events of a log, found as they are asked for.

    Parameters
    ----------
    path : path
        The log; ``-`` for standard input.
    progress : callable, optional
        Takes the number of bytes of the file that have been read so far.

    Attributes
    ----------
    diagnostics : list of Diagnostic
        What was odd in the log so far.
    """

    def __init__(self, path: Path, progress: Callable[[int], None] | None = None) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._events = log_events(os.fspath(path), self.diagnostics.append, progress)

    def __next__(self) -> Event:
        """Return the next event."""
        return next(self._events)


def events(path: Path) -> EventStream:
    """Return the events of a log, lazily and in constant memory.

    Parameters
    ----------
    path : path
        The log; ``-`` for standard input. What gzip, bzip2, xz or zstd
        compressed is recognised.

    Returns
    -------
    EventStream
        An iterator of :class:`provlog.model.events.Event`; its ``diagnostics`` hold
        what was odd.

    Raises
    ------
    InputError
        At the first event, if the log cannot be read.

    Examples
    --------
    >>> stream = events("sample_logs/presentation-excerpt.log")
    >>> [type(event).__name__ for event in stream][:3]
    ['LogStarted', 'ActivityStarted', 'ParametersSet']
    """
    return EventStream(path)


def read(
    *paths: Path,
    namespaces: Mapping[str, str] | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> ProvGraph:
    """Return the graph of one or several logs.

    Parameters
    ----------
    *paths : path
        The logs; ``-`` is standard input.
    namespaces : mapping, optional
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    progress : callable, optional
        Takes a log's name and the number of bytes of it that have been read.

    Returns
    -------
    ProvGraph
        Its ``diagnostics`` hold what was odd.

    Raises
    ------
    InputError
        If a log cannot be read, or none of them holds a record.
    UsageError
        If no log is named, or a namespace is none.

    Examples
    --------
    >>> graph = read("sample_logs/presentation-excerpt.log")
    >>> graph.diagnostics[0].code, graph.diagnostics[0].message
    ('PL101', "closing '}' missing: supplied at the end")
    """
    if not paths:
        raise UsageError("no log to read")
    builder = Builder(namespaces)
    report = builder.graph.diagnostics.append
    with collector_paused():
        empty = [
            path
            for path in [os.fspath(path) for path in paths]
            if not _add_log(builder, path, report, progress)
        ]
        if len(empty) == len(paths):
            names = ", ".join(map(display_name, empty))
            found = builder.graph.diagnostics
            why = f"; {found[0]}" if found else ""
            raise InputError(f"{names}: no provenance record found{why}")
        for path in empty:
            report(no_record(display_name(path)))
        return builder.finish()


def check(
    *paths: Path,
    namespaces: Mapping[str, str] | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> list[Diagnostic]:
    """Return all that is wrong with logs, and with the provenance in them.

    That is what reading them reports, what W3C PROV-CONSTRAINTS forbids, as far as
    a log can break it, and what will be missed later, such as the end of an
    activity. All logs together are one graph.

    Parameters
    ----------
    *paths : path
        The logs; ``-`` is standard input. One that cannot be read is a diagnostic.
    namespaces : mapping, optional
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    progress : callable, optional
        Takes a log's name and the number of bytes of it that have been read.

    Returns
    -------
    list of Diagnostic
        In the order of the logs, then by line, column and code.

    Raises
    ------
    UsageError
        If no log is named, or a namespace is none.

    Examples
    --------
    >>> for finding in check("sample_logs/presentation-excerpt.log"):
    ...     print(finding.origin.line, finding.code, finding.message)
    4 PL101 closing '}' missing: supplied at the end
    8 PL103 record lost: nothing follows its marker and time
    """
    from provlog.checks import findings

    if not paths:
        raise UsageError("no log to check")
    names = [os.fspath(path) for path in paths]
    places = Places()
    graph = _read_all(Builder(namespaces, places), names, progress)
    found = [*graph.diagnostics, *findings(graph, places)]
    order = {display_name(name): number for number, name in reversed([*enumerate(names)])}
    found.sort(
        key=lambda item: (
            order.get(item.origin.file, -1), item.origin.line, item.origin.column, item.code,
        )
    )  # fmt: skip
    return found


def _read_all(
    builder: Builder,
    paths: Iterable[Path],
    progress: Callable[[str, int], None] | None,
) -> ProvGraph:
    """Return the graph of all logs that can be read; one that cannot is a diagnostic."""
    report = builder.graph.diagnostics.append
    with collector_paused():
        for path in [os.fspath(path) for path in paths]:
            try:
                if not _add_log(builder, path, report, progress):
                    report(no_record(display_name(path)))
            except InputError as error:
                report(unreadable(display_name(path), str(error)))
        return builder.finish()


def _add_log(
    builder: Builder,
    path: str,
    report: Report,
    progress: Callable[[str, int], None] | None,
) -> bool:
    """Add the events of a log; tell whether there were any."""
    watch = None if progress is None else partial(progress, path)
    return builder.add_all(log_events(path, report, watch))


def write(
    graph: ProvGraph,
    target: Path | IO[bytes],
    format: str | None = None,
    *,
    drawing: Drawing | None = None,
    report: Callable[[str], None] | None = None,
) -> None:
    """Write a graph to a file or a binary stream, as a document or a picture.

    A file is written whole or not at all.

    Parameters
    ----------
    graph : ProvGraph
        What to write.
    target : path or binary stream
        Where to.
    format : str, optional
        The name of the format, one of :data:`provlog.writers.FORMATS`; of a file,
        its suffix tells.
    drawing : Drawing, optional
        How a picture is drawn.
    report : callable, optional
        Takes a line for each step by which a picture was made smaller.

    Raises
    ------
    UsageError
        If there is no such format, or it cannot hold the graph, or a document
        is to be drawn.
    OutputError
        If the file cannot be written, or the picture cannot be drawn.
    TypeError
        If a stream is given without a format.
    OSError
        What the stream raises.
    """
    if isinstance(target, (str, os.PathLike)):
        path = os.fspath(target)
        chosen = format_named(format) if format is not None else format_for_path(path)
        with replacing(path) as stream:
            _write_pieces(_pieces(chosen, graph, drawing, report), stream)
        return
    if format is None:
        raise TypeError("a stream has no suffix: name the format")
    _write_pieces(_pieces(format_named(format), graph, drawing, report), target)


def _pieces(
    format: Format,
    graph: ProvGraph,
    drawing: Drawing | None,
    report: Callable[[str], None] | None,
) -> Iterator[Piece]:
    if format.is_picture:
        return format.write(graph, drawing, report)
    if drawing is not None:
        raise UsageError(f"{format.name} is a document, no picture")
    return format.write(graph)


def _write_pieces(pieces: Iterable[Piece], stream: IO[bytes]) -> None:
    for piece in pieces:
        stream.write(piece.encode() if isinstance(piece, str) else piece)
