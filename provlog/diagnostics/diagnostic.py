"""A diagnostic: a code, a place and a message."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from msgspec import Struct

from provlog.diagnostics.severity import Severity
from provlog.origin import Origin

__all__ = [
    "NO_RECORD", "Diagnostic", "Report", "as_row", "by_severity", "no_record", "unreadable",
]  # fmt: skip

NO_RECORD = "PL002"
"""The code of an input without provenance."""


class Diagnostic(Struct, frozen=True):
    """One finding, with its place.

    Parameters
    ----------
    code : str
        A key of :data:`~provlog.diagnostics.codes.CODES`.
    origin : Origin
        The start of the record or value concerned; line 0 for a whole input, such as one
        that cannot be read.
    message : str
        The problem, and how provlog handled it.
    """

    code: str
    origin: Origin
    message: str

    @property
    def severity(self) -> Severity:
        """The severity of the code."""
        return severity_of(self.code)

    @property
    def place(self) -> str:
        """``file:line:column``, or only the file if the line is 0."""
        file, line, column = self.origin.file, self.origin.line, self.origin.column
        return f"{file}:{line}:{column}" if line else file

    def __str__(self) -> str:
        """Return ``file:line:column: severity code message``."""
        return f"{self.place}: {self.severity} {self.code} {self.message}"


Report = Callable[[Diagnostic], None]
"""A function that receives each diagnostic as soon as it is found."""


def severity_of(code: str) -> Severity:
    """Return the severity of a code."""
    # The texts of all codes are imported only if there is something to report.
    from provlog.diagnostics.codes import CODES

    return CODES[code].severity


def by_severity(codes: Mapping[str, int]) -> Counter[Severity]:
    """Return the number of diagnostics of each severity, from the number of each code."""
    found: Counter[Severity] = Counter()
    for code, count in codes.items():
        found[severity_of(code)] += count
    return found


def as_row(diagnostic: Diagnostic) -> dict[str, str | int]:
    """Return a diagnostic as plain values for JSON."""
    origin = diagnostic.origin
    return {
        "file": origin.file,
        "line": origin.line,
        "column": origin.column,
        "severity": diagnostic.severity.value,
        "code": diagnostic.code,
        "message": diagnostic.message,
    }


def unreadable(name: str, message: str) -> Diagnostic:
    """Return the diagnostic of an input that cannot be read."""
    return Diagnostic("PL003", Origin(name, 0, 0), message.removeprefix(f"{name}: "))


def no_record(name: str, hint: str = "") -> Diagnostic:
    """Return the diagnostic of an input without any record, with a hint about its kind."""
    message = "no provenance record found"
    return Diagnostic(NO_RECORD, Origin(name, 0, 0), f"{message}: {hint}" if hint else message)
