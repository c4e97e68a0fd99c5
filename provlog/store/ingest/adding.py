"""Add one log to a store unless it is already there, in any process or on any machine."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import msgspec
from msgspec import Struct, field
from sqlalchemy import Connection, Row

from provlog.building.positions import Positions
from provlog.building.reading import Reading
from provlog.definitions.load import load as load_definitions
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.errors import UsageError
from provlog.files.digest import digest, local_copy
from provlog.model.graph import ProvGraph
from provlog.store.database.cells import storable
from provlog.store.database.connection import Database
from provlog.store.ingest.logs import LogEntry, find_log, lock_log, put_graph
from provlog.urls import is_url, shown
from provlog.version import __version__

__all__ = ["EMPTY", "UNCHANGED", "Added", "Adding", "add_log", "log_name"]

ADDED, UNCHANGED, GROWN, REPLACED, EMPTY = "added", "unchanged", "grown", "replaced", "empty"


class Added(Struct, frozen=True):
    """The result of adding a log.

    Parameters
    ----------
    name : str
        The absolute path or URL of the log.
    status : str
        ``added``, ``unchanged``, ``grown`` (it continues the content in the store),
        ``replaced`` or ``empty`` (without provenance, so that the store is unchanged).
    statements : int
        The number of elements and relations in the log.
    diagnostics : tuple of Diagnostic
        The problems of the log.
    """

    name: str
    status: str
    statements: int = 0
    diagnostics: tuple[Diagnostic, ...] = ()


class Adding(Struct, frozen=True):
    """Options of adding logs.

    Parameters
    ----------
    namespaces : dict
        IRIs by prefix.
    reader : str, optional
        The name of the reader for all logs. By default, it is detected for each log.
    definitions : str, optional
        The path of a definition file.
    force : bool
        Whether to read unchanged logs again.
    """

    namespaces: dict[str, str] = field(default_factory=dict)
    reader: str | None = None
    definitions: str | None = None
    force: bool = False

    def digest(self) -> str:
        """Return the digest of all options that affect the statements."""
        content = digest(self.definitions) if self.definitions is not None else None
        options = [sorted(self.namespaces.items()), self.reader, content]
        return hashlib.blake2b(msgspec.json.encode(options), digest_size=8).hexdigest()


def log_name(path: str) -> str:
    """Return the name of a log in a store: its absolute path, or its URL without a login.

    Raises
    ------
    UsageError
        If the log is standard input, which has no name.
    """
    if path == "-":
        raise UsageError("standard input has no name: write it to a file, and add that")
    return storable(shown(path) if is_url(path) else os.path.abspath(path))


def add_log(
    database: Database,
    adding: Adding,
    path: str,
    progress: Callable[[str, int], None] | None = None,
) -> Added:
    """Add a log to a store.

    Parameters
    ----------
    database : Database
        The store.
    adding : Adding
        The options.
    path : str
        The path or URL of the log.
    progress : callable, optional
        Receives the log's name and the number of bytes of it that have been read.

    Raises
    ------
    InputError
        If the log cannot be read.
    OutputError
        If the store cannot be written. It is then unchanged.
    """
    name = log_name(path)
    with local_copy(path) as local:
        entry = LogEntry(
            name=name,
            digest=digest(local),
            size=os.path.getsize(local),
            options=adding.digest(),
            added=datetime.now(UTC).isoformat(timespec="seconds"),
            software=f"provlog {__version__}",
        )
        with database.reading() as connection:
            known = find_log(connection, name)
        if not adding.force and _is_same(known, entry):
            return Added(name, UNCHANGED, known.statements if known is not None else 0)
        status = ADDED if known is None else REPLACED
        if known is not None and known.size < entry.size:
            status = GROWN if digest(local, known.size) == known.digest else REPLACED
        watch = None if progress is None else partial(progress, path)
        graph, positions, reading = _read(local, shown(path), adding, watch)
        found = reading.diagnostics
    if graph is None:
        return Added(name, EMPTY, 0, tuple(found))

    def change(connection: Connection) -> int | None:
        # Another process may have added the log in the meantime.
        if _is_same(lock_log(connection, name), entry) and not adding.force:
            return None
        return put_graph(
            connection,
            entry,
            graph,
            positions,
            reading.described,
            is_document=reading.has_graphs,
            defined=reading.defined,
        )

    statements = database.write(change)
    if statements is None:
        return Added(name, UNCHANGED)
    return Added(name, status, statements, tuple(found))


def _is_same(known: Row[*tuple[Any, ...]] | None, entry: LogEntry) -> bool:
    return known is not None and (known.digest, known.options) == (entry.digest, entry.options)


def _read(
    path: str, name: str, adding: Adding, progress: Callable[[int], None] | None
) -> tuple[ProvGraph | None, Positions, Reading]:
    """Return the graph of a log, ``None`` if it holds no provenance, and the reading of it."""
    definitions = None if adding.definitions is None else load_definitions(adding.definitions)
    positions = Positions()
    with Reading(adding.namespaces, positions, adding.reader, definitions) as reading:
        is_there = reading.add(path, name=name, progress=progress)
        return (reading.finish() if is_there else None), positions, reading
