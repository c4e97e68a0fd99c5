"""Convert one log, possibly in another process or on another machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from time import perf_counter

from msgspec import Struct

from provlog.batch.conversion import Conversion
from provlog.batch.outcome import Outcome, Status, outcome_of
from provlog.batch.problems import problem_of, without
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.errors import OutputError, ProvlogError
from provlog.files.digest import digest, local_copy
from provlog.files.remote import size_of
from provlog.files.replace import replacing
from provlog.graphs.bundles import in_bundles
from provlog.model.graph import ProvGraph
from provlog.origin import Origin
from provlog.urls import is_url, shown
from provlog.writers.writing import write

__all__ = ["Options", "Task", "are_complete", "convert_log", "write_all"]

_OLD = "is kept, although it was made from an earlier content of the log, or from another log"


class Options(Struct, frozen=True):
    """Options that are the same for all logs.

    Parameters
    ----------
    digest : str
        The digest of all options that affect the outputs.
    run : str
        The mark of the temporary files of this run.
    conversion : Conversion
        How each log is converted.
    """

    digest: str
    run: str
    conversion: Conversion


class Task(Struct, frozen=True):
    """One log to convert.

    Parameters
    ----------
    index : int
        The number of the log in the plan.
    key : str
        The key of the log in the manifest.
    name : str
        The name of the log in messages.
    path : str
        The path or URL to open.
    outputs : dict
        Paths or URLs by the name of the format.
    content : str
        The digest of the bytes that existing outputs were made from.
    sizes : dict
        The sizes of those outputs.
    """

    index: int
    key: str
    name: str
    path: str
    outputs: dict[str, str]
    content: str = ""
    sizes: dict[str, int] = {}


def convert_log(options: Options, task: Task) -> Outcome:
    """Convert a log unless its outputs are up to date; report errors instead of raising them."""
    begun = perf_counter()
    outcome = outcome_of(task.key, task.name, Status.FAILED, ())
    found: list[Diagnostic] = []
    try:
        outcome = _converted(options, task, found)
    except Exception as error:  # noqa: BLE001
        found.append(problem_of(error, task.name, task.path))
    if found:
        counted = outcome_of(task.key, task.name, outcome.status, found)
        outcome.counts, outcome.findings = counted.counts, counted.findings
    outcome.options = options.digest
    outcome.seconds = round(perf_counter() - begun, 6)
    return outcome


def _converted(options: Options, task: Task, found: list[Diagnostic]) -> Outcome:
    with local_copy(task.path) as path:
        content = digest(path)
        if content == task.content and are_complete(task):
            return Outcome(task.key, task.name, Status.UNCHANGED, content=content)
        graph = _read(path, task.name, options, found)
    if graph is None:
        found += [
            Diagnostic("PL007", Origin(task.name, 1, 1), f"{shown(output)}: {_OLD}")
            for output in task.outputs.values()
            if _size(output) is not None
        ]
        return Outcome(task.key, task.name, Status.EMPTY, content=content)
    if options.conversion.bundles:
        graph = in_bundles(graph)
    written = write_all(graph, options, task)
    written.content = content
    found += written.diagnostics()
    return written


def write_all(graph: ProvGraph, options: Options, task: Task) -> Outcome:
    """Write a graph in all formats of a task, and return the outcome."""
    failures = []
    sizes, notes = {}, list[str]()
    for name, output in task.outputs.items():
        try:
            sizes[name] = _write_whole(graph, name, output, options, notes.append)
        except ProvlogError as error:
            message = f"{shown(output)}: {without(output, error)}"
            failures.append(Diagnostic("PL004", Origin(task.name, 1, 1), message))
    status = Status.FAILED if failures else Status.CONVERTED
    outcome = outcome_of(task.key, task.name, status, failures)
    outcome.sizes, outcome.notes = sizes, notes
    return outcome


def _read(path: str, name: str, options: Options, found: list[Diagnostic]) -> ProvGraph | None:
    """Return the graph of a log, ``None`` if it holds no provenance."""
    with options.conversion.reading() as reading:
        try:
            return reading.finish() if reading.add(path, name=name) else None
        finally:
            found += reading.diagnostics


def are_complete(task: Task) -> bool:
    """Return whether all outputs exist with the sizes in the manifest."""
    return all(
        name in task.sizes and _size(output) == task.sizes[name]
        for name, output in task.outputs.items()
    )


def _size(path: str) -> int | None:
    if is_url(path):
        return size_of(path)
    try:
        return os.stat(path).st_size
    except OSError:
        return None


def _write_whole(
    graph: ProvGraph, format: str, output: str, options: Options, report: Callable[[str], None]
) -> int:
    """Write a graph to a path or a URL, and return the size of the output in bytes."""
    _make_folder(output)
    with replacing(output, options.run) as stream:
        parameters = options.conversion.parameters
        write(graph, stream, format, parameters=parameters, report=report)
        return stream.tell()


def _make_folder(output: str) -> None:
    if is_url(output):
        return
    try:
        os.makedirs(os.path.dirname(output), exist_ok=True)
    except OSError as error:
        raise OutputError(f"{output}: cannot be written: {error.strerror or error}") from error
