"""What became of a log, as it travels from a worker to the manifest and to the reports."""

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

# More of one log are counted, not kept.
_MOST_FINDINGS = 100


class Status(StrEnum):
    """What became of a log."""

    CONVERTED = "converted"
    UNCHANGED = "unchanged"
    EMPTY = "empty"
    FAILED = "failed"


class Finding(Struct, frozen=True, array_like=True):
    """A diagnostic of a log that is known.

    Parameters
    ----------
    code : str
        Its code.
    line, column : int
        Where.
    message : str
        What was found.
    """

    code: str
    line: int
    column: int
    message: str


class Outcome(Struct, omit_defaults=True):
    """What became of one log.

    Parameters
    ----------
    key : str
        By what the manifest knows it.
    log : str
        What it is called; bytes that are no UTF-8 are escapes.
    status : Status
        What became of it.
    options : str
        The digest of all that decides how it is written.
    content : str
        The digest of its bytes, empty if they could not be read.
    sizes : dict
        The size in bytes of the output in each format.
    seconds : float
        How long it took.
    counts : dict
        How many diagnostics there were of each code.
    findings : list of Finding
        The first of them, errors before warnings before notes.
    told : list of str
        By which steps its picture was made smaller.
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
    told: list[str] = field(default_factory=list)

    def severities(self) -> Counter[Severity]:
        """Return how many diagnostics there are of each severity."""
        return by_severity(self.counts)

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield the diagnostics that were kept, the worst first."""
        for code, line, column, message in map(_fields, self.findings):
            yield Diagnostic(code, Origin(self.log, line, column), message)


def _fields(finding: Finding) -> tuple[str, int, int, str]:
    return finding.code, finding.line, finding.column, finding.message


def outcome_of(key: str, log: str, status: Status, found: Iterable[Diagnostic]) -> Outcome:
    """Return what became of a log, with what was odd in it."""
    ranks = list(Severity)
    diagnostics = sorted(found, key=lambda diagnostic: ranks.index(diagnostic.severity))
    counts = Counter(diagnostic.code for diagnostic in diagnostics)
    findings = [
        Finding(item.code, item.origin.line, item.origin.column, safe_text(item.message))
        for item in diagnostics[:_MOST_FINDINGS]
    ]
    return Outcome(key, log, status, counts=dict(counts), findings=findings)
