"""Traced calls and opened files of one process, each beside what it is compared with.

    python benchmarks/calls.py FOLDER

Prints the figures as JSON; ``captures.py`` starts it.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from hashlib import blake2b, sha256
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from xxhash import xxh3_128_digest

from provlog.capture import Capture

DEFINITIONS = """
activities:
  Analysis.fit:
    description: Fit a model
    parameters: [{name: bins, value: bins}]
    usage: [{role: analysis, entityName: Analysis, value: self}]
    generation: [{role: result, entityName: FitResult, value: result}]
entities:
  Analysis: {description: The analysis, type: PythonObject}
  FitResult: {description: Its result, type: PythonObject}
"""
ROUNDS = 15
CALLS = 50
THREADS = 10
FILES = 300
Step = Callable[[], object]


class FitResult:
    """A small object."""

    def __init__(self, bins: int) -> None:
        self.bins = bins


class Analysis:
    """An object with some settings."""

    def __init__(self) -> None:
        self.source, self.energy_min, self.energy_max = "crab", 0.5, 30.0

    def fit(self, bins: int = 20) -> FitResult:
        """Make a small object."""
        return FitResult(bins)


def make(bins: int = 20) -> FitResult:
    """Make a small object."""
    return FitResult(bins)


def many(**options: float) -> FitResult:
    """Take any number of arguments."""
    return FitResult(len(options))


def same(array: np.ndarray[Any, Any]) -> None:
    """Take an array and make nothing."""


def costs(steps: dict[str, Step], calls: int = CALLS, rounds: int = ROUNDS) -> dict[str, float]:
    """Return the processor time of each step in µs, the best of some rounds, in turn."""
    best = dict.fromkeys(steps, float("inf"))
    for _ in range(rounds):
        for name, step in steps.items():
            begun = process_time()
            for _ in range(calls):
                step()
            best[name] = min(best[name], (process_time() - begun) / calls * 1e6)
    return best


def defined(folder: Path) -> dict[str, float]:
    """Compare a method with a definition with five calls of ``logging``."""
    definitions = folder / "definitions.yaml"
    definitions.write_text(DEFINITIONS)
    with capturing(folder / "defined.log", definitions) as capture:
        traced = capture.trace_methods(type("Traced", (Analysis,), {"fit": Analysis.fit}))()
        logger = logging.getLogger("plain")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(logging.FileHandler(folder / "plain.log"))

        def log() -> None:
            for number in range(5):
                logger.info("activity %s has the parameters %s", number, {"bins": 3})

        return costs({"a method": lambda: traced.fit(bins=3), "five calls of logging": log})


def hundred(folder: Path) -> dict[str, float]:
    """Measure a call with 100 arguments."""
    arguments = {f"option{number}": number / 3 for number in range(100)}
    with capturing(folder / "hundred.log") as capture:
        traced = capture.trace(many)
        return costs({"100 arguments": lambda: traced(**arguments)}, 10)


def array(folder: Path) -> dict[str, float]:
    """Compare a call that takes an array of 32 MB with hashes of the array."""
    data = np.random.default_rng(5).random(4_000_000)
    memory = data.tobytes()
    with capturing(folder / "array.log") as capture:
        traced = capture.trace(same)
        steps: dict[str, Step] = {
            "an array of 32 MB": lambda: traced(data),
            "xxh3": lambda: xxh3_128_digest(memory),
            "sha256": lambda: sha256(memory).digest(),
            "blake2b": lambda: blake2b(memory).digest(),
        }
        return costs(steps, 1, 5)


def threads(folder: Path) -> dict[str, float]:
    """Compare the calls of ten threads with those of one."""
    with capturing(folder / "threads.log") as capture, ThreadPoolExecutor(THREADS) as pool:
        traced = capture.trace(make)

        def call(_: int) -> None:
            for _ in range(CALLS):
                traced(bins=3)

        steps: dict[str, Step] = {
            "ten threads": lambda: [*pool.map(call, range(THREADS))],
            "one thread": lambda: [*map(call, range(THREADS))],
        }
        found = costs(steps, 1, 5)
        return {name: cost / CALLS / THREADS for name, cost in found.items()}


def summary(folder: Path) -> dict[str, float]:
    """Measure a call within a summary of many calls."""
    with capturing(folder / "summary.log", each=1) as capture:
        traced = capture.trace(abs_of)
        return costs({"traced": lambda: traced(3), "bare": lambda: abs_of(3)}, 1000)


def abs_of(number: int) -> int:
    """Return a number."""
    return number


def openings(folder: Path) -> dict[str, float]:
    """Measure what opening files for reading takes, more than without an activity."""
    paths = files(folder, 100, 500)
    best = {name: np.full(len(paths), np.inf) for name in ("bare", "first", "known", "again")}
    for number in range(ROUNDS):
        keep_least(best["bare"], read, paths)
        with capturing(folder / f"openings{number}.log") as capture:
            with capture.activity("first"):
                keep_least(best["first"], read, paths)
            with capture.activity("known"):
                keep_least(best["known"], read, paths)
                keep_least(best["again"], read, paths)
    return {name: times.mean() * 1e6 for name, times in best.items()}


def loops(folder: Path) -> dict[str, float]:
    """Compare reading 300 files in one activity, or each in a call, with reading them alone."""
    found = {}
    for size in (1000, 10_000, 100_000):
        first, *paths = files(folder / f"loop{size}", FILES + 1, size)
        for load, reader in READERS.items():
            bare, within, each = (np.full(FILES, np.inf) for _ in range(3))
            # In turn, since the speed of a shared machine changes.
            for number in range(20):
                log = folder / f"{load.__name__}{size}-{number}.log"
                keep_least(bare, load, paths)
                with capturing(log) as capture, capture.activity("loop"):
                    keep_least(within, load, paths)
                with capturing(log) as capture:
                    traced = capture.trace(load)
                    # The session begins with the first call.
                    traced(first)
                    keep_least(each, traced, paths)
            what = f"{size // 1000} kB by `{reader}`"
            found[f"{what}, in one activity"] = within.sum() / bare.sum()
            found[f"{what}, each in a traced call"] = each.sum() / bare.sum()
    return found


def keep_least(best: np.ndarray[Any, Any], load: Callable[[str], object], paths: list[str]) -> None:
    """Read files, and keep the least processor time of each, in seconds."""
    for number, path in enumerate(paths):
        begun = process_time()
        load(path)
        best[number] = min(best[number], process_time() - begun)


def sum_of(path: str) -> float:
    """Return the sum of the numbers in a file."""
    return float(np.loadtxt(path).sum())


def table_of(path: str) -> pd.DataFrame:
    """Return a file as a table."""
    return pd.read_csv(path, header=None)


READERS: dict[Callable[[str], object], str] = {
    sum_of: "numpy.loadtxt",
    table_of: "pandas.read_csv",
}


def read(path: str) -> None:
    """Open a file."""
    with open(path, "rb"):
        pass


def files(folder: Path, count: int, size: int) -> list[str]:
    """Make files with numbers, old enough that a change would change their times."""
    folder.mkdir(exist_ok=True)
    paths = [str(folder / f"{number}.txt") for number in range(count)]
    for number, path in enumerate(paths):
        Path(path).write_text(f"{number:07}.25\n" * (size // 11))
        os.utime(path, (1e9, 1e9))
    return paths


@contextmanager
def capturing(
    log: Path, definitions: Path | None = None, each: int = 1_000_000
) -> Iterator[Capture]:
    """Record to a log of its own."""
    if definitions is None:
        capture = Capture(log=log, each=each)
    else:
        capture = Capture.from_yaml(definitions, log=log, each=each)
    yield capture
    capture.close()


CASES = (defined, hundred, array, threads, summary, openings, loops)


def main() -> None:
    """Print the figures of all cases."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps({case.__name__: case(folder) for case in CASES}))


if __name__ == "__main__":
    main()
