"""Databases of the connections of `sqlite3`, which have no reference to them."""

from __future__ import annotations

import os
import threading
from typing import Any

__all__ = ["connected", "connecting", "database_of", "databases", "keep_locks"]

databases: set[str] = set()
"""The absolute paths of the databases that may be open in this process."""

_MAX_DATABASES = 1000


class _Thread(threading.local):
    database: str | None = None


_thread = _Thread()
# The database of each connection by its address, which the next connection there replaces.
_databases: dict[int, str] = {}


def keep_locks(database: str) -> None:
    """Remember that the process may hold locks on a file, which to close it would release."""
    if len(databases) >= _MAX_DATABASES:
        databases.clear()
    databases.add(os.path.abspath(database))


def connecting(database: str | bytes | os.PathLike[Any] | None) -> None:
    """Remember the file of the database to which this thread connects; ``None`` without a file."""
    _thread.database = None if database is None else os.path.abspath(os.fsdecode(database))
    if _thread.database is not None:
        keep_locks(_thread.database)


def connected(connection: Any) -> None:
    """Remember the database of a new connection."""
    if len(_databases) >= _MAX_DATABASES:
        _databases.clear()
    _databases.pop(id(connection), None)
    if _thread.database is not None:
        _databases[id(connection)] = _thread.database


def database_of(connection: Any) -> str | None:
    """Return the absolute path of the database of a connection; ``None`` if it has no file."""
    return _databases.get(id(connection))
