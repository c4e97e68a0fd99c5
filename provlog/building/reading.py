"""Read one or several inputs into a graph; no other module does so."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import TYPE_CHECKING, Self

from provlog.building.builder import Builder
from provlog.building.parents import join_parents
from provlog.building.positions import Positions
from provlog.building.uniting import unite
from provlog.collector import collector_paused
from provlog.diagnostics.diagnostic import Diagnostic, no_record, unreadable
from provlog.errors import InputError, MissingExtraError
from provlog.files.source import Source, display_name, is_archive
from provlog.model.graph import Activity, ProvGraph
from provlog.origin import Origin
from provlog.readers import DEFINITIONS, EVENTS, Reader, reader_for, reader_named
from provlog.readers.log import line_events

if TYPE_CHECKING:
    from provlog.definitions.classes import Definitions

__all__ = ["Reading"]


class Reading:
    """The reading of inputs into one graph.

    Use it as a context manager, which pauses the garbage collector while the graph grows.

    Parameters
    ----------
    namespaces : mapping, optional
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    positions : Positions, optional
        Records the position of each statement.
    reader : str, optional
        The name of the reader for all inputs. By default, it is detected for each input.
    definitions : Definitions, optional
        Definitions of activities; they take precedence over those in the inputs.
    describe : bool, optional
        Whether definitions become descriptions, and descriptions in documents stay.

    Raises
    ------
    UsageError
        If the reader does not exist, or a namespace is invalid.

    Attributes
    ----------
    described : list of Definitions
        The definitions among the inputs.

    Examples
    --------
    >>> with Reading() as reading:
    ...     reading.add("sample_logs/presentation-excerpt.log")
    ...     graph = reading.finish()
    True
    >>> graph
    <ProvGraph: 0 sessions, 1 activities, 6 entities, 0 agents, 5 relations>
    """

    def __init__(
        self,
        namespaces: Mapping[str, str] | None = None,
        positions: Positions | None = None,
        reader: str | None = None,
        definitions: Definitions | None = None,
        describe: bool = True,
    ) -> None:
        self._definitions = definitions
        self._describe = describe
        self._builder = Builder(namespaces, positions)
        self._positions = positions
        self._reader = reader_named(reader) if reader is not None else None
        self._graphs: list[tuple[ProvGraph, str]] = []
        self.described: list[Definitions] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        """Pause the garbage collector."""
        self._stack.enter_context(collector_paused())
        return self

    def __exit__(self, *_: object) -> None:
        """Resume the garbage collector."""
        self._stack.close()

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """The diagnostics so far; the graph will hold the same list."""
        return self._builder.graph.diagnostics

    @property
    def defined(self) -> dict[Activity, tuple[Activity, Origin]]:
        """For each session, the session whose record holds its definitions, and that record."""
        return self._builder.defined

    @property
    def has_graphs(self) -> bool:
        """Whether any input is a graph, such as a document."""
        return bool(self._graphs)

    def add(
        self,
        path: str,
        *,
        name: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> bool:
        """Add an input and return whether it held any provenance; otherwise report PL002.

        Parameters
        ----------
        path : str
            The input; ``-`` for standard input.
        name : str, optional
            The name of the input in diagnostics, by default its path.
        progress : callable, optional
            Receives the number of bytes of the file that have been read so far.

        Raises
        ------
        InputError
            If the input cannot be opened or read, or needs a package that is not installed.
        """
        with Source(path, progress, name) as source:
            detected = reader_for(source.head, path)
            reader = self._reader or detected
            reported = len(self.diagnostics)
            if is_archive(source.head):
                if self._add_members(source):
                    return True
            elif self._add(source, reader):
                return True
            if reader is not detected and detected.recognizes is not None:
                hint = f"it looks like {detected.title}; omit --from {reader.name}"
            elif detected.recognizes is None and len(self.diagnostics) == reported:
                from provlog.readers.unknown import looks_like

                hint = looks_like(source.head)
            else:
                hint = ""
            self.diagnostics.append(no_record(source.name, hint))
            return False

    def _add_members(self, archive: Source) -> bool:
        """Add the files in an archive, as far as they hold provenance."""
        from provlog.files.archives import members

        is_found = False
        for member in members(archive, self.diagnostics.append):
            if is_archive(member.head):
                hint = "it is an archive in an archive; unpack it and name the logs in it"
                self.diagnostics.append(no_record(member.name, hint))
            elif self._add(member, self._reader or reader_for(member.head, member.path)):
                is_found = True
        return is_found

    def _add(self, source: Source, reader: Reader) -> bool:
        try:
            read = reader.read
        except MissingExtraError as error:
            raise InputError(f"{source.name}: {error}") from None
        found = read(source, self.diagnostics.append)
        if reader.kind == EVENTS:
            return self._builder.add_all(found)
        if reader.kind == DEFINITIONS:
            self.described.append(found)
            return bool(found.activities)
        has_statements = any(True for _ in found.elements()) or any(found.relations.values())
        if not (has_statements or found.bundles or found.descriptions):
            return False
        self._graphs.append((found, source.name))
        return True

    def add_readable(
        self,
        path: str,
        *,
        name: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> bool | None:
        """Add an input as :meth:`add` does; report an unreadable one and return ``None``."""
        try:
            return self.add(path, name=name, progress=progress)
        except InputError as error:
            self.diagnostics.append(unreadable(name or display_name(path), str(error)))
            return None

    def add_lines(self, lines: Iterable[str], name: str) -> bool:
        """Add the lines of a log in memory, and return whether they held any record."""
        return self._builder.add_all(
            chain.from_iterable(line_events(lines, name, self.diagnostics.append))
        )

    def finish(self) -> ProvGraph:
        """Return the graph of all inputs. The reading cannot be used again."""
        graph = self._builder.finish()
        is_alone = len(self._graphs) == 1 and not self._uses_own_prefixes(graph)
        for other, name in self._graphs:
            origin = Origin(name, 1, 1)
            same = unite(graph, other, origin, is_alone=is_alone)
            if self._positions is not None:
                self._positions.add_graph(other, same, origin)
        join_parents(graph)
        if not self._describe:
            # Only documents and VOTables have descriptions of their own.
            if self._graphs:
                from provlog.building.undescribing import remove_descriptions

                remove_descriptions(graph)
        elif self._builder.defined or self._definitions is not None or self.described:
            from provlog.building.describing import describe

            describe(graph, self._builder.defined, self._definitions)
            for definitions in self.described:
                describe(graph, {}, definitions)
        return graph

    def _uses_own_prefixes(self, graph: ProvGraph) -> bool:
        """Return whether there are names with prefixes of provlog besides those of a document."""
        return (
            any(True for _ in graph.elements())
            or self._definitions is not None
            or bool(self.described)
            or any(other.descriptions for other, _ in self._graphs)
        )
