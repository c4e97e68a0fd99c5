"""``provlog batch``."""

from __future__ import annotations

import os
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from provlog.cli.documents import check_output, completing
from provlog.cli.logs import PROBLEMS, STDIN, declared, namespace_option
from provlog.cli.messages import counted, tell
from provlog.cli.progress import progress_of
from provlog.errors import InputError, UsageError
from provlog.writers import FORMATS, format_named

if TYPE_CHECKING:
    from provlog.batch.engines import Engine
    from provlog.batch.outcome import Outcome
    from provlog.batch.run import Batch
    from provlog.batch.totals import Totals
    from provlog.diagnostics import Diagnostic

__all__ = ["batch"]


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@click.option(
    "-d",
    "--directory",
    required=True,
    type=click.Path(),
    help="Folder or URL of the outputs, laid out as the logs are.",
)
@click.option(
    "-f",
    "--format",
    "format_names",
    metavar="NAME",
    multiple=True,
    default=["provjson"],
    shell_complete=completing(FORMATS.values()),
    help=f"Output format, can be repeated: {', '.join(FORMATS)}.  [default: provjson]",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=0),
    default=1,
    show_default=True,
    metavar="N",
    help="Convert N logs at a time, in as many processes; 0: as many as there are cores.",
)
@click.option(
    "--scheduler", metavar="ADDRESS", help="Convert on a dask cluster, such as tcp://host:8786."
)
@click.option("--merge", is_flag=True, help="Make one document of all logs, called 'merged'.")
@click.option("--bundles", is_flag=True, help="Put each session into a bundle that it generated.")
@namespace_option
@click.option("--report", type=click.Path(), help="Write what became of each log as JSON.")
@click.option("--junit", type=click.Path(), help="Write it as JUnit's XML, for CI systems.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "never"]),
    default="error",
    show_default=True,
    help="Exit with code 1 if anything so bad is found in a log.",
)
@click.option("--force", is_flag=True, help="Convert again what has not changed.")
def batch(
    logs: tuple[str, ...],
    directory: str,
    format_names: tuple[str, ...],
    jobs: int,
    scheduler: str | None,
    merge: bool,
    bundles: bool,
    namespaces: tuple[str, ...],
    report: str | None,
    junit: str | None,
    fail_on: str,
    force: bool,
) -> None:
    """Convert many LOGS: files, folders, patterns, URLs.

    Each log becomes an output in each format; a log that fails does not stop the
    others. What was done is noted in the folder of the outputs: the same command
    again converts only what is new or has changed, and goes on where it was
    interrupted.

    \b
    provlog batch logs/ -f provjson -f svg -d out/ --jobs 4
    provlog batch 'logs/**/*.log*' -d out/ --report report.json --junit report.xml
    provlog batch night/ --merge -f provxml -d out/
    provlog batch s3://bucket/night/ -d s3://bucket/prov/ --scheduler tcp://host:8786
    """
    from provlog.batch.run import Batch
    from provlog.batch.totals import Totals
    from provlog.inputs import find_logs

    if STDIN in logs:
        raise UsageError("standard input has no name that an output could have: provlog convert")
    if merge and (jobs != 1 or scheduler):
        raise UsageError("--merge makes one graph, in one process: without --jobs and --scheduler")
    if scheduler and jobs != 1:
        raise UsageError("--jobs is for processes of this machine: without --scheduler")
    for name in logs:
        if os.path.isdir(name) and os.path.realpath(name) == os.path.realpath(directory):
            raise UsageError(f"{directory}: holds the logs; name another folder for the outputs")
    formats = [format_named(name) for name in dict.fromkeys(format_names)]
    missing: list[Diagnostic] = []
    found = find_logs(logs, missing.append, leave_out=directory)
    if not found:
        for diagnostic in missing:
            tell(str(diagnostic))
        raise InputError(f"{', '.join(logs)}: no log there")
    reports = {name: path for name, path in (("json", report), ("junit", junit)) if path}
    for path in reports.values():
        check_output(path, tuple(log.path for log in found))
    todo = Batch(
        found, formats, directory, missing=missing, namespaces=declared(namespaces),
        bundles=bundles, together=merge, force=force,
    )  # fmt: skip
    totals = Totals(fail_on)
    _run(todo, totals, _engine(jobs, scheduler, len(found)), reports)
    if totals.failed:
        raise click.exceptions.Exit(PROBLEMS)


def _engine(jobs: int, scheduler: str | None, logs: int) -> Engine:
    if scheduler is not None:
        from provlog.batch.cluster import dask_cluster

        engine, workers = dask_cluster(scheduler)
        if not workers:
            tell(f"provlog: {scheduler} has no workers yet: waiting for the first one")
        return engine
    processes = min(jobs or _cores(), logs)
    if processes > 1:
        from provlog.batch.pool import process_pool

        return process_pool(processes)
    from provlog.batch.engines import in_process

    return in_process()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        # What a container or a batch system leaves to us.
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _run(batch: Batch, totals: Totals, engine: Engine, reports: dict[str, str]) -> None:
    """Convert, show how it goes, and tell what became of it, even if it is interrupted."""
    begun = datetime.now(UTC)
    with ExitStack() as context:
        # What it has to tell, it knows at its end.
        context.callback(engine.close)
        context.callback(_tell_of_manifest, batch)
        context.enter_context(batch)
        try:
            with (
                progress_of(totals, len(batch)) as (advance, say),
                closing(batch.run(engine, lambda _: advance())) as outcomes,
            ):
                for outcome in outcomes:
                    totals.add(outcome)
                    advance()
                    if line := _problem(outcome):
                        say(line)
        finally:
            _sum_up(batch, totals, begun)
            _write_reports(batch, totals, begun, reports)


def _problem(outcome: Outcome) -> str:
    """Return a line for a log with an error or a warning: the worst, and how many more."""
    from provlog.diagnostics import Severity
    from provlog.wording import printable

    severities = outcome.severities()
    problems = severities[Severity.ERROR] + severities[Severity.WARNING]
    if not problems:
        return ""
    more = f" (and {problems - 1} more)" if problems > 1 else ""
    return printable(f"{next(outcome.diagnostics())}{more}")


def _write_reports(batch: Batch, totals: Totals, begun: datetime, reports: dict[str, str]) -> None:
    from provlog.batch.reports import REPORTS
    from provlog.output import replacing

    for name, path in reports.items():
        with replacing(path) as stream:
            for piece in REPORTS[name](batch, totals, begun):
                stream.write(piece.encode())


_SAID = {
    "converted": "converted",
    "unchanged": "unchanged",
    "empty": "without a record",
    "failed": "not converted",
}


def _sum_up(batch: Batch, totals: Totals, begun: datetime) -> None:
    from provlog.batch.outcome import Status
    from provlog.wording import duration

    seconds = (datetime.now(UTC) - begun).total_seconds()
    became = ", ".join(
        f"{count:,} {said}"
        for status, said in _SAID.items()
        if (count := totals.statuses[Status(status)])
    )
    tell(f"provlog: {totals.done:,} of {len(batch):,} logs in {duration(seconds)}: {became}")
    if totals.codes:
        tell(f"provlog: {counted(totals.codes)}")
    if totals.done < len(batch):
        tell("provlog: the same command goes on from here")


def _tell_of_manifest(batch: Batch) -> None:
    if batch.manifest_failure:
        tell(
            f"provlog: what was done could not be noted ({batch.manifest_failure}): "
            "the same command will do all of it again"
        )
