"""What was odd in a log, and what was done about it.

Codes are stable: ``PL0..`` speaks of the input, ``PL1..`` of the shape of a
record, ``PL2..`` of its meaning, ``PL3..`` of how records fit together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum

from msgspec import Struct

from provlog.events import Origin

__all__ = ["CODES", "Diagnostic", "Report", "Severity", "by_severity"]


class Severity(StrEnum):
    """How bad it is: a lost record, a repaired one, or a remark."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


CODES: dict[str, tuple[Severity, str]] = {
    "PL001": (Severity.ERROR, "compressed input that is damaged or cut short"),
    "PL002": (Severity.WARNING, "input without a provenance record"),
    "PL003": (Severity.ERROR, "input that cannot be read"),
    "PL004": (Severity.ERROR, "output that cannot be written"),
    "PL005": (Severity.ERROR, "input that a process died of"),
    "PL006": (Severity.ERROR, "input that a defect of provlog was met with"),
    "PL101": (Severity.WARNING, "record with a closing bracket missing"),
    "PL102": (Severity.WARNING, "record cut short"),
    "PL103": (Severity.WARNING, "record lost but for its marker"),
    "PL104": (Severity.ERROR, "record whose payload cannot be read"),
    "PL105": (Severity.ERROR, "record longer than the limit"),
    "PL106": (Severity.ERROR, "record nested deeper than the limit"),
    "PL107": (Severity.NOTE, "prose after a marker"),
    "PL108": (Severity.WARNING, "string with an unescaped quote"),
    "PL201": (Severity.WARNING, "record without a known id"),
    "PL202": (Severity.WARNING, "time that is no date and time"),
    "PL301": (Severity.WARNING, "activity id used again for another activity"),
    "PL302": (Severity.WARNING, "activity with more than one end"),
    "PL303": (Severity.NOTE, "session described again with another start"),
    "PL304": (Severity.NOTE, "entity with more than one value"),
}
"""Every code with its severity and what it stands for."""


class Diagnostic(Struct, frozen=True):
    """One finding, with its place.

    Parameters
    ----------
    code : str
        A key of :data:`CODES`.
    origin : Origin
        Where the record that it speaks of begins.
    message : str
        What was found and what was done about it.
    """

    code: str
    origin: Origin
    message: str

    @property
    def severity(self) -> Severity:
        """The severity that belongs to the code."""
        return CODES[self.code][0]

    def __str__(self) -> str:
        """Return ``file:line:column: severity code message``."""
        place = f"{self.origin.file}:{self.origin.line}:{self.origin.column}"
        return f"{place}: {self.severity} {self.code} {self.message}"


Report = Callable[[Diagnostic], None]
"""Takes a diagnostic at the moment it is found."""


def by_severity(codes: Mapping[str, int]) -> Counter[Severity]:
    """Return how many diagnostics there are of each severity, from how many of each code."""
    found: Counter[Severity] = Counter()
    for code, count in codes.items():
        found[CODES[code][0]] += count
    return found
