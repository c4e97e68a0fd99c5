"""Files behind the objects with which a program accesses them: streams, databases, HDF5 files."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from io import BufferedRandom, BufferedWriter, IOBase, TextIOWrapper
from typing import Any

from provlog.capture.files.connections import database_of
from provlog.capture.files.descriptors import stream_path
from provlog.objects.classes import base_names, cached_by_class
from provlog.redaction import is_secret_name

__all__ = ["changes_through", "files_behind", "flush_streams", "is_handle"]

_Opened = tuple[str, bool | None]

_WRITERS = (TextIOWrapper, BufferedWriter, BufferedRandom)
# Modes of libraries; a memory map of mode `c` keeps changes to itself.
_READING = frozenset({"c", "denywrite", "r", "readonly"})
_STREAMS = frozenset({"_io", "bz2", "gzip", "lzma"})


def files_behind(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str, bool | None]]:
    """Yield the files that are open in the arguments of a call.

    Yields
    ------
    (str, str, bool or None)
        The argument's name, the absolute path, and whether the file is open for writing;
        ``None`` if this is unknown.
    """
    for name, value in arguments.items():
        file_of = _file_getter(type(value))
        if file_of is not None and not is_secret_name(name):
            found = None
            # Closed files and streams without a file have neither.
            with suppress(OSError, ValueError, AttributeError):
                found = file_of(value)
            if found is not None:
                yield name, *found


def flush_streams(paths: Container[str]) -> None:
    """Flush the streams of Python that write files, as Python does at exit."""
    for one in gc.get_objects():
        if type(one) in _WRITERS:
            with suppress(Exception):
                if os.path.abspath(os.fsdecode(one.name)) in paths:
                    one.flush()


def is_handle(kind: type) -> bool:
    """Return whether instances of a class give access to a file."""
    return _file_getter(kind) is not None


def changes_through(connection: Any) -> int | None:
    """Return the number of rows changed through a connection or cursor, else ``None``."""
    # A connection may be closed, or belong to another thread.
    with suppress(Exception):
        connection = getattr(connection, "connection", connection)
        changes = connection.total_changes
        return changes if type(changes) is int else None
    return None


@cached_by_class
def _file_getter(kind: type) -> Callable[[Any], _Opened | None] | None:
    names = base_names(kind)
    getter = next((getter for name, getter in _GETTERS.items() if name in names), None)
    # Other libraries register their streams as streams of Python.
    if getter is None and issubclass(kind, IOBase) and kind.__module__ in _STREAMS:
        return _file_of_stream
    return getter


def _file_of_stream(stream: Any) -> _Opened | None:
    path = stream.name
    # A relative path may be one of an earlier working directory.
    if type(path) is str and os.path.samestat(os.fstat(stream.fileno()), os.stat(path)):
        return os.path.abspath(path), stream.writable()
    return None


def _file_of_hdf5(item: Any) -> _Opened:
    file = item.file
    return os.path.abspath(os.fsdecode(file.filename)), file.mode != "r"


def _file_of_connection(connection: Any) -> _Opened | None:
    path = database_of(connection)
    return None if path is None else (path, None)


def _file_of_arrow_stream(stream: Any) -> _Opened | None:
    path = stream_path(stream)
    return None if path is None else (path, stream.writable())


def _file_of_cursor(cursor: Any) -> _Opened | None:
    return _file_of_connection(cursor.connection)


def _file_of_archive(archive: Any) -> _Opened | None:
    return _path_and_mode(archive.filename, archive.mode)


def _file_of_tar(archive: Any) -> _Opened | None:
    return _path_and_mode(archive.name, archive.mode)


def _file_of_store(store: Any) -> _Opened | None:
    return _path_and_mode(store._path, store._mode)


def _file_of_hdus(hdus: Any) -> _Opened | None:
    return None if hdus._file is None else _path_and_mode(hdus._file.name, hdus._file.mode)


def _path_and_mode(path: Any, mode: str) -> _Opened | None:
    # An archive or a table in memory has no path.
    return None if path is None else (os.path.abspath(os.fspath(path)), mode not in _READING)


def _file_of_memmap(array: Any) -> _Opened | None:
    # The result of a calculation has no path.
    return _path_and_mode(array.filename, array.mode)


_GETTERS: dict[str, Callable[[Any], _Opened | None]] = {
    "astropy.io.fits.hdu.hdulist.HDUList": _file_of_hdus,
    "h5py._hl.base.HLObject": _file_of_hdf5,
    "numpy.memmap": _file_of_memmap,
    "pyarrow.lib.NativeFile": _file_of_arrow_stream,
    "pandas.HDFStore": _file_of_store,
    "pandas.io.pytables.HDFStore": _file_of_store,
    "sqlite3.Connection": _file_of_connection,
    "sqlite3.Cursor": _file_of_cursor,
    "tables.file.File": _file_of_archive,
    "tarfile.TarFile": _file_of_tar,
    "zipfile.ZipFile": _file_of_archive,
}
