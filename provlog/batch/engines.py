"""Who does the work: this process, processes of this machine, or a dask cluster.

Each engine is a :class:`concurrent.futures.Executor`. What it cannot do by itself is
done here, for all alike: there are never more tasks under way than keep it busy, and
a worker that dies costs its task one retry, then that task alone.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import partial
from itertools import islice
from multiprocessing.connection import wait
from queue import SimpleQueue
from time import perf_counter
from typing import Any, Generic, NamedTuple, NoReturn, TypeVar

from provlog.errors import MissingExtraError, UsageError

__all__ = ["Engine", "dask_cluster", "in_process", "process_pool", "results"]

T = TypeVar("T")
R = TypeVar("R")
TERMINATED = 143

# A cluster may grow to hundreds of workers while it works; each task takes a kilobyte.
_DASK_WIDTH = 1000
# How long to wait for a scheduler, in seconds.
_PATIENCE = 10.0
# How long a call should take, in seconds, and how many tasks it may do.
_SECONDS = 0.05
_MOST_TASKS = 100
# What the workers of a pool need; imported once, not once in each.
_PRELOADED = ["provlog.batch.work", "provlog.writers.provjson"]


class Engine(NamedTuple):
    """A way of doing work.

    Parameters
    ----------
    start : callable
        Returns an executor, or a new one in the place of one that is broken.
    stop : callable
        Ends an executor at once, whatever it is doing.
    width : int
        How many calls of an executor to have under way.
    seconds : float
        How long a call should take: small tasks are handed over several at a time,
        because that costs as much for many as for one.
    deaths : tuple of exception types
        By these, a future says that its worker died.
    is_shared : bool
        Tasks may run on other machines, which know no path that is relative.
    """

    start: Callable[[], Executor]
    stop: Callable[[Executor], None]
    width: int
    seconds: float
    deaths: tuple[type[BaseException], ...] = ()
    is_shared: bool = False


def results(
    engine: Engine, work: Callable[[T], R], tasks: Iterable[T]
) -> Generator[tuple[T, R | None]]:
    """Yield tasks with their results, in the order in which they are done.

    Parameters
    ----------
    engine : Engine
        Who does the work.
    work : callable
        A function that can be pickled.
    tasks : iterable
        Taken as they are needed.

    Yields
    ------
    task, result
        The result is ``None`` if the task's worker died twice.
    """
    run = _Run(engine, work)
    waiting = iter(tasks)
    try:
        while chunk := list(islice(waiting, run.chunk_size)):
            while run.is_full():
                yield from run.next_results()
            run.submit(chunk)
        while run.is_busy():
            yield from run.next_results()
    except BaseException:
        # An interruption, or nobody asks for more.
        engine.stop(run.executor)
        raise
    run.executor.shutdown()


class _Run(Generic[T, R]):
    """Chunks of tasks that are under way."""

    def __init__(self, engine: Engine, work: Callable[[T], R]) -> None:
        self._engine = engine
        self._work = partial(_timed, work)
        self._chunks: dict[Future[tuple[float, list[R]]], list[T]] = {}
        self._done: SimpleQueue[Future[tuple[float, list[R]]]] = SimpleQueue()
        self.chunk_size = 1
        self.executor = engine.start()

    def is_full(self) -> bool:
        return len(self._chunks) >= self._engine.width

    def is_busy(self) -> bool:
        return bool(self._chunks)

    def submit(self, chunk: list[T]) -> None:
        try:
            with _interruptions_held_back():
                future = self.executor.submit(self._work, chunk)
        except self._engine.deaths as death:
            # A worker died a moment ago, and its executor takes no more.
            future = Future()
            future.set_exception(death)
        self._chunks[future] = chunk
        future.add_done_callback(self._done.put)

    def next_results(self) -> Iterator[tuple[T, R | None]]:
        """Yield the next results; if a worker died, those of all tasks that are under way."""
        chunk, found = self._next()
        if found is not None:
            yield from zip(chunk, found, strict=True)
            return
        # Any of those that died with the worker may be why. One after the other, each alone,
        # shows which.
        suspects = chunk
        while self.is_busy():
            chunk, found = self._next()
            if found is not None:
                yield from zip(chunk, found, strict=True)
            else:
                suspects += chunk
        self.executor = self._engine.start()
        for suspect in suspects:
            self.submit([suspect])
            _, found = self._next()
            if found is None:
                self.executor = self._engine.start()
            yield suspect, found[0] if found is not None else None

    def _next(self) -> tuple[list[T], list[R] | None]:
        """Return the next chunk that is done, with its results unless its worker died."""
        future = self._done.get()
        chunk = self._chunks.pop(future)
        try:
            seconds, found = future.result()
        except self._engine.deaths:
            return chunk, None
        wanted = self._engine.seconds * len(chunk) / max(seconds, 1e-6)
        # Never twice as large at once: the next tasks may be larger ones.
        self.chunk_size = max(1, min(int(wanted), 2 * self.chunk_size, _MOST_TASKS))
        return chunk, found


def _timed(work: Callable[[T], R], chunk: list[T]) -> tuple[float, list[R]]:
    begun = perf_counter()
    found = [work(task) for task in chunk]
    return perf_counter() - begun, found


@contextmanager
def _interruptions_held_back() -> Iterator[None]:
    """Let processes that begin in this block know nothing of Ctrl-C: it is said to this one."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _InProcess(Executor):
    """Does the work at once, in this thread."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future


def in_process() -> Engine:
    """Return the engine that does the work in this process, a task after the other."""
    return Engine(_InProcess, lambda executor: None, 1, 0)


def process_pool(jobs: int) -> Engine:
    """Return the engine that does the work in some processes of this machine."""
    method = "spawn" if sys.platform == "win32" else "forkserver"
    context = multiprocessing.get_context(method)
    if method == "forkserver":
        context.set_forkserver_preload(_PRELOADED)
    others = set(multiprocessing.active_children())

    def start() -> Executor:
        return _Pool(jobs, mp_context=context, initializer=_begin_worker)

    def stop(executor: Executor) -> None:
        while workers := set(multiprocessing.active_children()) - others:
            for worker in workers:
                worker.terminate()
            wait([worker.sentinel for worker in workers], timeout=0.1)
        executor.shutdown(cancel_futures=True)

    return Engine(start, stop, 2 * jobs + 2, _SECONDS, (BrokenProcessPool,))


class _Pool(ProcessPoolExecutor):
    """A process pool whose workers can be terminated at any time."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        return super().submit(_work_in_order, fn, *args, **kwargs)


