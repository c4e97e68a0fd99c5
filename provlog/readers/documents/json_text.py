"""Parse JSON without loss: numbers keep their digits, repeated keys keep both values."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.readers.documents.names import Problem
from provlog.readers.documents.places import deepest_place, located, place_of
from provlog.readers.truncated.complete import truncated
from provlog.readers.truncated.json import completed

__all__ = ["PROV_JSON", "Form", "Number", "integer", "parsed"]

REPEATED = "PL011"

_NUMBERS = {"NaN": "NaN", "Infinity": "INF", "-Infinity": "-INF"}


class Number(NamedTuple):
    """A JSON number: its text, and the datatype that follows from its form."""

    text: str
    datatype: str


class Form(NamedTuple):
    """A kind of document.

    Parameters
    ----------
    title : str
        The name of the kind in messages.
    containers : callable
        Returns how many of the incomplete objects and arrays are kept at the end of a truncated
        document, given the keys of all inner ones.
    """

    title: str
    containers: Callable[[Sequence[bytes | None]], int]


# The document, a section of it, and the same for a bundle.
PROV_JSON = Form("PROV-JSON", lambda keys: 4 if keys[:1] == [b"bundle"] else 2)


def parsed(data: bytes, name: str, form: Form, report: Report) -> dict[str, Any]:
    """Return the JSON object in a document; of a truncated one, what is complete.

    Parameters
    ----------
    data : bytes
        The document.
    name : str
        Its name in messages.
    form : Form
        The kind of document.
    report : callable
        Receives the diagnostics of a truncated document, and of keys that an object repeats;
        then both values count.

    Raises
    ------
    InputError
        If the document is not valid JSON or not an object.
    """
    problem = located(data, name, report)

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
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        complete = completed(data, form.containers)
        if complete is None:
            raise _invalid(error, data, name) from None
        reports: list[Diagnostic] = []
        try:
            document = parsed(complete.data, name, form, reports.append)
        except InputError:
            raise _invalid(error, data, name) from None
        for diagnostic in (truncated(data, complete.position, name, form.title), *reports):
            report(diagnostic)
    except RecursionError:
        raise InputError(f"{name}: JSON is nested too deeply in {deepest_place(data)}") from None
    if not isinstance(document, dict):
        raise InputError(f"{name}: the document is not a JSON object")
    return document


def _invalid(
    error: json.JSONDecodeError | UnicodeDecodeError, data: bytes, name: str
) -> InputError:
    if isinstance(error, UnicodeDecodeError):
        line, column = place_of(data, error.start)
        return InputError(f"{name}: invalid UTF-8 in line {line}, column {column}")
    place = f"line {error.lineno}, column {error.colno}"
    return InputError(f"{name}: invalid JSON in {place}: {error.msg}")


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
