"""Counts of the outcomes of a batch."""

from __future__ import annotations

from collections import Counter
from enum import StrEnum

from msgspec import Struct, field

from provlog.batch.outcome import Outcome, Status
from provlog.diagnostics.severity import FAIL_ON

__all__ = ["Totals", "Verdict", "verdict"]


class Verdict(StrEnum):
    """The verdict on a log for a CI system."""

    PASSED = "passed"
    SKIPPED = "skipped"
    FAILURE = "failure"
    ERROR = "error"


def verdict(outcome: Outcome, fail_on: str) -> Verdict:
    """Return an error if there is no output, a failure if a finding is too severe."""
    if outcome.status is Status.FAILED:
        return Verdict.ERROR
    if not FAIL_ON[fail_on].isdisjoint(outcome.severities()):
        return Verdict.FAILURE
    return Verdict.SKIPPED if outcome.status is Status.EMPTY else Verdict.PASSED


class Totals(Struct):
    """Counts of logs and of their diagnostics.

    Parameters
    ----------
    fail_on : str
        A key of :data:`~provlog.diagnostics.severity.FAIL_ON`.
    statuses : Counter
        The number of logs of each status.
    verdicts : Counter
        The number of logs of each verdict.
    codes : Counter
        The number of diagnostics of each code.
    """

    fail_on: str
    statuses: Counter[Status] = field(default_factory=Counter)
    verdicts: Counter[Verdict] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)

    def add(self, outcome: Outcome) -> None:
        """Count an outcome."""
        self.statuses[outcome.status] += 1
        self.verdicts[verdict(outcome, self.fail_on)] += 1
        self.codes.update(outcome.counts)

    @property
    def failed(self) -> int:
        """The number of logs that have no output, or whose findings count as a failure."""
        return self.verdicts[Verdict.ERROR] + self.verdicts[Verdict.FAILURE]

    @property
    def done(self) -> int:
        """The number of logs counted so far."""
        return self.statuses.total()
