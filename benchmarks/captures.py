"""Measure the capture: traced calls beside logprov and logging, files, and a whole script."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from statistics import median
from time import perf_counter

from measuring import PROVLOG, WORK, peer_python, run, table

from provlog.capture import Capture

TRACED = Path(__file__).with_name("traced.py")
# How many calls in how many processes.
CALLS = {300: 15, 1000: 5}
LARGE = 10**9
SCRIPT = Path(__file__).parent.parent / "tests" / "data" / "seven-functions.py.txt"


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


def cases_table() -> str:
    """Measure calls with a definition, many arguments, a large array, in threads and summaries."""
    found = _figures()
    method, logging = found["defined"].values()
    array, threads, summary = found["array"], found["threads"], found["summary"]
    hashes = ", ".join(f"{name} {array[name] / 1000:.0f} ms" for name in list(array)[1:])
    rows = [
        ["a method with a definition", f"{method:.0f} µs", "five calls of `logging`",
         f"{logging:.0f} µs", f"**{method / logging:.2f}**"],
        ["100 arguments", f"{found['hundred']['100 arguments']:.0f} µs", "", "", ""],
        ["an array of 32 MB", f"{array['an array of 32 MB'] / 1000:.1f} ms", "hashes of it",
         hashes, ""],
        ["in ten threads at once", f"{threads['ten threads']:.0f} µs", "in one thread",
         f"{threads['one thread']:.0f} µs",
         f"**{threads['ten threads'] / threads['one thread']:.2f}**"],
        ["in a summary", f"{summary['traced']:.2f} µs", "the bare function",
         f"{summary['bare']:.2f} µs", ""],
    ]  # fmt: skip
    return table(["call", "takes", "beside", "takes", "ratio"], rows)


def files_table() -> str:
    """Measure opening files in activities, and reading 300 files."""
    found = _figures()
    opened = found["openings"]
    rows = [
        [f"opening a file {state}", f"{opened[name] - opened['bare']:.0f} µs more"]
        for name, state in (
            ("first", "of 500 bytes for the first time, with its hash"),
            ("known", "that an earlier activity has read"),
            ("again", "again"),
        )
    ]
    rows += [
        [f"reading 300 files of {how}", f"**{ratio:.2f}** times"]
        for how, ratio in found["loops"].items()
    ]
    return table(["", "with provlog"], rows)


def script_table() -> str:
    """Compare a script with pandas and scikit-learn with itself without provlog."""
    source = WORK / "table.csv"
    rows = []
    for count in (1000, 10**6):
        lines = (f"{number % 977},{number % 977 * 2.5 + number % 13}\n" for number in range(count))
        source.write_text("x,y\n" + "".join(lines))
        script = WORK / "flow.py"
        shutil.copy(SCRIPT, script)
        commands: list[list[str | Path]] = [
            [sys.executable, script, source],
            [PROVLOG, "run", "--log", WORK / "flow.log", script, source],
        ]
        pairs = [[run(command, folder=WORK).seconds for command in commands] for _ in range(7)]
        bare, recorded = (median(times) for times in zip(*pairs, strict=True))
        # The two runs of a pair find the machine in the same state.
        ratio = median(recorded / bare for bare, recorded in pairs)
        rows.append([f"{count:,}", f"{bare:.2f} s", f"{recorded:.2f} s", f"**{ratio:.2f}**"])
    return table(["rows", "python", "provlog run", "ratio"], rows)


@cache
def _figures() -> dict[str, dict[str, float]]:
    output = WORK / "calls.json"
    folder = WORK / "calls"
    shutil.rmtree(folder, ignore_errors=True)
    run([sys.executable, Path(__file__).with_name("calls.py"), folder], output)
    found: dict[str, dict[str, float]] = json.loads(output.read_text())
    return found
