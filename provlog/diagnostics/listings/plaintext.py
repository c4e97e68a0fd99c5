"""Diagnostics for a person: one ``file:line:column: severity code message`` per line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.text import printable

__all__ = ["write_text"]


def write_text(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield a line for each diagnostic, with control characters escaped."""
    for diagnostic in diagnostics:
        yield f"{printable(str(diagnostic))}\n"
