"""The documents of many logs, by the compiled modules and in pure Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provlog.compiled import PURE, running

ROOT = Path(__file__).resolve().parents[2]


def start(logs: int, *, is_pure: bool) -> subprocess.Popen[str]:
    """Start the process that prints digests of the documents."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "benchmarks")}
    if is_pure:
        environment[PURE] = "1"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.generated_logs", str(logs)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(running() != "compiled", reason="the compiled modules are not built")
@pytest.mark.parametrize("logs", [200, pytest.param(1000, marks=pytest.mark.slow)])
def test_documents_of_generated_logs_are_the_same(logs: int) -> None:
    with start(logs, is_pure=False) as one, start(logs, is_pure=True) as other:
        compiled, pure = (process.communicate()[0].splitlines() for process in (one, other))

    assert compiled.pop(0) == "compiled"
    assert pure.pop(0) == "pure Python"
    assert len(compiled) == logs
    assert [seed for seed in range(logs) if compiled[seed] != pure[seed]] == []
