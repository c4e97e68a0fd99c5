"""Several threads, processes and runs that write to one log."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.model.graph import Activity, ProvGraph
from tests.capture.programs import environment, run, write
from tests.capture.reading import activities, activity, generated, parameters, used

FORKS = pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
WAYS = [
    pytest.param(way, marks=FORKS if "fork" in way else ())
    for way in (
        "process fork", "process spawn", "process forkserver", "pool fork", "pool spawn",
        "pool forkserver", "executor fork", "executor spawn", "executor forkserver", "fork",
    )
]  # fmt: skip


def sessions(graph: ProvGraph) -> set[Activity]:
    return {one.session for one in graph.activities.values() if one.session}


def parent(graph: ProvGraph, one: Activity) -> Activity | None:
    found = [
        relation.target
        for relation in graph.relations["wasInfluencedBy"]
        if relation.source is one and relation.target is not one.session
    ]
    assert len(found) <= 1
    return found[0] if found else None  # type: ignore[return-value]


# Workers

WORKERS = """
import multiprocessing, os, sys
from concurrent.futures import ProcessPoolExecutor
from provlog.capture import Capture

capture = Capture(log="run.log")

class Thing:
    pass

@capture.trace
def inner(number):
    return number * 1000

@capture.trace
def work(number):
    return inner(number) + os.getpid() * 0

def processes(context):
    workers = [context.Process(target=work, args=[number]) for number in range(3)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]

def pool(context):
    with context.Pool(2) as workers:
        assert workers.map(work, range(3)) == [0, 1000, 2000]

def executor(context):
    with ProcessPoolExecutor(2, mp_context=context) as workers:
        assert list(workers.map(work, range(3))) == [0, 1000, 2000]

def fork(context):
    for number in range(3):
        child = os.fork()
        if not child:
            work(number)
            os._exit(0)
        os.waitpid(child, 0)

WAYS = {"process": processes, "pool": pool, "executor": executor, "fork": fork}

@capture.trace
def main(way, method):
    WAYS[way](multiprocessing.get_context(method))
    inner(7)

if __name__ == "__main__":
    way, method = (sys.argv[1] + " fork").split()[:2]
    main(way, method)
"""


@pytest.mark.parametrize("way", WAYS)
def test_workers_belong_to_the_session_of_their_program(tmp_path: Path, way: str) -> None:
    done = run(tmp_path, WORKERS, way)
    assert (done.stdout, done.stderr, done.returncode) == ("", "", 0)
    judge_workers(provlog.read(tmp_path / "run.log"), is_forked=way.endswith("fork"))


def judge_workers(found: ProvGraph, is_forked: bool) -> None:
    assert found.diagnostics == []
    assert len(sessions(found)) == 1
    outer = activity(found, "main")
    workers = activities(found, "work")
    assert sorted(parameters(one)["number"] for one in workers) == [0, 1, 2]
    for one in workers:
        assert one.end is not None
        assert parent(found, one) is (outer if is_forked else None)
    inners = {parameters(one)["number"]: one for one in activities(found, "inner")}
    assert sorted(inners) == [0, 1, 2, 7]
    for one in workers:
        number = parameters(one)["number"]
        assert parent(found, inners[number]) is one
        results = [generated(found, each)["result"] for each in (inners[number], one)]
        assert [each.values("prov:value") for each in results] == [[number * 1000]] * 2
    assert parent(found, inners[7]) is outer


@pytest.mark.parametrize("way", ["process spawn", "executor spawn"])
def test_workers_of_provlog_run_belong_to_its_session(tmp_path: Path, way: str) -> None:
    program = WORKERS.replace("@capture.trace\n", "")
    program = re.sub(r"(?m)^(from provlog|capture =).*$", "", program)
    write(tmp_path, program)
    (tmp_path / "definition.yaml").write_text(
        "activities:\n"
        "  inner: {parameters: [{name: number}], generation: [{value: result, role: result}]}\n"
        "  work: {parameters: [{name: number}], generation: [{value: result, role: result}]}\n"
        "  main: {parameters: [{name: way}]}\n"
    )
    command = [sys.executable, "-m", "provlog", "run", "-d", "definition.yaml", "--log", "run.log"]
    done = subprocess.run(
        [*command, "program.py", way],
        cwd=tmp_path, capture_output=True, text=True, check=False, env=environment(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    judge_workers(provlog.read(tmp_path / "run.log"), is_forked=False)


POOL = """
import multiprocessing, sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from provlog.capture import Capture

