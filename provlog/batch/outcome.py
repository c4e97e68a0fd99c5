"""The outcome of a log, which workers send to the manifest and the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Diagnostic, by_severity
from provlog.diagnostics.severity import Severity
from provlog.model.values import safe_text
from provlog.origin import Origin

__all__ = ["Finding", "Outcome", "Status", "outcome_of"]

# Findings beyond this number are only counted.
_MOST_FINDINGS = 100


class Status(StrEnum):
    """The result of converting a log."""

    CONVERTED = "converted"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    FAILED = "failed"


class Finding(Struct, frozen=True, array_like=True):
    """A diagnostic without its file, which is the log.

    Parameters
    ----------
    code : str
        The code.
    line, column : int
        The position.
    message : str
        The message.
    """

    code: str
    line: int
    column: int
    message: str


class Outcome(Struct, omit_defaults=True):
    """The outcome of one log.

    Parameters
    ----------
    key : str
        The key of the log in the manifest.
    log : str
        The name of the log; bytes that are not UTF-8 are escaped.
    status : Status
        The result.
    options : str
        The digest of all options that affect the outputs.
    content : str
        The digest of its bytes, empty if it could not be read.
    sizes : dict
        The size in bytes of the output in each format.
    seconds : float
        The time that it took.
    counts : dict
        The number of diagnostics of each code.
    findings : list of Finding
        The first diagnostics, errors before warnings before notes.
    notes : list of str
        The steps that made its picture smaller.
    """

    key: str
    log: str
    status: Status
    options: str = ""
    content: str = ""
    sizes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    counts: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def severities(self) -> Counter[Severity]:
        """Return the number of diagnostics of each severity."""
        return by_severity(self.counts)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield the kept diagnostics, the most severe first."""
        for code, line, column, message in map(_fields, self.findings):
            yield Diagnostic(code, Origin(self.log, line, column), message)


def _fields(finding: Finding) -> tuple[str, int, int, str]:
    return finding.code, finding.line, finding.column, finding.message


def outcome_of(key: str, log: str, status: Status, found: Iterable[Diagnostic]) -> Outcome:
    """Return the outcome of a log with its diagnostics."""
    ranks = list(Severity)
    diagnostics = sorted(found, key=lambda diagnostic: ranks.index(diagnostic.severity))
    counts = Counter(diagnostic.code for diagnostic in diagnostics)
    findings = [
        Finding(item.code, item.origin.line, item.origin.column, safe_text(item.message))
        for item in diagnostics[:_MOST_FINDINGS]
    ]
    return Outcome(key, log, status, counts=dict(counts), findings=findings)
