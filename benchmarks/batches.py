"""Measure batches: one process, several, a cluster, and the loop that they replace."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

import generate
from measuring import MEGA, PROVLOG, WORK, Run, best, run, table

from provlog.batch.conversion import Conversion
from provlog.batch.engines import results
from provlog.batch.manifest import Manifest
from provlog.batch.outcome import Outcome, Status
from provlog.batch.pool import process_pool
from provlog.batch.work import Options, Task, convert_log
from provlog.files.find import Found, find_logs

REAL_SIZED = 2000
RECORDS = 300
SMALL = 10_000
FEW_RECORDS = 10
ROUNDS = 3


def logs(number: int, records: int) -> Path:
    """Return a folder of logs in all dialects; generate it if it does not exist."""
    folder = WORK / f"logs-{number}-{records}"
    if folder.exists():
        return folder
    part = folder.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    lines = generate.lines("mixed", number * records)
    # Between two records is an ordinary line.
    for index in range(number):
        with (part / f"run{index:06}.log").open("w") as log:
            for _ in range(2 * records):
                log.write(f"{next(lines, 'INFO nothing more')}\n")
    part.rename(folder)
    return folder


def batch(folder: Path, *options: str, keep: bool = False) -> Run:
    """Run ``provlog batch``, by default with an empty output folder."""
    out = WORK / "batch-out"
    if not keep:
        shutil.rmtree(out, ignore_errors=True)
    return run([PROVLOG, "batch", folder, "-d", out, "--fail-on", "never", *options])


@contextmanager
def cluster() -> Iterator[str]:
    """Start a dask cluster of two worker processes, and yield its address."""
    import dask
    from distributed import LocalCluster

    # The profiler of the workers looks at their stacks every 10 ms.
    without_profiler = dask.config.set({"distributed.worker.profile.enabled": False})
    with (
        without_profiler,
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
        ) as started,
    ):
        yield started.scheduler_address


def night_table() -> str:
    """Measure typical logs with one process, two processes, and a cluster of two workers."""
    folder = logs(REAL_SIZED, RECORDS)
    size = sum(log.stat().st_size for log in folder.iterdir())
    engines: dict[str, Callable[[], Run]] = {
        "`--jobs 1`": lambda: batch(folder),
        "`--jobs 2`": lambda: batch(folder, "--jobs", "2"),
    }
    # Dask would count as memory of the processes that this one starts.
    memory = {name: measure().memory for name, measure in engines.items()}
    with cluster() as address:
        engines["a warm Dask cluster of two workers"] = lambda: batch(
            folder, "--scheduler", address
        )
        # In the first run, the workers import provlog.
        batch(folder, "--scheduler", address)
        rounds = [{name: measure() for name, measure in engines.items()} for _ in range(ROUNDS)]
    taken = {name: best(each[name] for each in rounds) for name in engines}
    one = taken["`--jobs 1`"].seconds
    rows = [
        [name, f"{found.seconds:.1f} s", f"{REAL_SIZED / found.seconds:,.0f}",
         f"{found.seconds / REAL_SIZED * 1000:.1f} ms", f"**{one / found.seconds:.2f}**",
         f"{memory.get(name, found.memory) / MEGA:.0f} MB"]
        for name, found in taken.items()
    ]  # fmt: skip
    title = f"{REAL_SIZED:,} logs of {RECORDS} records, {size / REAL_SIZED / 1000:.0f} kB each"
    return f"{title}, to PROV-JSON.\n\n" + table(
        ["by", "time", "logs/s", "a log", "times `--jobs 1`", "memory of the first process"], rows
    )


def small_logs_table() -> str:
    """Measure small logs: a batch, the same batch without changes, and one process per log."""
    folder = logs(SMALL, FEW_RECORDS)
    one = best(batch(folder) for _ in range(ROUNDS)).seconds / SMALL
    again = best(batch(folder, keep=True) for _ in range(ROUNDS)).seconds / SMALL
    two = best(batch(folder, "--jobs", "2") for _ in range(ROUNDS)).seconds / SMALL
    begun = perf_counter()
    some = sorted(folder.iterdir())[:100]
    for log in some:
        run([PROVLOG, "convert", log, "-o", WORK / "out.json"])
    loop = (perf_counter() - begun) / len(some)
    rows = [
        [name, f"{seconds * 1000:.2f} ms", f"**{loop / seconds:.0f}**"]
        for name, seconds in (
            ("`batch`", one), ("`batch --jobs 2`", two), ("`batch` again, without changes", again),
            ("a loop of `convert`, one process per log", loop),
        )
    ]  # fmt: skip
    return f"{SMALL:,} logs of {FEW_RECORDS} records.\n\n" + table(
        ["", "a log", "times faster than the loop"], rows
    )


def costs_table() -> str:
    """Measure the cost of each step of a batch per log."""
    small, real = logs(SMALL, FEW_RECORDS), logs(REAL_SIZED, RECORDS)
    found = find_logs([str(small)], lambda diagnostic: None)
    steps: dict[str, tuple[Callable[[], object], int]] = {
        "find it": (lambda: find_logs([str(small)], lambda diagnostic: None), SMALL),
        "send it to a worker of a pool and receive the result": (
            lambda: list(results(process_pool(2), _nothing, range(SMALL))), SMALL,
        ),
        "store the result": (lambda: _note(found), SMALL),
        "convert it, small": (lambda: _convert(small), 1000),
        "convert it, real-sized": (lambda: _convert(real), 1000),
    }  # fmt: skip
    rows = []
    for name, (step, number) in steps.items():
        taken = min(_seconds(step) for _ in range(ROUNDS))
        rows.append([name, f"{taken / number * 1000:.3f} ms"])
    return table(["step", "a log"], rows)


def _seconds(step: Callable[[], object]) -> float:
    begun = perf_counter()
    step()
    return perf_counter() - begun


def _nothing(task: int) -> int:
    return task


def _note(found: list[Found]) -> None:
    path = WORK / "manifest.db"
    path.unlink(missing_ok=True)
    manifest = Manifest(str(path))
    for log in found:
        manifest.put(Outcome(log.place, log.path, Status.CONVERTED, sizes={"provjson": 10_000}))
    manifest.close()


def _convert(folder: Path) -> None:
    out = WORK / "costs-out"
    shutil.rmtree(out, ignore_errors=True)
    options = Options("", "", Conversion())
    for index, log in enumerate(sorted(folder.iterdir())[:1000]):
        outputs = {"provjson": str(out / f"{log.name}.json")}
        convert_log(options, Task(index, log.name, log.name, str(log), outputs))


# The peak memory of a process is at least that of the one that it was forked from.
_SMALL = """
import os, subprocess, sys
process = subprocess.Popen(sys.argv[1:], stderr=subprocess.DEVNULL)
print(os.wait4(process.pid, 0)[2].ru_maxrss * 1024)
"""


def _memory_of(folder: Path, *options: str) -> int:
    """Return the peak memory of the first process of a batch, in bytes."""
    out = WORK / "batch-out"
    shutil.rmtree(out, ignore_errors=True)
    command: list[str | Path] = [
        PROVLOG,
        "batch",
        folder,
        "-d",
        out,
        "--fail-on",
        "never",
        *options,
    ]
    done = subprocess.run(
        [sys.executable, "-S", "-c", _SMALL, *command], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def memory_table() -> str:
    """Measure the peak memory of the first process by the number of logs."""
    rows = []
    before: tuple[int, int] | None = None
    for number in (100, 1000, 10_000, 50_000):
        folder = logs(number, FEW_RECORDS)
        taken = _memory_of(folder, "--jobs", "2")
        each = "" if before is None else f"{(taken - before[1]) / (number - before[0]):,.0f} B"
        rows.append([f"{number:,}", f"{taken / MEGA:.1f} MB", each])
        before = number, taken
    return table(["logs", "peak memory", "more, a log"], rows)
