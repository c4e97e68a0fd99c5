"""Assemble one or several inputs into a graph: the only way in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from itertools import chain
from typing import Self

from provlog.building.builder import Builder
from provlog.building.positions import Positions
from provlog.collector import collector_paused
from provlog.diagnostics.codes import Diagnostic, no_record, unreadable
from provlog.errors import InputError
from provlog.model.graph import ProvGraph
from provlog.readers.log import line_events, log_events
from provlog.readers.log.source import display_name

__all__ = ["Reading"]


class Reading:
    """Inputs on their way into one graph.

    Use it as a context manager: the garbage collector is paused while the graph grows.

    Parameters
    ----------
    namespaces : mapping, optional
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    positions : Positions, optional
        Records where each statement stands.

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
        self, namespaces: Mapping[str, str] | None = None, positions: Positions | None = None
    ) -> None:
        self._builder = Builder(namespaces, positions)
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
        """The findings so far; the graph will hold the same list."""
        return self._builder.graph.diagnostics

    def add(
        self,
        path: str,
        *,
        name: str | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> bool:
        """Add an input and return whether it held any provenance; if not, report PL002.

        Parameters
        ----------
        path : str
            The input; ``-`` for standard input.
        name : str, optional
            The name of the input in diagnostics, if not its path.
        progress : callable, optional
            Takes the number of bytes of the file that have been read so far.

        Raises
        ------
        InputError
            If the input cannot be opened or read.
        """
        report = self.diagnostics.append
        if self._builder.add_all(log_events(path, report, progress, name)):
            return True
        report(no_record(name or display_name(path)))
        return False

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
        """Add the lines of a log that is in memory, and return whether they held any record."""
        return self._builder.add_all(
            chain.from_iterable(line_events(lines, name, self.diagnostics.append))
        )

    def finish(self) -> ProvGraph:
        """Return the graph of all inputs."""
        return self._builder.finish()
