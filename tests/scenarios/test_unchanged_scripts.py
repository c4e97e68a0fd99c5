"""``provlog run`` without options records the origin of a script's files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.model.graph import Entity, ProvGraph
from tests.capture.programs import environment

FLOW = """
import sys

import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.metrics import r2_score
from sklearn.model_selection import train_test_split


def load(path):
    return pd.read_csv(path)


def clean(table):
    return table.dropna()


def split(table, seed=0):
    return train_test_split(table[["x"]], table["y"], random_state=seed)


def fit(x, y):
    return LinearRegression().fit(x, y)


def predict(model, x):
    return model.predict(x)


def score(truth, predicted):
    return pd.DataFrame({"r2": [r2_score(truth, predicted)]})


def save(result, path):
    result.to_csv(path)


table = clean(load(sys.argv[1]))
x_train, x_test, y_train, y_test = split(table)
predicted = predict(fit(x_train, y_train), x_test)
save(score(y_test, predicted), "scores.csv")
"""
STEPS = ["load", "clean", "split", "fit", "predict", "score", "save"]


def test_the_output_of_seven_functions_is_derived_from_the_table(tmp_path: Path) -> None:
    pytest.importorskip("sklearn")
    (tmp_path / "flow.py").write_text(FLOW)
    rows = [f"{x},{2 * x + x % 7}" for x in range(50)]
    (tmp_path / "data.csv").write_text("\n".join(["x,y", *rows, ",3\n"]))
    graph = recorded(tmp_path, "flow.py", "data.csv")
    names = origins(graph, "scores.csv")
    assert {"data.csv", *STEPS} <= names
    # The files of Python and of packages are not data.
    files = {entity.label for entity in graph.entities.values() if location(entity)}
    assert files == {"flow.py", "data.csv", "scores.csv"}


def recorded(folder: Path, *arguments: str, log: str = "prov.log") -> ProvGraph:
    """Run a program under ``provlog run`` without options; return the graph of its log."""
    command = [sys.executable, "-m", "provlog", "run", "--log", log, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return provlog.read(folder / log)


def location(entity: Entity) -> str | None:
    found = entity.values("prov:location")
    return str(found[0]) if found else None


def origins(graph: ProvGraph, file: str) -> set[str | None]:
    """Return the names of everything that the file with a name comes from."""
    [found] = [one for one in graph.entities.values() if one.label == file]
    part = lineage(graph, [found])
    return {one.label for one in (*part.entities.values(), *part.activities.values())}


# Each program makes out.* from in.csv in two steps, read and write.
PROGRAMS = {
    "astropy tables": """
        from astropy.table import Table
        def read(path): return Table.read(path)
        def write(table, path): table.write(path)
        write(read("in.csv"), "out.ecsv")
        """,
    "FITS": """
        import numpy as np
        from astropy.io import fits
        from astropy.table import Table
        def read(path): return fits.BinTableHDU(Table.read(path, format="ascii"))
        def write(table, path): table.writeto(path)
        def copy(source, path):
            with fits.open(source) as hdus: fits.HDUList(hdus[:1]).writeto(path)
        write(read("in.csv"), "table.fits")
        copy("table.fits", "out.fits")
        """,
    "npz": """
        import numpy as np
        def read(path): return np.loadtxt(path, delimiter=",", skiprows=1)
        def write(array, path): np.savez(path, array=array)
        def load(path): return np.load(path)["array"]
        def write_text(array, path): np.savetxt(path, array + 1)
        write(read("in.csv"), "array.npz")
        write_text(load("array.npz"), "out.txt")
        """,
    "h5py": """
        import h5py, numpy as np
        def read(path): return np.loadtxt(path, delimiter=",", skiprows=1)
        def write(array, path):
            with h5py.File(path, "w") as file: file["array"] = array
        def load(path):
            with h5py.File(path) as file: return file["array"][:]
        def write_text(array, path): np.savetxt(path, array + 1)
        write(read("in.csv"), "array.h5")
        write_text(load("array.h5"), "out.txt")
        """,
    "sqlite3": """
        import csv, sqlite3
        def fill(path, database):
            with open(path) as stream: rows = list(csv.reader(stream))
            with sqlite3.connect(database) as db:
                db.execute("create table t (x, y)")
                db.executemany("insert into t values (?, ?)", rows)
            db.close()
        def export(database, path):
            db = sqlite3.connect(database)
            rows = db.execute("select * from t").fetchall()
            db.close()
            with open(path, "w") as stream: stream.write(repr(rows))
        fill("in.csv", "table.db")
        export("table.db", "out.txt")
        """,
    "a subprocess": """
        import subprocess, sys
        CODE = "import sys; text = open(sys.argv[1]).read(); open(sys.argv[2], 'w').write(text * 2)"
        def convert(source, path): subprocess.run([sys.executable, "-c", CODE, source, path], check=True)
        def finish(source):
            subprocess.run(f"sort {source} > out.txt", shell=True, check=True)
        convert("in.csv", "double.csv")
        finish("double.csv")
        """,
    "asyncio": """
        import asyncio
        async def read(path):
            await asyncio.sleep(0)
            return await asyncio.to_thread(lambda: open(path).read().split())
        async def join(parts): return [sorted(part) for part in parts]
        async def write(rows, path):
            with open(path, "w") as stream: stream.write(repr(rows))
        async def main():
            parts = await asyncio.gather(read("in.csv"), read("more.csv"))
            await write(await join(parts), "out.txt")
        asyncio.run(main())
        """,
}
POOL = """
    import sys
    {imports}
    def work(path):
        with open(path) as stream: text = stream.read()
        with open(path.replace("in", "part"), "w") as stream: stream.write(text.upper())
        return path.replace("in", "part")
    def reduce(paths, path):
        texts = [open(one).read() for one in paths]
        with open(path, "w") as stream: stream.write("".join(texts))
    if __name__ == "__main__":
        {body}
        reduce(parts, "out.txt")
    """
POOLS = {
    "joblib": POOL.format(
        imports="from joblib import Parallel, delayed",
        body='parts = Parallel(n_jobs=2)(delayed(work)(f"in{n}.csv") for n in range(4))',
    ),
    **{
        method: POOL.format(
            imports="from concurrent.futures import ProcessPoolExecutor\n    from multiprocessing import get_context",
            body=f"""with ProcessPoolExecutor(2, get_context("{method}")) as pool:
            parts = list(pool.map(work, [f"in{{n}}.csv" for n in range(4)]))""",
        )
        for method in ("fork", "spawn")
    },
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with tables."""
    for name in ("in", "more", *(f"in{n}" for n in range(4))):
        (tmp_path / f"{name}.csv").write_text(
            f"x,y\n1,2\n3,{len(name)}{name[2:]:0>2}\n".replace("re", "7")
        )
    return tmp_path


