"""What is told on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from provlog.diagnostics import Diagnostic

__all__ = ["show_diagnostics", "tell"]

_MOST_LINES = 20


def tell(message: str) -> None:
    """Show a line; where standard error takes none, the work goes on."""
    with suppress(OSError):
        click.echo(message, err=True)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> int:
    """Show errors and warnings, and sum all up; return how many of them are no mere notes."""
    by_severity: Counter[str] = Counter()
    by_code: Counter[str] = Counter()
    shown = 0
    for diagnostic in diagnostics:
        severity = diagnostic.severity.value
        by_severity[severity] += 1
        by_code[diagnostic.code] += 1
        if severity != "note" and shown < _MOST_LINES:
            tell(str(diagnostic))
            shown += 1
    if not by_severity:
        return 0
    problems = by_severity["error"] + by_severity["warning"]
    if problems > shown:
        tell(f"... and {problems - shown} more")
    counts = ", ".join(
        f"{count} {severity}{'s' if count > 1 else ''}"
        for severity in ("error", "warning", "note")
        if (count := by_severity[severity])
    )
    codes = ", ".join(f"{code} {count}x" for code, count in sorted(by_code.items()))
    tell(f"provlog: {counts} ({codes})")
    return problems
