"""Carrying out a batch: progress while it runs, reports and a summary in the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

from provlog.cli.documents import STDOUT
from provlog.cli.messages import counted, tell
from provlog.cli.progress import progress_of
from provlog.errors import OutputError
from provlog.text import printable

if TYPE_CHECKING:
    from provlog.batch.engines import Engine
    from provlog.batch.manifest import Manifest
    from provlog.batch.outcome import Outcome
    from provlog.batch.plan import Plan
    from provlog.batch.run import Batch
    from provlog.batch.totals import Totals

__all__ = ["carry_out"]

# So many a reader sees at once.
_FEW_LINES = 20


def carry_out(
    plan: Plan, totals: Totals, engine: Engine, reports: dict[str, str], force: bool
) -> None:
    """Convert, show how it goes, and tell what became of it, even if it is interrupted."""
    from provlog.batch.run import Batch

    begun = datetime.now(UTC)
    read = problems = 0

    def watch() -> None:
        nonlocal read
        read += 1
        advance(read)

    with closing(engine), _manifest_of(plan.folder) as manifest:
        batch = Batch(plan, manifest, force=force)
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
                    _tell_failing(batch, totals.fail_on)
                _sum_up(batch, totals, begun)


@contextmanager
def _manifest_of(folder: str) -> Iterator[Manifest]:
    """Open the manifest of a folder; tell in the end if it could not be written."""
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
            tell(
                f"provlog: what was done could not be noted ({failure}): the same command will do "
                "it again"
            )


def _problem(outcome: Outcome) -> str:
    """Return a line for a log with an error or a warning: the worst, and how many more."""
    from provlog.diagnostics.severity import Severity

    severities = outcome.severities()
    problems = severities[Severity.ERROR] + severities[Severity.WARNING]
    if not problems:
        return ""
    more = f" (and {problems - 1} more)" if problems > 1 else ""
    return printable(f"{next(outcome.diagnostics())}{more}")


def _write_reports(batch: Batch, totals: Totals, begun: datetime, reports: dict[str, str]) -> None:
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


def _tell_failing(batch: Batch, fail_on: str) -> None:
    """Tell once more which logs fail: between the lines of others they are easily overlooked."""
    from provlog.batch.totals import Verdict, verdict

    bad = (Verdict.ERROR, Verdict.FAILURE)
    failing = (
        outcome
        for _, outcome in batch.outcomes()
        if outcome is not None and verdict(outcome, fail_on) in bad
    )
    first = list(islice(failing, _FEW_LINES))
    if first:
        tell("provlog: logs that fail:")
    for outcome in first:
        tell(f"  {_problem(outcome)}")
    if more := sum(1 for _ in failing):
        tell(f"  ... and {more:,} more")


_SAID = {
    "converted": "converted",
    "unchanged": "unchanged",
    "empty": "without a record",
    "failed": "not converted",
}


def _sum_up(batch: Batch, totals: Totals, begun: datetime) -> None:
    from provlog.batch.outcome import Status
    from provlog.text import duration

    seconds = (datetime.now(UTC) - begun).total_seconds()
    became = ", ".join(
        f"{count:,} {said}"
        for status, said in _SAID.items()
        if (count := totals.statuses[Status(status)])
    )
    done = f"{totals.done:,} of {len(batch):,} logs in {duration(seconds)}"
    tell(f"provlog: {done}{': ' if became else ''}{became}")
    if totals.codes:
        tell(f"provlog: {counted(totals.codes)}")
    if totals.done < len(batch) and not batch.is_merge:
        tell("provlog: the same command goes on from here")
