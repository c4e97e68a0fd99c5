"""``provlog batch``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import click

from provlog.cli.batch_run import carry_out
from provlog.cli.documents import (
    STDOUT,
    bundles_option,
    check_output,
    completing,
    parameters_option,
)
from provlog.cli.logs import (
    PROBLEMS,
    STDIN,
    declared,
    definitions_option,
    namespace_option,
    no_descriptions_option,
    reader_option,
)
from provlog.cli.messages import print_message, show_diagnostics
from provlog.errors import InputError, OutputError, UsageError
from provlog.files.remote import join
from provlog.readers import reader_named
from provlog.text import printable
from provlog.urls import is_url, localized, shown
from provlog.writers import FORMATS, format_named

if TYPE_CHECKING:
    from collections.abc import Callable

    from provlog.batch.engines import Engine
    from provlog.batch.plan import Plan
    from provlog.definitions.classes import Definitions
    from provlog.diagnostics.diagnostic import Diagnostic
    from provlog.files.find import Found

__all__ = ["batch", "engine_of", "engine_options", "report_options"]


_ENGINE = (
    click.option(
        "-j",
        "--jobs",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        metavar="N",
        help="Use N processes; 0 for one per core.",
    ),
    click.option(
        "--scheduler",
        metavar="ADDRESS",
        help="Work on the Dask cluster with this scheduler: tcp://host:8786.",
    ),
)
_REPORTS = (
    click.option("--report", type=click.Path(), help="Write a report on each log as JSON."),
    click.option("--junit", type=click.Path(), help="Write a report as JUnit XML, for CI systems."),
    click.option(
        "--fail-on",
        type=click.Choice(["error", "warning", "never"]),
        default="error",
        show_default=True,
        help="Exit with 1 if a problem is at least this severe.",
    ),
)


def engine_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--jobs`` and ``--scheduler``."""
    for option in reversed(_ENGINE):
        command = option(command)
    return command


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``--report``, ``--junit`` and ``--fail-on``."""
    for option in reversed(_REPORTS):
        command = option(command)
    return command


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@click.option(
    "-d",
    "--directory",
    required=True,
    type=click.Path(),
    help="Output folder or URL; its subfolders are those of the logs.",
)
@click.option(
    "-f",
    "--format",
    "format_names",
    metavar="NAME",
    multiple=True,
    default=["provjson"],
    shell_complete=completing(FORMATS.values()),
    help=f"Output format: {', '.join(FORMATS)}; can be repeated.  [default: provjson]",
)
@engine_options
@click.option("--merge", is_flag=True, help="Merge all logs into one document, 'merged'.")
@bundles_option
@parameters_option
@namespace_option
@reader_option
@definitions_option
@no_descriptions_option
@report_options
@click.option("--force", is_flag=True, help="Convert unchanged logs again.")
def batch(
    logs: tuple[str, ...],
    directory: str,
    format_names: tuple[str, ...],
    jobs: int,
    scheduler: str | None,
    merge: bool,
    bundles: bool,
    parameters: str,
    namespaces: tuple[str, ...],
    reader: str | None,
    definitions: str | None,
    no_descriptions: bool,
    report: str | None,
    junit: str | None,
    fail_on: str,
    force: bool,
) -> None:
    """Convert many LOGS: files, folders, patterns and URLs.

    Each log is converted to each format; a log that fails does not stop the others.
    The output folder keeps the results, so that the same command converts only new and
    changed logs, and resumes after an interruption.

    \b
    provlog batch logs/ -f provjson -f svg -d out/ --jobs 4
    provlog batch 'logs/**/*.log*' -d out/ --report report.json --junit report.xml
    provlog batch night/ --merge -f provxml -d out/
    provlog batch s3://bucket/night/ -d s3://bucket/prov/ --scheduler tcp://host:8786
    """
    from provlog.batch.conversion import Conversion
    from provlog.batch.plan import Plan, check_plan
    from provlog.batch.totals import Totals
    from provlog.files.find import Found, find_logs

    if STDIN in logs:
        raise UsageError("standard input gives an output no name; use provlog convert")
    if merge and (jobs != 1 or scheduler):
        raise UsageError("--merge uses one process; omit --jobs and --scheduler")
    if scheduler and jobs != 1:
        raise UsageError("--jobs starts processes on this machine; omit it with --scheduler")
    if reader is not None:
        reader_named(reader)
    directory = localized(directory)
    for name in logs:
        if os.path.isdir(name) and os.path.realpath(name) == os.path.realpath(directory):
            raise UsageError(f"{directory}: holds the logs; name another folder for the outputs")
    formats = [format_named(name) for name in dict.fromkeys(format_names)]
    missing: list[Diagnostic] = []
    found = find_logs(logs, missing.append, leave_out=directory)
    if not found:
        for diagnostic in missing:
            print_message(printable(str(diagnostic)))
        raise InputError(f"{', '.join(map(shown, logs))}: no log found")
    reports = {name: path for name, path in (("json", report), ("junit", junit)) if path}
    found = _without_reports(found, reports, logs)
    if merge:
        # Several folders may contain logs with the same name.
        found = [Found(log.path, log.path) for log in found]
    conversion = Conversion(
        declared(namespaces),
        bundles,
        reader,
        _definitions(definitions),
        not no_descriptions,
        parameters,
    )
    plan = Plan(found, formats, directory, missing, conversion, merge)
    _check_reports(reports, plan)
    check_plan(plan, reports.values())
    totals = Totals(fail_on)
    carry_out(plan, totals, engine_of(jobs, scheduler, len(found)), reports, force)
    if totals.failed and fail_on != "never":
        raise click.exceptions.Exit(PROBLEMS)


def _definitions(path: str | None) -> Definitions | None:
    """Return the content of a definition file; report its warnings once, not for each log."""
    if path is None:
        return None
    from msgspec.structs import replace

    from provlog.definitions.load import load

    definitions = load(path)
    show_diagnostics(definitions.warnings)
    return replace(definitions, warnings=())


def _check_reports(reports: dict[str, str], plan: Plan) -> None:
    """Raise before the first conversion if a report cannot be written."""
    from provlog.batch.manifest import MANIFEST

    paths = [os.path.realpath(path) for path in reports.values() if path != STDOUT]
    if len(set(paths)) < len(paths):
        raise UsageError(f"{reports['json']}: two reports; name another file for one")
    for path in reports.values():
        check_output(path, tuple(log.path for log in plan.logs))
        if os.path.realpath(path) == os.path.realpath(join(plan.folder, MANIFEST)):
            raise UsageError(
                f"{shown(path)}: is the manifest of the batch; name another file for the report"
            )
        folder = os.path.dirname(localized(path))
        if folder and not is_url(path):
            try:
                os.makedirs(folder, exist_ok=True)
            except OSError as error:
                raise OutputError(
                    f"{path}: cannot be written: {error.strerror or error}"
                ) from error


def _is_report(path: str) -> bool:
    """Return whether a file begins as a report does."""
    try:
        with open(path, "rb") as stream:
            beginning = stream.read(200)
    except (OSError, ValueError):
        return False
    return beginning.startswith(b'{"provlog":') or b'"provlog batch"' in beginning


def _without_reports(
    found: list[Found], reports: dict[str, str], named: tuple[str, ...]
) -> list[Found]:
    """Return the logs without the reports of an earlier run, unless named explicitly."""
    own = {os.path.realpath(path) for path in reports.values() if _is_report(path)}
    own -= {os.path.realpath(name) for name in named}
    names = {os.path.basename(path) for path in own}
    return [
        log
        for log in found
        if os.path.basename(log.path) not in names or os.path.realpath(log.path) not in own
    ]


def engine_of(jobs: int, scheduler: str | None, logs: int) -> Engine:
    """Return the engine for a number of logs.

    Raises
    ------
    UsageError
        If both a number of processes and a scheduler are given.
    """
    if scheduler and jobs != 1:
        raise UsageError("--jobs starts processes on this machine; omit it with --scheduler")
    if scheduler is not None:
        import logging

        from provlog.batch.cluster import dask_cluster

        engine = dask_cluster(scheduler)
        for name in list(logging.root.manager.loggerDict):
            if name.partition(".")[0] in ("asyncio", "distributed", "tornado"):
                # provlog itself reports a lost connection, in one line.
                logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        if not engine.workers:
            print_message(f"provlog: {scheduler} has no workers yet: waiting for the first one")
        return engine
    processes = min(jobs or _cores(), logs)
    if processes > 1:
        from provlog.batch.pool import process_pool

        return process_pool(processes)
    from provlog.batch.engines import in_process

    return in_process()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        # A container or a batch system may limit the cores.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
