"""Connections to the database of a store: its URL, its transactions, and its errors."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from provlog.errors import InputError, MissingExtraError, OutputError, UsageError

__all__ = ["DEFAULT", "POSTGRESQL", "SQLITE", "Database", "shown_url", "url_of"]

DEFAULT = "provlog.db"
"""The default file of a store."""

SQLITE, POSTGRESQL = "sqlite", "postgresql"

# The seconds for which SQLite waits for another writer, and the number of tries of a transaction.
_PATIENCE = 120
_TRIES = 10
# A serialization failure, a deadlock, and a row that another transaction inserted first.
_AGAIN = {"40001", "40P01", "23505"}

T = TypeVar("T")


def url_of(store: str | os.PathLike[str]) -> URL:
    """Return the URL of a store; a path means an SQLite file.

    Parameters
    ----------
    store : str or path
        A path, ``sqlite:///PATH`` or ``postgresql://HOST/DATABASE``.

    Raises
    ------
    UsageError
        If the URL is invalid, or names another kind of database.

    Examples
    --------
    >>> url_of("prov.db").render_as_string()
    'sqlite:///prov.db'
    >>> url_of("postgresql://host/prov").drivername
    'postgresql+psycopg'
    """
    text = os.fspath(store)
    if ":" not in text.partition("/")[0] or os.path.splitdrive(text)[0]:
        return URL.create(SQLITE, database=text)
    if text == ":memory:":
        return URL.create(SQLITE)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise UsageError(_INVALID.format(_without_login(text))) from None
    backend = {"postgres": POSTGRESQL}.get(url.drivername, url.drivername)
    if backend == SQLITE:
        return url
    if backend in (POSTGRESQL, "postgresql+psycopg"):
        return url.set(drivername="postgresql+psycopg")
    raise UsageError(_INVALID.format(shown_url(url)))


_INVALID = "invalid store {!r}: write a path, sqlite:///PATH or postgresql://HOST/DATABASE"


def _without_login(text: str) -> str:
    scheme, separator, rest = text.partition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def shown_url(url: URL) -> str:
    """Return a URL for messages: a file by its path, a server without its password."""
    if url.get_backend_name() == SQLITE:
        return url.database or ":memory:"
    # Options of a URL may also hold a password.
    plain = url.set(drivername=url.get_backend_name(), query={}, password=None)
    return plain.render_as_string()


class Database:
    """The database of a store.

    Parameters
    ----------
    store : str or path
        The path or URL.

    Raises
    ------
    UsageError
        If the URL is invalid or its driver is not installed.
    """

    def __init__(self, store: str | os.PathLike[str]) -> None:
        self.url = url_of(store)
        self.name = shown_url(self.url)
        self.backend = self.url.get_backend_name()
        options: dict[str, Any] = {}
        if self.backend == SQLITE:
            options["connect_args"] = {"timeout": _PATIENCE}
            path = self.path
            if path is not None and _is_frozen(path):
                options["creator"] = partial(_connect_frozen, path)
        else:
            options["pool_pre_ping"] = True
        try:
            self.engine = create_engine(self.url, **options)
        except (ImportError, NoSuchModuleError):
            raise MissingExtraError(f"the store {self.name}", "store") from None
        self._has_wal = self.path is None
        # Bulk loading uses the driver itself.
        self._errors = (SQLAlchemyError, self.engine.dialect.loaded_dbapi.Error)
        if self.backend == SQLITE:
            _prepare_sqlite(self.engine)
        else:
            _prepare_postgresql(self.engine)

    @property
    def path(self) -> str | None:
        """The path of the file; ``None`` for a server or a store in memory."""
        database = self.url.database
        is_file = self.backend == SQLITE and database not in (None, "", ":memory:")
        return database if is_file else None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def _use_wal(self) -> None:
        """Let processes read a file while another one writes it."""
        if self._has_wal:
            return
        connection = self.engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
            self._has_wal = True
        finally:
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the store.

        Raises
        ------
        InputError
            If the database cannot be read.
        """
        try:
            with self.engine.connect() as connection:
                if self.backend == POSTGRESQL:
                    connection = connection.execution_options(
                        isolation_level="REPEATABLE READ", postgresql_readonly=True
                    )
                yield connection
        except self._errors as error:
            raise InputError(f"{self.name}: cannot be read: {_reason(error)}") from error

    def write(self, change: Callable[[Connection], T]) -> T:
        """Make a change in one transaction; retry it after a conflict with another writer.

        Parameters
        ----------
        change : callable
            Receives a connection; may be called several times.

        Raises
        ------
        OutputError
            If the database cannot be written. It is then unchanged.
        """
        for attempt in range(_TRIES):
            try:
                self._use_wal()
                with self.engine.connect() as connection:
                    connection = connection.execution_options(provlog_writes=True)
                    with connection.begin():
                        return change(connection)
            except self._errors as error:
                if attempt + 1 < _TRIES and _is_temporary(error):
                    time.sleep(random.uniform(0, 0.05 * 2**attempt))  # noqa: S311
                    continue
                raise OutputError(f"{self.name}: cannot be written: {_reason(error)}") from error
        raise AssertionError


def _is_frozen(path: str) -> bool:
    """Return whether no one can write a file and its log: then SQLite must not try to."""
    if not os.path.exists(path) or os.path.exists(f"{path}-wal"):
        return False
    folder = os.path.dirname(os.path.abspath(path))
    effective = os.access in os.supports_effective_ids
    return not all(os.access(place, os.W_OK, effective_ids=effective) for place in (path, folder))


def _connect_frozen(path: str) -> sqlite3.Connection:
    uri = f"file:{quote(os.path.abspath(path))}?immutable=1"
    return sqlite3.connect(uri, uri=True, check_same_thread=False)


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        # Use the transactions of SQLAlchemy instead of those of the module sqlite3.
        connection.isolation_level = None
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA temp_store = MEMORY")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("provlog_writes", False)
        # A writer takes its lock before it reads, so that no other one writes in between.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connect(connection: Any, _: object) -> None:
        # Compiling a query takes longer than a lineage.
        connection.execute("SET jit = off")
        # Queries look up rows by indexes. Without statistics, such as those of tables that grew
        # within the last minute, the server would read whole tables instead.
        connection.execute("SET enable_seqscan = off")
        connection.commit()


def _is_temporary(error: Exception) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) in _AGAIN or "database is locked" in str(original)


def _reason(error: Exception) -> str:
    original = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(original).strip().splitlines() or [type(original).__name__]
    return lines[0]
