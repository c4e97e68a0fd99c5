"""Add many logs to a store: in one process, in several, or on several machines."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import lru_cache, partial
from time import perf_counter

from msgspec import Struct

from provlog.batch.engines import Engine, results
from provlog.batch.names import absolute, log_name
from provlog.batch.outcome import Outcome, Status, outcome_of
from provlog.batch.problems import died, problem_of
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.files.find import Found
from provlog.store.database.connection import Database
from provlog.store.ingest.adding import EMPTY, UNCHANGED, Adding, add_log

__all__ = ["StoreBatch"]

_STATUSES = {UNCHANGED: Status.UNCHANGED, EMPTY: Status.EMPTY}


class _Task(Struct, frozen=True):
    index: int
    name: str
    path: str


class StoreBatch:
    """Logs to be added to a store, and the results.

    It has the interface of :class:`provlog.batch.run.Batch`; there are no outputs.

    Parameters
    ----------
    store : str
        The path or URL of the store, which exists.
    logs : sequence of Found
        The logs.
    missing : sequence of Diagnostic
        The named logs that do not exist.
    adding : Adding
        The options.
    """

    is_merge = False
    merged: dict[str, str] = {}  # noqa: RUF012

    def __init__(
        self, store: str, logs: Sequence[Found], missing: Sequence[Diagnostic], adding: Adding
    ) -> None:
        self._store = store
        self._logs = logs
        self._missing = [
            outcome_of(found.origin.file, found.origin.file, Status.FAILED, [found])
            for found in missing
        ]
        self._adding = adding
        self._outcomes: list[Outcome | None] = [None] * len(logs)

    def __len__(self) -> int:
        """Return the number of outcomes to expect."""
        return len(self._missing) + len(self._logs)

    def run(self, engine: Engine, watch: Callable[[], None]) -> Generator[Outcome]:
        """Add the logs, and yield the outcome of each.

        Parameters
        ----------
        engine : Engine
            Who adds the logs.
        watch : callable
            Not called: nothing is read ahead.
        """
        yield from self._missing
        tasks = (
            _Task(index, log_name(log), absolute(log.path)) for index, log in enumerate(self._logs)
        )
        try:
            for task, outcome in results(engine, partial(_add, self._store, self._adding), tasks):
                done = outcome if outcome is not None else _failed(task, died(task.name, "added"))
                self._outcomes[task.index] = done
                yield done
        finally:
            _close_all()

    def outcomes(self) -> Iterator[tuple[Found, Outcome | None]]:
        """Yield all logs in order with their outcomes, ``None`` for those not done."""
        for outcome in self._missing:
            yield Found(outcome.log, outcome.log), outcome
        yield from zip(self._logs, self._outcomes, strict=True)

    def outputs(self, log: Found, outcome: Outcome) -> dict[str, str]:
        """Return the outputs of a log: none."""
        return {}


def _failed(task: _Task, found: Diagnostic) -> Outcome:
    return outcome_of(task.name, task.name, Status.FAILED, [found])


def _add(store: str, adding: Adding, task: _Task) -> Outcome:
    """Add a log; report errors instead of raising them."""
    begun = perf_counter()
    try:
        added = add_log(_database(store, os.getpid()), adding, task.path)
        status = _STATUSES.get(added.status, Status.CONVERTED)
        outcome = outcome_of(task.name, task.name, status, added.diagnostics)
    except Exception as error:  # noqa: BLE001
        outcome = _failed(task, problem_of(error, task.name, task.path))
    outcome.seconds = round(perf_counter() - begun, 6)
    return outcome


_opened: list[Database] = []


@lru_cache(maxsize=4)
def _database(store: str, process: int) -> Database:
    """Return the store of a process, which keeps its connection for the next log."""
    found = Database(store)
    _opened.append(found)
    return found


def _close_all() -> None:
    _database.cache_clear()
    while _opened:
        _opened.pop().close()
