"""A killed program leaves all its records until then."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from tests.capture.programs import environment, started, write
from tests.capture.reading import activities, activity, parameters

PROGRAM = """
import sys
from provlog.capture import Capture
capture = Capture(log="run.log", each=10**9)

class Thing:
    pass

@capture.trace
def step(number, thing):
    return [number]

@capture.trace
def main(name):
    number = 0
    while True:
        step(number, Thing())
        print(number, flush=True)
        number += 1

main("endless")
"""


@pytest.mark.skipif(os.name == "nt", reason="no such signal")
@pytest.mark.parametrize("steps", [1, 2, 17, 300, 1000])
def test_all_records_before_a_kill_are_in_the_log(tmp_path: Path, steps: int) -> None:
    write(tmp_path, PROGRAM)
    process = started(tmp_path)
    assert process.stdout is not None
    for _ in range(steps):
        process.stdout.readline()
    process.kill()
    done = steps + process.stdout.read().count("\n")
    process.communicate()
    found = provlog.read(tmp_path / "run.log")
    assert found.diagnostics == []
    assert activity(found, "main").end is None
    assert parameters(activity(found, "main")) == {"name": "endless"}
    calls = {parameters(one).get("number"): one for one in activities(found, "step")}
    assert set(range(done)) <= calls.keys()
    # One more activity may have started, or have ended without a record of it.
    assert len(calls) <= done + 1
    assert all(calls[number].end is not None for number in range(done))
    checked = subprocess.run(
        [sys.executable, "-m", "provlog", "check", "run.log"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    warnings = [
        line for line in (checked.stdout + checked.stderr).splitlines() if " PL501 " in line
    ]
    open_ones = sum(one.end is None for one in calls.values()) + 1
    assert len(warnings) == open_ones
    assert any("main" in line for line in warnings)
