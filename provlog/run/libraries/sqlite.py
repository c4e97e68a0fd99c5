"""Announce the databases that SQL attaches to a connection of `sqlite3`: ``ATTACH 'a.db' AS a``.

SQLite asks the authorizer of a connection when it compiles a statement, and gives it the name of a
database that is attached. A program that sets an authorizer of its own replaces this one.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import wraps
from types import ModuleType
from typing import Any

from provlog.capture.files.descriptors import open_paths
from provlog.compiled import compiled
from provlog.run.imports import Action
from provlog.run.libraries.announcing import replace, unnoticed

__all__ = ["SQLITE"]

_ATTACH = 24
_OK = 0
_HEADER = b"SQLite format 3\0"
# Files of SQLite that are no databases.
_OTHERS = ("-journal", "-shm", "-wal")
# The number of statements that may be compiled before the attached database is open.
_MAX_WAIT = 10

_compiled = compiled("provlog.capture.files._hook")


class _Watch:
    """Find the databases that are attached to a connection, by name or as new open files."""

    def __init__(self) -> None:
        self._before: frozenset[str] = frozenset()
        self._waits = 0

    def act(self, action: int, name: str | None) -> bool:
        """Handle an action of a statement; return whether to wait for an attached database."""
        with _no_signals(), suppress(Exception):
            if self._waits:
                self._find()
            if action == _ATTACH and name is not None:
                _announce(name)
            elif action == _ATTACH:
                # An expression or a parameter names the database.
                self._before = frozenset(path for _, path in open_paths())
                self._waits = _MAX_WAIT
        return self._waits > 0

    def _find(self) -> None:
        new = {
            path: None
            for number, path in open_paths()
            if path not in self._before and _is_database(number, path)
        }
        self._waits = 0 if new else self._waits - 1
        for path in new:
            _announce(path)

    def authorize(self, action: int, name: str | None, *_: object) -> int:
        """Allow an action of a statement."""
        if action == _ATTACH or self._waits:
            self.act(action, name)
        return _OK


def _announce(database: str) -> None:
    # As for the database of a connection, whose name may be a URI.
    sys.audit("sqlite3.connect", database)


def _is_database(number: int, path: str) -> bool:
    if path.endswith(_OTHERS):
        return False
    with suppress(OSError):
        # To close another descriptor of the file would release the locks of SQLite.
        return os.pread(number, len(_HEADER), 0) in (b"", _HEADER)  # A new database is empty.
    return False


@contextmanager
def _no_signals() -> Iterator[None]:
    """Delay signals: an exception of a handler would make SQLite refuse the statement."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _wrap(module: ModuleType) -> None:
    replace(module, "connect", _watching)


def _watching(connect: Callable[..., Any]) -> Callable[..., Any]:
    # `sqlite3` itself is being imported.
    from _sqlite3 import Connection

    @unnoticed
    @wraps(connect)
    def connected(*args: Any, **kwargs: Any) -> Any:
        connection = connect(*args, **kwargs)
        # A class of the program may have set an authorizer.
        if type(connection) is Connection:
            with suppress(Exception):
                connection.set_authorizer(_authorizer())
        return connection

    return connected


def _authorizer() -> Callable[..., int]:
    watch = _Watch()
    if _compiled is None:
        return watch.authorize
    authorizer: Callable[..., int] = _compiled.authorizer(watch.act)
    return authorizer


SQLITE: dict[str, Action] = {"sqlite3": _wrap, "sqlite3.dbapi2": _wrap}
"""The actions to run after the import of modules, by their names."""
