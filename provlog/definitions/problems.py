"""What is wrong with a definition file, and where."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from provlog.diagnostics.codes import Severity
from provlog.text import printable

__all__ = ["Path", "Place", "Places", "Problem", "Problems", "in_order"]

Path = tuple[str | int, ...]
"""The keys and indices that lead to a value."""

Place = tuple[int, int]
"""Line and column, counted from 1."""

Places = Mapping[Path, tuple[Place, Place]]
"""Where the key of a value stands, and where the value itself; in a list both are the same."""

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


class Problem(Struct, frozen=True):
    """One thing that is wrong with definitions.

    Parameters
    ----------
    severity : Severity
        An error if they cannot be used so, or a warning.
    file : str
        Where they come from.
    line, column : int or None
        Where it is, counted from 1; ``None`` for definitions that are no file.
    message : str
        What is wrong.
    """

    severity: Severity
    file: str
    line: int | None
    column: int | None
    message: str

    @property
    def place(self) -> str:
        """``file:line:column``, as far as it is known."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        """Return ``file:line:column: severity message``."""
        return f"{self.place}: {self.severity} {self.message}"


def in_order(problems: Iterable[Problem]) -> list[Problem]:
    """Return problems in the order of the file."""
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column or 0))


class Problems:
    """Collects what is wrong with definitions.

    Parameters
    ----------
    file : str
        Where they come from.
    places : mapping, optional
        Where each of their values stands.

    Attributes
    ----------
    found : list of Problem
        In the order of being found.
    """

    def __init__(self, file: str, places: Places | None = None) -> None:
        self.found: list[Problem] = []
        self._file = file
        self._places = places or {}

    def error(self, path: Path, message: str, *, of_key: bool = False) -> None:
        """Take in an error in the value that a path leads to, or in its key."""
        self._add(Severity.ERROR, path, message, of_key)

    def warning(self, path: Path, message: str, *, of_key: bool = False) -> None:
        """Take in a warning of the value that a path leads to, or of its key."""
        self._add(Severity.WARNING, path, message, of_key)

    def _add(self, severity: Severity, path: Path, message: str, of_key: bool) -> None:
        key, value = self._places.get(path, (None, None))
        line, column = (key if of_key else value) or (None, None)
        words = printable(": ".join([*_words(path), message]))
        self.found.append(Problem(severity, self._file, line, column, words))


def _words(path: Path) -> list[str]:
    """Return a path in the words of the file: ``activity 'fit'``, ``usage[0]``, ``value``."""
    words: list[str] = []
    for step in path:
        if isinstance(step, int):
            words[-1] += f"[{step}]"
        else:
            words.append(step)
    if len(path) > 1 and words[0] in _SECTIONS:
        words[:2] = [f"{_SECTIONS[words[0]]} {path[1]!r}"]
    return words
