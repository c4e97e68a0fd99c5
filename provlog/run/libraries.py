"""Make compiled libraries raise an audit event when they open a file, as Python does.

Libraries call the operating system without Python. Therefore provlog wraps their functions that
take a path: functions of modules, and methods of classes.
"""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial, wraps
from itertools import islice
from types import ModuleType
from typing import Any

from msgspec import Struct

from provlog.run.imports import Action

__all__ = ["LIBRARIES"]

_UPDATE = os.O_RDWR | os.O_CREAT
_REPLACE = _UPDATE | os.O_TRUNC
_FLAGS = {
    "r": os.O_RDONLY,
    "r+": os.O_RDWR,
    "w": _REPLACE,
    "w-": _UPDATE | os.O_EXCL,
    "x": _UPDATE | os.O_EXCL,
    "a": _UPDATE,
    "rw": _UPDATE,
}
# The number of files of a folder that are announced.
_MAX_FILES = 10_000


class _Opening(Struct, frozen=True):
    """A function or method that opens a file.

    Parameters
    ----------
    name : str
        The name in its module: ``read_table`` or ``File.__init__``.
    path : str
        The name of the argument with the path, a list of paths, a pattern or a folder.
    position : int
        Its position, without the object of a method.
    mode : str
        How the function opens it, unless its argument ``mode`` gives another mode.
    mode_position : int, optional
        The position of that argument.
    """

    name: str
    path: str
    position: int = 0
    mode: str = "r"
    mode_position: int | None = None


def _reading(*names: str, path: str = "source") -> tuple[_Opening, ...]:
    return tuple(_Opening(name, path) for name in names)


def _writing(*names: str, path: str, position: int = 0) -> tuple[_Opening, ...]:
    return tuple(_Opening(name, path, position, "w") for name in names)


_OPENINGS: dict[str, tuple[_Opening, ...]] = {
    "duckdb": (
        _Opening("connect", "database", mode="a"),
        *_reading("from_parquet", "read_parquet", path="file_glob"),
        *_reading("from_csv_auto", "read_csv", path="path_or_buffer"),
        *_reading("read_json", path="path_or_buffer"),
    ),
    "h5py._hl.files": (_Opening("make_fid", "name", mode_position=1),),
    "tables.file": (_Opening("File.__init__", "filename", mode_position=1),),
    "netCDF4._netCDF4": (_Opening("Dataset.__init__", "filename", mode_position=1),),
    "fitsio.fitslib": (_Opening("FITS.__init__", "filename", mode_position=1),),
    "pandas.io.parquet": (_Opening("_get_path_or_handle", "path", mode_position=3),),
    "pyarrow": (_Opening("memory_map", "path", mode_position=1),),
    "pyarrow.csv": (
        *_reading("read_csv", "open_csv", path="input_file"),
        *_writing("write_csv", path="output_file", position=1),
    ),
    "pyarrow.dataset": (
        *_reading("dataset"),
        *_writing("write_dataset", path="base_dir", position=1),
    ),
    "pyarrow.feather": (
        *_reading("read_table", "read_feather"),
        *_writing("write_feather", path="dest", position=1),
    ),
    "pyarrow.json": _reading("read_json", path="input_file"),
    "pyarrow.orc": (
        *_reading("ORCFile.__init__", "read_table"),
        *_writing("ORCWriter.__init__", path="where"),
        *_writing("write_table", path="where", position=1),
    ),
    "pyarrow.parquet.core": (
        *_reading("read_table", "ParquetFile.__init__"),
        *_reading("ParquetDataset.__init__", path="path_or_paths"),
        *_reading("read_schema", "read_metadata", path="where"),
        *_writing("ParquetWriter.__init__", path="where"),
        *_writing("write_table", path="where", position=1),
        *_writing("write_to_dataset", path="root_path", position=1),
    ),
    "polars.io.avro": _reading("read_avro"),
    "polars.io.csv.functions": _reading("read_csv", "scan_csv"),
    "polars.io.ipc.functions": _reading("read_ipc", "scan_ipc"),
    "polars.io.json.read": _reading("read_json"),
    "polars.io.ndjson": _reading("read_ndjson", "scan_ndjson"),
    "polars.io.parquet.functions": _reading("read_parquet", "scan_parquet"),
    "polars.dataframe.frame": _writing(
        "DataFrame.write_avro", "DataFrame.write_csv", "DataFrame.write_ipc",
        "DataFrame.write_ipc_stream", "DataFrame.write_json", "DataFrame.write_ndjson",
        "DataFrame.write_parquet", path="file",
    ),
    "polars.lazyframe.frame": _writing(
        "LazyFrame.sink_csv", "LazyFrame.sink_ipc", "LazyFrame.sink_ndjson",
        "LazyFrame.sink_parquet", path="path",
    ),
}  # fmt: skip


