"""Programs from code and from standard input."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from tests.capture.programs import environment
from tests.capture.reading import activity, parameters

CODE = """
import sys
def area(width, height=2): return width * height
print(area(3), sys.argv, repr(sys.path[0]), __name__, sorted(globals()), repr(sys.stdin.read()))
sys.exit(area(3))
"""


@pytest.mark.parametrize("program", [["-c", CODE], ["-"]])
def test_code_and_standard_input_run_as_with_python(tmp_path: Path, program: list[str]) -> None:
    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *command, *program, "a", "--log"],
            input=CODE, cwd=tmp_path, capture_output=True, text=True, check=False,
            env=environment(),
        )  # fmt: skip

    expected = run()
    found = run("-m", "provlog", "run", "-t", "area", "--log", "run.log")
    assert (found.stdout, found.stderr) == (expected.stdout, expected.stderr)
    assert found.returncode == expected.returncode == 6
    graph = provlog.read(tmp_path / "run.log")
    assert graph.diagnostics == []
    [first, _] = [one for one in graph.activities.values() if one.label == "area"]
    assert parameters(first) == {"width": 3, "height": 2}
    assert parameters(activity(graph, program[0])) == {"arguments": '["a","--log"]'}
