"""Compare texts of different runs."""

from __future__ import annotations

import re

__all__ = ["timeless"]

_CHANGING = {
    "<time>": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[+-]\d\d:\d\d)?(?: to [\d: +-]+)?",
    "<duration>": r"(?:<|\b)\d+(?:\.\d+)? (?:ms|s|min \d+ s)\b",
    # The ids of activities, sessions and objects, but not the hashes of files.
    "<id>": r"\b[0-9a-f]{14,32}\b|\b[0-9a-f]{4}\N{HORIZONTAL ELLIPSIS}[0-9a-f]{4}\b",
}


def timeless(text: str) -> str:
    """Return a text of a run without times and ids."""
    for name, pattern in _CHANGING.items():
        text = re.sub(pattern, name, text)
    return text
