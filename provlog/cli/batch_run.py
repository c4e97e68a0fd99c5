"""Run a batch with progress, reports and a summary."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from provlog.cli.documents import STDOUT
from provlog.cli.messages import counted, print_message, progress_of
from provlog.errors import OutputError
from provlog.text import printable

if TYPE_CHECKING:
    from provlog.batch.engines import Engine
    from provlog.batch.manifest import Manifest
    from provlog.batch.outcome import Outcome
    from provlog.batch.plan import Plan
    from provlog.batch.run import Batch
    from provlog.batch.storing import StoreBatch
    from provlog.batch.totals import Totals

__all__ = ["carry_out", "conduct"]

# More lines would scroll off the screen.
_FEW_LINES = 20


def carry_out(
    plan: Plan, totals: Totals, engine: Engine, reports: dict[str, str], force: bool
) -> None:
    """Convert with progress; print the summary even after an interruption."""
    from provlog.batch.run import Batch

    with _manifest_of(plan.folder) as manifest:
        conduct(Batch(plan, manifest, force=force), totals, engine, reports)


def conduct(
    batch: Batch | StoreBatch,
    totals: Totals,
    engine: Engine,
    reports: dict[str, str],
    done: str = "converted",
) -> None:
    """Run a batch with progress; print the summary even after an interruption.

    Parameters
    ----------
    batch : Batch or StoreBatch
        The batch.
    totals : Totals
        The counts of its outcomes.
    engine : Engine
        Who does the work.
    reports : dict
        The paths of the reports by name.
    done : str, optional
        The word for a log that is done.
    """
    begun = datetime.now(UTC)
    read = problems = 0

    def watch() -> None:
        nonlocal read
        read += 1
        advance(read)

    with closing(engine):
        try:
            with (
                progress_of(totals, len(batch)) as (advance, say),
                closing(batch.run(engine, watch)) as outcomes,
            ):
                for outcome in outcomes:
                    totals.add(outcome)
                    advance(max(read, totals.done))
                    if line := _problem(outcome):
                        problems += 1
                        say(line)
        finally:
            try:
                _write_reports(batch, totals, begun, reports)
            finally:
                if problems > _FEW_LINES:
                    _list_failing(batch, totals.fail_on)
                _sum_up(batch, totals, begun, done)


@contextmanager
def _manifest_of(folder: str) -> Iterator[Manifest]:
    """Open the manifest of a folder; report at the end if it could not be written."""
    from provlog.batch.manifest import opened

    failure = ""
    try:
        with opened(folder) as manifest:
            try:
                yield manifest
            finally:
                failure = manifest.failure
        failure = manifest.failure
    finally:
        if failure:
            print_message(
                f"provlog: the manifest could not be written ({failure}): the same command will "
                "convert these logs again"
            )


def _problem(outcome: Outcome) -> str:
    """Return the worst error or warning of a log, and the number of others, in one line."""
    from provlog.diagnostics.severity import Severity

    severities = outcome.severities()
    problems = severities[Severity.ERROR] + severities[Severity.WARNING]
    if not problems:
        return ""
    more = f" (and {problems - 1} more)" if problems > 1 else ""
    return printable(f"{next(outcome.diagnostics())}{more}")


def _write_reports(
    batch: Batch | StoreBatch, totals: Totals, begun: datetime, reports: dict[str, str]
) -> None:
    from provlog.batch.reports import REPORTS
    from provlog.files.replace import replacing

    failures = []
    for name, path in reports.items():
        pieces = (piece.encode() for piece in REPORTS[name](batch, totals, begun))
        try:
            with replacing(path) if path != STDOUT else nullcontext(sys.stdout.buffer) as stream:
                stream.writelines(pieces)
        except OutputError as error:
            failures.append(error)
    if failures:
        raise failures[0]


def _list_failing(batch: Batch | StoreBatch, fail_on: str) -> None:
    """Repeat the list of failed logs, since other lines may have hidden it."""
    from provlog.batch.totals import Verdict, verdict

    bad = (Verdict.ERROR, Verdict.FAILURE)
    failing = (
        outcome
        for _, outcome in batch.outcomes()
        if outcome is not None and verdict(outcome, fail_on) in bad
    )
    first = list(islice(failing, _FEW_LINES))
    if first:
        print_message("provlog: logs that failed:")
    for outcome in first:
        print_message(f"  {_problem(outcome)}")
    if more := sum(1 for _ in failing):
        print_message(f"  ... and {more:,} more")


_STATUSES = {
    "converted": "{}",
    "unchanged": "unchanged",
    "empty": "without a record",
    "failed": "not {}",
}


def _sum_up(batch: Batch | StoreBatch, totals: Totals, begun: datetime, word: str) -> None:
    from provlog.batch.outcome import Status
    from provlog.text import duration

    seconds = (datetime.now(UTC) - begun).total_seconds()
    results = ", ".join(
        f"{count:,} {words.format(word)}"
        for status, words in _STATUSES.items()
        if (count := totals.statuses[Status(status)])
    )
    done = f"{totals.done:,} of {len(batch):,} logs in {duration(seconds)}"
    print_message(f"provlog: {done}{': ' if results else ''}{results}")
    if totals.codes:
        print_message(f"provlog: {counted(totals.codes)}")
    if totals.done < len(batch) and not batch.is_merge:
        print_message("provlog: the same command resumes here")
