"""Collect the diagnostics of a definition file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.origin import Origin
from provlog.text import printable

__all__ = ["Findings", "Path", "Place", "Places", "in_order"]

Path = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

Place = tuple[int, int]
"""Line and column, counted from 1."""

Places = Mapping[Path, tuple[Place, Place]]
"""The place of each key and of its value; in a list both are the same."""

_SECTIONS = {
    "activities": "activity",
    "activity_description": "activity",
    "activity_descriptions": "activity",
    "agent": "agent",
    "agents": "agent",
    "entities": "entity",
    "entity_description": "entity",
    "entity_descriptions": "entity",
    "namespaces": "namespace",
}


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Return diagnostics in the order of the file."""
    return sorted(diagnostics, key=lambda found: (found.origin.line, found.origin.column))


class Findings:
    """Diagnostics of definitions.

    Parameters
    ----------
    file : str
        The name of the definitions in messages.
    places : mapping, optional
        The place of each value; without it, diagnostics have line 0.

    Attributes
    ----------
    found : list of Diagnostic
        In the order in which they were found.
    """

    def __init__(self, file: str, places: Places | None = None) -> None:
        self.found: list[Diagnostic] = []
        self._file = file
        self._places = places or {}

    def add(self, code: str, path: Path, message: str, *, of_key: bool = False) -> None:
        """Add a diagnostic for the value at a path, or for its key."""
        key, value = self._places.get(path, (None, None))
        line, column = (key if of_key else value) or (0, 0)
        words = printable(": ".join([*_words(path), message]))
        self.found.append(Diagnostic(code, Origin(self._file, line, column), words))


def _words(path: Path) -> list[str]:
    """Return a path as in messages: ``activity 'fit'``, ``usage[0]``, ``value``."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int):
            words[-1] += f"[{step}]"
        else:
            words.append(step)
    if len(path) > 1 and words[0] in _SECTIONS:
        words[:2] = [f"{_SECTIONS[words[0]]} {path[1]!r}"]
    return words
