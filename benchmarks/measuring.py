"""Run and measure processes, and format tables."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

WORK = Path(__file__).resolve().parent.parent / ".bench"
PROVLOG = Path(sys.executable).with_name("provlog")
PEER = WORK / "peer"
PEER_PACKAGES = ("logprov==0.0.2", "psutil", "pyyaml", "prov[rdf,xml]")
MEGA = 1_000_000


class Run(NamedTuple):
    """The duration of a process in seconds, and its peak memory in bytes."""

    seconds: float
    memory: int


def run(
    command: Sequence[str | Path],
    output: Path | None = None,
    path: str | None = None,
    folder: Path | None = None,
) -> Run:
    """Run a process to its end, with another PATH or in another folder if one is given."""
    env = os.environ | ({} if path is None else {"PATH": path})
    with open(output or os.devnull, "wb") as stream:
        begun = perf_counter()
        process = subprocess.Popen(
            command, stdout=stream, stderr=subprocess.DEVNULL, env=env, cwd=folder
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - begun
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"failed: {' '.join(map(str, command))}")
    return Run(seconds, usage.ru_maxrss * 1024)


def best(runs: Iterable[Run]) -> Run:
    """Return the fastest run, because noise of the machine only adds time."""
    return min(runs)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table in Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines) + "\n"


def peer_python() -> Path:
    """Return the interpreter of the environment with logprov."""
    python = PEER / "bin" / "python"
    if not python.exists():
        venv.create(PEER, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PEER_PACKAGES], check=True)
    return python
