"""Engines: who converts the logs of a batch.

An engine runs calls and returns a future for each: :func:`in_process`,
:func:`~provlog.batch.pool.process_pool` or :func:`~provlog.batch.cluster.dask_cluster`.
:func:`results` adds what they share: only as many calls are pending as keep the workers busy, and a
log whose worker dies is tried again, alone.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future
from functools import partial
from itertools import islice
from queue import SimpleQueue
from time import perf_counter
from typing import Any, Generic, NamedTuple, TypeVar

from provlog.errors import OutputError

__all__ = ["Engine", "in_process", "results"]

T = TypeVar("T")
R = TypeVar("R")

# How long a call should take, in seconds, and how many tasks it may contain: sending many small
# tasks one by one would cost more than the tasks.
_SECONDS = 0.05
_MAX_TASKS = 100
# How often a task is tried alone after a worker died that had it.
_RETRIES = 2


class Engine(NamedTuple):
    """A way of doing work.

    Parameters
    ----------
    submit : callable
        Takes a function and its argument, both picklable, and returns a future.
    stop : callable
        Ends all pending calls at once.
    finish : callable
        Releases the workers when all calls are done.
    close : callable
        Releases everything that the engine holds; called in any case.
    width : int
        The number of calls to keep pending.
    seconds : float
        How long a call should take; 0 for one task a call.
    deaths : tuple of exception types
        A future raises one of these if its worker died.
    losses : tuple of exception types
        A future or ``submit`` raises one of these if there are no workers any more.
    is_shared : bool
        Tasks may run on other machines, where relative paths mean nothing.
    """

    submit: Callable[[Callable[[Any], Any], Any], Future[Any]]
    stop: Callable[[], None] = lambda: None
    finish: Callable[[], None] = lambda: None
    close: Callable[[], None] = lambda: None
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
        Who does the work.
    work : callable
        A picklable function.
    tasks : iterable
        The tasks, taken as they are needed.

    Yields
    ------
    task, result
        The result is ``None`` if the task's worker died, and died again twice when the task
        was tried alone.

    Raises
    ------
    OutputError
        If there are no workers any more.
    """
    calls = _Calls(engine, work)
    waiting = iter(tasks)
    try:
        while chunk := list(islice(waiting, calls.chunk_size)):
            calls.submit(chunk)
            while calls.number >= engine.width:
                yield from calls.next_results()
        while calls.number:
            yield from calls.next_results()
    except BaseException as error:
        # An interruption, a loss of all workers, or a caller that wants no more results.
        engine.stop()
        if isinstance(error, engine.losses):
            raise OutputError("the workers are gone; the same command resumes here") from error
        raise
    engine.finish()


class _Calls(Generic[T, R]):
    """Pending calls, each with a chunk of tasks."""

    def __init__(self, engine: Engine, work: Callable[[T], R]) -> None:
        self._engine = engine
        self._work = partial(_timed, work)
        self._done: SimpleQueue[tuple[Future[tuple[float, list[R]]], list[T], int]] = SimpleQueue()
        self.number = 0
        self.chunk_size = 1

    def submit(self, chunk: list[T], retries: int = _RETRIES) -> None:
        future = self._engine.submit(self._work, chunk)
        self.number += 1
        future.add_done_callback(lambda done: self._done.put((done, chunk, retries)))

    def next_results(self) -> Iterable[tuple[T, R | None]]:
        """Return the results of the next finished call; if its worker died, retry its tasks."""
        future, chunk, retries = self._done.get()
        self.number -= 1
        try:
            seconds, found = future.result()
        except self._engine.deaths:
            if not retries:
                return [(task, None) for task in chunk]
            for task in chunk:
                self.submit([task], retries - 1)
            return ()
        if retries == _RETRIES:
            self._adapt(seconds, len(chunk))
        return zip(chunk, found, strict=True)

    def _adapt(self, seconds: float, tasks: int) -> None:
        wanted = self._engine.seconds * tasks / max(seconds, 1e-6)
        # At most double: the next tasks may be larger.
        self.chunk_size = max(1, min(int(wanted), 2 * self.chunk_size, _MAX_TASKS))


def _timed(work: Callable[[T], R], chunk: list[T]) -> tuple[float, list[R]]:
    begun = perf_counter()
    found = [work(task) for task in chunk]
    return perf_counter() - begun, found


def in_process() -> Engine:
    """Return the engine that does the work in this process, one task after the other."""
    return Engine(_run, seconds=0)


def _run(function: Callable[[Any], Any], argument: Any) -> Future[Any]:
    future: Future[Any] = Future()
    try:
        future.set_result(function(argument))
    except Exception as error:  # noqa: BLE001  (raised again by ``future.result()``)
        future.set_exception(error)
    return future
