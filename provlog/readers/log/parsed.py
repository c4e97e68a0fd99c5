"""The result of parsing one value, and the limits of parsing."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

__all__ = ["MAX_DEPTH", "Problem", "Reading", "TooCostlyError", "TooDeepError"]

MAX_DEPTH = 200
"""The maximal nesting depth of a payload."""


class TooDeepError(Exception):
    """The text is nested deeper than :data:`MAX_DEPTH`."""


class TooCostlyError(Exception):
    """Reading the text takes too long, because each container around it reads it again."""


class Problem(Struct, frozen=True):
    """A repair: the code and the message of its diagnostic."""

    code: str
    message: str


class Reading(Struct):
    """A value, and the repairs that its text needed.

    Parameters
    ----------
    value : object
        The value; a mapping has text keys.
    end : int
        The position after the value.
    problems : list of Problem
        Repairs that the text needed.
    guesses : int
        The number of values whose end is a guess.
    bare_keys : int
        The number of keys without quotes or without a value, which are valid only in YAML.
    foreign : int
        The number of values and keys within which another program wrote.
    steps : int
        The number of characters in texts that are not literals, counted at each scan.
    """

    value: Any
    end: int
    problems: list[Problem]
    guesses: int
    bare_keys: int
    foreign: int
    steps: int

    @property
    def is_sure(self) -> bool:
        """Whether the text needed no repairs and no guesses."""
        return not (self.problems or self.guesses or self.bare_keys or self.foreign)
