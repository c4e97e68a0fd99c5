"""Engines, which run the conversions of a batch.

An engine passes calls to a :class:`concurrent.futures.Executor`: :func:`in_process`,
:func:`~provlog.batch.pool.process_pool` or :func:`~provlog.batch.cluster.dask_cluster`.
:func:`results` works with all of them. It keeps only as many calls pending as the workers need to
stay busy, and fewer while the duration of a task is unknown. It retries a task whose worker died,
alone in a worker.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any, Generic, NamedTuple, TypeVar

from provlog.errors import OutputError

__all__ = ["Engine", "in_process", "results"]

T = TypeVar("T")
R = TypeVar("R")

# The intended duration of a call in seconds, and its maximal number of tasks. To send many small
# tasks one by one would take longer than the tasks.
_SECONDS = 0.05
_MAX_TASKS = 100
# If nothing is done in this time, in seconds, tasks are so long that each may be a call.
_LONG = 5.0


class Engine(NamedTuple):
    """A way to run tasks.

    Parameters
    ----------
    start : callable
        Returns an executor; a new one if the last one broke.
    stop : callable
        Ends an executor and its pending calls at once.
    close : callable
        Releases the resources of the engine.
    start_alone : callable
        Returns an executor for tasks that may have killed a worker.
    tries : int
        The number of such executors at a time.
    workers : int
        The number of workers at the start.
    width : int
        The maximal number of pending calls.
    seconds : float
        The intended duration of a call; 0 for one task per call.
    deaths : tuple of exception types
        A future raises one of these if its worker died.
    losses : tuple of exception types
        A future or the executor raises one of these if all workers are gone.
    is_shared : bool
        Whether tasks may run on other machines, which cannot resolve relative paths.
    """

    start: Callable[[], Executor]
    stop: Callable[[Executor], None]
    close: Callable[[], None]
    start_alone: Callable[[], Executor]
    tries: int = 1
    workers: int = 1
    width: int = 1
    seconds: float = _SECONDS
    deaths: tuple[type[BaseException], ...] = ()
    losses: tuple[type[BaseException], ...] = ()
    is_shared: bool = False


def results(
    engine: Engine, work: Callable[[T], R], tasks: Iterable[T]
) -> Generator[tuple[T, R | None]]:
    """Yield tasks with their results, in the order in which they are done.

    Parameters
    ----------
    engine : Engine
        The engine.
    work : callable
        A picklable function.
    tasks : iterable
        The tasks, taken as they are needed.

    Yields
    ------
    task, result
        The result is ``None`` if the task's worker died, and died again when it had only
        this task.

    Raises
    ------
    OutputError
        If all workers are gone.
    """
    run = _Run(engine, work)
    waiting = iter(tasks)
    try:
        while chunk := list(islice(waiting, run.chunk_size)):
            run.submit(chunk)
            while run.is_full():
                yield from run.next_results()
        while run.is_busy():
            yield from run.next_results()
    except BaseException as error:
        # An interruption, a loss of all workers, or a caller that wants no more results.
        engine.stop(run.executor)
        if isinstance(error, engine.losses):
            raise OutputError("the workers are gone; the same command resumes here") from error
        raise
    run.executor.shutdown()


class _Run(Generic[T, R]):
    """Pending calls, each with a chunk of tasks."""

    def __init__(self, engine: Engine, work: Callable[[T], R]) -> None:
        self._engine = engine
        self._work = partial(_timed, work)
        self._chunks: dict[Future[tuple[float, list[R]]], list[T]] = {}
        self._done: SimpleQueue[Future[tuple[float, list[R]]]] = SimpleQueue()
        # Tasks that were sent one by one at the start would keep the workers from larger chunks.
        self._limit = min(2 * engine.workers + 2, engine.width)
        self.chunk_size = 1
        self.executor = engine.start()

    def is_full(self) -> bool:
        return len(self._chunks) >= self._limit

    def is_busy(self) -> bool:
        return bool(self._chunks)

    def submit(self, chunk: list[T]) -> None:
        try:
            with _interruptions_held_back():
                future = self.executor.submit(self._work, chunk)
        except self._engine.deaths as death:
            # A worker has just died, so that its executor accepts no more calls.
            future = Future()
            future.set_exception(death)
        self._chunks[future] = chunk
        future.add_done_callback(self._done.put)

    def next_results(self) -> Iterator[tuple[T, R | None]]:
        """Yield the next results; if a worker died, the results of all pending tasks."""
        chunk, found = self._next()
        if found is not None:
            yield from zip(chunk, found, strict=True)
            return
        # Any task that was lost with the worker may have killed it.
        suspects = chunk
        while self.is_busy():
            chunk, found = self._next()
            if found is not None:
                yield from zip(chunk, found, strict=True)
            else:
                suspects += chunk
        yield from self._alone(suspects)
        self.executor = self._engine.start()

    def _next(self) -> tuple[list[T], list[R] | None]:
        """Return the next finished chunk, with its results unless its worker died.

        Return an empty chunk if it takes long.
        """
        try:
            future = self._done.get(timeout=_LONG)
        except Empty:
            self._limit = self._engine.width
            return [], []
        chunk = self._chunks.pop(future)
        self._limit = min(self._limit + 2, self._engine.width)
        try:
            seconds, found = future.result()
        except self._engine.deaths:
            return chunk, None
        wanted = self._engine.seconds * len(chunk) / max(seconds, 1e-6)
        # At most double: the next tasks may be larger.
        self.chunk_size = max(1, min(int(wanted), 2 * self.chunk_size, _MAX_TASKS))
        return chunk, found

    def _alone(self, suspects: list[T]) -> Iterator[tuple[T, R | None]]:
        """Yield the results of tasks, each alone in a worker and with one retry."""
        lanes = min(self._engine.tries, len(suspects))
        done: SimpleQueue[tuple[T, R | None] | BaseException] = SimpleQueue()
        given_up = threading.Event()
        with ThreadPoolExecutor(lanes) as threads:
            try:
                for lane in range(lanes):
                    threads.submit(self._lane, suspects[lane::lanes], done.put, given_up)
                for _ in suspects:
                    found = done.get()
                    if isinstance(found, BaseException):
                        raise found
                    yield found
            except BaseException:
                given_up.set()
                self._engine.stop(self.executor)
                raise

    def _lane(
        self,
        suspects: list[T],
        put: Callable[[tuple[T, R | None] | BaseException], None],
        given_up: threading.Event,
    ) -> None:
        """Run tasks one after the other, with a new executor if the last one broke."""
        start = self._engine.start_alone
        executor = start()
        for task in suspects:
            result = None
            for _ in range(2):
                if given_up.is_set():
                    return
                try:
                    result = executor.submit(self._work, [task]).result()[1][0]
                    break
                except self._engine.deaths:
                    executor = start()
                except BaseException as error:  # noqa: BLE001
                    put(error)
                    return
            put((task, result))
        if executor is not self.executor:
            executor.shutdown()


def _timed(work: Callable[[T], R], chunk: list[T]) -> tuple[float, list[R]]:
    begun = perf_counter()
    found = [work(task) for task in chunk]
    return perf_counter() - begun, found


@contextmanager
def _interruptions_held_back() -> Iterator[None]:
    """Make processes that start in this block ignore Ctrl-C, which this process handles."""
    if sys.platform == "win32":
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _InProcess(Executor):
    """Run calls at once, in this thread."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:  # noqa: BLE001
            future.set_exception(error)
        return future


def in_process() -> Engine:
    """Return the engine that runs tasks in this process, one after the other."""
    return Engine(
        _InProcess, lambda executor: None, lambda: None, start_alone=_InProcess, seconds=0
    )  # fmt: skip
