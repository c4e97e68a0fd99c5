"""Read single values of a definition file: text and flags, with errors and suggestions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from itertools import islice
from typing import Any

from provlog.definitions.findings import Findings, Path

__all__ = ["InvalidError", "any_value", "flag", "guess", "text", "unexpected"]

# Limits for suggestions, whose cost grows with both numbers.
_MAX_CANDIDATES = 200
_MAX_LENGTH = 50


class InvalidError(ValueError):
    """A value is invalid, by default because it has the wrong type."""

    def __init__(self, message: str, code: str = "PL602") -> None:
        super().__init__(message)
        self.code = code


def unexpected(what: str, value: Any) -> InvalidError:
    """Return the error for a value of the wrong type."""
    return InvalidError(f"{what} is expected, not {_TYPES.get(type(value), 'something else')}")


_TYPES = {
    bool: "true or false; put a word in quotes to make it text",
    dict: "a mapping",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "text",
    type(None): "nothing",
}


def guess(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """Return a suggestion of the nearest known word, or an empty text."""
    candidates = islice(known, _MAX_CANDIDATES)
    near = get_close_matches(word[:_MAX_LENGTH], candidates, n=1, cutoff=0.75)
    return f"; did you mean {near[0]!r}?" if near else ""


def any_value(value: Any, path: Path, findings: Findings) -> Any:
    """Return the value unchanged."""
    return value


def text(value: Any, path: Path, findings: Findings) -> str | None:
    """Return the value as text, or ``None`` if it is empty."""
    # Numbers and dates count as text, so that the file needs no quotes.
    if isinstance(value, bool) or not isinstance(value, (str, int, float, date)):
        raise unexpected("text", value)
    return str(value) or None


def flag(value: Any, path: Path, findings: Findings) -> bool:
    """Return the value if it is true or false."""
    if not isinstance(value, bool):
        raise unexpected("true or false", value)
    return value
