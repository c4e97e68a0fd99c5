"""Processes that write to one log."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import provlog
from provlog.cli import main
from tests.capture.reading import activities, activity, generated, parameters, used

PROGRAM = """
import multiprocessing, os, sys, threading
from concurrent.futures import ProcessPoolExecutor
from provlog.capture import Capture

capture = Capture(log="run.log")

class Data:
    pass

@capture.trace
def work(number):
    return number + 1

@capture.trace
def look(data, number):
    pass

"""


def run(folder: Path, program: str, *arguments: str) -> None:
    script = folder / "program.py"
    script.write_text(PROGRAM + textwrap.dedent(program))
    subprocess.run([sys.executable, script, *arguments], cwd=folder, check=True, timeout=300)


STORM = """
def write(number, count):
    for index in range(count // 5 // 8):
        work(number=number * 1_000_000 + index)

def process(number, count):
    threads = [
        threading.Thread(target=write, args=(number * 10 + thread, count)) for thread in range(8)
    ]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

if __name__ == "__main__":
    context = multiprocessing.get_context("fork")
    count = int(sys.argv[1])
    processes = [context.Process(target=process, args=(number, count)) for number in range(8)]
    for one in processes: one.start()
    for one in processes: one.join()
    assert [one.exitcode for one in processes] == [0] * 8
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize(
    "count", [400, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_records_of_eight_processes_with_eight_threads_are_whole(
    tmp_path: Path, count: int
) -> None:
    run(tmp_path, STORM, str(count))
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    calls = count // 5 // 8
    expected = {
        (process * 10 + thread) * 1_000_000 + index
        for process in range(8) for thread in range(8) for index in range(calls)
    }  # fmt: skip
    done = activities(graph, "work")
    assert len(done) == len(expected)
    assert {parameters(one)["number"] for one in done} == expected
    for one in done:
        assert one.end is not None
        assert one.values("log:status") == []
    results = {relation.target: relation.source for relation in graph.relations["wasGeneratedBy"]}
    for one in done:
        assert results[one].values("prov:value") == [parameters(one)["number"] + 1]
    assert len(graph.sessions) == 1


POOL = """
if __name__ == "__main__":
    data = Data()
    look(data, 0)
    with ProcessPoolExecutor(2, multiprocessing.get_context(sys.argv[1])) as pool:
        assert list(pool.map(work, range(6))) == list(range(1, 7))
    work(100)
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_workers_belong_to_the_session_of_the_program(tmp_path: Path, method: str) -> None:
    run(tmp_path, POOL, method)
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    assert len(graph.sessions) == 1
    done = activities(graph, "work")
    assert sorted(parameters(one)["number"] for one in done) == [0, 1, 2, 3, 4, 5, 100]
    assert {one.session for one in done} == set(graph.sessions.values())


FORK = """
data = Data()
look(data, 0)

@capture.trace
def outer():
    child = os.fork()
    if not child:
        look(data, 1)
        os._exit(0)
    os.waitpid(child, 0)

outer()
look(data, 2)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_keeps_parent_session_and_objects(tmp_path: Path) -> None:
    run(tmp_path, FORK)
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    looks = {parameters(one)["number"]: one for one in activities(graph, "look")}
    assert sorted(looks) == [0, 1, 2]
    assert len({used(graph, one)["data"] for one in looks.values()}) == 1
    outer = activity(graph, "outer")
    assert [
        relation.source
        for relation in graph.relations["wasInfluencedBy"]
        if relation.target is outer
    ] == [looks[1]]
    assert len(graph.sessions) == 1


FILES = """
with open("input.txt", "w") as stream:
    stream.write("the same")
with capture.activity("block") as block:
    block.used("input.txt", role="file")
work(1)
"""


def test_two_runs_are_two_sessions_that_share_files_alone(tmp_path: Path) -> None:
    run(tmp_path, FILES)
    run(tmp_path, FILES)
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    assert len(graph.sessions) == 2
    blocks, works = activities(graph, "block"), activities(graph, "work")
    assert len(blocks) == len(works) == 2
    assert len({used(graph, one)["file"] for one in blocks}) == 1
    assert len({generated(graph, one)["result"] for one in works}) == 2


KILLED = """
for number in range(50):
    work(number)

@capture.trace
def open_end():
    print("ready", flush=True)
    threading.Event().wait()

open_end()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
def test_what_was_recorded_before_a_kill_is_readable(tmp_path: Path) -> None:
    script = tmp_path / "program.py"
    script.write_text(PROGRAM + KILLED)
    with subprocess.Popen(
        [sys.executable, script], cwd=tmp_path, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    assert sorted(parameters(one)["number"] for one in activities(graph, "work")) == [*range(50)]
    assert activity(graph, "open_end").end is None
    checked = CliRunner().invoke(main, ["check", str(tmp_path / "run.log"), "--select", "PL501"])
    assert checked.exit_code == 1
    assert "PL501" in checked.stdout
    assert "open_end" in checked.stdout
    codes = Counter(finding.code for finding in provlog.check(tmp_path / "run.log"))
    assert codes["PL501"] == 1
