"""The public functions of the package: read and check logs, write documents and pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING

from provlog.building.positions import Positions
from provlog.building.reading import Reading
from provlog.diagnostics.diagnostic import NO_RECORD, Diagnostic
from provlog.errors import InputError, ProvlogError, UsageError
from provlog.files.rotation import oldest_first
from provlog.files.source import Source, display_name
from provlog.model.events import Event
from provlog.model.graph import VIEWS, ProvGraph
from provlog.readers import EVENTS, reader_for, reader_named
from provlog.writers.writing import write

if TYPE_CHECKING:
    from prov.model import ProvDocument

    from provlog.definitions.classes import Definitions

__all__ = ["EventStream", "Path", "ProvGraph", "check", "events", "read", "write"]

Path = str | os.PathLike[str]


class EventStream(Iterator[Event]):
    """The events of a log or another source, read on demand.

    Parameters
    ----------
    path : path
        The source; ``-`` for standard input.
    progress : callable, optional
        Receives the number of bytes of the file that have been read so far.
    reader : str, optional
        The name of the reader. By default, it is detected.

    Attributes
    ----------
    diagnostics : list of Diagnostic
        The findings so far.
    """

    def __init__(
        self,
        path: Path,
        progress: Callable[[int], None] | None = None,
        reader: str | None = None,
    ) -> None:
        self.diagnostics: list[Diagnostic] = []
        self._events = self._found(os.fspath(path), progress, reader)

    def _found(
        self, path: str, progress: Callable[[int], None] | None, name: str | None
    ) -> Iterator[Event]:
        with Source(path, progress) as source:
            reader = reader_for(source.head, path) if name is None else reader_named(name)
            if reader.kind != EVENTS:
                raise UsageError(
                    f"{source.name}: {reader.title} has no events: read it with provlog.read"
                )
            yield from reader.read(source, self.diagnostics.append)

    def __next__(self) -> Event:
        """Return the next event."""
        return next(self._events)


def events(path: Path, *, reader: str | None = None) -> EventStream:
    """Return the events of a log, lazily and in constant memory.

    Parameters
    ----------
    path : path
        The log; ``-`` for standard input. Data compressed with gzip, bzip2, xz or
        zstd is recognised.
    reader : str, optional
        The name of the reader in :data:`provlog.readers.READERS`. By default, it is
        detected.

    Returns
    -------
    EventStream
        An iterator of :class:`provlog.model.events.Event`; its ``diagnostics`` list
        the problems.

    Raises
    ------
    InputError
        At the first event, if the log cannot be read.
    UsageError
        At the first event, if the reader does not exist, or the source has no events,
        such as a PROV document.

    Examples
    --------
    >>> stream = events("sample_logs/presentation-excerpt.log")
    >>> [type(event).__name__ for event in stream][:3]
    ['LogStarted', 'ActivityStarted', 'ParametersSet']
    """
    return EventStream(path, reader=reader)


def read(
    *paths: Path,
    namespaces: Mapping[str, str] | None = None,
    reader: str | None = None,
    definitions: Path | None = None,
    descriptions: bool = True,
    progress: Callable[[str, int], None] | None = None,
) -> ProvGraph:
    """Return the graph of one or several logs or other sources of provenance.

    Parameters
    ----------
    *paths : path
        The logs; ``-`` is standard input.
    namespaces : mapping, optional
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    reader : str, optional
        The name of the reader in :data:`provlog.readers.READERS`. By default, it is
        detected.
    definitions : path, optional
        A definition file, which takes precedence over definitions in the logs.
    descriptions : bool, optional
        Whether definitions become descriptions of activities and entities, and the
        descriptions in documents stay.
    progress : callable, optional
        Receives a log's name and the number of bytes of it that have been read.

    Returns
    -------
    ProvGraph
        Its ``diagnostics`` list the problems.

    Raises
    ------
    DefinitionError
        If the definition file has errors.
    InputError
        If a log cannot be read, or none of them holds a record.
    UsageError
        If no log is named, the reader does not exist, or a namespace is invalid.

    Examples
    --------
    >>> graph = read("sample_logs/presentation-excerpt.log")
    >>> graph.diagnostics[0].code, graph.diagnostics[0].message
    ('PL101', "closing '}' missing: supplied at the end")
    """
    if not paths:
        raise UsageError("no log to read")
    defined = _definitions(definitions)
    with Reading(namespaces, reader=reader, definitions=defined, describe=descriptions) as reading:
        names = oldest_first((os.fspath(path) for path in paths), str)
        empty = [name for name in names if not reading.add(name, progress=_watch(progress, name))]
        if len(empty) == len(names):
            raise InputError(_nothing_found(reading.diagnostics))
        return reading.finish()


def check(
    *paths: Path,
    namespaces: Mapping[str, str] | None = None,
    reader: str | None = None,
    definitions: Path | None = None,
    completeness: bool = False,
    progress: Callable[[str, int], None] | None = None,
) -> list[Diagnostic]:
    """Return the problems of logs and of the provenance in them.

    These are problems in reading, violations of W3C PROV-CONSTRAINTS, and gaps that make
    the provenance less useful, such as an activity without an end. All logs are checked
    together, as one graph.

    Parameters
    ----------
    *paths : path
        The logs; ``-`` is standard input. A log that cannot be read causes a diagnostic.
    namespaces : mapping, optional
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    reader : str, optional
        The name of the reader in :data:`provlog.readers.READERS`. By default, it is
        detected.
    definitions : path, optional
        A definition file, which takes precedence over definitions in the logs.
    completeness : bool, optional
        Whether to report also information that the IVOA Provenance Data Model asks for.
    progress : callable, optional
        Receives a log's name and the number of bytes of it that have been read.

    Returns
    -------
    list of Diagnostic
        In the order of the logs, then by line, column and code.

    Raises
    ------
    UsageError
        If no log is named, the reader does not exist, or a namespace is invalid.

    Examples
    --------
    >>> for finding in check("sample_logs/presentation-excerpt.log"):
    ...     print(finding.origin.line, finding.code, finding.message)
    4 PL101 closing '}' missing: supplied at the end
    8 PL103 record lost: nothing follows its marker and time
    """
    from provlog.checks import findings
    from provlog.graphs.typed_entities import descriptions_in

    if not paths:
        raise UsageError("no log to check")
    names = oldest_first((os.fspath(path) for path in paths), str)
    positions = Positions()
    defined = _definitions(definitions)
    with Reading(namespaces, positions, reader, defined) as reading:
        for name in names:
            reading.add_readable(name, progress=_watch(progress, name))
        graph = reading.finish()
    # Documents state descriptions as entities, which stay.
    graph.descriptions = descriptions_in(graph, graph.descriptions)
    found = [*graph.diagnostics, *findings(graph, positions, completeness=completeness)]
    order = {display_name(name): number for number, name in reversed([*enumerate(names)])}
    found.sort(
        key=lambda item: (
            order.get(item.origin.file, -1), item.origin.line, item.origin.column, item.code,
        )
    )  # fmt: skip
    return found


def _definitions(path: Path | None) -> Definitions | None:
    if path is None:
        return None
    from provlog.definitions.load import load

    return load(path)


def _nothing_found(diagnostics: Iterable[Diagnostic]) -> str:
    """Return the reason why no input holds a record: the first other finding, if any."""
    names: dict[str, list[str]] = {}
    others: list[str] = []
    for item in diagnostics:
        if item.code == NO_RECORD:
            names.setdefault(item.message, []).append(item.origin.file)
        else:
            others.append(str(item))
    empty = [f"{', '.join(files)}: {message}" for message, files in names.items()]
    return "; ".join([*empty, *others[:1]])


def _watch(progress: Callable[[str, int], None] | None, name: str) -> Callable[[int], None] | None:
    return None if progress is None else partial(progress, name)


def _to_prov(graph: ProvGraph) -> ProvDocument:
    from provlog.graphs.ivoa_view import plain
    from provlog.writers.prov_document import to_prov

    return to_prov(plain(graph))


def _svg(graph: ProvGraph) -> str | None:
    picture = BytesIO()
    try:
        write(graph, picture, "svg")
    except ProvlogError:
        return None
    return picture.getvalue().decode()


# A page with more elements is too large for a notebook, which keeps it in its file.
_MOST_IN_NOTEBOOK = 5000


def _html(graph: ProvGraph) -> str | None:
    if graph.bundles or sum(1 for _ in graph.elements()) > _MOST_IN_NOTEBOOK:
        return None
    from provlog.writers.explorer.page import frame

    return frame(graph)


def _from_prov(document: ProvDocument) -> ProvGraph:
    from provlog.readers.documents.prov_document import from_prov

    return from_prov(document)


# The model must not import readers and writers, so they are registered here.
VIEWS.update(to_prov=_to_prov, from_prov=_from_prov, html=_html, svg=_svg)
