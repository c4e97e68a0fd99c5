"""Compiled libraries announce the files that they open."""

from __future__ import annotations

import os
import pickle
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from provlog.run.libraries.wrapped import ACTIONS

_MAY_WRITE = os.O_WRONLY | os.O_CREAT
_WRITE = os.O_RDWR | os.O_CREAT | os.O_TRUNC
Event = tuple[Any, int]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def events(monkeypatch: pytest.MonkeyPatch) -> list[Event]:
    found: list[Event] = []

    def audit(name: str, *event: Any) -> None:
        if name == "open":
            path, _, flags = event
            found.append((path, flags))

    monkeypatch.setattr(sys, "audit", audit)
    return found


def library(name: str, **functions: Any) -> Any:
    """Return a module that is watched, with other functions."""
    module = ModuleType(name)
    vars(module).update(functions)
    ACTIONS[name](module)
    return module


def test_a_function_announces_its_file_and_stays_the_same(events: list[Event]) -> None:
    module = library("h5py._hl.files", make_fid=lambda *args, **kwargs: (args, kwargs))
    assert module.make_fid(b"x.h5", "r", None, swmr=True) == ((b"x.h5", "r", None), {"swmr": True})
    module.make_fid(3, "w", None)
    assert events == [(b"x.h5", 0)]


def test_a_class_stays_a_class(events: list[Event]) -> None:
    class File:
        def __init__(self, filename: str, mode: str = "r", **more: Any) -> None:
            self.opened = filename, mode, more
            if mode == "w":
                Path(filename).touch()

    module = library("tables.file", File=File)
    assert module.File is File
    assert File("a.h5").opened == ("a.h5", "r", {})
    assert File("b.h5", mode="a", title="b").opened == ("b.h5", "a", {"title": "b"})
    File(filename="c.h5", mode="w")
    new = [("c.h5", _MAY_WRITE), ("c.h5", _WRITE)]
    assert events == [("a.h5", 0), ("b.h5", os.O_RDWR | os.O_CREAT), *new]


def test_the_files_of_a_folder_a_pattern_and_a_list_are_announced(events: list[Event]) -> None:
    for name in ("k=1/b.parquet", "k=2/a.parquet", "_metadata", "k=1/.hidden"):
        path = Path("data", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    core = library("pyarrow.parquet.core", read_table=lambda source, **_: source)
    assert core.read_table("data") == "data"
    core.read_table(Path("data"))
    core.read_table("data/k=*/*.parquet")
    core.read_table(source=["one.parquet", Path("two.parquet")])
    in_folder = [("data/k=1/b.parquet", 0), ("data/k=2/a.parquet", 0)]
    assert events == in_folder * 3 + [("one.parquet", 0), ("two.parquet", 0)]


def test_the_files_that_a_function_writes_to_a_folder_are_announced_afterwards(
    events: list[Event],
) -> None:
    def write_to_dataset(table: Any, root_path: str) -> None:
        os.makedirs(root_path, exist_ok=True)
        Path(root_path, f"{table}.parquet").write_text(str(table))

    core = library("pyarrow.parquet.core", write_to_dataset=write_to_dataset)
    core.write_to_dataset(1, "new")
    core.write_to_dataset(2, root_path="new")
    expected = [("new", _MAY_WRITE), ("new/1.parquet", _WRITE), ("new/2.parquet", _WRITE)]
    assert events == expected


def test_data_instead_of_a_path_is_no_file(events: list[Event]) -> None:
    module = library("polars.io.csv.functions", read_csv=lambda source: source)
    for source in (b"a,b\n1,2\n", object(), None):
        assert module.read_csv(source) is source
    assert events == []


@pytest.mark.parametrize("name", ACTIONS)
def test_another_version_of_a_library_stays_as_it_is(name: str) -> None:
    module = ModuleType(name)
    ACTIONS[name](module)
    assert not {one for one in vars(module) if not one.startswith("__")}


def test_a_compiled_class_that_cannot_be_changed_stays_as_it_is(events: list[Event]) -> None:
    module = library("netCDF4._netCDF4", Dataset=dict)
    assert module.Dataset(a=1) == {"a": 1}
    assert events == []


def test_a_warning_is_that_of_the_program() -> None:
    def read_table(source: str) -> None:
        warnings.warn(source, DeprecationWarning, stacklevel=2)

    core = library("pyarrow.parquet.core", read_table=read_table)
    with pytest.warns(DeprecationWarning, match="x") as caught:
        core.read_table("x")
    assert [one.filename for one in caught] == [__file__]


def test_a_function_with_several_names_stays_one() -> None:
    def read(path: str) -> str:
        return path

    home: Any = ModuleType("home_of_read")
    home.read = read
    read.__module__, read.__qualname__ = "home_of_read", "read"
    sys.modules["home_of_read"] = home
    try:
        duckdb = library("duckdb", read_csv=read, from_csv_auto=read)
        assert duckdb.read_csv is duckdb.from_csv_auto is not read
        assert pickle.loads(pickle.dumps(duckdb.read_csv)) is duckdb.read_csv
    finally:
        del sys.modules["home_of_read"]


def test_a_file_that_is_not_written_is_not_announced_as_replaced(events: list[Event]) -> None:
    def fail(*_: Any) -> None:
        raise ValueError("unwritten")

    Path("old.parquet").touch()
    core = library("pyarrow.parquet.core", write_table=fail)
    with pytest.raises(ValueError, match="unwritten"):
        core.write_table(1, "old.parquet")
    assert events == [("old.parquet", _MAY_WRITE)]


def test_files_in_sql_are_announced(events: list[Event]) -> None:
    class DuckDBPyConnection:
        def execute(self, query: str, parameters: Any = None) -> Any:
            if query.startswith("copy"):
                Path("out.csv").touch()
            return query, parameters

    for name in ("a.csv", "b.csv"):
        Path(name).touch()
    connection = library("duckdb", DuckDBPyConnection=DuckDBPyConnection).DuckDBPyConnection()
    assert connection.execute("from read_csv(?)", ["a.csv"]) == ("from read_csv(?)", ["a.csv"])
    connection.execute(query="from '*.csv' where x = 'a.csv'")
    connection.execute("from 'none.csv'")
    connection.execute("copy t to 'out.csv'")
    expected = [
        ("a.csv", 0),
        ("a.csv", 0),
        ("b.csv", 0),
        ("out.csv", _MAY_WRITE),
        ("out.csv", _WRITE),
    ]
    assert events == expected


def test_a_function_that_takes_tables_from_variables_sees_those_of_its_caller() -> None:
    def sql(query: str) -> Any:
        frame = sys._getframe(1)
        return {**frame.f_globals, **frame.f_locals}.get(query)

    duckdb = library("duckdb", sql=sql)
    table = object()
    assert duckdb.sql("table") is table
    assert duckdb.sql("ModuleType") is ModuleType
    assert duckdb.sql("function") is None