@pytest.mark.parametrize("name", PROGRAMS)
def test_files_of_many_kinds_are_linked(folder: Path, name: str) -> None:
    (folder / "program.py").write_text(dedent(PROGRAMS[name]))
    graph = recorded(folder, "program.py")
    [out] = folder.glob("out.*")
    found = origins(graph, out.name)
    assert "in.csv" in found
    steps = {
        line.split("(")[0].split()[-1] for line in PROGRAMS[name].splitlines() if "def " in line
    }
    assert steps - found <= {"main"}


def statements(graph: ProvGraph) -> list[tuple[str, str | None, str | None]]:
    """Return what was used and generated, by names."""
    return sorted(
        (kind, relation.source.label, relation.target.label)
        for kind in ("used", "wasGeneratedBy")
        for relation in graph.relations[kind]
    )


@pytest.mark.parametrize("kind", POOLS)
@pytest.mark.parametrize("runs", [1, pytest.param(20, marks=pytest.mark.slow)])
def test_workers_give_the_same_statements_each_time(folder: Path, kind: str, runs: int) -> None:
    pytest.importorskip("joblib")
    (folder / "program.py").write_text(dedent(POOLS[kind]))
    graphs = [recorded(folder, "program.py", log=f"{n}.log") for n in range(runs)]
    found = origins(graphs[0], "out.txt")
    assert {"reduce", "work", *(f"in{n}.csv" for n in range(4))} <= found
    assert all(statements(graph) == statements(graphs[0]) for graph in graphs)
