"""What is told on standard error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from provlog.diagnostics.codes import Diagnostic

__all__ = ["counted", "show_diagnostics", "tell"]

_MOST_LINES = 20


def tell(message: str) -> None:
    """Show a line; where standard error takes none, the work goes on."""
    with suppress(OSError):
        click.echo(message, err=True)


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> int:
    """Show errors and warnings, and sum all up; return how many of them are no mere notes."""
    codes: Counter[str] = Counter()
    shown = problems = 0
    for diagnostic in diagnostics:
        codes[diagnostic.code] += 1
        if diagnostic.severity == "note":
            continue
        problems += 1
        if shown < _MOST_LINES:
            tell(str(diagnostic))
            shown += 1
    if problems > shown:
        tell(f"... and {problems - shown} more")
    if codes:
        tell(f"provlog: {counted(codes)}")
    return problems


def counted(codes: Counter[str]) -> str:
    """Return in one line how many diagnostics there are, by severity and by code."""
    from provlog.diagnostics.codes import Severity, by_severity

    severities = by_severity(codes)
    counts = ", ".join(
        f"{count:,} {severity}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := severities[severity])
    )
    return f"{counts} ({', '.join(f'{code} {count:,}x' for code, count in sorted(codes.items()))})"
