"""The severity of a diagnostic."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["FAIL_ON", "Severity"]


class Severity(StrEnum):
    """The severity of a diagnostic: data is lost, data is incomplete or contradictory, a remark."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


FAIL_ON: dict[str, frozenset[Severity]] = {
    "error": frozenset({Severity.ERROR}),
    "warning": frozenset({Severity.ERROR, Severity.WARNING}),
    "note": frozenset(Severity),
    "never": frozenset(),
}
"""The severities that count as a failure, by the value of ``--fail-on``."""
