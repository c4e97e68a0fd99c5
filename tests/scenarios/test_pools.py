"""Numbers and texts that the workers of pools return: their ids, and what they link."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.model.graph import Activity, Element, ProvGraph
from tests.capture.programs import run
from tests.capture.reading import activities, generated, parameters, used

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
FILES = [f"f{n}.txt" for n in range(6)]

PROGRAM = """
import multiprocessing, os, sys, time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from provlog.capture import Capture

capture = Capture(log="run.log")
FILES = [f"f{n}.txt" for n in range(6)]
# Which tasks take long, and therefore which worker takes which task, differs between runs.
SHIFT = int(os.environ.get("SHIFT", "0"))

class Survey:
    def __init__(self, path): self.path = path

@capture.trace
def rate(path, factor=1):
    if (FILES.index(path) + SHIFT) % 3 == 0: time.sleep(0.1)
    with open(path) as stream: return float(stream.read()) * factor / 7

@capture.trace
def name(path):
    return f"name of {path}"

@capture.trace
def scaled(path, factor=2.5):
    return rate(path) * factor

@capture.trace
def both(path):
    with open(path) as stream: number = float(stream.read())
    return number / 3, f"{number} counts"

@capture.trace
def several(path):
    return [draw() for n in range(3)] + [rate(path)]

@capture.trace
def draw():
    return float("0.5") / 7

@capture.trace
def count(survey):
    with open(survey.path) as stream: return 1000 + len(stream.read())

@capture.trace
def several_counts(survey):
    if (FILES.index(survey.path) + SHIFT) % 3 == 0: time.sleep(0.1)
    return [count(survey), count(survey)]

def untraced(path):
    return {"rate": rate(path), "path": path}

@capture.trace
def stats(path):
    with open(path) as stream: number = float(stream.read())
    return {"rate": number / 3, "path": path, "n": 3}

@capture.trace
def length(path):
    with open(path) as stream: return len(stream.read()) // 100 + 5

@capture.trace
def constant(path):
    with open(path) as stream: stream.read()
    return LIMIT

LIMIT = 12345.5

@capture.trace
def mean(rates):
    return sum(map(float, rates)) / len(rates)

@capture.trace
def write(value, path):
    with open(path, "w") as stream: stream.write(str(value))

def executor_map(context):
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        return list(pool.map(rate, FILES))

def executor_chunks(context):
    with ProcessPoolExecutor(2, mp_context=context) as pool:
        return list(pool.map(rate, FILES, chunksize=2))

def executor_submit(context):
    with ProcessPoolExecutor(3, mp_context=context) as pool:
        return [one.result() for one in [pool.submit(rate, path) for path in FILES]]

def pool_map(context):
    with context.Pool(2) as pool: return pool.map(rate, FILES)

def pool_imap(context):
    with context.Pool(3) as pool: return list(pool.imap(rate, FILES))

def pool_chunks(context):
    with context.Pool(2, maxtasksperchild=1) as pool:
        return sorted(pool.imap_unordered(rate, FILES, chunksize=2))

def pool_apply(context):
    with context.Pool(3) as pool:
        return [one.get() for one in [pool.apply_async(rate, (path,)) for path in FILES]]

def pool_starmap(context):
    with context.Pool(3) as pool: return pool.starmap(rate, [(path, 2.5) for path in FILES])

def joblib_with(backend):
    from joblib import Parallel, delayed
    return Parallel(n_jobs=3, backend=backend)(delayed(rate)(path) for path in FILES)

WAYS = {
    one.__name__: one for one in (
        executor_map, executor_chunks, executor_submit,
        pool_map, pool_imap, pool_chunks, pool_apply, pool_starmap,
    )
}

def tasks(function, items):
    with ProcessPoolExecutor(3, mp_context=multiprocessing.get_context(sys.argv[2])) as pool:
        return list(pool.map(globals()[function], items))
