"""``provlog run`` records the files that compiled libraries open, and the program runs as without.

Each step is a function of a program for one library. The libraries that the other tests do not
need may be missing.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from textwrap import dedent

import pytest

import provlog
from provlog.model.graph import ProvGraph
from tests.capture.programs import environment

Files = dict[str, tuple[set[str], set[str]]]

H5PY = """
    import h5py, numpy as np, os

    os.makedirs("parts")
    for n, name in enumerate("ab"):
        with h5py.File(f"parts/{name}.h5", "w") as file: file["x"] = np.arange(4) + n
    for n in range(3):
        with h5py.File(f"run-{n}.h5", "w") as file: file["x"] = np.full(2, n)
    np.arange(4.).tofile("raw.bin")
    with h5py.File("main.h5", "w") as file:
        file["own"] = [1]
        file.create_group("group")["ext"] = h5py.ExternalLink("parts/a.h5", "/")
        layout = h5py.VirtualLayout((2, 4), "i8")
        for n, name in enumerate("ab"): layout[n] = h5py.VirtualSource(f"parts/{name}.h5", "x", (4,))
        file.create_virtual_dataset("virtual", layout)
        file.create_dataset("outside", (4,), "f8", external=[("raw.bin", 0, 32)])

    def read_own():
        with h5py.File("main.h5") as file: return file["own"][:].tolist()
    def follow_link():
        with h5py.File("main.h5") as file: return file["group/ext/x"][:].tolist(), file.get("group/ext").name
    def change_link_target():
        with h5py.File("main.h5", "r+") as file: file["group/ext"].create_dataset("y", data=[2])
    def create_behind_link():
        with h5py.File("main.h5", "r+") as file: file.create_dataset("group/ext/z", data=[2])
    def read_virtual():
        with h5py.File("main.h5") as file: return file["virtual"][:].tolist(), type(file["virtual"])
    def read_outside():
        with h5py.File("main.h5") as file: return file["outside"][:].tolist()
    def create_outside():
        with h5py.File("new.h5", "w") as file:
            file.create_dataset("x", (2,), "f8", external=[("new.bin", 0, 16)])[:] = 1
    def write_family():
        with h5py.File("family-%d.h5", "w", driver="family", memb_size=8192) as file: file["x"] = np.arange(3000)
    def read_family():
        with h5py.File("family-%d.h5", driver="family", memb_size=8192) as file: return file["x"][:].sum()
    def write_split():
        with h5py.File("split", "w", driver="split") as file: file["x"] = [1]
    def read_split():
        with h5py.File("split", driver="split") as file: return file["x"][:].tolist()
    def write_extensions():
        with h5py.File("named", "w", driver="split", meta_ext=b".meta", raw_ext=b"%s.raw") as file: file["x"] = [2]
    def fail():
        try: h5py.File("main.h5")["group/none"]
        except KeyError as error: return str(error)
    """
H5PY_FILES: Files = {
    "read_own": ({"main.h5"}, set()),
    "follow_link": ({"main.h5", "a.h5"}, set()),
    "change_link_target": ({"main.h5", "a.h5"}, {"a.h5"}),
    "create_behind_link": ({"main.h5", "a.h5"}, {"a.h5"}),
    "read_virtual": ({"main.h5", "a.h5", "b.h5"}, set()),
    "read_outside": ({"main.h5", "raw.bin"}, set()),
    "create_outside": (set(), {"new.h5", "new.bin"}),
    "write_family": (set(), {f"family-{n}.h5" for n in range(4)}),
    "read_family": ({f"family-{n}.h5" for n in range(4)}, set()),
    "write_split": (set(), {"split-m.h5", "split-r.h5"}),
    "read_split": ({"split-m.h5", "split-r.h5"}, set()),
    "write_extensions": (set(), {"named.meta", "named.raw"}),
    "fail": ({"main.h5"}, set()),
}

TABLES = """
    import tables

    for name in ("a", "b"):
        with tables.open_file(f"{name}.h5", "w") as file: file.create_array("/", "x", [1, len(name)])
    with tables.open_file("a.h5", "a") as file: file.create_external_link("/", "link", "b.h5:/x")

    def follow_link():
        with tables.open_file("a.h5") as file: return file.root.link()[:]
    """
TABLES_FILES: Files = {"follow_link": ({"a.h5", "b.h5"}, set())}

ARROW = """
    import pickle
    import pyarrow as pa, pyarrow.csv, pyarrow.parquet as pq

    def write_stream():
        with pa.OSFile("a.arrow", "wb") as sink, pa.ipc.new_file(sink, TABLE.schema) as writer: writer.write(TABLE)
    def read_stream():
        with pa.OSFile("a.arrow") as source: return pa.ipc.open_file(source).read_all(), type(source)
    def write_named():
        with pa.ipc.new_stream("b.arrows", TABLE.schema) as writer: writer.write(TABLE)
    def read_named():
        return pa.ipc.open_stream("b.arrows" and pa.memory_map("b.arrows")).read_all()
    def write_output():
        with pa.output_stream("c.csv") as stream: stream.write(b"a,b\\n1,2\\n")
    def read_input():
        with pa.input_stream("c.csv") as stream: return stream.read(), type(stream)
    def read_csv_stream():
        with pa.OSFile("c.csv") as stream: return pa.csv.read_csv(stream)
    def parquet():
        pq.write_table(TABLE, "d.parquet")
    def fail():
        try: pq.write_table(TABLE, "d.parquet", compression="none such")
        except Exception as error: return type(error)
    def take(stream):
        return stream.read()
    TABLE = pa.table({"a": [1, 2]})
    """
STREAMS = {"write_stream", "read_stream", "read_csv_stream", "take"}
ARROW_CALLS = "print(take(pa.OSFile('c.csv')))"
ARROW_FILES: Files = {
    "write_stream": (set(), {"a.arrow"}),
    "read_stream": ({"a.arrow"}, set()),
    "write_named": (set(), {"b.arrows"}),
    "read_named": ({"b.arrows"}, set()),
    "write_output": (set(), {"c.csv"}),
    "read_input": ({"c.csv"}, set()),
    "read_csv_stream": ({"c.csv"}, set()),
    "parquet": (set(), {"d.parquet"}),
    "fail": (set(), set()),
    "take": ({"c.csv"}, set()),
}

POLARS = """
    import polars as pl, warnings, os

    frame = pl.DataFrame({"k": ["x", "y"], "v": [1, 2]})
    for n, name in enumerate(("a", "b", "data")): frame.with_columns(v=pl.col("v") + n).write_csv(f"{name}.csv")

    def sql(): return pl.sql("select sum(v) from read_csv('a.csv') where k <> 'b.csv'", eager=True).rows()
    def sql_of_variables():
        numbers = pl.DataFrame({"x": [5]})
        return pl.sql("select * from numbers", eager=True).rows()
    def sql_of_context():
        with pl.SQLContext(eager=True, frame=frame) as context:
            return context.execute("select * from frame join read_csv('b.csv') b on b.v = frame.v order by 1").rows()
    def sql_of_frame(): return frame.sql("select v from self where k in ('x', 'a.csv')").rows()
    def partition():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            old = getattr(pl, "PartitionByKey", None)
            parts = old("parts", by="k") if old else pl.PartitionBy("parts", key="k")
            frame.lazy().sink_csv(parts, mkdir=True)
        return sorted(os.listdir("parts"))
    """
POLARS_FILES: Files = {
    "sql": ({"a.csv"}, set()),
    "sql_of_variables": (set(), set()),
    "sql_of_context": ({"b.csv"}, set()),
    "sql_of_frame": (set(), set()),
    "partition": (set(), {"*.csv"}),
}

DUCKDB = """
    import duckdb, os, pickle, subprocess, sys
    import pyarrow as pa

    for n, name in enumerate("ab"):
        with open(f"{name}.csv", "w") as stream: stream.write(f"k,v\\nx,{n}\\n")
    duckdb.connect("other.duckdb").execute("create table t as select 1 as x").close()
    os.makedirs("many")
    for n in range(2):
        with open(f"many/{n}.csv", "w") as stream: stream.write(f"k,v\\nx,{n}1\\n")
    connection = duckdb.connect()

    def module(): return duckdb.sql("from 'a.csv'").fetchall()
    def method(): return connection.execute("select * from read_csv('b.csv') where k <> 'a.csv'").fetchall()
    def parameters(): return connection.execute("from read_csv(?)", ["a.csv"]).fetchall()
    def pattern(): return connection.sql("select count(*) from 'many/*.csv'").fetchall()
    def variables():
        numbers = pa.table({"v": [7]})
        return duckdb.sql("from numbers").fetchall(), connection.sql("from numbers").fetchall(), connection.execute("from numbers").fetchall()
    def copy(): connection.execute("copy (select v from 'a.csv') to 'copy.csv'")
    def copy_again(): connection.execute("copy (from 'b.csv') to 'copy.csv' (delimiter ';')")
    def fail():
        try: connection.execute("copy (from nothing) to 'b.csv'")
        except duckdb.Error as error: return type(error), str(error)
    def partition(): connection.execute("copy (from 'b.csv') to 'folder' (format csv, partition_by (k))")
    def read_method(): return connection.read_csv("a.csv").fetchall()
    def write_method(): connection.sql("select 1 as x").write_parquet("x.parquet")
    def read_written(): return connection.from_parquet("x.parquet").fetchall()
    def read_attached():
        connection.execute("attach 'other.duckdb' as o")
        found = connection.execute("from o.t").fetchall()
        connection.execute("detach o")
        return found
    def change_attached():
        connection.execute("attach 'other.duckdb' as o")
        connection.execute("insert into o.t values (2)")
        connection.execute("detach o")
    def stay_locked():
        own = duckdb.connect("own.duckdb")
        own.execute("create table t as select 1 as x; checkpoint")
        duckdb.connect("own.duckdb").close()
        command = [sys.executable, "-c", "import duckdb; duckdb.connect('own.duckdb')"]
        return subprocess.run(command, capture_output=True).returncode
    def data(): connection.execute("create table names as select 'a.csv' as name")
    def more(): return connection.execute("from names where name = 'a.csv'").fetchall()
    def same(): return pickle.loads(pickle.dumps(duckdb.sql)) is duckdb.sql, duckdb.sql is duckdb.query, type(connection)
    """
DUCKDB_FILES: Files = {
    "module": ({"a.csv"}, set()),
    "method": ({"b.csv"}, set()),
    "parameters": ({"a.csv"}, set()),
    "pattern": ({"0.csv", "1.csv"}, set()),
    "variables": (set(), set()),
    "copy": ({"a.csv"}, {"copy.csv"}),
    "copy_again": ({"b.csv"}, {"copy.csv"}),
    "fail": (set(), set()),
    "partition": ({"b.csv"}, {"data_0.csv"}),
    "read_method": ({"a.csv"}, set()),
    "write_method": (set(), {"x.parquet"}),
    "read_written": ({"x.parquet"}, set()),
    "read_attached": ({"other.duckdb"}, set()),
    "change_attached": ({"other.duckdb"}, {"other.duckdb"}),
    "data": (set(), set()),
    "more": (set(), set()),
    "same": (set(), set()),
}

SQLITE = """
    import pickle, sqlite3
    from contextlib import closing

    for n, name in enumerate(("main", "other")):
        with closing(sqlite3.connect(f"{name}.db")) as connection, connection:
            connection.execute("create table t (x)")
            connection.execute("insert into t values (?)", (n,))

    def read_attached():
        with closing(sqlite3.connect("main.db")) as connection:
            connection.execute("attach 'other.db' as o")
            return connection.execute("select * from t join o.t as o").fetchall()
    def change_attached():
        with closing(sqlite3.connect("main.db")) as connection:
            connection.execute("attach ? as o", ("other.db",))
            with connection: connection.execute("insert into o.t select x from main.t")
    def same():
        with closing(sqlite3.connect("main.db")) as connection:
            return type(connection), sqlite3.connect is sqlite3.dbapi2.connect, pickle.loads(pickle.dumps(sqlite3.connect)) is sqlite3.connect
    """
SQLITE_FILES: Files = {
    "read_attached": ({"main.db", "other.db"}, set()),
    "change_attached": ({"main.db", "other.db"}, {"other.db"}),
    "same": ({"main.db"}, set()),
}

LIBRARIES = {
    "sqlite3": (SQLITE, "", SQLITE_FILES),
    "h5py": (H5PY, "", H5PY_FILES),
    "tables": (TABLES, "", TABLES_FILES),
    "pyarrow": (ARROW, ARROW_CALLS, ARROW_FILES),
    "polars": (POLARS, "", POLARS_FILES),
    "duckdb": (DUCKDB, "", DUCKDB_FILES),
}


@pytest.mark.parametrize("library", LIBRARIES)
def test_the_files_of_a_library_are_recorded(tmp_path: Path, library: str) -> None:
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    program, more, expected = LIBRARIES[library]
    steps = [
        line.split()[1].partition("(")[0]
        for line in dedent(program).splitlines()
        if line.startswith("def ")
    ]
    calls = [f"print({one!r}, {one}())" for one in steps if one != "take"]
    text = "\n".join([dedent(program), *calls, more, ""])
    plain, recorded = (run(tmp_path / name, text, *command) for name, command in RUNS.items())
    assert recorded == plain
    graph = provlog.read(tmp_path / "recorded" / "run.log")
    found = files(graph)
    if library == "polars":
        # Each version has its own names.
        new = {path.name for path in Path(tmp_path, "recorded", "parts").rglob("*.csv")}
        expected = {**expected, "partition": (set(), new)}
    if library == "pyarrow" and int(version(library).partition(".")[0]) < 25:
        # Its `OSFile` does not know the number of its file.
        expected = {name: expected[name] for name in expected.keys() - STREAMS}
    assert {name: found[name] for name in expected} == expected


RUNS = {"plain": (), "recorded": ("-m", "provlog", "run", "--log", "run.log")}


def run(folder: Path, text: str, *command: str) -> tuple[str, str, int]:
    folder.mkdir()
    (folder / "program.py").write_text(text)
    done = subprocess.run(
        [sys.executable, *command, "program.py"],
        cwd=folder, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout, done.stderr, done.returncode


def files(graph: ProvGraph) -> Files:
    """Return the names of the used and generated files by activity."""
    found: Files = {str(one.label): (set(), set()) for one in graph.activities.values()}
    for relation in graph.relations["used"]:
        if relation.target.values("prov:location"):
            found[str(relation.source.label)][0].add(str(relation.target.label))
    for relation in graph.relations["wasGeneratedBy"]:
        if relation.source.values("prov:location"):
            found[str(relation.target.label)][1].add(str(relation.source.label))
    return found
