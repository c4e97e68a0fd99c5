"""Parse voprov's PROV-N, which has unquoted names and values as formal arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.errors import InputError
from provlog.model.relations import RELATIONS
from provlog.model.values import QUALIFIED_NAME, Literal, Value, literal
from provlog.origin import Origin
from provlog.readers.documents.assembly import LEFT_OUT
from provlog.readers.truncated.complete import truncated
from provlog.readers.voprov.records import Document, Record, typed

__all__ = ["parse_provn"]

_STATEMENT = re.compile(r"(\w+)\((.*)\)")
_PREFIX = re.compile(r"prefix\s+(\S+)\s+<([^>]*)>|default\s+<([^>]*)>")
_BUNDLE = re.compile(r"bundle\s+(\S+)")
# One argument or pair: up to a comma outside of quotes.
_PART = re.compile(r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^,"'])+""", re.DOTALL)
_PAIR = re.compile(r"\s*([^=\s]+)\s*=\s*(.*)", re.DOTALL)
_TEXT = re.compile(r'("(?:[^"\\]|\\.)*")\s*(?:%%\s*(\S+))?', re.DOTALL)

_FORMALS: dict[str, tuple[str, ...]] = {
    "activity": ("prov:startTime", "prov:endTime"),
    "entity": (),
    "agent": (),
    "valueEntity": (),
    "datasetEntity": (),
    "activityDescription": ("prov:name",),
    "entityDescription": ("prov:name",),
    "datasetDescription": ("prov:name", "voprov:contentType"),
    "valueDescription": ("prov:name", "voprov:valueType"),
    "usageDescription": ("prov:role",),
    "generationDescription": ("prov:role",),
    "parameterDescription": ("prov:name", "voprov:valueType"),
    "configFileDescription": ("prov:name", "voprov:contentType"),
    "parameter": ("prov:name", "prov:value"),
    "configFile": ("prov:name", "prov:location"),
}
"""The arguments of each kind of element after its identifier."""

_RELATIONS: dict[str, tuple[str, ...]] = {
    "isDescribedBy": ("voprov:described", "voprov:descriptor"),
    "isRelatedTo": ("voprov:related", "voprov:relator"),
    "wasConfiguredBy": ("voprov:configured", "voprov:configurator", "voprov:artefactType"),
    "hadReference": ("voprov:referenced", "voprov:referrer"),
    **{kind.name: tuple(formal.name for formal in kind.formals) for kind in RELATIONS.values()},
}


def parse_provn(data: bytes, name: str, report: Report) -> Document:
    """Return the statements of a PROV-N document; report lines that are not statements.

    Raises
    ------
    InputError
        If it is not UTF-8 text.
    """
    try:
        lines = data.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 text: {error}") from error
    document = part = Document()
    is_whole = False
    faults: dict[int, str] = {}
    for number, line in enumerate(map(str.strip, lines), 1):
        if prefix := _PREFIX.fullmatch(line):
            part.namespaces[prefix[1] or ""] = prefix[2] or prefix[3]
        elif bundle := _BUNDLE.fullmatch(line):
            part = document.bundles.setdefault(bundle[1], Document())
        elif line == "endBundle":
            part = document
        elif statement := _STATEMENT.fullmatch(line):
            record = _record(statement[1], statement[2])
            if record is None:
                faults[number] = f"{line[:100]!r} is not a statement of voprov: left out"
            else:
                part.records.append(record)
        elif line == "endDocument":
            is_whole = True
        elif line and line != "document" and not line.startswith("//"):
            faults[number] = f"{line[:100]!r} is not a statement of PROV-N: left out"
    if not is_whole:
        is_cut = faults.pop(len(lines), None) is not None
        position = len(data) - (len(lines[-1].encode()) if is_cut else 0)
        report(truncated(data, position, name, "PROV-N"))
    for number, message in faults.items():
        report(Diagnostic(LEFT_OUT, Origin(name, number, 1), message))
    return document


def _record(kind: str, text: str) -> Record | None:
    arguments, attributes = _split(text)
    id = ""
    if not arguments:
        return None
    if kind in _FORMALS:
        id, *arguments = arguments
        formals = _FORMALS[kind]
    elif kind in _RELATIONS:
        formals = _RELATIONS[kind]
        head, semicolon, rest = arguments[0].partition(";")
        if semicolon:
            id, arguments[0] = head.strip().strip("-"), rest.strip()
    else:
        return None
    # A bare name may hold commas.
    while len(arguments) > len(formals) > 0:
        arguments[:2] = [", ".join(arguments[:2])]
    pairs: list[tuple[str, Value]] = [
        (formal, literal(argument))
        for formal, argument in zip(formals, arguments, strict=False)
        if argument not in ("", "-")
    ]
    return Record(kind, id, [*pairs, *attributes])


def _split(text: str) -> tuple[list[str], list[tuple[str, Value]]]:
    """Return the arguments of a statement, and its attributes."""
    head, bracket, tail = text.partition("[")
    # A bare argument has no bracket; the list of attributes is last.
    arguments = [part.strip() for part in _PART.findall(head.rstrip(" ,") if bracket else head)]
    return arguments, [*_attributes(tail.rpartition("]")[0])] if bracket else []


def _attributes(text: str) -> Iterator[tuple[str, Value]]:
    for part in _PART.findall(text):
        pair = _PAIR.fullmatch(part)
        if pair is not None:
            yield pair[1], _value(pair[2].strip())


def _value(text: str) -> Value:
    if text.startswith("'"):
        return Literal(text.strip("'"), QUALIFIED_NAME)
    match = _TEXT.fullmatch(text)
    if match is None:
        return literal(text)
    try:
        content = msgspec.json.decode(match[1].encode(), type=str)
    except msgspec.DecodeError:
        content = match[1][1:-1]
    return typed(content, match[2] or "")