"""
MAIN = """
if __name__ == "__main__":
    way, method = sys.argv[1:]
    if way == "threads":
        with ThreadPoolExecutor(3) as pool: rates = list(pool.map(rate, FILES))
    elif way == "joblib":
        rates = joblib_with(method)
    else:
        rates = WAYS[way](multiprocessing.get_context(method))
    assert [type(one) for one in rates] == [float] * 6
    write(mean(rates), "o.txt")
"""
WAYS = [
    "executor_map fork", "pool_map spawn", "joblib loky", "pool_imap fork", "executor_chunks spawn",
    "joblib multiprocessing", "pool_apply fork", "executor_submit spawn", "pool_starmap fork",
    "joblib threading", "pool_chunks fork", "executor_map spawn", "pool_map fork",
    "executor_chunks fork", "pool_imap spawn", "pool_chunks spawn", "executor_submit fork",
    "pool_apply spawn", "pool_starmap spawn", "executor_submit forkserver",
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number, path in enumerate(FILES):
        # The last two hold the same number.
        (tmp_path / path).write_text(f"{min(number, 4)}.5" + "0" * number)
    return tmp_path


def recorded(folder: Path, main: str, *arguments: str, shift: int = 0, **more: str) -> ProvGraph:
    """Return the graph of a run of the program."""
    log = folder / "run.log"
    log.unlink(missing_ok=True)
    done = run(folder, PROGRAM + main, *arguments, SHIFT=str(shift), **more)
    assert (done.stderr, done.returncode) == ("", 0)
    graph = provlog.read(log)
    assert graph.diagnostics == []
    return graph


def origins(graph: ProvGraph, name: str) -> set[str]:
    """Return the names of the files from which a file comes."""
    [start] = [one for one in graph.entities.values() if one.label == name]
    return {one.label or "" for one in lineage(graph, [start]).entities.values()} & {*FILES}


def in_words(one: Element) -> str:
    """Return the id of an entity, or the name and the parameters of an activity."""
    if isinstance(one, Activity):
        return f"{one.label}{sorted(parameters(one).items(), key=str)}"
    return one.id


def statements(graph: ProvGraph) -> list[tuple[str, ...]]:
    """Return the relations of entities, with the ids of all entities."""
    return sorted(
        (kind, relation.role or "", in_words(relation.source), in_words(relation.target))
        for kind in ("used", "wasGeneratedBy", "wasDerivedFrom", "hadMember")
        for relation in graph.relations[kind]
    )


# How often `make slow` runs each way: at least twice with each of three kinds of long tasks.
MAIN_WAYS = ("executor_map fork", "executor_map spawn", "joblib loky")
RUNS = dict.fromkeys(WAYS, 6) | dict.fromkeys(MAIN_WAYS, 20)


@FORKS
@pytest.mark.parametrize("way", WAYS[::3])
def test_the_lineage_of_a_number_leads_through_the_workers_to_all_files(
    folder: Path, way: str
) -> None:
    found = recorded(folder, MAIN, *way.split())
    assert origins(found, "o.txt") == {*FILES}


@FORKS
@pytest.mark.parametrize(
    ("way", "runs"),
    [pytest.param("executor_map fork", 2), pytest.param("threads -", 2)]
    + [pytest.param(way, runs, marks=pytest.mark.slow) for way, runs in RUNS.items()],
)
def test_every_run_makes_the_same_entities_whichever_worker_takes_a_task(
    folder: Path, way: str, runs: int
) -> None:
    graphs = [recorded(folder, MAIN, *way.split(), shift=shift % 3) for shift in range(runs)]
    assert len({tuple(statements(graph)) for graph in graphs}) == 1
    assert origins(graphs[0], "o.txt") == {*FILES}


@FORKS
def test_equal_numbers_of_two_tasks_are_two_entities(folder: Path) -> None:
    """The last two files hold the same number, in other words."""
    found = recorded(folder, MAIN, "executor_map", "fork")
    made = {parameters(one)["path"]: generated(found, one) for one in activities(found, "rate")}
    fifth, sixth = made["f4.txt"]["result"], made["f5.txt"]["result"]
    assert fifth.values("prov:value") == sixth.values("prov:value")
    assert fifth is not sixth


TASKS = """
if __name__ == "__main__":
    results = tasks(sys.argv[1], FILES)
    {use}
