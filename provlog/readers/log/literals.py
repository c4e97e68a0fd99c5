"""Parse the ``repr`` of a mapping, and repair it where it is incomplete.

The parser reads Python literals and JSON, and keeps everything else that a ``repr`` may
hold (``<Quantity 1. TeV>``, ``array([0.1, 1.])``, ``SafeMaskConfig(...)``) as text, even
if its brackets are unbalanced. It completes a record that was cut short. Each repair is a
:class:`Problem`.
"""

from __future__ import annotations

import re
from collections import Counter
from math import isfinite
from typing import Any

from provlog.model.identifiers import id_text
from provlog.patterns import regex
from provlog.readers.log.escapes import unescape
from provlog.readers.log.foreign import UNKNOWN, behind_foreign_text, is_torn_text
from provlog.readers.log.parsed import MAX_DEPTH, Problem, Reading, TooCostlyError, TooDeepError

__all__ = ["read_literal"]


def read_literal(text: str, start: int = 0, steps: int = 0) -> Reading:
    """Read the value that begins at ``start``.

    Parameters
    ----------
    text : str
        The text.
    start : int, optional
        The start of the value.
    steps : int, optional
        The number of steps for earlier values in the same text.

    Raises
    ------
    TooDeepError
        If the value is nested deeper than :data:`MAX_DEPTH`.
    TooCostlyError
        If the brackets do not match and finding the end takes too long.

    Examples
    --------
    >>> read_literal("{'limits': (-inf, 1), 'geom': <RegionGeom at 0x7f>} and on").value
    {'limits': ['-inf', 1], 'geom': '<RegionGeom at 0x7f>'}
    >>> read_literal("{'filters': [{'variable': 'TARGET_NAME'}]").problems[0].code
    'PL101'
    """
    parser = _Parser(text, start, steps)
    value = parser.value(keyed=False)
    problems = parser.problems()
    counts = parser.guesses, parser.bare_keys, parser.foreign, parser.steps
    return Reading(value, parser.position, problems, *counts)


_BLANKS = regex(r"\s*")
_STRINGS = {
    # YAML doubles a quote within a string; repr never writes two side by side.
    "'": regex(r"'([^'\\\n]*(?:(?:\\.|'')[^'\\\n]*)*+)'", re.DOTALL),
    '"': regex(r'"([^"\\\n]*(?:\\.[^"\\\n]*)*+)"', re.DOTALL),
}
# The text that such a string takes up if it never ends.
_UNCLOSED = {
    "'": regex(r"'[^'\\\n]*(?:(?:\\.|'')[^'\\\n]*)*+", re.DOTALL),
    '"': regex(r'"[^"\\\n]*(?:\\.[^"\\\n]*)*+', re.DOTALL),
}
_ANY_STRING = regex("|".join(pattern.pattern for pattern in _STRINGS.values()), re.DOTALL)
# A quote that closes a string after an earlier quote inside the string.
_LONGEST_LATE_STRING = 2000
_LATE_QUOTES = {
    "'": regex(r"'(?=\s*[,:}\])])"),
    '"': regex(r'"(?=\s*[,:}\])])'),
}
_NUMBER = regex(
    r"[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d[\d_]*+(?:\.[\d_]*+)?|\.\d++)(?:[eE][+-]?\d++)?)(?=\s*[,:}\])])",
    re.ASCII,
)
_COLON = regex(r"\s*:")
_LONGEST_HEX = 3000
_COMPLEX = regex(r"\([+-]?[\w.]+(?:[+-][\w.]+)*j\)", re.ASCII)
_LEADING_ZEROS = regex(r"[+-]?0\d", re.ASCII)
_WORD = regex(r"(None|null|True|true|False|false)(?=\s*[,:}\])])")
_WORDS = {"None": None, "null": None, "True": True, "true": True, "False": False, "false": False}
_BARE_KEY = regex(r"[A-Za-z_$][\w.$ -]*(?=:[\s\"'\[{])", re.ASCII)
# The next key of a mapping, after a comma.
_NEXT_KEY = regex(rf",\s*(?:{_ANY_STRING.pattern}|-?\d+)\s*:", re.DOTALL)
_LANDMARK = regex(r"[()\[\]{}<>'\",]")
_CLOSING = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = frozenset(")]}")
# A number or a word with a line break inside.
_BROKEN_WORD = regex(r"[\w.+-]*+(?:\n\s*+[\w.+-]*+)++")
_OBJECT = regex(r"<[A-Za-z_]")
_PREFIX = regex(r"(?<![^\W_])[bBrRuUfF]{1,2}")


class _CutShortError(Exception):
    """The text ends within a value."""


