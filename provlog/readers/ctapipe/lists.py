"""Find the activities in a ctapipe provenance log: indented JSON lists, one after the other.

The lists follow each other without a separator, may be empty, and the last one may be cut
short. An activity that cannot be decoded is reported, and the next one is read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.origin import Origin

__all__ = ["Found", "activities"]

_ACTIVITY = re.compile(r'\{\s*"activity_(?:name|uuid)"\s*:')
_NEXT_LIST = re.compile(r"\]\s*\[")
_BETWEEN = re.compile(r"[\s\[\],]*")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*(?:"|\Z)|[{}\[\],]', re.DOTALL)
_CLOSERS = {"{": "}", "[": "]"}
# The time for each failure grows with the length of the text.
_MAX_FAILURES = 100
# Longer integers take quadratic time, and json refuses them.
_LONGEST_INTEGER = 4000


class Found(NamedTuple):
    """An activity in a log, with the number of its list and its place."""

    fields: dict[str, Any]
    list: int
    origin: Origin


def activities(text: str, name: str, report: Report) -> Iterator[Found]:
    """Yield the activities of a log.

    Parameters
    ----------
    text : str
        The log.
    name : str
        The name of the log, for the origins of events.
    report : callable
        Receives the diagnostics.
    """
    decoder = json.JSONDecoder(parse_int=_integer)
    place = _Place(text, name)
    number, end, failures = 0, 0, 0
    # After a truncated list, the next one may lack its opening bracket.
    is_cut = False
    while (match := _ACTIVITY.search(text, end)) is not None:
        start = match.start()
        between = text[end:start]
        number += "[" in between or is_cut
        is_cut = False
        if _BETWEEN.fullmatch(between) is None and end == 0:
            report(Diagnostic("PL104", place(0), "text before the first activity: left out"))
        try:
            fields, end = decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            end = max(error.pos, match.end())
            begun = _complete_members(decoder, text[start:end])
            if begun is not None:
                report(Diagnostic("PL102", place(start), "activity cut short: dropped its end"))
                is_cut = True
                yield Found(begun, number, place(start))
            elif not any(text.find(bracket, end) >= 0 for bracket in "}]"):
                report(Diagnostic("PL102", place(start), "activity cut short: left out"))
            else:
                where = f"{error.msg} (line {error.lineno} column {error.colno})"
                message = f"activity that is not valid JSON: left out: {where}"
                report(Diagnostic("PL104", place(start), message))
            failures += 1
        except RecursionError:
            report(Diagnostic("PL106", place(start), "activity nested too deeply: left out"))
            behind = _NEXT_LIST.search(text, match.end())
            end = behind.start() if behind is not None else len(text)
            failures += 1
        else:
            yield Found(fields, number, place(start))
        if failures > _MAX_FAILURES:
            message = f"more than {_MAX_FAILURES} damaged activities: left out the rest"
            report(Diagnostic("PL104", place(end), message))
            return


def _complete_members(decoder: json.JSONDecoder, text: str) -> dict[str, Any] | None:
    """Decode the members that are complete in the text of a truncated activity."""
    closers: tuple[Any, ...] = ()
    end, closing = 0, closers
    for token in _TOKEN.finditer(text):
        char = token[0]
        if char in _CLOSERS:
            closers = (_CLOSERS[char], closers)
        elif char == ",":
            end, closing = token.start(), closers
        elif char in "}]":
            closers = closers[1] if closers else ()
    brackets = []
    while closing:
        brackets.append(closing[0])
        closing = closing[1]
    try:
        fields = decoder.decode(text[:end] + "".join(brackets))
    except (json.JSONDecodeError, RecursionError):
        return None
    return fields if isinstance(fields, dict) else None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


class _Place:
    """Converts increasing positions to lines and columns."""

    def __init__(self, text: str, name: str) -> None:
        self._text, self._name = text, name
        self._line, self._start, self._position = 1, 0, 0

    def __call__(self, position: int) -> Origin:
        self._line += self._text.count("\n", self._position, position)
        self._start = self._text.rfind("\n", self._position, position) + 1 or self._start
        self._position = position
        return Origin(self._name, self._line, position - self._start + 1)