def _work_in_order(fn: Callable[..., R], *args: Any, **kwargs: Any) -> R:
    """Work so that a termination leaves nothing half-written.

    Between two calls it ends the process at once: where the pool's own code is
    interrupted, it keeps locks that it holds.
    """
    try:
        signal.signal(signal.SIGTERM, _clean_up)
        try:
            return fn(*args, **kwargs)
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
    except SystemExit:
        # The pool would take this for a result, and go on.
        os._exit(TERMINATED)


def _clean_up(number: int, frame: object) -> NoReturn:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise SystemExit(TERMINATED)


def _begin_worker() -> None:
    """Do not outlive the process that the work is for."""

    def follow() -> None:
        parent = multiprocessing.parent_process()
        if parent is not None:
            parent.join()
            os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=follow, daemon=True).start()


def dask_cluster(address: str) -> Engine:
    """Return the engine that does the work on a dask cluster.

    Parameters
    ----------
    address : str
        That of the scheduler, such as ``tcp://scheduler:8786``.

    Raises
    ------
    MissingExtraError
        If dask.distributed is not installed.
    UsageError
        If no scheduler answers there.
    """
    try:
        from distributed import Client
        from distributed.client import FutureCancelledError
        from distributed.scheduler import KilledWorker
    except ImportError:
        raise MissingExtraError("a dask scheduler", "dask") from None
    try:
        client = Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UsageError(f"{address}: no dask scheduler answers: {error}") from error
    executor = client.get_executor(pure=False)

    def stop(executor: Executor) -> None:
        executor.shutdown(wait=False, cancel_futures=True)
        client.close()

    return Engine(
        lambda: executor, stop, _DASK_WIDTH, _SECONDS, (KilledWorker, FutureCancelledError), True
    )
