"""Many logs as one document."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence

from provlog.batch.contents import digest, local_copy
from provlog.batch.outcome import Outcome, Status, outcome_of
from provlog.batch.work import Options, Task, are_there, without, write_all
from provlog.builder import Builder
from provlog.bundles import in_bundles
from provlog.diagnostics import Diagnostic
from provlog.errors import InputError
from provlog.events import Origin
from provlog.inputs import Found, unreadable
from provlog.memory import collector_paused
from provlog.readers import log_events
from provlog.values import safe_text

__all__ = ["convert_together"]


def convert_together(
    options: Options, document: Task, logs: Sequence[Found], watch: Callable[[str], None]
) -> tuple[Outcome, list[Outcome]]:
    """Make one document of many logs, unless it is there.

    Parameters
    ----------
    options : Options
        How it is made.
    document : Task
        The document as a task of its own; its content is the digest of all logs'.
    logs : sequence of Found
        The logs.
    watch : callable
        Takes the name of each log that has been read.

    Returns
    -------
    document, logs
        What became of the document, and of each log. Where the document has not
        changed, the latter say no more than that.
    """
    content = _digest_of_all(logs)
    if content == document.content and are_there(document):
        same = [
            Outcome(safe_text(log.place), safe_text(log.path), Status.UNCHANGED) for log in logs
        ]
        return Outcome(document.place, document.name, Status.UNCHANGED, content=content), same
    builder = Builder(options.namespaces)
    diagnostics = builder.graph.diagnostics
    statuses = []
    with collector_paused():
        for log in logs:
            statuses.append(_add(builder, log))
            watch(log.path)
        graph = builder.finish()
    by_log: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in diagnostics:
        by_log[diagnostic.origin.file].append(diagnostic)
    outcomes = [
        outcome_of(safe_text(log.place), safe_text(log.path), status, by_log[safe_text(log.path)])
        for log, status in zip(logs, statuses, strict=True)
    ]
    made = outcome_of(document.place, document.name, Status.EMPTY, ())
    if Status.CONVERTED in statuses:
        if options.bundles:
            graph = in_bundles(graph)
        made = write_all(graph, options, document)
    made.content, made.options = content, options.digest
    return made, outcomes


def _digest_of_all(logs: Sequence[Found]) -> str:
    contents = hashlib.blake2b(digest_size=16)
    for log in logs:
        try:
            with local_copy(log.path) as path:
                content = digest(path)
        except InputError:
            # To be told when it is read.
            content = ""
        contents.update(f"{log.place}\0{content}\0".encode(errors="surrogateescape"))
    return contents.hexdigest()


def _add(builder: Builder, log: Found) -> Status:
    name, report = safe_text(log.path), builder.graph.diagnostics.append
    try:
        with local_copy(log.path) as path:
            if builder.add_all(log_events(path, report, name=name)):
                return Status.CONVERTED
    except InputError as error:
        report(unreadable(name, without(log.path, error)))
        return Status.FAILED
    report(Diagnostic("PL002", Origin(name, 1, 1), "no provenance record found"))
    return Status.EMPTY
