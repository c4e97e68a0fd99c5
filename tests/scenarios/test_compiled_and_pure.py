"""The documents of many logs, by the compiled modules and in pure Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from provlog.compiled import PURE, running

ROOT = Path(__file__).resolve().parents[2]
LOGS = 1000


def start(*, is_pure: bool) -> subprocess.Popen[str]:
    """Start the process that prints digests of the documents."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "benchmarks")}
    if is_pure:
        environment[PURE] = "1"
    return subprocess.Popen(
        [sys.executable, "-m", "tests.generated_logs", str(LOGS)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(running() != "compiled", reason="the compiled modules are not built")
def test_documents_of_generated_logs_are_the_same() -> None:
    with start(is_pure=False) as one, start(is_pure=True) as other:
        compiled, pure = (process.communicate()[0].splitlines() for process in (one, other))

    assert compiled.pop(0) == "compiled"
    assert pure.pop(0) == "pure Python"
    assert len(compiled) == LOGS
    assert [seed for seed in range(LOGS) if compiled[seed] != pure[seed]] == []