capture = Capture(log="run.log")

@capture.trace
def write(n):
    path = Path(f"part{n}.txt")
    path.write_text(str(n))
    return path

@capture.trace
def count(path):
    return {"path": path.name, "length": len(path.read_text())}

@capture.trace
def extend(counts):
    return counts | {"is_long": counts["length"] > 1}

@capture.trace
def merge(paths):
    Path("all.txt").write_text("".join(path.read_text() for path in paths))
    return Path("all.txt")

@capture.trace
def reduce(counts):
    return sum(one["length"] for one in counts)

if __name__ == "__main__":
    context = multiprocessing.get_context(sys.argv[1])
    with ProcessPoolExecutor(3, mp_context=context) as workers:
        paths = list(workers.map(write, range(4)))
        counts = list(workers.map(count, paths))
        counts = list(workers.map(extend, counts))
    merge(paths)
    reduce(counts)
"""


@pytest.mark.parametrize("method", ["spawn", pytest.param("fork", marks=FORKS)])
def test_a_process_pool_gives_the_same_links_each_time(tmp_path: Path, method: str) -> None:
    found = []
    for number in range(3):
        folder = tmp_path / str(number)
        folder.mkdir()
        done = run(folder, POOL, method)
        assert (done.stderr, done.returncode) == ("", 0)
        found.append(named_links(provlog.read(folder / "run.log")))
    assert found[0] == found[1] == found[2]
    for file in (f"part{n}.txt" for n in range(4)):
        assert found[0]["wasGeneratedBy", file, "write"] == 1
        assert found[0]["used", "count", file] == 1
        assert found[0]["hadMember", "list", file] == 1
    assert found[0]["wasGeneratedBy", "dict", "count"] == 4
    assert found[0]["wasGeneratedBy", "dict", "extend"] == 4
    # A worker does not know the results of another one.
    assert found[0]["used", "extend", "dict"] == 0


def named_links(graph: ProvGraph) -> Counter[tuple[str, str, str]]:
    """Return the relations by labels, with their numbers."""
    return Counter(
        (kind, relation.source.label, relation.target.label)
        for kind in ("used", "wasGeneratedBy", "wasDerivedFrom", "hadMember")
        for relation in graph.relations[kind]
    )


@FORKS
def test_an_object_keeps_its_id_across_a_fork(tmp_path: Path) -> None:
    done = run(
        tmp_path,
        """
        import os
        from provlog.capture import Capture
        capture = Capture(log="run.log")
        class Thing:
            def __init__(self): self.value = 1
        @capture.trace
        def make(): return Thing()
        @capture.trace
        def use(thing, where): pass
        thing = make()
        child = os.fork()
        if not child:
            use(thing, "child")
            thing.value = 2
            use(thing, "changed in child")
            use(Thing(), "new in child")
            os._exit(0)
        os.waitpid(child, 0)
        use(thing, "parent")
        use(Thing(), "new in parent")
        """,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    assert len(sessions(found)) == 1
    made = generated(found, activity(found, "make"))["result"]
    uses = {parameters(one)["where"]: used(found, one)["thing"] for one in activities(found, "use")}
    assert uses.pop("child") is uses.pop("parent") is made
    assert len({made, *uses.values()}) == 4
    [derivation] = found.relations["wasDerivedFrom"]
    assert (derivation.source, derivation.target) == (uses["changed in child"], made)


@FORKS
@pytest.mark.parametrize("end", ["sys.exit(0)", "sys.exit(4)", "raise KeyError", "os._exit(0)", ""])
def test_an_activity_ends_in_the_process_in_which_it_started(tmp_path: Path, end: str) -> None:
    """A forked process that leaves the activity, too, does not record its end."""
    done = run(
        tmp_path,
        f"""
        import os, sys
        from provlog.capture import Capture
        capture = Capture(log="run.log")
        @capture.trace
        def work(): pass
        @capture.trace
        def items():
            yield 1
        @capture.trace
        def main():
            running = items()
            next(running)
            with capture.activity("block"):
                child = os.fork()
                if not child:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
                    work()
                    {end or "return [5]"}
                os.waitpid(child, 0)
            list(running)
        main()
        """,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    for name in ("main", "block", "items", "work"):
        one = activity(found, name)
        assert one.end is not None
        assert one.values("log:status") == []
    assert generated(found, activity(found, "main")) == {}
    ends = re.findall(r"'endTime'", (tmp_path / "run.log").read_text())
    assert len(ends) == 4


@FORKS
def test_the_buffer_of_a_process_is_its_own(tmp_path: Path) -> None:
    """It may be long enough for a temporary file."""
    done = run(
        tmp_path,
        """
        import os
        from provlog.capture import Capture
        capture = Capture(log="run.log", each=100_000)
        @capture.trace
        def step(number): pass
        for number in range(7000): step(number)
        for _ in range(3):
            child = os.fork()
            if not child:
                for number in range(5): step(number)
                graph = capture.graph()
                assert len([one for one in graph.activities.values() if one.session]) == 5
                os._exit(0)
            assert os.waitpid(child, 0)[1] == 0
        for number in range(7000): step(number)
        graph = capture.graph()
        assert graph.diagnostics == []
        assert len([one for one in graph.activities.values() if one.session]) == 14000
        """,
    )
    assert (done.stderr, done.returncode) == ("", 0)


@FORKS
def test_a_fork_may_happen_while_other_threads_write(tmp_path: Path) -> None:
    """No lock stays locked in the child."""
    done = run(
        tmp_path,
        """
        import os, threading, warnings
        warnings.simplefilter("ignore")
        from provlog.capture import Capture
        capture = Capture(log="run.log", each=100_000)
        class Thing: pass
        @capture.trace
        def step(number): return Thing()
        stop = threading.Event()
        def work():
            while not stop.is_set(): step(-1)
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads: thread.start()
        children = []
        for number in range(40):
            child = os.fork()
            if not child:
                step(number)
                os._exit(0)
            children.append(child)
        for child in children: assert os.waitpid(child, 0)[1] == 0
        stop.set()
        for thread in threads: thread.join()
        """,
    )
    assert (done.stderr, done.returncode) == ("", 0)
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    numbers = [parameters(one)["number"] for one in activities(found, "step")]
    assert sorted(number for number in numbers if number >= 0) == [*range(40)]


# Runs

RUN = """
import os, subprocess, sys
from provlog.capture import Capture
from provlog.definitions.load import definitions_of
capture = Capture(definitions_of({"activities": {"observe": {
    "usage": [{"role": "events", "id": "number", "namespace": "gamma-events"}]}}}), "run.log")

