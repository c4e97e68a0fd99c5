"""``provlog run`` without options records the origin of a script's files."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.model.graph import Entity, ProvGraph
from tests.capture.programs import environment
from tests.test_layout import ROOT

# A script without annotations, as most are.
FLOW = (ROOT / "tests/data/seven-functions.py.txt").read_text(encoding="utf-8")
STEPS = ["load", "clean", "split", "fit", "predict", "score", "save"]


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the seven functions and what ``provlog run`` has recorded of them."""
    pytest.importorskip("sklearn")
    folder = tmp_path_factory.mktemp("seven")
    (folder / "flow.py").write_text(FLOW)
    rows = [f"{x},{2 * x + x % 7}" for x in range(50)]
    (folder / "data.csv").write_text("\n".join(["x,y", *rows, ",3\n"]))
    recorded(folder, "flow.py", "data.csv")
    return folder


def test_the_output_of_seven_functions_goes_back_to_the_table(seven: Path) -> None:
    graph = provlog.read(seven / "prov.log")
    assert {"data.csv", *STEPS} <= origins(graph, "scores.csv")
    # The files of Python and of packages are not data.
    files = {entity.label for entity in graph.entities.values() if location(entity)}
    assert files == {"flow.py", "data.csv", "scores.csv"}


def by_names(folder: Path) -> ProvGraph:
    targets = [part for step in STEPS for part in ("-t", step)]
    return recorded(folder, *targets, "flow.py", "data.csv", log="names.log")


def by_draft_of_the_run(folder: Path) -> ProvGraph:
    (folder / "run.yaml").write_text(provlog_output(folder, "definitions", "draft", "prov.log"))
    return recorded(folder, "-d", "run.yaml", "flow.py", "data.csv", log="run.log")


def by_draft_of_the_module(folder: Path) -> ProvGraph:
    # Drafting imports the module: it must not run the analysis.
    start = FLOW.index("table = clean")
    main = FLOW[start:].replace("\n", "\n    ")
    (folder / "guarded.py").write_text(f"{FLOW[:start]}if __name__ == '__main__':\n    {main}")
    (folder / "module.yaml").write_text(provlog_output(folder, "definitions", "draft", "guarded"))
    return recorded(folder, "-d", "module.yaml", "guarded.py", "data.csv", log="module.log")


def by_decorators(folder: Path) -> ProvGraph:
    capture = "from provlog.capture import Capture\ncapture = Capture(log='decorated.log')\n"
    (folder / "decorated.py").write_text(capture + FLOW.replace("def ", "@capture.trace\ndef "))
    subprocess.run(
        [sys.executable, "decorated.py", "data.csv"], cwd=folder, env=environment(), check=True
    )
    return provlog.read(folder / "decorated.log")


@pytest.mark.parametrize("record", [
    by_draft_of_the_run,
    pytest.param(by_draft_of_the_module, marks=pytest.mark.slow),
    pytest.param(by_names, marks=pytest.mark.slow),
    pytest.param(by_decorators, marks=pytest.mark.slow),
])  # fmt: skip
def test_other_ways_to_record_say_at_least_as_much(
    seven: Path, record: Callable[[Path], ProvGraph]
) -> None:
    expected = facts(provlog.read(seven / "prov.log"))
    assert len(expected) > 20
    assert expected - facts(record(seven)) == set()


def facts(graph: ProvGraph) -> set[tuple[str | None, ...]]:
    """Return parameters, usages and generations of the steps, with ids that runs share."""
    found: set[tuple[str | None, ...]] = set()
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            activity, entity = relation.source, relation.target
            if kind != "used":
                activity, entity = entity, activity
            if activity.label in STEPS:
                id = str(entity.values("dcterms:identifier")[0])
                # Objects that are not data are numbered in each run.
                found.add((kind, activity.label, id[-16:] if id[-16:-6] == "0" * 10 else id))
    for activity in graph.activities.values():
        if activity.label in STEPS:
            found |= {
                ("parameter", activity.label, key, str(activity.values(key)))
                for key in activity.attributes
                if key.startswith("param:")
            }
    return found


def recorded(folder: Path, *arguments: str, log: str = "prov.log") -> ProvGraph:
    """Run a program under ``provlog run`` without options; return the graph of its log."""
    command = [sys.executable, "-m", "provlog", "run", "--log", log, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment(), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return provlog.read(folder / log)


def provlog_output(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "provlog", *arguments],
        cwd=folder, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


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
    "h5py, by names that are no arguments": """
        import h5py, numpy as np
        def read(): return np.loadtxt("in.csv", delimiter=",", skiprows=1)
        def write(array):
            with h5py.File("array.h5", "w") as file: file["array"] = array
        def load():
            with h5py.File("array.h5") as file: return file["array"][:]
        def extend(array):
            with h5py.File("array.h5", "a") as file: file["more"] = array
        def write_text(array): np.savetxt("out.txt", array + 1)
        write(read())
        extend(load() * 2)
        write_text(load())
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
    "SQLAlchemy": """
        import csv
        from sqlalchemy import create_engine, text
        engine = create_engine("sqlite:///table.db")
        def create():
            with engine.begin() as connection: connection.execute(text("create table t (x int, y int)"))
        def fill(path):
            with open(path) as stream: rows = list(csv.DictReader(stream))
            with engine.begin() as connection: connection.execute(text("insert into t values (:x, :y)"), rows)
        def export(path):
            with engine.connect() as connection: rows = connection.execute(text("select * from t")).fetchall()
            with open(path, "w") as stream: stream.write(repr(rows))
        create()
        fill("in.csv")
        export("out.txt")
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
