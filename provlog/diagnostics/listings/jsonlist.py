"""Diagnostics for a script: a JSON list with an object for each, one a line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from provlog.diagnostics.diagnostic import Diagnostic, as_row

__all__ = ["write_json"]


def write_json(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield a JSON list.

    It is ASCII: file names and messages come back as they were, lone surrogates too.
    """
    yield "["
    for number, diagnostic in enumerate(diagnostics):
        yield ",\n " if number else "\n "
        yield json.dumps(as_row(diagnostic))
    yield "\n]\n" if diagnostics else "]\n"