class _Parser:
    def __init__(self, text: str, position: int, steps: int) -> None:
        self.text = text
        self.position = position
        self.steps = steps
        self.guesses = 0
        self.bare_keys = 0
        # Values and keys within which another program wrote.
        self.foreign = 0
        # The closing brackets that must follow, and those that are missing at the end.
        self.awaited: list[str] = []
        self.missing: list[str] = []
        self.dropped: str | None = None
        self.late_quotes = 0
        # Text that is not a literal may be scanned again for every container around it.
        self.most_steps = 30 * len(text) + 10_000
        # Before this position, a quote after a backslash begins a string that never ends.
        self.unclosed = dict.fromkeys(_STRINGS, 0)

    def problems(self) -> list[Problem]:
        """Return the repairs."""
        found = []
        if self.dropped is not None:
            rest = self.dropped if len(self.dropped) <= 40 else self.dropped[:39] + "…"
            found.append(Problem("PL102", f"record cut short: dropped its incomplete end {rest!r}"))
        elif self.missing:
            brackets = "".join(self.missing)
            found.append(Problem("PL101", f"closing {brackets!r} missing: supplied at the end"))
        if self.late_quotes:
            found.append(Problem("PL108", "unescaped quote within a string: kept as part of it"))
        return found

    def peek(self) -> str:
        """Skip blanks; return the character there, empty at the end of the text."""
        blanks = _BLANKS.match(self.text, self.position)
        assert blanks is not None
        self.position = blanks.end()
        return self.text[self.position : self.position + 1]

    def value(self, keyed: bool) -> Any:
        """Read a value of a mapping (``keyed``) or an item of a sequence."""
        character = self.peek()
        start = self.position
        if character == "":
            raise _CutShortError
        state = len(self.missing), self.dropped, self.late_quotes
        if character == "(" and (number := _COMPLEX.match(self.text, start)) is not None:
            value: Any = number[0]
            self.position = number.end()
        elif character in _CLOSING:
            value = self.braces() if character == "{" else self.items(_CLOSING[character])
        elif character in _STRINGS:
            value = self.string(character)
        else:
            return self.scalar(keyed)
        if not self.awaited or self.peek() in ",:)]}" or self.position == len(self.text):
            return value
        # More text follows: the value was only the beginning of a text that is not a literal.
        del self.missing[state[0] :]
        _, self.dropped, self.late_quotes = state
        self.position = start
        return self.own_text(keyed)

    def string(self, quote: str) -> str:
        """Read a string up to a quote that valid syntax follows."""
        match = _STRINGS[quote].match(self.text, self.position)
        if match is None:
            raise _CutShortError
        content = match[1]
        self.position = match.end()
        if self.peek() not in ",:)]}":
            late = self.late_quote(quote, match.end())
            if late is not None:
                content = self.text[match.start(1) : late]
                self.position = late + 1
                self.late_quotes += 1
        if quote == "'" and "''" in content:
            content = content.replace("''", "'")
        return unescape(content)

    def late_quote(self, quote: str, position: int) -> int | None:
        """Return the end of a string with an unescaped quote, if it is before the next key."""
        limit = position + _LONGEST_LATE_STRING
        late = _LATE_QUOTES[quote].search(self.text, position, limit)
        if late is None or "\n" in self.text[position : late.start()]:
            return None
        following = _NEXT_KEY.search(self.text, position, limit)
        return late.start() if following is None or late.start() < following.start() else None

    def scalar(self, keyed: bool) -> Any:
        """Read a number, a word, or text that is not a literal."""
        text, position = self.text, self.position
        word = _WORD.match(text, position)
        if word is not None:
            self.position = word.end()
            return _WORDS[word[1]]
        number = _NUMBER.match(text, position)
        # Only a key is followed by a colon: 12:30 is not a number.
        if number is not None and not (keyed and _COLON.match(text, number.end())):
            self.position = number.end()
            return _number(number[0])
        if text[position] in "uU" and text[position + 1 : position + 2] in _STRINGS:
            self.position += 1
            return self.string(text[self.position])
        return self.own_text(keyed)

    def items(self, closer: str) -> list[Any]:
        """Read a list or a tuple."""
        self.enter(closer)
        return self.further_items([])

    def further_items(self, found: list[Any]) -> list[Any]:
        """Read the remaining items of the innermost container."""
        while not self.at_end():
            try:
                found.append(self.value(keyed=False))
            except _CutShortError:
                self.drop(self.position)
            self.skip_comma()
        return found

    def braces(self) -> Any:
        """Read a mapping, or a set."""
        found: dict[str, Any] = {}
        self.enter("}")
        while not self.at_end():
            start = self.position
            try:
                key = self.key()
                if self.peek() == "":
                    raise _CutShortError
                if self.peek() == ":":
                    self.position += 1
                    found[id_text(key)] = self.value(keyed=True)
                elif found:
                    self.bare_keys += 1
                    found[id_text(key)] = None
                else:
                    self.skip_comma()
                    return self.further_items([key])
            except _CutShortError:
                self.drop(start)
            self.skip_comma()
        return found

    def key(self) -> Any:
        """Read a key, or the first item of a set."""
        behind = behind_foreign_text(self.text, self.position)
        if behind >= 0:
            self.foreign += 1
            self.position = behind
        bare = _BARE_KEY.match(self.text, self.position)
        if bare is not None:
            self.position = bare.end()
            if is_torn_text(f"{bare[0]}: "):
                self.foreign += 1
                return UNKNOWN
            self.bare_keys += 1
            return bare[0].strip()
        return self.value(keyed=False)

    def enter(self, closer: str) -> None:
        self.awaited.append(closer)
        if len(self.awaited) > MAX_DEPTH:
            raise TooDeepError
        self.position += 1

    def at_end(self) -> bool:
        """Return whether the innermost container ends here; if so, leave it."""
        character = self.peek()
        if character == self.awaited[-1]:
            self.position += 1
        elif character == "" or character in _CLOSERS:
            # An outer container or the text ends here.
            self.missing.append(self.awaited[-1])
        else:
            return False
        self.awaited.pop()
        return True

    def skip_comma(self) -> None:
        if self.peek() == ",":
            self.position += 1

    def drop(self, start: int) -> None:
        """Omit a value that is truncated at the end of the text."""
        self.dropped = self.text[start:].strip()
        self.position = len(self.text)

    def own_text(self, keyed: bool) -> str | None:
        """Read text that is not a literal, up to the next item of its container."""
        start = self.position
        end = self.end_of_text(start, keyed)
        if end is None:
            self.guesses += 1
            end = self.likely_end(start, keyed)
        if end is None:
            raise _CutShortError
        self.position = end
        text = self.text[start:end].strip()
        self.guesses += not text or _BROKEN_WORD.fullmatch(text) is not None
        if not self.bare_keys and is_torn_text(text):
            self.foreign += 1
            return UNKNOWN
        return text or None

    def end_of_text(self, start: int, keyed: bool) -> int | None:
        """Find the comma or bracket after a text with balanced brackets."""
        text, closer = self.text, self.awaited[-1]
        nested: list[str] = []
        open_ones = Counter[str]()
        position = start
        while (landmark := _LANDMARK.search(text, position)) is not None:
            at, character = landmark.start(), landmark[0]
            self.steps += at - position + 1
            if self.steps > self.most_steps:
                raise TooCostlyError
            position = at + 1
            if character in _STRINGS:
                position = self.behind_string(start, at)
            elif character == "<":
                if _OBJECT.match(text, at):
                    nested.append(">")
                    open_ones[">"] += 1
            elif character in _CLOSING:
                nested.append(_CLOSING[character])
                open_ones[nested[-1]] += 1
            elif character == ",":
                if not nested and (not keyed or _NEXT_KEY.match(text, at)):
                    return at
                self.guesses += not nested
            elif open_ones[character]:
                while open_ones[character]:
                    open_ones[nested[-1]] -= 1
                    if nested.pop() == character:
                        break
            elif character == closer and not nested:
                return at
        return None

    def behind_string(self, start: int, at: int) -> int:
        """Return the position after a string, or after a quote that is an apostrophe."""
        before = self.text[max(start, at - 3) : at]
        if before[-1:].isalnum() and not _PREFIX.fullmatch(before.lstrip("([{,= ")):
            return at + 1
        quote = self.text[at]
        if at < self.unclosed[quote] and before[-1:] == "\\":
            return at + 1
        string = _STRINGS[quote].match(self.text, at)
        if string is not None:
            return string.end()
        unclosed = _UNCLOSED[quote].match(self.text, at)
        assert unclosed is not None
        self.unclosed[quote] = unclosed.end()
        return at + 1

    def likely_end(self, start: int, keyed: bool) -> int | None:
        """Return the end of a text with unbalanced brackets: the next key, or the last bracket."""
        if keyed:
            following = _NEXT_KEY.search(self.text, start)
            if following is not None:
                return following.start()
        end = len(self.text)
        for character in self.awaited:
            end = self.text.rfind(character, start, end)
            if end < 0 or self.text[end + 1 :].strip(" \t\n)]}"):
                return None
        return end


def _number(text: str) -> Any:
    if _LEADING_ZEROS.match(text):
        return text
    try:
        if "x" in text.lower():
            # Python refuses to convert integers of more than 4300 digits.
            return int(text, 16) if len(text) <= _LONGEST_HEX else text
        if text.lstrip("+-").replace("_", "").isdigit():
            return int(text)
        value = float(text)
    except ValueError:
        return text
    return value if isfinite(value) else text