def _wrap(openings: tuple[_Opening, ...], module: ModuleType) -> None:
    """Replace the functions in a module; another version of the library may lack some."""
    for opening in openings:
        *names, last = opening.name.split(".")
        with suppress(AttributeError, TypeError):
            holder: Any = getattr(module, names[0]) if names else module
            function = getattr(holder, last)
            if callable(function):
                setattr(holder, last, _announcing(function, opening, is_method=bool(names)))


def _announcing(
    function: Callable[..., Any], opening: _Opening, *, is_method: bool
) -> Callable[..., Any]:
    @wraps(function)
    def announced(*args: Any, **kwargs: Any) -> Any:
        given = args[1:] if is_method else args
        path = _argument(given, kwargs, opening.path, opening.position)
        mode: Any = opening.mode
        if opening.mode_position is not None:
            mode = _argument(given, kwargs, "mode", opening.mode_position) or mode
        flags = _FLAGS.get(mode.rstrip("bt") if isinstance(mode, str) else mode, os.O_RDWR)
        if flags & os.O_TRUNC and isinstance(path, (str, os.PathLike)):
            return _writing_to(path, flags, partial(function, *args, **kwargs))
        for file in _files(path):
            _announce(file, flags)
        return function(*args, **kwargs)

    return announced


def _argument(args: tuple[Any, ...], kwargs: dict[str, Any], name: str, position: int) -> Any:
    return args[position] if position < len(args) else kwargs.get(name)


def _announce(path: str | bytes, flags: int) -> None:
    # Another hook of the program may refuse to open the file.
    sys.audit("open", path, None, flags)


def _writing_to(path: str | os.PathLike[str], flags: int, write: Callable[[], Any]) -> Any:
    """Write a file, or files in a folder, whose names are known only afterwards."""
    name = os.fspath(path)
    before = dict(_stamps(name))
    if not os.path.isdir(name):
        _announce(name, flags)
    result = write()
    for file, stamp in _stamps(name):
        if before.get(file) != stamp:
            _announce(file, flags)
    return result


def _stamps(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    for file in _files_in(folder):
        with suppress(OSError):
            status = os.stat(file)
            yield file, (status.st_size, status.st_mtime_ns)


def _files(path: Any) -> Iterator[str | bytes]:
    """Yield the files that a path, a list of paths, a pattern or a folder denotes."""
    if isinstance(path, (list, tuple)):
        for one in islice(path, _MAX_FILES):
            yield from _files(one)
    elif isinstance(path, bytes):
        # h5py encodes paths. In other libraries, bytes are data.
        if b"\n" not in path and b"\0" not in path:
            yield path
    elif isinstance(path, (str, os.PathLike)):
        name = os.fspath(path)
        if os.path.isdir(name):
            yield from _files_in(name)
        elif glob.has_magic(name) and not os.path.exists(name):
            yield from islice(sorted(glob.iglob(name, recursive=True)), _MAX_FILES)
        else:
            yield name


def _files_in(folder: str) -> Iterator[str]:
    """Yield the data files in a folder, as pyarrow finds them."""
    found = 0
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        for name in sorted(names):
            if found < _MAX_FILES and not name.startswith((".", "_")):
                found += 1
                yield os.path.join(place, name)


LIBRARIES: dict[str, Action] = {
    module: partial(_wrap, openings) for module, openings in _OPENINGS.items()
}
"""The actions to run after the import of modules, by their names."""