"""


def tasks_of(
    function: str, use: str, folder: Path, shift: int = 0, method: str = "fork", **more: str
) -> ProvGraph:
    """Return the graph of a run with a task for each file, which uses the results."""
    return recorded(folder, TASKS.format(use=use), function, method, shift=shift, **more)


@FORKS
@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("function", "use"),
    [
        ("both", "for number, text in results: write(number, text + '.txt')"),
        ("name", "for one in results: write(one, 'o.txt')"),
        ("several", "write(mean(results[0]), 'o.txt')"),
        ("untraced", "write(results[0]['rate'], 'o.txt')"),
        ("stats", "write(results, 'o.txt')"),
    ],
)
def test_ids_do_not_depend_on_the_worker(
    folder: Path, function: str, use: str, method: str
) -> None:
    first, second = (tasks_of(function, use, folder, shift, method) for shift in (0, 1))
    assert statements(first) == statements(second)


@FORKS
@pytest.mark.parametrize(
    "function", ["rate", "name", "scaled", "both", "several", "stats", "length"]
)
def test_the_compiled_modules_give_the_same_ids(folder: Path, function: str) -> None:
    first, second = (
        tasks_of(function, "write(results[0], 'o.txt')", folder, PROVLOG_PURE=pure)
        for pure in ("0", "1")
    )
    assert statements(first) == statements(second)


SURVEYS = """
if __name__ == "__main__":
    surveys = [Survey(path) for path in FILES]
    if sys.argv[1] == "threads":
        with ThreadPoolExecutor(3) as pool: results = list(pool.map(several_counts, surveys))
    else:
        results = tasks("several_counts", surveys)
    write(results[0][1], "o.txt")
