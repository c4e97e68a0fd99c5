"""The engine of one machine: processes that can be ended at any time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, NoReturn

from pebble import ProcessExpired, ProcessPool

from provlog.batch.engines import Engine
from provlog.errors import OutputError

__all__ = ["process_pool"]

TERMINATED = 143

# Imported once, before the workers start.
_PRELOADED = ["provlog.batch.work", "provlog.writers.provjson"]


def process_pool(jobs: int) -> Engine:
    """Return the engine that does the work in some processes of this machine.

    Parameters
    ----------
    jobs : int
        The number of processes.
    """
    context = multiprocessing.get_context("spawn" if sys.platform == "win32" else "forkserver")
    if sys.platform != "win32":
        context.set_forkserver_preload(_PRELOADED)
    pool = ProcessPool(jobs, initializer=_begin_worker, context=context)

    def submit(function: Callable[[Any], Any], argument: Any) -> Future[Any]:
        try:
            with _interruptions_blocked():
                # The first call starts the processes.
                future: Future[Any] = pool.schedule(_work_in_order, args=[function, argument])
        except (OSError, EOFError) as error:
            # Such as too many open files.
            raise OutputError(f"no process can be started: {error}; try fewer jobs") from error
        return future

    def stop() -> None:
        pool.stop()
        pool.join()

    def finish() -> None:
        pool.close()
        pool.join()

    return Engine(submit, stop, finish, width=2 * jobs + 2, deaths=(ProcessExpired,))


@contextmanager
def _interruptions_blocked() -> Iterator[None]:
    """Let processes and threads that start in this block ignore Ctrl-C: this process handles it."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work_in_order(function: Callable[[Any], Any], argument: Any) -> Any:
    """Work so that a termination leaves nothing half-written.

    Between two calls, a termination ends the process at once: the pool's own code may hold locks.
    """
    try:
        signal.signal(signal.SIGTERM, _clean_up)
        try:
            return function(argument)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except SystemExit:
        # The pool would take this for a result, and go on.
        os._exit(TERMINATED)


def _clean_up(number: int, frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(TERMINATED)


def _begin_worker() -> None:
    """End this worker when the process that it works for ends."""

    def follow() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()
