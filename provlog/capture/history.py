"""The graph of records that this process wrote, read as from a log."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from provlog.builder import Builder
from provlog.model import ProvGraph
from provlog.readers.dialect import Dialect
from provlog.readers.scanner import Scanner

__all__ = ["graph_of"]

_NAME = "<capture>"


def graph_of(lines: Iterable[str]) -> ProvGraph:
    """Return the graph of records, one a line."""
    builder = Builder()
    report = builder.graph.diagnostics.append
    scanner, dialect = Scanner(_NAME, report), Dialect(report)
    for records in chain(map(scanner.feed, lines), [scanner.finish()]):
        builder.add_all(dialect.feed(records))
    return builder.finish()