"""


@FORKS
@pytest.mark.parametrize("way", ["threads", "processes"])
def test_ids_of_numbers_depend_on_the_state_of_objects(folder: Path, way: str) -> None:
    """Whose ids differ with the worker."""
    found = [
        recorded(folder, SURVEYS, way, "fork", shift=shift, PROVLOG_PURE=pure)
        for shift, pure in ((0, "0"), (1, "0"), (2, "1"))
    ]
    results = [
        {one.id for each in activities(graph, "count") for one in generated(graph, each).values()}
        for graph in found
    ]
    # Some of these numbers are equal.
    assert len(results[0]) == 12
    assert results[0] == results[1] == results[2]
    assert origins(found[0], "o.txt") == {"f0.txt"}


@FORKS
def test_each_item_of_a_tuple_links(folder: Path) -> None:
    found = tasks_of("both", "write(results[2][0], 'o.txt'); write(results[3][1], 'p.txt')", folder)
    assert origins(found, "o.txt") == {"f2.txt"}
    assert origins(found, "p.txt") == {"f3.txt"}


@FORKS
def test_numbers_of_calls_inside_a_task_link(folder: Path) -> None:
    found = tasks_of(
        "several", "write(results[1][3], 'o.txt'); write(results[1][0], 'p.txt')", folder
    )
    assert origins(found, "o.txt") == {"f1.txt"}
    [draw] = [
        relation.target
        for relation in found.relations["wasGeneratedBy"]
        if relation.source is used(found, activities(found, "write")[1])["value"]
    ]
    assert draw.label == "draw"
    # Equal numbers of calls in one task are several entities.
    assert len({generated(found, one)["result"] for one in activities(found, "draw")}) == 18


@FORKS
def test_a_task_that_is_not_traced_returns_the_number_of_a_call(folder: Path) -> None:
    found = tasks_of("untraced", "write(results[4]['rate'], 'o.txt')", folder)
    assert origins(found, "o.txt") == {"f4.txt"}


@FORKS
@pytest.mark.parametrize("method", ["fork", pytest.param("spawn", marks=pytest.mark.slow)])
def test_dicts_that_tasks_generate_link(folder: Path, method: str) -> None:
    use = "write(results[2], 'o.txt'); write(results[3:], 'p.txt'); write({'n': 3}, 'q.txt')"
    found = tasks_of("stats", use, folder, method=method)
    assert origins(found, "o.txt") == {"f2.txt"}
    assert origins(found, "p.txt") == {"f3.txt", "f4.txt", "f5.txt"}
    assert origins(found, "q.txt") == set()


@FORKS
@pytest.mark.parametrize("function", ["length", "constant"])
def test_small_integers_and_constants_do_not_link(folder: Path, function: str) -> None:
    """Python has one object of each, to which other parts of the program may refer."""
    found = tasks_of(function, "write(results[0], 'o.txt'); write(5, 'p.txt')", folder)
    for one in activities(found, "write"):
        assert used(found, one) == {}
    assert origins(found, "o.txt") == set()


@FORKS
def test_computed_values_do_not_link(folder: Path) -> None:
    """An equal number is another one."""
    found = tasks_of("rate", "write(results[0] + 0, 'o.txt'); write(4.5 / 7, 'p.txt')", folder)
    for one in activities(found, "write"):
        assert used(found, one) == {}


MANY = """
@capture.trace
def number(n): return n / 7

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(3) as pool:
        numbers = pool.map(number, range(2500), chunksize=50)
    write(mean(numbers), "o.txt")
"""


@FORKS
def test_the_first_thousand_of_many_results_link(folder: Path) -> None:
    found = recorded(folder, MANY)
    values = used(found, activities(found, "mean")[0])["rates"]
    members = {one.target for one in found.relations["hadMember"] if one.source is values}
    made = {
        parameters(one)["n"]
        for one in activities(found, "number")
        if members.intersection(generated(found, one).values())
    }
    assert made == {*range(1000)}


BROKEN = """
def broken(path): return [rate(path), (one for one in path)]

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        error = pool.submit(broken, "f1.txt").exception()
        print(type(error), error, pool.submit(rate, "f2.txt").result())
    with context.Pool(1) as pool:
        try: pool.apply(broken, ("f1.txt",))
        except Exception as error: print(type(error), str(error).partition("Reason")[2])
        print(pool.apply(rate, ("f2.txt",)))
"""
NESTED = """
def outer(paths):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        return list(pool.map(rate, paths))

if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
        print(list(pool.map(outer, [FILES[:3], FILES[3:]])))
"""
QUEUE = """
def work(queue): queue.put((1, 2, (True, rate("f1.txt")))); queue.put(rate("f2.txt"))

if __name__ == "__main__":
    queue = multiprocessing.SimpleQueue()
    process = multiprocessing.get_context("fork").Process(target=work, args=(queue,))
    process.start()
    print(queue.get(), queue.get())
    process.join()
"""


@FORKS
@pytest.mark.parametrize("main", [BROKEN, NESTED, QUEUE], ids=["broken", "nested", "queue"])
def test_the_program_gets_what_it_gets_without_provlog(folder: Path, main: str) -> None:
    """A result that cannot be pickled, one of a worker of a worker, and a message like one."""
    first, second = (run(folder, PROGRAM + main, PROVLOG_CAPTURE=switch) for switch in ("1", "0"))
    assert (first.stdout, first.stderr) == (second.stdout, second.stderr)
    assert first.stdout
    assert (first.returncode, first.stderr) == (0, "")
    assert provlog.read(folder / "run.log").diagnostics == []
