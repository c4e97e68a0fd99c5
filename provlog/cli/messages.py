"""What is told on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from provlog.diagnostics import Diagnostic

__all__ = ["show_diagnostics", "sum_up", "tell"]

_MOST_LINES = 20


def tell(message: str) -> None:
    """Show a line; where standard error takes none, the work goes on."""
    with suppress(OSError):
        click.echo(message, err=True)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> int:
    """Show errors and warnings, and sum all up; return how many of them are no mere notes."""
    counts = _Counts()
    shown = 0
    for diagnostic in diagnostics:
        counts.add(diagnostic)
        if diagnostic.severity.value != "note" and shown < _MOST_LINES:
            tell(str(diagnostic))
            shown += 1
    if counts.problems > shown:
        tell(f"... and {counts.problems - shown} more")
    if counts.by_code:
        tell(f"provlog: {counts}")
    return counts.problems


def sum_up(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many diagnostics there are of each severity and code, empty if there are none."""
    counts = _Counts()
    for diagnostic in diagnostics:
        counts.add(diagnostic)
    return str(counts) if counts.by_code else ""


class _Counts:
    """How many diagnostics there are of each severity and of each code."""

    def __init__(self) -> None:
        self.by_severity: Counter[str] = Counter()
        self.by_code: Counter[str] = Counter()

    def add(self, diagnostic: Diagnostic) -> None:
        self.by_severity[diagnostic.severity.value] += 1
        self.by_code[diagnostic.code] += 1

    @property
    def problems(self) -> int:
        return self.by_severity["error"] + self.by_severity["warning"]

    def __str__(self) -> str:
        counts = ", ".join(
            f"{count} {severity}{'s' if count > 1 else ''}"
            for severity in ("error", "warning", "note")
            if (count := self.by_severity[severity])
        )
        codes = ", ".join(f"{code} {count}x" for code, count in sorted(self.by_code.items()))
        return f"{counts} ({codes})"
