"""A batch: logs, formats and a folder; what has to be done, and what became of it."""

from __future__ import annotations

import hashlib
import os
from array import array
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from typing import Self

import msgspec

import provlog
from provlog.batch.engines import Engine, results
from provlog.batch.layout import check_inputs, check_layout, output_path
from provlog.batch.manifest import Manifest, opened
from provlog.batch.outcome import Outcome, Status, outcome_of
from provlog.batch.together import convert_together
from provlog.batch.work import Options, Task, convert_log
from provlog.diagnostics import Diagnostic
from provlog.events import Origin
from provlog.inputs import Found
from provlog.namespaces import with_declared
from provlog.remote import is_url
from provlog.values import safe_text
from provlog.writers import Format

__all__ = ["Batch"]

# Where the document of all logs is below the folder, and what it is known by.
TOGETHER = "merged"
_STATUSES = list(Status)
_NOT_DONE = len(_STATUSES)


class Batch:
    """Logs that become documents and pictures in a folder, each log by itself.

    It is a context, in which the folder is this batch's alone.

    Parameters
    ----------
    logs : sequence of Found
        The logs.
    formats : sequence of Format
        What each becomes.
    folder : str
        Where to, a path or a URL.
    missing : iterable of Diagnostic
        What was asked for and not found.
    namespaces : mapping
        IRIs by prefix: for the prefix ``log``, or for prefixes of the logs' ids.
    bundles : bool
        Put each session into a bundle.
    together : bool
        Make one document of all logs.
    force : bool
        Convert again what has not changed.

    Attributes
    ----------
    manifest_failure : str
        At the end, why it could not be noted what was done; empty if it could.

    Raises
    ------
    UsageError
        If two logs have the same output, or a namespace is none.
    MissingExtraError
        If a format needs a package that is not installed.
    """

    def __init__(
        self,
        logs: Sequence[Found],
        formats: Sequence[Format],
        folder: str,
        *,
        missing: Iterable[Diagnostic] = (),
        namespaces: Mapping[str, str] | None = None,
        bundles: bool = False,
        together: bool = False,
        force: bool = False,
    ) -> None:
        if not together:
            check_layout(logs, formats, folder)
        places = [TOGETHER] if together else (log.place for log in logs)
        check_inputs(logs, places, formats, folder)
        with_declared(namespaces or {})
        for format in formats:
            # What it needs is missing for all logs, or for none.
            _ = format.write
        self._logs = logs
        self._formats = formats
        self._folder = folder
        self._missing = [_not_found(diagnostic) for diagnostic in missing]
        self._namespaces = dict(namespaces or {})
        self._bundles = bundles
        self._force = force
        self._document = Found(TOGETHER, TOGETHER) if together else None
        self._made: Outcome | None = None
        self._statuses = array("B", [_NOT_DONE]) * len(logs)
        self._context = ExitStack()
        self.manifest_failure = ""

    def __enter__(self) -> Self:
        """Begin: the folder is this batch's alone, and what was done before is known."""
        self._manifest: Manifest = self._context.enter_context(opened(self._folder))
        return self

    def __exit__(self, *exception: object) -> bool | None:
        """End."""
        try:
            return self._context.__exit__(*exception)  # type: ignore[arg-type]
        finally:
            self.manifest_failure = self._manifest.failure

    def __len__(self) -> int:
        """Return how many outcomes there will be."""
        failed = self._made is not None and self._made.status is Status.FAILED
        return len(self._missing) + failed + len(self._logs)

    def run(self, engine: Engine, watch: Callable[[str], None] | None = None) -> Generator[Outcome]:
        """Do what has to be done, and yield what became of each log.

        Parameters
        ----------
        engine : Engine
            Who converts the logs; one document of all is made in this process.
        watch : callable, optional
            Takes the name of each log that has been read for one document of all.
        """
        yield from self._missing
        options = self._options()
        if self._document is not None:
            yield from self._together(self._document, options, watch or (lambda name: None))
            return
        tasks = (
            self._task(index, log, options.digest, engine.is_shared)
            for index, log in enumerate(self._logs)
        )
        for task, outcome in results(engine, partial(convert_log, options), tasks):
            yield self._note(task.index, _died(task) if outcome is None else outcome)

    def _together(
        self, place: Found, options: Options, watch: Callable[[str], None]
    ) -> Iterator[Outcome]:
        document = self._task(-1, place, options.digest, is_shared=False)
        self._made, outcomes = convert_together(options, document, self._logs, watch)
        if self._made.status is Status.UNCHANGED:
            self._made.sizes = document.sizes
        else:
            self._manifest.put(self._made)
        if self._made.status is Status.FAILED:
            yield self._made
        for index, outcome in enumerate(outcomes):
            yield self._note(index, outcome)

    def outcomes(self) -> Iterator[Outcome | Found]:
        """Yield what became of all logs, in their order; of those not done, the log."""
        yield from self._missing
        if self._made is not None and self._made.status is Status.FAILED:
            yield self._made
        for index, log in enumerate(self._logs):
            known = None
            if self._statuses[index] != _NOT_DONE:
                known = self._manifest.get(safe_text(log.place))
            if known is None:
                yield log
            else:
                known.log, known.status = safe_text(log.path), _STATUSES[self._statuses[index]]
                yield known

    @property
    def merged(self) -> dict[str, str]:
        """The paths or URLs of the document of all logs, by the name of the format."""
        return self.outputs(self._made) if self._made is not None else {}

    def outputs(self, outcome: Outcome) -> dict[str, str]:
        """Return the paths or URLs that were written for a log, by the name of the format."""
        paths = self._outputs(outcome.place)
        return {name: paths[name] for name in paths if name in outcome.sizes}

    def _outputs(self, place: str) -> dict[str, str]:
        return {format.name: output_path(self._folder, place, format) for format in self._formats}

    def _options(self) -> Options:
        names = sorted(format.name for format in self._formats)
        decisive = [provlog.__version__, names, sorted(self._namespaces.items()), self._bundles]
        digest = hashlib.blake2b(msgspec.json.encode(decisive), digest_size=8).hexdigest()
        return Options(digest, self._manifest.run, self._namespaces, self._bundles)

    def _task(self, index: int, log: Found, options: str, is_shared: bool) -> Task:
        outputs, path = self._outputs(log.place), log.path
        if is_shared:
            # Another machine has the same file systems, but not our folder.
            path, outputs = _absolute(path), {key: _absolute(out) for key, out in outputs.items()}
        place, name = safe_text(log.place), safe_text(log.path)
        known = None if self._force else self._manifest.get(place)
        if known is None or known.options != options or known.status is not Status.CONVERTED:
            return Task(index, place, name, path, outputs)
        return Task(index, place, name, path, outputs, known.content, known.sizes)

    def _note(self, index: int, outcome: Outcome) -> Outcome:
        """Keep what became of a log, and return it with what is known from before."""
        known = None
        if outcome.status is Status.UNCHANGED:
            known = self._manifest.get(outcome.place)
        else:
            self._manifest.put(outcome)
        if known is not None:
            known.log = outcome.log
            # What could not be read is no better for being the same.
            known.status = outcome.status if known.status is Status.CONVERTED else known.status
        self._statuses[index] = _STATUSES.index((known or outcome).status)
        return known or outcome


def _absolute(path: str) -> str:
    return path if is_url(path) else os.path.abspath(path)


def _not_found(diagnostic: Diagnostic) -> Outcome:
    name = safe_text(diagnostic.origin.file)
    return outcome_of(name, name, Status.FAILED, [diagnostic])


def _died(task: Task) -> Outcome:
    message = (
        "the process that converted it died, and did so again when it had nothing else to do: "
        "is the memory large enough for it?"
    )
    found = Diagnostic("PL005", Origin(task.name, 1, 1), message)
    return outcome_of(task.place, task.name, Status.FAILED, [found])
