"""A batch: carry out a plan and collect the results."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import partial

from provlog.batch.engines import Engine, results
from provlog.batch.manifest import Manifest
from provlog.batch.merge import convert_merged
from provlog.batch.names import absolute, log_key, log_name
from provlog.batch.outcome import Outcome, Status, outcome_of
from provlog.batch.plan import MERGED, Plan
from provlog.batch.problems import died
from provlog.batch.work import Options, Task, convert_log
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.files.find import Found
from provlog.model.values import safe_text
from provlog.urls import shown

__all__ = ["Batch"]


class Batch:
    """A plan and its results.

    Parameters
    ----------
    plan : Plan
        The plan.
    manifest : Manifest
        The results of earlier runs in the plan's folder.
    force : bool
        Whether to convert unchanged logs again.
    """

    def __init__(self, plan: Plan, manifest: Manifest, *, force: bool = False) -> None:
        self._plan = plan
        self._manifest = manifest
        self._force = force
        self._missing = [_not_found(diagnostic) for diagnostic in plan.missing]
        self._document: Outcome | None = None
        self._statuses: list[Status | None] = [None] * len(plan.logs)

    def __len__(self) -> int:
        """Return the number of outcomes to expect."""
        return len(self._missing) + len(self._failed_document()) + len(self._plan.logs)

    @property
    def is_merge(self) -> bool:
        """Whether all logs become one document."""
        return self._plan.merge

    def _failed_document(self) -> list[Outcome]:
        """Return the document of all logs if it could not be written."""
        document = self._document
        return [document] if document is not None and document.status is Status.FAILED else []

    def run(self, engine: Engine, watch: Callable[[], None]) -> Generator[Outcome]:
        """Convert the logs and yield the outcome of each.

        Parameters
        ----------
        engine : Engine
            The engine that converts the logs. A merged document is made in this process.
        watch : callable
            Called whenever a log has been read for a merged document.
        """
        yield from self._missing
        yield from self._merge(watch) if self._plan.merge else self._convert(engine)

    def _convert(self, engine: Engine) -> Iterator[Outcome]:
        options = self._options()
        tasks = (
            self._task(index, log, options.digest, engine.is_shared)
            for index, log in enumerate(self._plan.logs)
        )
        for task, outcome in results(engine, partial(convert_log, options), tasks):
            yield self._note(task.index, _died(task) if outcome is None else outcome)

    def _merge(self, watch: Callable[[], None]) -> Iterator[Outcome]:
        options = self._options()
        document = self._task(-1, MERGED, options.digest, is_shared=False)
        made, outcomes = convert_merged(options, document, self._plan.logs, watch)
        if made.status is Status.UNCHANGED:
            made.sizes = document.sizes
        else:
            self._manifest.put(made)
        self._document = made
        yield from self._failed_document()
        for index, outcome in enumerate(outcomes):
            yield self._note(index, outcome)

    def outcomes(self) -> Iterator[tuple[Found, Outcome | None]]:
        """Yield all logs in order with their outcomes, ``None`` for those not done."""
        for outcome in (*self._missing, *self._failed_document()):
            yield Found(outcome.log, outcome.log), outcome
        for log, status in zip(self._plan.logs, self._statuses, strict=True):
            known = None if status is None else self._manifest.get(log_key(log))
            if known is not None and status is not None:
                known.log, known.status = log_name(log), status
            yield log, known

    @property
    def merged(self) -> dict[str, str]:
        """The paths or URLs of the merged document, by the name of the format."""
        sizes = self._document.sizes if self._document is not None else {}
        outputs = self._plan.outputs(MERGED.place)
        return {name: path for name, path in outputs.items() if name in sizes}

    def outputs(self, log: Found, outcome: Outcome) -> dict[str, str]:
        """Return the paths or URLs written for a log, by the name of the format."""
        outputs = self._plan.outputs(log.place)
        return {name: path for name, path in outputs.items() if name in outcome.sizes}

    def _options(self) -> Options:
        return Options(self._plan.digest(), self._manifest.run, self._plan.conversion)

    def _task(self, index: int, log: Found, options: str, is_shared: bool) -> Task:
        outputs, path = self._plan.outputs(log.place), log.path
        if is_shared:
            # Another machine has the same file systems, but may have another working folder.
            path, outputs = absolute(path), {key: absolute(out) for key, out in outputs.items()}
        key, name = log_key(log), log_name(log)
        known = None if self._force else self._manifest.get(key)
        if known is None or known.options != options or known.status is not Status.CONVERTED:
            return Task(index, key, name, path, outputs)
        return Task(index, key, name, path, outputs, known.content, known.sizes)

    def _note(self, index: int, outcome: Outcome) -> Outcome:
        """Write the outcome of a log to the manifest, and return it with earlier findings."""
        known = None
        if outcome.status is Status.UNCHANGED:
            known = self._manifest.get(outcome.key)
        else:
            self._manifest.put(outcome)
        if known is not None:
            known.log = outcome.log
            # The outcome of an unchanged log that could not be read stays an error.
            known.status = outcome.status if known.status is Status.CONVERTED else known.status
        self._statuses[index] = (known or outcome).status
        return known or outcome


def _not_found(diagnostic: Diagnostic) -> Outcome:
    name = safe_text(shown(diagnostic.origin.file))
    return outcome_of(name, name, Status.FAILED, [diagnostic])


def _died(task: Task) -> Outcome:
    return outcome_of(task.key, task.name, Status.FAILED, [died(task.name, "converted")])
