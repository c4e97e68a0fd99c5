"""Every engine gives the same results, even if a worker dies."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from provlog.batch.engines import Engine, in_process, results
from provlog.batch.manifest import MANIFEST, opened
from provlog.batch.outcome import Outcome, Status
from provlog.batch.plan import Plan
from provlog.batch.pool import process_pool
from provlog.batch.run import Batch
from provlog.files.find import find_logs
from provlog.writers import FORMATS
from tests.batch.tasks import double
from tests.cli.test_cli import run
from tests.grids import grid
from tests.nights import night, outputs

LOGS = 240
# The exit codes of a run that a signal stopped.
ENDED = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}
MANY = 1500


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of small logs."""
    folder = tmp_path_factory.mktemp("night") / "logs"
    night(folder, LOGS, every=20)
    return folder


@pytest.fixture(scope="module")
def expected(logs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the outputs of one process for it."""
    out = tmp_path_factory.mktemp("expected")
    run("batch", logs, "-d", out)
    return outputs(out)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A night of logs that takes a while."""
    folder = tmp_path_factory.mktemp("many")
    night(folder / "logs", MANY)
    run("batch", folder / "logs", "-d", folder / "undisturbed")
    return folder


def test_the_results_of_one_process_come_in_order() -> None:
    assert list(results(in_process(), double, range(5))) == [(n, 2 * n) for n in range(5)]


def test_the_results_of_a_pool_are_those_of_one_process() -> None:
    found = results(process_pool(2), double, range(3000))
    assert sorted(found) == [(number, 2 * number) for number in range(3000)]


def test_an_empty_batch() -> None:
    assert list(results(process_pool(2), double, [])) == []


def test_the_task_of_a_dead_worker_is_retried(tmp_path: Path) -> None:
    tasks: list[int | str] = [*range(50), str(tmp_path / "died"), *range(50, 100)]
    found = dict(results(process_pool(2), double, tasks))
    assert found == {number: 2 * number for number in range(100)} | {str(tmp_path / "died"): 0}


@pytest.mark.parametrize("place", [0, 50, 100])
def test_only_the_task_that_kills_its_worker_is_lost(place: int, tmp_path: Path) -> None:
    tasks: list[int | str] = list(range(100))
    tasks.insert(place, str(tmp_path / "died"))
    tasks.insert(place, "")
    found = dict(results(process_pool(2), double, tasks))
    assert found.pop("") is None
    assert found == {number: 2 * number for number in range(100)} | {str(tmp_path / "died"): 0}


def test_an_error_in_the_work_is_raised() -> None:
    with pytest.raises(TypeError):
        list(results(process_pool(2), len, [1, 2, 3]))  # type: ignore[arg-type]


class _Counting(ThreadPoolExecutor):
    """Count the calls."""

    calls = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        self.calls += 1
        return super().submit(fn, *args, **kwargs)


def cluster_like(executor: ThreadPoolExecutor, workers: int) -> Engine:
    """Return an engine that keeps many calls pending, as that of a cluster."""
    return Engine(
        lambda: executor, lambda executor: None, lambda: None, start_alone=lambda: executor,
        workers=workers, width=1000, seconds=10.0,
    )  # fmt: skip


def test_a_cluster_gets_many_short_tasks_in_few_calls() -> None:
    executor = _Counting(2)
    found = results(cluster_like(executor, 2), double, range(3000))
    assert sorted(found) == [(number, 2 * number) for number in range(3000)]
    assert executor.calls < 100


def test_a_cluster_that_grows_gets_all_long_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provlog.batch.engines._LONG", 0.01)
    together = threading.Barrier(50, timeout=60)

    def wait(task: int) -> int:
        together.wait()
        return task

    found = results(cluster_like(ThreadPoolExecutor(50), 0), wait, range(50))
    assert sorted(found) == [(number, number) for number in range(50)]


def test_no_process_remains_if_results_are_abandoned() -> None:
    before = set(multiprocessing.active_children())
    with closing(results(process_pool(2), time.sleep, [0.01, *[60.0] * 20])) as found:
        next(found)
    assert set(multiprocessing.active_children()) <= before


# Batches


def run_batch(engine: Engine, logs: Path, out: Path) -> Iterator[Outcome]:
    """Yield the outcomes of a batch on demand."""
    found = find_logs([str(logs)], lambda diagnostic: None)
    with opened(str(out)) as manifest:
        plan = Plan(found, [FORMATS["provjson"]], str(out))
        yield from Batch(plan, manifest).run(engine, lambda: None)


def test_outputs_of_a_pool_equal_those_of_one_process(
    logs: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    one = run("batch", logs, "-d", tmp_path / "one", "--report", tmp_path / "one.json")
    two = run("batch", logs, "-d", tmp_path / "two", "-j", "2", "--report", tmp_path / "two.json")
    assert one.code == two.code == 1
    assert sorted(one.errors.splitlines()[:-2]) == sorted(two.errors.splitlines()[:-2])
    assert outputs(tmp_path / "two") == outputs(tmp_path / "one") == expected
    rows = [
        [
            (row["log"], row["status"], row["diagnostics"])
            for row in json.loads(path.read_text())["results"]
        ]
        for path in (tmp_path / "one.json", tmp_path / "two.json")
    ]
    assert rows[0] == rows[1]


def test_a_killed_worker_loses_no_result(
    logs: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    before = set(multiprocessing.active_children())
    outcomes = []
    for outcome in run_batch(process_pool(2), logs, tmp_path):
        outcomes.append(outcome)
        if len(outcomes) == 20:
            workers = set(multiprocessing.active_children()) - before
            worker = next(iter(workers))
            assert worker.pid is not None
            os.kill(worker.pid, signal.SIGKILL)
    assert len(outcomes) == LOGS
    assert "PL005" not in {code for outcome in outcomes for code in outcome.counts}
    assert outputs(tmp_path) == expected


def test_a_log_that_kills_its_worker_is_reported(
    logs: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    """Replace the engine by one that reports a worker that died twice."""
    deadly = str(logs / "001" / "run00150.log")

    def engine_results() -> Iterator[Outcome]:
        found = find_logs([str(logs)], lambda diagnostic: None)
        with opened(str(tmp_path)) as manifest:
            plan = Plan(found, [FORMATS["provjson"]], str(tmp_path))
            yield from Batch(plan, manifest).run(in_process(), lambda: None)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "provlog.batch.run.results",
            lambda engine, work, tasks: (
                (task, None if task.path == deadly else work(task)) for task in tasks
            ),
        )
        lost = [outcome for outcome in engine_results() if "PL005" in outcome.counts]
    assert [(outcome.log, outcome.status) for outcome in lost] == [(deadly, Status.FAILED)]
    assert outputs(tmp_path) == {
        place: content for place, content in expected.items() if "run00150" not in place
    }


# Interruptions


def members(group: int) -> list[int]:
    """Return the processes of a group that have not ended."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, _, process_group = (folder / "stat").read_text().rpartition(") ")[2].split()[:3]
        except OSError:
            continue
        if int(process_group) == group and state != "Z":
            found.append(int(folder.name))
    return found


def wait_for(condition: object, seconds: float = 30.0) -> None:
    """Wait until a condition is true."""
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def begun(*arguments: str | Path) -> subprocess.Popen[str]:
    """Start the program in a group of its own."""
    # A shell may have started this process with SIGINT ignored, which children inherit.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "provlog", *arguments],
            stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc")
@pytest.mark.parametrize(
    ("number", "jobs"), grid([signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ["1", "2"])
)
def test_a_stopped_run_resumes(
    number: signal.Signals, jobs: str, many: Path, tmp_path: Path
) -> None:
    out, report = tmp_path / "out", tmp_path / "report.json"
    arguments: list[str | Path] = [
        "batch", many / "logs", "-d", out, "-j", jobs, "--report", report,
    ]  # fmt: skip
    with begun(*arguments) as process:
        wait_for(lambda: len(list(out.rglob("*.json"))) > 20)
        os.killpg(process.pid, number)
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == ENDED[number]
    wait_for(lambda: members(process.pid) == [])
    finished = outputs(out)
    assert 20 < len(finished) < MANY
    if number != signal.SIGKILL:
        assert "Traceback" not in errors, errors
        assert f"of {MANY:,} logs in" in errors
        assert "the same command resumes here" in errors
        assert not any(name.endswith(".part") for name in finished)
        found = json.loads(report.read_text())
        # The results of calls in progress are unknown.
        assert found["converted"] <= len(finished)
        assert found["not_done"] == MANY - found["converted"]
        assert len(found["results"]) == MANY

    again = run(*arguments)
    assert again.code == 0
    with closing(sqlite3.connect(out / MANIFEST)) as database:
        assert database.execute("SELECT count(*) FROM outcomes").fetchone() == (MANY,)
    assert (
        f"{MANY - int(again.errors.split(' converted')[0].split()[-1].replace(',', '')):,} unchanged"
        in again.errors
    )
    assert outputs(out) == outputs(many / "undisturbed")


# dask

# distributed leaves sockets to the garbage collector.
leaks = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def cluster() -> Iterator[object]:
    """A dask cluster of two worker processes."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50
    ) as cluster:
        yield cluster


@leaks
def test_outputs_of_a_cluster_equal_those_of_one_process(
    cluster: object, logs: Path, expected: dict[str, bytes], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    monkeypatch.chdir(tmp_path)
    result = run("batch", os.path.relpath(logs), "-d", "out", "--scheduler", address)
    assert result.code == 1
    assert f"{LOGS} of {LOGS} logs" in result.errors
    assert outputs(tmp_path / "out") == expected


@leaks
def test_a_killed_worker_of_a_cluster_loses_no_result(
    cluster: object, many: Path, tmp_path: Path
) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    arguments = ["batch", many / "logs", "-d", tmp_path / "out", "--scheduler", address]
    with begun(*arguments) as process:
        wait_for(lambda: len(list((tmp_path / "out").rglob("*.json"))) > 20)
        nanny = next(iter(cluster.workers.values()))  # type: ignore[attr-defined]
        os.kill(nanny.pid, signal.SIGKILL)
        errors = process.communicate(timeout=120)[1]
    assert process.returncode == 0, errors
    assert "1,500 converted" in errors
    assert outputs(tmp_path / "out") == outputs(many / "undisturbed")


@pytest.mark.slow
@leaks
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=str)
def test_a_stopped_run_on_a_cluster_resumes(
    number: signal.Signals, cluster: object, many: Path, tmp_path: Path
) -> None:
    address = cluster.scheduler_address  # type: ignore[attr-defined]
    arguments: list[str | Path] = [
        "batch", many / "logs", "-d", tmp_path / "out", "--scheduler", address,
    ]  # fmt: skip
    with begun(*arguments) as process:
        wait_for(lambda: len(list((tmp_path / "out").rglob("*.json"))) > 20)
        os.killpg(process.pid, number)
        errors = process.communicate(timeout=60)[1]
    assert process.returncode == ENDED[number]
    assert "Traceback" not in errors, errors
    assert "the same command resumes here" in errors
    assert run(*arguments).code == 0
    assert outputs(tmp_path / "out") == outputs(many / "undisturbed")


@pytest.mark.slow
@leaks
def test_a_lost_scheduler_is_reported(many: Path, tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed")
    assert distributed is not None
    address_file = tmp_path / "scheduler.json"
    module = [sys.executable, "-m"]
    others = [
        subprocess.Popen(
            [*module, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0",
             "--no-dashboard", "--scheduler-file", address_file],
            stderr=subprocess.DEVNULL,
        )
    ]  # fmt: skip
    try:
        # The file exists before it is written.
        wait_for(lambda: address_file.exists() and address_file.stat().st_size)
        address = json.loads(address_file.read_text())["address"]
        others.append(
            subprocess.Popen(
                [*module, "distributed.cli.dask_worker", address, "--nthreads", "2",
                 "--no-dashboard", "--death-timeout", "5"],
                stderr=subprocess.DEVNULL,
            )
        )  # fmt: skip
        with begun(
            "batch", many / "logs", "-d", tmp_path / "out", "--scheduler", address
        ) as process:
            wait_for(lambda: len(list((tmp_path / "out").rglob("*.json"))) > 20)
            others[0].kill()
            errors = process.communicate(timeout=60)[1]
    finally:
        for other in others:
            other.kill()
            other.wait()
    assert process.returncode == 4, errors
    assert "the workers are gone; the same command resumes here" in errors
    assert "Traceback" not in errors, errors
