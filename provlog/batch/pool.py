"""The engine for one machine: processes that can be terminated at any time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any, NoReturn, TypeVar

from provlog.batch.engines import Engine
from provlog.errors import OutputError

__all__ = ["process_pool"]

R = TypeVar("R")
TERMINATED = 143

# Imported once, before the workers start.
_PRELOADED = ["provlog.batch.work", "provlog.writers.provjson"]
# The time that a worker may take to clean up, in seconds.
_PATIENCE = 10.0


def process_pool(jobs: int) -> Engine:
    """Return the engine that runs tasks in several processes of this machine.

    Parameters
    ----------
    jobs : int
        The number of processes.
    """
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(_PRELOADED)
    others = set(multiprocessing.active_children())

    def start(workers: int = jobs) -> Executor:
        return _Pool(workers, mp_context=context, initializer=_begin_worker)

    def stop(executor: Executor) -> None:
        _end(set(multiprocessing.active_children()) - others)
        executor.shutdown(cancel_futures=True)

    return Engine(
        start, stop, close=lambda: None, start_alone=lambda: start(1), tries=jobs,
        workers=jobs, width=2 * jobs + 2, deaths=(BrokenProcessPool,),
    )  # fmt: skip


def _end(workers: set[BaseProcess]) -> None:
    """Terminate processes, repeatedly while they are busy; kill those that take too long."""
    for _ in range(round(_PATIENCE / 0.1)):
        if not workers:
            return
        for worker in workers:
            worker.terminate()
        wait([worker.sentinel for worker in workers], timeout=0.1)
        workers = {worker for worker in workers if worker.is_alive()}
    for worker in workers:
        worker.kill()


class _Pool(ProcessPoolExecutor):
    """A process pool whose workers can be terminated while they work."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        try:
            return super().submit(_work_in_order, fn, *args, **kwargs)
        except (OSError, EOFError) as error:
            # Such as too many open files.
            raise OutputError(f"no process can be started: {error}; try fewer jobs") from error


def _work_in_order(fn: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Run a call so that a termination leaves no partial files.

    Between two calls, a termination ends the process at once, because the pool's own code,
    if interrupted, would keep its locks.
    """
    try:
        signal.signal(signal.SIGTERM, _clean_up)
        try:
            return fn(*args, **kwargs)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except SystemExit:
        # The pool would take this for a result and continue.
        os._exit(TERMINATED)


def _clean_up(number: int, frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(TERMINATED)


def _begin_worker() -> None:
    """Make this worker end when its parent process ends."""

    def follow() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
