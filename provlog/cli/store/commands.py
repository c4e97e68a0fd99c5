"""``provlog store add``, ``remove``, ``find`` and ``info``."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import click

from provlog.cli.documents import chosen_format, output_options, write_output
from provlog.cli.logs import (
    PROBLEMS,
    declared,
    definitions_option,
    namespace_option,
    reader_option,
)
from provlog.cli.messages import print_message, print_text, progress_bar, show_diagnostics
from provlog.errors import UsageError
from provlog.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable

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
@click.option("--force", is_flag=True, help="Read unchanged logs again.")
def add(
    logs: tuple[str, ...],
    url: str,
    namespaces: tuple[str, ...],
    reader: str | None,
    definitions: str | None,
    force: bool,
) -> None:
    """Add LOGS to a store, which is created if it does not exist.

    Unchanged logs are skipped. A log with changed content replaces its earlier statements
    in the store. Each log is added completely or not at all.

    \b
    provlog store add night/*.log
    provlog store add --store postgresql://host/prov night/*.log
    """
    from provlog.store.store import Store

    with Store(url) as opened, progress_bar(logs) as progress:
        for path in logs:
            [added] = opened.add(
                path,
                namespaces=declared(namespaces),
                reader=reader,
                definitions=definitions,
                force=force,
                progress=progress,
            )
            show_diagnostics(added.diagnostics)
            print_message(f"provlog: {added.name}: {added.status}")


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
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print_text(printable("  ".join(cells).rstrip()))


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
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def info(url: str, as_json: bool) -> None:
    """List the logs in a store.

    \b
    provlog store info
    provlog store info --store postgresql://host/prov --json
    """
    from provlog.store.store import Store

    with Store(url, create=False) as opened:
        logs = opened.logs()
    if as_json:
        rows = [{name: getattr(log, name) for name in log.__struct_fields__} for log in logs]
        print_text(json.dumps(rows, indent=1))
        return
    for log in logs:
        print_text(f"{log.added}  {log.name}")
