"""Programs in subprocesses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

from tests.test_layout import ROOT


def environment(**more: str) -> dict[str, str]:
    """Return an environment in which a program imports the tested provlog."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}


def write(folder: Path, text: str, name: str = "program.py") -> None:
    (folder / name).write_text(dedent(text))


def run(folder: Path, text: str, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder."""
    write(folder, text)
    return subprocess.run(
        [sys.executable, "program.py", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env=environment(**more),
    )  # fmt: skip


def started(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start the program of a folder."""
    return subprocess.Popen(
        [sys.executable, "program.py", *arguments],
        cwd=folder, env=environment(), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
