"""Announce the files that functions of compiled libraries take by name.

provlog wraps the functions that take a path: functions of modules, and methods of classes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial, wraps
from types import ModuleType
from typing import Any

from msgspec import Struct

from provlog.capture.files.connections import keep_locks
from provlog.run.imports import Action
from provlog.run.libraries.announcing import (
    announce,
    argument,
    files_of,
    flags_of,
    replace,
    unnoticed,
    writing_to,
)

__all__ = ["OPENINGS"]


class _Opening(Struct, frozen=True):
    """A function or method that opens a file.

    Parameters
    ----------
    name : str
        The name in its module: ``read_table`` or ``File.__init__``.
    path : str
        The name of the argument with the path, a list of paths, a pattern or a folder; several
        names, with blanks between them, of which a version of the library has one.
    position : int
        Its position, without the object of a method.
    mode : str
        How the function opens it, unless its argument ``mode`` gives another mode.
    mode_position : int, optional
        The position of that argument.
    is_locked : bool
        Whether the library locks the file while it is open.
    """

    name: str
    path: str
    position: int = 0
    mode: str = "r"
    mode_position: int | None = None
    is_locked: bool = False


def _reading(*names: str, path: str = "source") -> tuple[_Opening, ...]:
    return tuple(_Opening(name, path) for name in names)


def _writing(*names: str, path: str, position: int = 0) -> tuple[_Opening, ...]:
    return tuple(_Opening(name, path, position, "w") for name in names)


_PARTITIONED = ("_pl_partition_by", "_base_path", "base_path")
_DUCKDB = ("from_csv_auto", "from_parquet", "read_csv", "read_json", "read_parquet")
_OPENINGS: dict[str, tuple[_Opening, ...]] = {
    "duckdb": (
        _Opening("connect", "database", mode="a", is_locked=True),
        *_reading(
            *_DUCKDB, *(f"DuckDBPyConnection.{one}" for one in _DUCKDB),
            path="path_or_buffer file_glob name",
        ),
        *_writing(
            "DuckDBPyRelation.to_csv", "DuckDBPyRelation.to_parquet",
            "DuckDBPyRelation.write_csv", "DuckDBPyRelation.write_parquet", path="file_name",
        ),
    ),
    "tables.file": (_Opening("File.__init__", "filename", mode_position=1),),
    "netCDF4._netCDF4": (_Opening("Dataset.__init__", "filename", mode_position=1),),
    "fitsio.fitslib": (_Opening("FITS.__init__", "filename", mode_position=1),),
    "pandas.io.parquet": (_Opening("_get_path_or_handle", "path", mode_position=3),),
    "pyarrow": (
        _Opening("memory_map", "path", mode_position=1),
        *_reading("input_stream"),
        *_writing("output_stream", path="source"),
    ),
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
    "pyarrow.ipc": (
        *_reading("RecordBatchFileReader.__init__", "RecordBatchStreamReader.__init__"),
        *_writing(
            "RecordBatchFileWriter.__init__", "RecordBatchStreamWriter.__init__", path="sink"
        ),
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
    "polars.io.ipc.functions": _reading("read_ipc", "read_ipc_stream", "scan_ipc"),
    "polars.io.json.read": _reading("read_json"),
    "polars.io.lines": _reading("read_lines", "scan_lines"),
    "polars.io.ndjson": _reading("read_ndjson", "scan_ndjson"),
    "polars.io.parquet.functions": _reading("read_parquet", "scan_parquet"),
    "polars.io.spreadsheet.functions": _reading("read_excel", "read_ods"),
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
    """Replace the functions in a module."""
    for opening in openings:
        replace(module, opening.name, partial(_announcing, opening=opening))


def _announcing(function: Callable[..., Any], opening: _Opening) -> Callable[..., Any]:
    is_method = "." in opening.name

    @unnoticed
    @wraps(function)
    def announced(*args: Any, **kwargs: Any) -> Any:
        given = args[1:] if is_method else args
        path = argument(given, kwargs, opening.path, opening.position)
        mode: Any = opening.mode
        if opening.mode_position is not None:
            mode = argument(given, kwargs, "mode", opening.mode_position) or mode
        flags = flags_of(mode)
        if flags & os.O_TRUNC and (folder := _written(path)) is not None:
            return writing_to([folder], partial(function, *args, **kwargs), flags)
        for file in files_of(path):
            if opening.is_locked:
                keep_locks(os.fsdecode(file))
            announce(file, flags)
        return function(*args, **kwargs)

    return announced


def _written(path: Any) -> str | None:
    """Return the file or folder that a function writes; ``None`` for a stream."""
    for name in _PARTITIONED:
        # polars has the folder of partitioned files in an object of its own.
        path = getattr(path, name, path)
    return os.fspath(path) if isinstance(path, (str, os.PathLike)) else None


OPENINGS: dict[str, Action] = {
    module: partial(_wrap, openings) for module, openings in _OPENINGS.items()
}
"""The actions to run after the import of modules, by their names."""
