"""Many processes and threads that write to one log."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from tests.capture.reading import activities, parameters

PROGRAM = """
import multiprocessing, sys, threading
from provlog.capture import Capture

# Each call is an activity, however many there are.
capture = Capture(log="run.log", each=10**9)

@capture.trace
def work(number):
    return number + 1

"""


def run(folder: Path, program: str, *arguments: str) -> None:
    script = folder / "program.py"
    script.write_text(PROGRAM + program)
    subprocess.run([sys.executable, script, *arguments], cwd=folder, check=True, timeout=300)


STORM = """
def write(number, count):
    for index in range(count // 5):
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
    "count", [50, pytest.param(10_000, marks=pytest.mark.slow)], ids=["some", "all"]
)
def test_eight_processes_with_eight_threads_lose_no_record(tmp_path: Path, count: int) -> None:
    run(tmp_path, STORM, str(count))
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    calls = count // 5
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
