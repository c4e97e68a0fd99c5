"""Diagnostics for GitHub: the workflow commands that annotate the lines of a pull request.

See "Workflow commands for GitHub Actions", section "Setting an error message".
The escapes are those that the runner decodes (``ActionCommand`` in actions/runner).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.diagnostics.severity import Severity

__all__ = ["write_github"]

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_IN_MESSAGE = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_IN_PROPERTY = _IN_MESSAGE | str.maketrans({":": "%3A", ",": "%2C"})


def write_github(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield a workflow command for each diagnostic."""
    for diagnostic in diagnostics:
        origin = diagnostic.origin
        position = f"line={origin.line},col={origin.column}," if origin.line else ""
        yield (
            f"::{_COMMANDS[diagnostic.severity]} file={origin.file.translate(_IN_PROPERTY)},"
            f"{position}title={diagnostic.code}::{diagnostic.message.translate(_IN_MESSAGE)}\n"
        )
