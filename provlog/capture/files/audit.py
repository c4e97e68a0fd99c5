"""Observe files that the program opens or renames, and programs that it starts.

Python's audit events report its own functions and libraries that open files through them. An
audit hook cannot be removed. Therefore the process has one, to which observers are added.
"""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from msgspec import Struct

from provlog.capture.files.connections import connected, connecting
from provlog.compiled import compiled

__all__ = ["HANDLE", "CommandEvent", "FileEvent", "HandleEvent", "Observer", "leave", "observe"]

HANDLE = "provlog.handle"
"""The event of an open file or connection that a pool of the program hands out."""

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_TRUNC | os.O_APPEND | os.O_CREAT
_NAMES = (str, bytes, os.PathLike)


class FileEvent(Struct, frozen=True, gc=False):
    """A file that the program is about to open, or that it renames.

    Parameters
    ----------
    path : str, bytes or path-like
        The file, as named by the program.
    reads, writes : bool
        Whether it is opened for reading, and for writing.
    keeps : bool
        Whether a file that is opened for writing keeps its content.
    source : str, bytes or path-like, optional
        The earlier path of a file that is renamed or linked.
    """

    path: Any
    reads: bool = False
    writes: bool = False
    keeps: bool = False
    source: Any = None


class CommandEvent(Struct, frozen=True, gc=False):
    """Another program that the program is about to start.

    Parameters
    ----------
    command : str, bytes or sequence
        The command line of a shell, or the arguments.
    folder : str, bytes, path-like or None
        The working directory, if it differs from that of the program.
    """

    command: Any
    folder: Any = None


class HandleEvent(Struct, frozen=True, gc=False):
    """An open file or connection that the program begins to use.

    Parameters
    ----------
    handle : object
        The file or connection.
    """

    handle: Any


class Observer(Protocol):
    """A receiver of the events, which never raises an exception of its own."""

    def is_listening(self) -> bool:
        """Return whether the observer needs the event that happens now."""

    def read(self, path: str) -> None:
        """Handle a file that the program is about to open for reading, even if not listening."""

    def __call__(self, event: FileEvent | CommandEvent | HandleEvent) -> None:
        """Handle any other event."""


def _opened(path: Any, _: object, flags: int) -> FileEvent | None:
    # A number denotes a file that is already open.
    if not isinstance(path, _NAMES):
        return None
    if not flags & _WRITES:
        return FileEvent(path, True)
    access = flags & (os.O_WRONLY | os.O_RDWR)
    keeps = not flags & os.O_TRUNC
    # Appending keeps the old content as part of the result.
    reads = access != os.O_WRONLY or bool(flags & os.O_APPEND)
    return FileEvent(path, reads and keeps, bool(access), keeps)


def _truncated(path: Any, length: int) -> FileEvent | None:
    return FileEvent(path, writes=True, keeps=length > 0) if isinstance(path, _NAMES) else None


def _renamed(source: Any, path: Any, *folders: int) -> FileEvent | None:
    # Paths relative to an open folder cannot be resolved here.
    return FileEvent(path, writes=True, source=source) if max(folders, default=-1) < 0 else None


def _connected(database: Any) -> tuple[FileEvent, ...]:
    # SQLite opens the file when it needs it, for reading and writing.
    is_read_only = False
    if isinstance(database, str) and database.startswith("file:"):
        # A URI: file:events.db?mode=ro
        from urllib.parse import unquote

        path, _, query = database.removeprefix("file:").partition("?")
        database = "" if "mode=memory" in query else unquote(path)
        is_read_only = "mode=ro" in query or "immutable=1" in query
    has_file = bool(database) and database != ":memory:"
    connecting(database if has_file else None)
    if not has_file:
        return ()
    # Another process may have written the latest changes to the log of the database.
    log = FileEvent(f"{os.fsdecode(database)}-wal", reads=True)
    return log, FileEvent(database, reads=True, writes=not is_read_only, keeps=True)


def _started(_: object, arguments: Any, folder: Any, *__: object) -> CommandEvent:
    return CommandEvent(arguments, folder)


_OPEN = "open"
_Event = FileEvent | CommandEvent | HandleEvent
_EVENTS: dict[str, Callable[..., _Event | tuple[_Event, ...] | None]] = {
    _OPEN: _opened,
    "os.truncate": _truncated,
    "os.rename": _renamed,
    "os.link": _renamed,
    "sqlite3.connect": _connected,
    "sqlite3.connect/handle": connected,
    HANDLE: HandleEvent,
    "subprocess.Popen": _started,
    "os.system": CommandEvent,
    "os.posix_spawn": lambda _, arguments, __: CommandEvent(arguments),
}

_Read = Callable[[str], object]

_compiled = compiled("provlog.capture.files._hook")
_observers: dict[weakref.ref[Observer], _Read] = {}
_is_installed = False


def observe(observer: Observer, read: _Read | None = None) -> None:
    """Call an observer for every event, for as long as it lives or until the interpreter exits.

    Parameters
    ----------
    observer : Observer
        The observer.
    read : callable, optional
        What to call in place of ``observer.read``. It must not keep the observer alive.
    """
    global _is_installed, _observers  # noqa: PLW0603
    reference = weakref.ref(observer, _forget)
    # Another thread may be iterating over the observers.
    _observers = {**_observers, reference: read or partial(_read, reference)}
    if not _is_installed:
        _is_installed = True
        if _compiled is None:
            sys.addaudithook(_hook)
        else:
            _compiled.install(_hook, _EVENTS)
        # While the interpreter exits, modules lose their variables.
        atexit.register(_end)
    _set_readers()


def leave(observer: Observer) -> None:
    """Do not call an observer any more."""
    _forget(weakref.ref(observer))


def _forget(observer: weakref.ref[Observer]) -> None:
    global _observers  # noqa: PLW0603
    _observers = {one: read for one, read in _observers.items() if one != observer}
    _set_readers()


def _set_readers() -> None:
    if _compiled is not None:
        _compiled.set_readers(_observers.values(), _WRITES)


def _end() -> None:
    global _observers  # noqa: PLW0603
    _observers = {}
    if _compiled is not None:
        _compiled.remove()


def _read(reference: weakref.ref[Observer], path: str) -> None:
    if (observer := reference()) is not None:
        observer.read(path)


def _hook(name: str, arguments: tuple[Any, ...]) -> None:
    event_of = _EVENTS.get(name)
    if event_of is None:
        return
    if name == _OPEN and len(arguments) == 3:
        path, _, flags = arguments
        if type(path) is str and type(flags) is int and not flags & _WRITES:
            # Most events: the files of imported modules, and those that the program reads.
            for read in _observers.values():
                read(path)
            return
    for reference in _observers:
        observer = reference()
        if observer is not None and observer.is_listening():
            try:
                event = event_of(*arguments)
            except Exception:  # noqa: BLE001  (any program can raise an event of the same name)
                return
            if type(event) is tuple:
                for one in event:
                    observer(one)
            elif event is not None:
                observer(event)  # type: ignore[arg-type]
