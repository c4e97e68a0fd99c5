"""Merge many logs into one document."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence

from provlog.batch.names import log_key, log_name
from provlog.batch.outcome import Outcome, Status, outcome_of
from provlog.batch.problems import without
from provlog.batch.work import Options, Task, are_complete, write_all
from provlog.building.reading import Reading
from provlog.diagnostics.diagnostic import Diagnostic, unreadable
from provlog.errors import InputError
from provlog.files.digest import digest, local_copy
from provlog.files.find import Found
from provlog.graphs.bundles import in_bundles

__all__ = ["convert_merged"]


def convert_merged(
    options: Options, document: Task, logs: Sequence[Found], watch: Callable[[], None]
) -> tuple[Outcome, list[Outcome]]:
    """Merge many logs into one document unless it is up to date.

    Parameters
    ----------
    options : Options
        The options.
    document : Task
        The document as a task; its content is the digest of all logs.
    logs : sequence of Found
        The logs.
    watch : callable
        Called whenever a log has been read.

    Returns
    -------
    document : Outcome
        The outcome of the document.
    logs : list of Outcome
        The outcome of each log; without findings if the document has not changed.
    """
    content = _digest_of_all(logs)
    keyed = [(log_key(log), log_name(log)) for log in logs]
    if content == document.content and are_complete(document):
        same = [Outcome(key, name, Status.UNCHANGED) for key, name in keyed]
        return Outcome(document.key, document.name, Status.UNCHANGED, content=content), same
    statuses = []
    with options.conversion.reading() as reading:
        for log in logs:
            statuses.append(_add(reading, log))
            watch()
        graph = reading.finish()
    made = outcome_of(document.key, document.name, Status.EMPTY, ())
    if Status.CONVERTED in statuses:
        if options.conversion.bundles:
            graph = in_bundles(graph)
        made = write_all(graph, options, document)
    # A log that could not be read may be readable next time, with its content unchanged.
    made.content = "" if Status.FAILED in statuses else content
    made.options = options.digest
    by_log: defaultdict[str, list[Diagnostic]] = defaultdict(list)
    for diagnostic in reading.diagnostics:
        by_log[diagnostic.origin.file].append(diagnostic)
    return made, [
        outcome_of(key, name, status, by_log[name])
        for (key, name), status in zip(keyed, statuses, strict=True)
    ]


def _digest_of_all(logs: Sequence[Found]) -> str:
    contents = hashlib.blake2b(digest_size=16)
    for log in logs:
        try:
            with local_copy(log.path) as path:
                content = digest(path)
        except InputError:
            # Reported when the log is read.
            content = ""
        contents.update(f"{log.place}\0{content}\0".encode(errors="surrogateescape"))
    return contents.hexdigest()


def _add(reading: Reading, log: Found) -> Status:
    name = log_name(log)
    try:
        with local_copy(log.path) as path:
            return Status.CONVERTED if reading.add(path, name=name) else Status.EMPTY
    except InputError as error:
        reading.diagnostics.append(unreadable(name, without(log.path, error)))
        return Status.FAILED
