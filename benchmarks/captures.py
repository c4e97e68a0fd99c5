"""Measure the capture: traced calls, compared with logprov, and reads of a large file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from time import perf_counter

from measuring import WORK, peer_python, table

from provlog.capture import Capture

TRACED = Path(__file__).with_name("traced.py")
# How many calls in how many processes.
CALLS = {300: 15, 1000: 5}
LARGE = 10**9


def calls_table() -> str:
    """Measure a traced call with one parameter and one small result, with recording on and off."""
    rows = []
    for calls, rounds in CALLS.items():
        costs = _costs(calls, rounds)
        ratio = costs["logprov"]["recorded"] / costs["provlog"]["recorded"]
        rows += [
            [f"{calls:,}", name, f"{cost['recorded']:.1f} µs", f"{cost['off']:.2f} µs",
             f"**{ratio:.1f}**" if name == "provlog" else ""]
            for name, cost in costs.items()
        ]  # fmt: skip
    return table(["calls", "recorded by", "a call", "a call, switched off", "times less"], rows)


def _costs(calls: int, rounds: int) -> dict[str, dict[str, float]]:
    """Return the microseconds that tracing adds to a call, the best of several rounds."""
    own = Path(sys.executable)
    pythons = {"provlog": own, "logprov": peer_python(), "untraced": own}
    # In turn, so that all see the same machine.
    found = [
        {name: traced(python, name, calls) for name, python in pythons.items()}
        for _ in range(rounds)
    ]
    best = {
        name: {state: min(one[name][state] for one in found) for state in ("recorded", "off")}
        for name in pythons
    }
    bare = best.pop("untraced")
    return {
        name: {state: cost - bare[state] for state, cost in costs.items()}
        for name, costs in best.items()
    }


def traced(python: Path, tracer: str, calls: int) -> dict[str, float]:
    """Return the microseconds per call, with recording on and off."""
    log = WORK / "traced.log"
    log.unlink(missing_ok=True)
    command: list[str | Path] = [python, TRACED, tracer, log, str(calls)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def large_file_table() -> str:
    """Measure the use of a file of 1 GB by ten activities."""
    path = WORK / "large.dat"
    with path.open("wb") as stream:
        stream.truncate(LARGE)
    capture = Capture()
    seconds = []
    for _ in range(10):
        begun = perf_counter()
        with capture.activity("use") as activity:
            activity.used(path)
        seconds.append(perf_counter() - begun)
    path.unlink()
    return table(
        ["file", "first use", "each of nine later uses"],
        [["1 GB", f"{seconds[0]:.2f} s", f"{sum(seconds[1:]) / 9 * 1e6:.0f} µs"]],
    )