class Thing:
    pass

@capture.trace
def make(number):
    return Thing()

@capture.trace
def count(thing):
    return 5

@capture.trace
def observe(number):
    pass

observe(23523)
count(make(1))
with capture.activity("block") as block:
    block.used("program.py")
if sys.argv[1:]:
    subprocess.run([sys.executable, "program.py"], check=True)
"""


@pytest.mark.parametrize("is_nested", [False, True])
def test_two_runs_share_files_names_and_values_but_no_objects(
    tmp_path: Path, is_nested: bool
) -> None:
    """Even if one program starts the other."""
    for _ in range(1 if is_nested else 2):
        done = run(tmp_path, RUN, *["again"] * is_nested)
        assert (done.stderr, done.returncode) == ("", 0)
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    first, second = sessions(found)
    of: dict[Activity, set[Any]] = {first: set(), second: set()}
    for name, end in (("used", "source"), ("wasGeneratedBy", "target")):
        for relation in found.relations[name]:
            one: Any = getattr(relation, end)
            entity = relation.target if end == "source" else relation.source
            of[one.session].add(entity)
    shared = {entity.label or entity.id for entity in of[first] & of[second]}
    # The result of `count` is 5 in both runs; the objects differ.
    assert shared == {"program.py", "gamma-events:entity-23523", "int"}
    assert len(of[first]) == len(of[second]) == 4
    raw = re.findall(r"'activity_id': '(\w+)', 'activity_name'", (tmp_path / "run.log").read_text())
    assert len(raw) == len(set(raw)) == 8
