"""Reports of a batch: JSON, and JUnit XML for CI systems.

Both are written log by log, so that memory does not grow with the number of logs.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

import msgspec

from provlog.batch.names import log_name
from provlog.batch.outcome import Outcome, Status
from provlog.batch.totals import Totals, Verdict, verdict
from provlog.diagnostics.diagnostic import as_row
from provlog.files.find import Found
from provlog.model.values import safe_text
from provlog.urls import shown
from provlog.version import __version__

if TYPE_CHECKING:
    from provlog.batch.run import Batch

    # Stores need more packages.
    from provlog.batch.storing import StoreBatch

__all__ = ["REPORTS", "json_report", "junit_report"]


def json_report(batch: Batch | StoreBatch, totals: Totals, begun: datetime) -> Iterator[str]:
    """Yield a report as JSON: a summary, and in ``results`` an object for each log.

    Parameters
    ----------
    batch : Batch
        The batch, done or interrupted.
    totals : Totals
        The counts of the batch.
    begun : datetime
        The start of the batch.
    """
    head = {
        "provlog": __version__,
        "begun": begun.isoformat(timespec="seconds"),
        "seconds": _seconds_since(begun),
        "logs": len(batch),
        **{status.value: totals.statuses[status] for status in Status},
        "not_done": len(batch) - totals.done,
        "failing": totals.failed,
        "fail_on": totals.fail_on,
        "codes": dict(sorted(totals.codes.items())),
    } | ({"merged": batch.merged} if batch.merged else {})
    yield _json(head)[:-1] + ',"results":['
    comma = "\n"
    for log, outcome in batch.outcomes():
        yield comma + _json(_row(batch, log, outcome))
        comma = ",\n"
    yield "\n]}\n"


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _row(batch: Batch | StoreBatch, log: Found, outcome: Outcome | None) -> dict[str, Any]:
    if outcome is None:
        return {"log": log_name(log), "status": "not_done"}
    outputs = batch.outputs(log, outcome)
    row: dict[str, Any] = {
        "log": outcome.log,
        "status": outcome.status.value,
        "seconds": outcome.seconds,
        "outputs": {name: safe_text(shown(path)) for name, path in outputs.items()},
        "codes": outcome.counts,
        "diagnostics": [as_row(diagnostic) for diagnostic in outcome.diagnostics()],
    }
    return row | ({"notes": outcome.notes} if outcome.notes else {})


def junit_report(batch: Batch | StoreBatch, totals: Totals, begun: datetime) -> Iterator[str]:
    """Yield a report as JUnit's XML: a test case for each log.

    A log that could not be converted is an error, a log with findings that count as failures
    is a failure, and a log without a record is skipped. Other findings are its output. The
    parameters are those of :func:`json_report`.
    """
    attributes = _attributes(
        name="provlog batch",
        tests=len(batch),
        errors=totals.verdicts[Verdict.ERROR],
        failures=totals.verdicts[Verdict.FAILURE],
        skipped=totals.verdicts[Verdict.SKIPPED] + len(batch) - totals.done,
        time=f"{_seconds_since(begun):.3f}",
        timestamp=begun.replace(tzinfo=None).isoformat(timespec="seconds"),
    )
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite{attributes}>\n'
    for log, outcome in batch.outcomes():
        yield from _case(log_name(log), outcome, totals.fail_on)
    yield "</testsuite>\n</testsuites>\n"


def _case(name: str, outcome: Outcome | None, fail_on: str) -> Iterator[str]:
    folder, file = posixpath.split(name.replace("\\", "/"))
    seconds = 0.0 if outcome is None else outcome.seconds
    attributes = _attributes(classname=folder or ".", name=file, file=name, time=f"{seconds:.3f}")
    yield f"<testcase{attributes}>"
    if outcome is None:
        yield f"<skipped{_attributes(message='not done: the batch was interrupted')}/>"
    else:
        yield from _verdict(outcome, fail_on)
    yield "</testcase>\n"


def _verdict(outcome: Outcome, fail_on: str) -> Iterator[str]:
    lines = [str(diagnostic) for diagnostic in outcome.diagnostics()]
    if not lines:
        return
    code = outcome.findings[0].code
    head = _attributes(type=code, message=lines[0])
    more = sum(outcome.counts.values()) - len(lines)
    if more:
        lines.append(f"... and {more} more")
    yield _VERDICTS[verdict(outcome, fail_on)].format(head=head, text=_escaped("\n".join(lines)))


# str.format interprets only these templates, not the texts put in.
_VERDICTS = {
    Verdict.ERROR: "<error{head}>{text}</error>",
    Verdict.FAILURE: "<failure{head}>{text}</failure>",
    Verdict.SKIPPED: "<skipped{head}>{text}</skipped>",
    Verdict.PASSED: "<system-out>{text}</system-out>",
}


def _escaped(text: str) -> str:
    return escape(safe_text(text))


def _attributes(**values: object) -> str:
    return "".join(f" {name}={quoteattr(safe_text(str(value)))}" for name, value in values.items())


def _seconds_since(begun: datetime) -> float:
    return round((datetime.now(UTC) - begun).total_seconds(), 3)


REPORTS: dict[str, Callable[[Batch | StoreBatch, Totals, datetime], Iterator[str]]] = {
    "json": json_report,
    "junit": junit_report,
}
"""All reports by name."""
