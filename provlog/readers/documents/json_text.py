"""Parse JSON without loss: numbers keep their digits, repeated keys keep both values."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from provlog.errors import InputError
from provlog.readers.documents.names import Problem

__all__ = ["Number", "integer", "parsed"]

REPEATED = "PL011"

_NUMBERS = {"NaN": "NaN", "Infinity": "INF", "-Infinity": "-INF"}


class Number(NamedTuple):
    """A JSON number: its text, and the datatype that follows from its form."""

    text: str
    datatype: str


def parsed(data: bytes, name: str, problem: Problem) -> dict[str, Any]:
    """Return the JSON object in a document.

    Parameters
    ----------
    data : bytes
        The document.
    name : str
        Its name in messages.
    problem : callable
        Receives keys that an object repeats; then both values count.

    Raises
    ------
    InputError
        If the document is not valid JSON or not an object.
    """

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        return found if len(found) == len(pairs) else _merged(pairs, problem)

    try:
        document = json.loads(
            data.decode(),
            object_pairs_hook=unique,
            parse_int=integer,
            parse_float=lambda text: Number(text, "xsd:double"),
            parse_constant=lambda text: Number(_NUMBERS[text], "xsd:double"),
        )
    except json.JSONDecodeError as error:
        reason = f"invalid JSON in line {error.lineno}, column {error.colno}: {error.msg}"
        raise InputError(f"{name}: {reason}") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name}: invalid UTF-8 in line {line}") from None
    except RecursionError:
        raise InputError(f"{name}: JSON is nested too deeply") from None
    if not isinstance(document, dict):
        raise InputError(f"{name}: the document is not a JSON object")
    return document


def _merged(pairs: list[tuple[str, Any]], problem: Problem) -> dict[str, Any]:
    """Return an object in which a repeated key has a list of its values."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key not in found:
            found[key] = value
            continue
        problem(REPEATED, f"key {key!r} occurs twice in one object: both values count", key)
        known = found[key]
        more = value if isinstance(value, list) else [value]
        found[key] = [*(known if isinstance(known, list) else [known]), *more]
    return found


def integer(text: str) -> Number:
    """Return an integer with the smallest of the datatypes int, long and integer."""
    digits = len(text.lstrip("-"))
    if digits < 10:
        return Number(text, "xsd:int")
    if digits > 19:
        return Number(text, "xsd:integer")
    number = int(text)
    if -0x80000000 <= number <= 0x7FFFFFFF:
        return Number(text, "xsd:int")
    is_long = -0x8000000000000000 <= number <= 0x7FFFFFFFFFFFFFFF
    return Number(text, "xsd:long" if is_long else "xsd:integer")
