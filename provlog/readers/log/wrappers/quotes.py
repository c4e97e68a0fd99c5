"""Unwrap logs whose lines are literals: printed bytes, strings, values of keys."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provlog.patterns import regex
from provlog.readers.log.escapes import unescape
from provlog.readers.log.wrappers.lines import Line, Unwrap, holds_record, most, split, unfit

__all__ = ["LITERAL", "detect_fields", "detect_quotes"]

_SINGLE = r"'(?P<single>[^'\\]*+(?:\\.[^'\\]*+)*+)'"
_DOUBLE = r'"(?P<double>[^"\\]*+(?:\\.[^"\\]*+)*+)"'
_VALUE = rf"(?:{_SINGLE}|{_DOUBLE}|(?P<plain>\S*+))(?=\s|$)"
_ANY_VALUE = _VALUE.replace("(?P<single>", "(").replace("(?P<double>", "(").replace("?P<plain>", "")
# A list of lines has a bracket before the first one and a comma after each.
LITERAL = regex(rf"[\s\[(]*(?P<bytes>[bB])?(?:{_SINGLE}|{_DOUBLE})\s*[,\])]*\s*", re.DOTALL)
_BYTES_BEHIND = regex(rf"(?:[^'\"]*[\s:=>|])?(?P<bytes>b)(?:{_SINGLE}|{_DOUBLE})\s*", re.DOTALL)
_KEYS = ("event", "msg", "message", "log", "MESSAGE")
_MESSAGE = regex(rf"(?:^|\s)(?:{'|'.join(_KEYS)})={_VALUE}", re.DOTALL)
_OTHERS = regex(rf"(?:\s+[\w.@-]+={_ANY_VALUE})*+\s*", re.DOTALL)


def detect_quotes(sample: Sequence[str]) -> Unwrap | None:
    """Recognise lines that are strings or bytes, or that end in the ``repr`` of bytes."""
    marked = [line for line in sample if holds_record(line)] or list(sample)
    if most(sample, LITERAL.fullmatch):
        return lambda lines: _unwrap(lines, LITERAL)
    has_bytes = any("b'" in line or 'b"' in line for line in marked)
    if has_bytes and most(marked, _BYTES_BEHIND.fullmatch) and any(map(holds_record, marked)):
        return lambda lines: _unwrap(lines, _BYTES_BEHIND)
    return None


def detect_fields(sample: Sequence[str]) -> Unwrap | None:
    """Recognise key=value pairs, as of logfmt, by a value that holds a record."""
    marked = [line for line in sample if holds_record(line)] or list(sample)
    return _unwrap_fields if most(marked, _field) else None


def _field(text: str) -> re.Match[str] | None:
    """Return the match of a message among pairs, which go on to the end of the line."""
    if not any(f"{key}=" in text for key in _KEYS):
        return None
    message = _MESSAGE.search(text)
    is_last = message is not None and _OTHERS.fullmatch(text, message.end()) is not None
    return message if is_last else None


def _unwrap(lines: Iterator[Line], pattern: re.Pattern[str]) -> Iterator[Line]:
    for line in lines:
        match = pattern.fullmatch(line.text)
        yield from split(line._replace(text=_content(match)) if match is not None else unfit(line))


def _unwrap_fields(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        match = _field(line.text)
        yield from split(line._replace(text=_content(match)) if match is not None else unfit(line))


def _content(match: re.Match[str]) -> str:
    groups = match.groupdict()
    quoted = groups["single"] if groups["single"] is not None else groups["double"]
    if quoted is None:
        # logfmt escapes quotes even where it needs none.
        return str(groups["plain"]).replace('\\"', '"')
    text = unescape(quoted)
    if not groups.get("bytes"):
        return text
    try:
        return text.encode("latin-1").decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text
