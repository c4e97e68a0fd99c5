"""Diagnostics for a script: a JSON list with one object per line."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from provlog.diagnostics.diagnostic import Diagnostic, as_row

__all__ = ["write_json"]


def write_json(diagnostics: Sequence[Diagnostic]) -> Iterator[str]:
    """Yield a JSON list.

    The text is ASCII, so that file names and messages survive, including lone surrogates.
    """
    yield "["
    for number, diagnostic in enumerate(diagnostics):
        yield ",\n " if number else "\n "
        yield json.dumps(as_row(diagnostic))
    yield "\n]\n" if diagnostics else "]\n"
