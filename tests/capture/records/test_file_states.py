"""A file that stays open while several activities change it links them."""

from __future__ import annotations

import io
import sqlite3
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from provlog.capture import Capture
from provlog.graphs.lineage import lineage
from provlog.model.graph import ProvGraph


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a", "b", "c"):
        Path(f"{name}.csv").write_text(f"{ord(name)}\n")


def origins(graph: ProvGraph, file: str) -> set[str]:
    """Return the names of files and activities that a file comes from."""
    hashed = [one for one in graph.entities.values() if one.values("log:hash")]
    [found] = [one for one in hashed if one.label == file]
    part = lineage(graph, [found])
    files = [one for one in part.entities.values() if one.values("prov:location")]
    return {str(one.label) for one in (*files, *part.activities.values())}


def number(path: str) -> int:
    return int(Path(path).read_text())


def insert(connection: Any, path: str) -> None:
    connection.execute("insert into t values (?)", (number(path),))


def insert_and_commit(connection: sqlite3.Connection, path: str) -> None:
    with connection:
        insert(connection, path)


def total(connection: Any, path: str) -> None:
    [[value]] = connection.execute("select sum(x) from t")
    Path(path).write_text(str(value))


@pytest.mark.parametrize("fill", [insert, insert_and_commit])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_all_calls_that_changed_a_database_are_origins_of_what_is_read_from_it(
    fill: Callable[..., None], mode: str
) -> None:
    capture = Capture()
    with closing(sqlite3.connect("t.db")) as connection, connection:
        connection.execute(f"pragma journal_mode = {mode}")
        connection.execute("create table t (x)")
    with capture.activity("all"), closing(sqlite3.connect("t.db")) as connection:
        for path in ("a.csv", "b.csv"):
            capture.trace(fill)(connection, path)
        capture.trace(total)(connection, "early.txt")
        capture.trace(fill)(connection, "c.csv")
        capture.trace(total)(connection, "late.txt")
        connection.commit()
    graph = capture.graph()
    early, late = origins(graph, "early.txt"), origins(graph, "late.txt")
    assert {"a.csv", "b.csv"} <= early
    assert "c.csv" not in early
    assert {"a.csv", "b.csv", "c.csv"} <= late
    # At the end, its content identifies it.
    final = sha256(Path("t.db").read_bytes()).hexdigest()
    [made] = [one for one in graph.entities.values() if one.values("log:hash") == [final]]
    assert [
        one.target.label for one in graph.relations["wasGeneratedBy"] if one.source is made
    ] == [fill.__name__]


def test_a_connection_from_outside_is_as_an_argument() -> None:
    capture = Capture()
    with capture.activity("all"), closing(sqlite3.connect("t.db")) as connection:
        connection.execute("create table t (x)")

        def fill(path: str) -> None:
            insert_and_commit(connection, path)

        def report(path: str) -> None:
            total(connection, path)

        for path in ("a.csv", "b.csv"):
            capture.trace(fill)(path)
        capture.trace(report)("out.txt")
    assert {"a.csv", "b.csv", "fill", "t.db"} <= origins(capture.graph(), "out.txt")


def test_a_part_that_changes_a_database_is_the_one_that_generates_it() -> None:
    capture = Capture()

    def outer(connection: sqlite3.Connection) -> None:
        capture.trace(insert_and_commit, "inner")(connection, "a.csv")

    with capture.activity("all"), closing(sqlite3.connect("t.db")) as connection:
        connection.execute("create table t (x)")
        capture.trace(outer)(connection)
    graph = capture.graph()
    made = [one for one in graph.relations["wasGeneratedBy"] if one.source.label == "t.db"]
    assert {one.target.label for one in made} >= {"inner"}
    assert "outer" not in {one.target.label for one in made}


class Store:
    def __init__(self, file: h5py.File) -> None:
        self.file = file

    def fill(self, name: str) -> None:
        self.file[name] = number(f"{name}.csv")

    def report(self, path: str) -> None:
        Path(path).write_text(str([int(one[()]) for one in self.file.values()]))


def by_argument(capture: Capture, file: h5py.File) -> None:
    def fill(group: Any, name: str) -> None:
        group[name] = number(f"{name}.csv")

    def report(group: Any, path: str) -> None:
        Path(path).write_text(str([int(one[()]) for one in group.values()]))

    for name in "ab":
        capture.trace(fill)(file["/"], name)
    capture.trace(report)(file, "out.txt")


def by_attribute(capture: Capture, file: h5py.File) -> None:
    class Own(Store):
        pass

    capture.trace_methods(Own)
    store = Own(file)
    for name in "ab":
        store.fill(name)
    store.report("out.txt")


def from_outside(capture: Capture, file: h5py.File) -> None:
    @capture.trace
    def fill(name: str) -> None:
        file[name] = number(f"{name}.csv")

    @capture.trace
    def report(path: str) -> None:
        Path(path).write_text(str([int(one[()]) for one in file.values()]))

    for name in "ab":
        fill(name)
    report("out.txt")


@pytest.mark.parametrize("act", [by_argument, by_attribute, from_outside])
def test_all_calls_that_took_an_hdf5_file_are_origins_of_what_is_read_from_it(
    act: Callable[[Capture, Any], None],
) -> None:
    capture = Capture()
    with capture.activity("all"):
        # Python opens the file, so that the test needs no wrapper of h5py.
        open("t.h5", "w").close()
        with h5py.File("t.h5", "w") as file:
            act(capture, file)
    assert {"a.csv", "b.csv"} <= origins(capture.graph(), "out.txt")


