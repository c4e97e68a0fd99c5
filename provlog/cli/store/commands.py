"""``provlog store add``, ``remove``, ``find`` and ``info``."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

import click

from provlog.cli.batch import engine_of, engine_options, report_options
from provlog.cli.batch_run import conduct
from provlog.cli.documents import (
    check_output,
    chosen_format,
    json_option,
    output_options,
    write_output,
)
from provlog.cli.logs import (
    PROBLEMS,
    STDIN,
    declared,
    definitions_option,
    namespace_option,
    reader_option,
)
from provlog.cli.messages import print_json, print_message, print_table, print_text
from provlog.errors import InputError, UsageError
from provlog.readers import reader_named
from provlog.text import printable
from provlog.urls import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from provlog.diagnostics.diagnostic import Diagnostic

__all__ = ["add", "find", "info", "remove", "url_option"]

_DEFAULT = "provlog.db"


def url_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--store``; the command receives a ``url``."""
    return click.option(
        "--store",
        "url",
        metavar="FILE|URL",
        default=_DEFAULT,
        show_default=True,
        help="File of SQLite, or postgresql://HOST/DATABASE.",
    )(command)


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@url_option
@namespace_option
@reader_option
@definitions_option
@engine_options
@report_options
@click.option("--force", is_flag=True, help="Read unchanged logs again.")
def add(
    logs: tuple[str, ...],
    url: str,
    namespaces: tuple[str, ...],
    reader: str | None,
    definitions: str | None,
    jobs: int,
    scheduler: str | None,
    report: str | None,
    junit: str | None,
    fail_on: str,
    force: bool,
) -> None:
    """Add LOGS to a store, which is created if it does not exist.

    LOGS are files, folders, patterns and URLs. Unchanged logs are skipped. A log with
    changed content replaces its earlier statements in the store. Each log is added
    completely or not at all. A log that fails does not stop the others, and the same command
    resumes after an interruption.

    \b
    provlog store add night/*.log
    provlog store add --store postgresql://host/prov s3://bucket/night/ --jobs 4
    """
    from provlog.batch.storing import StoreBatch
    from provlog.batch.totals import Totals
    from provlog.files.find import find_logs
    from provlog.model.namespaces import with_declared
    from provlog.store.ingest.adding import Adding, log_name
    from provlog.store.store import Store

    for name in logs:
        if name == STDIN:
            log_name(name)
    if reader is not None:
        reader_named(reader)
    given = declared(namespaces)
    with_declared(given)
    missing: list[Diagnostic] = []
    found = find_logs(logs, missing.append)
    if not found:
        for diagnostic in missing:
            print_message(printable(str(diagnostic)))
        raise InputError(f"{', '.join(map(shown, logs))}: no log found")
    adding = Adding(given, reader, definitions and os.path.abspath(definitions), force)
    adding.digest()
    with Store(url) as opened:
        places = {os.path.abspath(f"{opened.name}{end}") for end in ("", "-wal", "-shm")}
    found = [log for log in found if os.path.abspath(log.path) not in places]
    reports = {name: path for name, path in (("json", report), ("junit", junit)) if path}
    for path in reports.values():
        check_output(path, (*(log.path for log in found), *places))
    totals = Totals(fail_on)
    batch = StoreBatch(os.fspath(url), found, missing, adding)
    conduct(batch, totals, engine_of(jobs, scheduler, len(found)), reports, "added")
    if totals.failed and fail_on != "never":
        raise click.exceptions.Exit(PROBLEMS)


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@url_option
def remove(logs: tuple[str, ...], url: str) -> None:
    """Remove LOGS from a store, with everything that only they state.

    \b
    provlog store remove night/run1.log

    Exit codes: 0 all logs were removed, 1 a log was not in the store.
    """
    from provlog.store.store import Store

    with Store(url, create=False) as opened:
        missing = opened.remove(*logs)
        for name in missing:
            print_message(f"provlog: {name}: is not in the store {opened.name}")
    if missing:
        raise click.exceptions.Exit(PROBLEMS)


@click.command()
@url_option
@output_options(default="a table")
@click.option("--since", metavar="TIME", help="Only activities that ran at this time or later.")
@click.option("--until", metavar="TIME", help="Only activities that ran at this time or earlier.")
@click.option("--session", "sessions", metavar="NAME|ID", multiple=True, help="Only this session.")
@click.option(
    "--activity", "activities", metavar="NAME|ID", multiple=True, help="Only this activity."
)
@click.option(
    "--parameter",
    "parameters",
    metavar="NAME=VALUE",
    multiple=True,
    help="Only activities with this value of a parameter: a text, or <, <=, >, >=, != and a "
    "number, with a unit or without.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    metavar="N",
    help="Return at most N activities.",
)
def find(
    url: str,
    format_name: str | None,
    output: str,
    sessions: tuple[str, ...],
    activities: tuple[str, ...],
    parameters: tuple[str, ...],
    **criteria: Any,
) -> None:
    """Find activities in a store, by name, session, time and parameters.

    Without -f or -o, the activities are listed. With them, the graph of the activities, with
    their inputs and outputs, is written or drawn.

    \b
    provlog store find --activity run_fit --parameter energy_min='>1 TeV' --since 2026-01
    provlog store find --session 8751 -o run.provn
    """
    from provlog.store.store import Store

    format = chosen_format(format_name, output)
    conditions = [_condition(text) for text in parameters]
    with Store(url, create=False) as opened:
        check_output(output, (opened.name,))
        graph = opened.find(
            sessions=sessions, activities=activities, parameters=conditions, **criteria
        )
    if format is not None:
        write_output(graph, output, format)
        return
    rows = [("START", "ACTIVITY", "SESSION", "ID")]
    for activity in graph.activities.values():
        if activity not in graph.sessions.values():
            session = activity.session.name if activity.session is not None else ""
            rows.append((activity.start or "", activity.name, session, activity.id))
    print_table(rows)


def _condition(text: str) -> tuple[str, str]:
    """Return the name and the condition of an option.

    Examples
    --------
    >>> _condition("energy_min=>1 TeV"), _condition("bins>=10")
    (('energy_min', '>1 TeV'), ('bins', '>=10'))
    """
    found = re.match(r"([^=<>!]+)(.+)", text, re.DOTALL)
    if found is None:
        raise UsageError(f"--parameter {text!r} is not NAME=VALUE, such as energy_min='>1 TeV'")
    name, value = found[1].strip(), found[2]
    # The first equals sign belongs to the option, a second one to the condition.
    return name, value[1:] if re.match(r"=\s*[<>!=]", value) else value


@click.command()
@url_option
@json_option
def info(url: str, as_json: bool) -> None:
    """List the logs in a store.

    \b
    provlog store info
    provlog store info --store postgresql://host/prov --json
    """
    from msgspec.structs import asdict

    from provlog.store.store import Store

    with Store(url, create=False) as opened:
        logs = opened.logs()
    if as_json:
        print_json([asdict(log) for log in logs])
        return
    for log in logs:
        print_text(printable(f"{log.added}  {log.statements:>9,}  {log.name}"))
    total = sum(log.statements for log in logs)
    print_message(f"provlog: logs: {len(logs):,}, statements: {total:,}")
