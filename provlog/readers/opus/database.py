"""Read the database of OPUS: an SQLite file, or a dump of SQLite or PostgreSQL as SQL text.

A dump is parsed, never executed. The reader skips secrets: the users and the owners' tokens.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import quote

from provlog.diagnostics.diagnostic import Report
from provlog.errors import InputError
from provlog.files.source import Source
from provlog.model.graph import ProvGraph
from provlog.readers.opus.dump import Row, read_dump
from provlog.readers.opus.graph import Jobs
from provlog.readers.opus.jobs import Job, Parameter, Result, Server, Stored, server_of
from provlog.readers.prefixes import declare_prefixes
from provlog.readers.truncated.complete import truncated

__all__ = ["read_database"]

# Read only these tables and columns.
TABLES: dict[str, tuple[str, ...]] = {
    "jobs": (
        "jobid", "jobname", "phase", "quote", "execution_duration", "error", "creation_time",
        "start_time", "end_time", "destruction_time", "owner", "run_id", "process_id",
    ),
    "job_parameters": ("jobid", "name", "value", "byref", "entity_id"),
    "job_results": ("jobid", "name", "url", "content_type", "entity_id"),
    "entities": (
        "entity_id", "value", "file_name", "file_dir", "hash", "creation_time", "content_type",
        "access_url", "owner", "jobid", "result_name", "result_value", "from_entity",
    ),
    "used": ("entity_id", "jobid", "role"),
}  # fmt: skip

_MAGIC = b"SQLite format 3\0"
# The columns of a job that become attributes, with their names in job documents.
_JOB_ATTRIBUTES = {
    "run_id": "uws:runId", "creation_time": "uws:creationTime", "quote": "uws:quote",
    "execution_duration": "uws:executionDuration", "destruction_time": "uws:destruction",
    "process_id": "uws:process_id",
}  # fmt: skip
_FILE_ATTRIBUTES = {
    "result_name": "voprov:result_name", "creation_time": "log:creation_time",
    "file_dir": "log:file_dir", "value": "prov:value", "from_entity": "log:from_entity",
}  # fmt: skip

_Tables = dict[str, list[Row]]


def read_database(source: Source, report: Report) -> ProvGraph:
    """Return the graph of all jobs in a database of OPUS.

    Parameters
    ----------
    source : Source
        The opened database or dump.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the database cannot be read.
    """
    if source.head.startswith(_MAGIC):
        graph = _graph(_from_sqlite(source, report))
    else:
        graph = _graph(_from_dump(source, report))
    declare_prefixes(graph)
    return graph


def _from_dump(source: Source, report: Report) -> _Tables:
    text = source.read(report).decode(errors="replace")

    def cut(position: int) -> None:
        data, before = text.encode(), text[:position].encode()
        report(truncated(data, len(before), source.name, "dump of OPUS's database"))

    return read_dump(text, TABLES, cut)


def _from_sqlite(source: Source, report: Report) -> _Tables:
    try:
        with closing(_opened(source, report)) as connection:
            return {name: [*_rows(connection, name)] for name in TABLES}
    except sqlite3.Error as error:
        raise InputError(f"{source.name}: cannot be read: {error}") from error


def _opened(source: Source, report: Report) -> sqlite3.Connection:
    if source.is_plain:
        connection = sqlite3.connect(f"file:{quote(source.path)}?mode=ro", uri=True)
    else:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(source.read(report))
    connection.text_factory = lambda text: text.decode(errors="replace")
    connection.execute("PRAGMA trusted_schema = OFF")
    return connection


def _rows(connection: sqlite3.Connection, table: str) -> Iterator[Row]:
    known = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    columns = [column for column in TABLES[table] if column in known]
    is_table = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)
    ).fetchone()
    if is_table is None or not columns:
        return
    # All names come from the table above.
    for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}"):  # noqa: S608
        texts = (None if value is None else str(value) for value in row)
        yield dict(zip(columns, texts, strict=True))


def _by_job(rows: Iterable[Row]) -> defaultdict[str | None, list[Row]]:
    found: defaultdict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.get("jobid")].append(row)
    return found


def _graph(tables: _Tables) -> ProvGraph:
    jobs = Jobs()
    parameters, results, used = (
        _by_job(tables[name]) for name in ("job_parameters", "job_results", "used")
    )
    urls = [row.get("access_url") for row in tables["entities"]]
    server, _ = server_of("", urls)
    activities = {}
    for row in tables["jobs"]:
        name = row.get("jobid") or ""
        job = _job(row, parameters[name], results[name], server)
        server = job.server or server
        activities[name] = jobs.add(job, ())
    if server is None:
        return jobs.graph
    files = {
        row["entity_id"]: jobs.file(server, _stored(row))
        for row in tables["entities"]
        if row.get("entity_id")
    }
    for name, activity in activities.items():
        for row in used[name]:
            if (entity := files.get(row.get("entity_id"))) is not None:
                jobs.used(activity, entity, row.get("role"))
    for result, inner in _taken_over(tables["entities"]):
        jobs.derived(files[result], files[inner])
    return jobs.graph


def _job(row: Row, parameters: list[Row], results: list[Row], server: Server | None) -> Job:
    name = row.get("jobid") or ""
    own, _ = server_of(name, [result.get("url") for result in results])
    job = Job(name, own or server, None, row.get("jobname"), row.get("phase"), row.get("owner"))
    job.start, job.end, job.error = row.get("start_time"), row.get("end_time"), row.get("error")
    job.others = _attributes(row, _JOB_ATTRIBUTES)
    for parameter in parameters:
        key, value = parameter.get("name") or "", parameter.get("value") or ""
        if key == "runId" and value == row.get("run_id"):
            continue
        is_input = (parameter.get("byref") or "").lower() in ("1", "true", "t")
        job.parameters.append(Parameter(key, value, is_input, parameter.get("entity_id")))
    for result in results:
        key, stored = result.get("name") or "", result.get("entity_id")
        if stored is None:
            job.others[f"uws:{key}"] = result.get("url") or ""
        else:
            job.results.append(Result(key, result.get("url"), result.get("content_type"), stored))
    return job


def _stored(row: Row) -> Stored:
    return Stored(
        row["entity_id"] or "", row.get("file_name"), row.get("access_url"),
        row.get("content_type"), row.get("hash"), _attributes(row, _FILE_ATTRIBUTES),
    )  # fmt: skip


def _attributes(row: Row, names: dict[str, str]) -> dict[str, Any]:
    return {attribute: row[name] for name, attribute in names.items() if row.get(name)}


def _taken_over(entities: Iterable[Row]) -> Iterator[tuple[str, str]]:
    """Yield each result with the inner entity that OPUS made it from.

    OPUS stores the inner entities without a job. The only evidence of the link is that a
    result has the same hash and is in the same folder.
    """
    inner: dict[tuple[str | None, str | None], str] = {}
    for row in entities:
        if row.get("from_entity") and row.get("hash") and row.get("entity_id"):
            inner[row.get("hash"), row.get("file_dir")] = row["entity_id"] or ""
    for row in entities:
        found = inner.get((row.get("hash"), row.get("file_dir")))
        if found is not None and not row.get("from_entity") and row.get("jobid"):
            yield row["entity_id"] or "", found
