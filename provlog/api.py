"""The Python face: read logs, write documents and pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from provlog.building.positions import Positions
from provlog.building.reading import Reading
from provlog.diagnostics.codes import NO_RECORD, Diagnostic
from provlog.errors import InputError, ProvlogError, UsageError
from provlog.model.events import Event
from provlog.model.graph import VIEWS, ProvGraph
from provlog.readers.log import log_events
from provlog.readers.log.source import display_name
from provlog.writers.writing import write

if TYPE_CHECKING:
    from prov.model import ProvDocument

__all__ = ["EventStream", "Path", "ProvGraph", "check", "events", "read", "write"]

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
    with Reading(namespaces) as reading:
        names = [os.fspath(path) for path in paths]
        empty = [name for name in names if not reading.add(name, progress=_watch(progress, name))]
        if len(empty) == len(names):
            listed = ", ".join(map(display_name, empty))
            found = [item for item in reading.diagnostics if item.code != NO_RECORD]
            why = f"; {found[0]}" if found else ""
            raise InputError(f"{listed}: no provenance record found{why}")
        return reading.finish()


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
    positions = Positions()
    with Reading(namespaces, positions) as reading:
        for name in names:
            reading.add_readable(name, progress=_watch(progress, name))
        graph = reading.finish()
    found = [*graph.diagnostics, *findings(graph, positions)]
    order = {display_name(name): number for number, name in reversed([*enumerate(names)])}
    found.sort(
        key=lambda item: (
            order.get(item.origin.file, -1), item.origin.line, item.origin.column, item.code,
        )
    )  # fmt: skip
    return found


def _watch(progress: Callable[[str, int], None] | None, name: str) -> Callable[[int], None] | None:
    return None if progress is None else partial(progress, name)


def _to_prov(graph: ProvGraph) -> ProvDocument:
    from provlog.writers.prov_document import to_prov

    return to_prov(graph)


def _svg(graph: ProvGraph) -> str | None:
    picture = BytesIO()
    try:
        write(graph, picture, "svg")
    except ProvlogError:
        return None
    return picture.getvalue().decode()


# The model imports no writer; here the two meet.
VIEWS.update(to_prov=_to_prov, svg=_svg)