def test_a_file_in_memory_that_calls_change_is_generated_by_them() -> None:
    capture = Capture()

    @capture.trace
    def create() -> Any:
        array = np.memmap("t.dat", dtype="i8", mode="w+", shape=2)
        array[:] = number("a.csv")
        return array

    @capture.trace
    def add(array: Any, path: str) -> None:
        array += number(path)

    @capture.trace
    def copy(path: str) -> None:
        Path(path).write_bytes(Path("t.dat").read_bytes() * 2)

    with capture.activity("all"):
        array = create()
        add(array, "b.csv")
        copy("out.dat")
    assert {"a.csv", "b.csv", "create", "add"} <= origins(capture.graph(), "out.dat")


def test_a_stream_from_outside_links_the_calls_that_write_to_it() -> None:
    capture = Capture()
    with capture.activity("all"), open("out.txt", "w") as stream:

        @capture.trace
        def add(path: str) -> None:
            stream.write(Path(path).read_text())
            stream.flush()

        for name in "abc":
            add(f"{name}.csv")
    assert {"a.csv", "b.csv", "c.csv"} <= origins(capture.graph(), "out.txt")


def in_cursor(capture: Capture) -> None:
    with closing(sqlite3.connect("t.db")) as connection:
        cursor = connection.cursor()
        cursor.execute("create table t (x)")
        connection.commit()
        for path in ("a.csv", "b.csv"):
            capture.trace(insert)(cursor, path)
        capture.trace(total)(cursor, "out.txt")


def in_zip(capture: Capture) -> None:
    def add(archive: zipfile.ZipFile, path: str) -> None:
        archive.writestr(path, Path(path).read_text())

    def extract(archive: zipfile.ZipFile, path: str) -> None:
        Path(path).write_bytes(b"".join(map(archive.read, archive.namelist())) + b"more")

    with zipfile.ZipFile("t.zip", "w") as archive:
        for path in ("a.csv", "b.csv"):
            capture.trace(add)(archive, path)
    with zipfile.ZipFile("t.zip") as archive:
        capture.trace(extract)(archive, "out.txt")


def in_tar(capture: Capture) -> None:
    def add(archive: tarfile.TarFile, path: str) -> None:
        archive.add(path)

    def extract(archive: tarfile.TarFile, path: str) -> None:
        Path(path).write_text(str(archive.getnames()))

    with tarfile.open("t.tar", "w") as archive:
        for path in ("a.csv", "b.csv"):
            capture.trace(add)(archive, path)
    with tarfile.open("t.tar") as archive:
        capture.trace(extract)(archive, "out.txt")


def in_fits(capture: Capture) -> None:
    fits = pytest.importorskip("astropy.io.fits")

    def add(hdus: Any, path: str) -> None:
        hdus.append(fits.ImageHDU(np.full(2, number(path))))

    def extract(hdus: Any, path: str) -> None:
        Path(path).write_text(str([float(one.data.sum()) for one in hdus[1:]]))

    fits.HDUList([fits.PrimaryHDU()]).writeto("t.fits")
    with fits.open("t.fits", mode="update") as hdus:
        for path in ("a.csv", "b.csv"):
            capture.trace(add)(hdus, path)
    with fits.open("t.fits") as hdus:
        capture.trace(extract)(hdus, "out.txt")


@pytest.mark.parametrize("act", [in_cursor, in_zip, in_tar, in_fits])
def test_all_calls_that_took_a_file_are_origins_of_what_is_read_from_it(
    act: Callable[[Capture], None],
) -> None:
    capture = Capture()
    with capture.activity("all"):
        act(capture)
    graph = capture.graph()
    assert {"a.csv", "b.csv"} <= origins(graph, "out.txt")
    [reader] = [
        one.target for one in graph.relations["wasGeneratedBy"] if one.source.label == "out.txt"
    ]
    used = {one.target.label for one in graph.relations["used"] if one.source is reader}
    assert any(str(name).startswith("t.") for name in used)


def test_a_file_that_is_closed_or_in_memory_is_no_input() -> None:
    capture = Capture()
    connection = sqlite3.connect("t.db")
    cursor = connection.cursor()
    connection.close()
    with h5py.File("t.h5", "w") as file:
        pass
    memory = zipfile.ZipFile(io.BytesIO(), "w")
    with capture.activity("all"):
        for one in (connection, cursor, file, memory, np.memmap("a.csv", mode="r") + 1):
            capture.trace(lambda value: None, "take")(one)
    memory.close()
    [take] = {one.label for one in capture.graph().activities.values() if one.label == "take"}
    used = [one.target for one in capture.graph().relations["used"] if one.source.label == take]
    assert not [one.label for one in used if one.values("prov:location") and one.label != "t.db"]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs the numbers of open files")
def test_a_database_that_is_read_for_its_id_stays_locked() -> None:
    # To close any descriptor of a file releases all locks that the process has on it.
    program = "import sqlite3; sqlite3.connect('t.db', timeout=0).execute('begin immediate')"
    capture = Capture()
    with capture.activity("all"), closing(sqlite3.connect("t.db")) as connection:
        connection.execute("create table t (x)")
        insert_and_commit(connection, "a.csv")
        connection.execute("begin immediate")
        with capture.activity("other"):
            # Another activity needs the content of the database.
            sqlite3.connect("t.db").close()
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=False
        )
        assert "database is locked" in done.stderr
    graph = capture.graph()
    [used] = [one.target for one in graph.relations["used"] if one.source.label == "other"]
    assert len(str(used.values("log:hash")[0])) == 64
