"""Read PROV-JSON, as of the W3C member submission of 24 April 2013.

https://www.w3.org/submissions/prov-json/

Numbers keep their digits. If an object has a key twice, the reader keeps both values and
reports a diagnostic, because JSON does not define their meaning.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from provlog.diagnostics.diagnostic import Report
from provlog.errors import InputError
from provlog.files.source import Source
from provlog.model.elements import Attributes
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.relations import RELATIONS, RelationKind
from provlog.model.values import QUALIFIED_NAME, Literal, Value, safe_text
from provlog.readers.documents.assembly import LEFT_OUT, Assembly
from provlog.readers.documents.names import Names, Problem
from provlog.readers.documents.places import located
from provlog.readers.documents.sessions import restore_sessions

__all__ = ["read_provjson"]

REPEATED = "PL011"

_ELEMENTS = ("entity", "activity", "agent")
_START, _END = "prov:startTime", "prov:endTime"
_CONTAINERS = frozenset({dict, list, bool, type(None)})
_NUMBERS = {"NaN": "NaN", "Infinity": "INF", "-Infinity": "-INF"}


def read_provjson(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a PROV-JSON document.

    Raises
    ------
    InputError
        If the document is not valid JSON or not an object.
    """
    data = source.read(report)
    problem = located(data, source.name, report)
    document = _parsed(data, source.name, problem)
    graph = ProvGraph(namespaces={})
    names = Names(graph.namespaces, problem)
    _read(document, graph, names, problem)
    for contents in _objects(document.get("bundle", {}), "bundle", problem):
        for name, held in contents.items():
            for inner in _objects(held, name, problem):
                bundle = Bundle(id="")
                own = Names(bundle.namespaces, problem, names)
                _declare(inner, own, problem)
                bundle.id = own[name]
                bundle = graph.bundles.setdefault(bundle.id, bundle)
                _read(inner, bundle, own, problem)
    restore_sessions(graph)
    return graph


def _parsed(data: bytes, name: str, problem: Problem) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        return found if len(found) == len(pairs) else _merged(pairs, problem)

    document = _quickly(data)
    if document is not None:
        return document
    try:
        document = json.loads(
            data.decode(),
            object_pairs_hook=unique,
            parse_int=_integer,
            parse_float=lambda text: Literal(text, "xsd:double"),
            parse_constant=lambda text: Literal(_NUMBERS[text], "xsd:double"),
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
        raise InputError(f"{name}: a PROV-JSON document is an object, not a list or a value")
    return document


def _quickly(data: bytes) -> dict[str, Any] | None:
    """Return a document if it has no bare numbers and repeated keys; ``None`` if it may have some.

    A key is repeated if there are fewer decoded keys than colons after quotation marks.
    """
    try:
        document = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    count = 0
    level: list[Any] = [document]
    while level:
        if set(map(type, level)) - _CONTAINERS:
            return None
        objects = [item for item in level if type(item) is dict]
        count += sum(map(len, objects))
        inner = [held for item in objects for held in item.values() if type(held) is not str]
        inner += [
            held for item in level if type(item) is list for held in item if type(held) is not str
        ]
        level = inner
    colons = data.count(b'":')
    # Texts that hold JSON also have such colons, after an escaped quotation mark.
    is_certain = count == colons or count == colons - data.count(b'\\":')
    return document if is_certain else None


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


def _integer(text: str) -> Literal:
    digits = len(text.lstrip("-"))
    if digits < 10:
        return Literal(text, "xsd:int")
    if digits > 19:
        return Literal(text, "xsd:integer")
    number = int(text)
    if -0x80000000 <= number <= 0x7FFFFFFF:
        return Literal(text, "xsd:int")
    is_long = -0x8000000000000000 <= number <= 0x7FFFFFFFFFFFFFFF
    return Literal(text, "xsd:long" if is_long else "xsd:integer")


def _objects(held: Any, name: str, problem: Problem) -> Iterator[dict[str, Any]]:
    """Yield an object, or the objects of a list; report other values."""
    for item in held if isinstance(held, list) else [held]:
        if isinstance(item, dict):
            yield item
        else:
            problem(LEFT_OUT, f"{name!r} is not an object: left out", name)


def _declare(document: dict[str, Any], names: Names, problem: Problem) -> None:
    for prefixes in _objects(document.get("prefix", {}), "prefix", problem):
        for prefix, iri in prefixes.items():
            if isinstance(iri, str):
                names.declare("" if prefix == "default" else prefix, iri)
            else:
                problem(LEFT_OUT, f"prefix {prefix!r} has no IRI: left out", prefix)


def _read(document: dict[str, Any], statements: Statements, names: Names, problem: Problem) -> None:
    _declare(document, names, problem)
    reader = _Reader(Assembly(statements, names, problem), problem)
    for section, held in document.items():
        if section in {"prefix", "bundle"}:
            continue
        if section not in _ELEMENTS and section not in RELATIONS:
            problem(LEFT_OUT, f"{section!r} is not a kind of PROV statement: left out", section)
            continue
        for records in _objects(held, section, problem):
            if section in RELATIONS:
                reader.relations(RELATIONS[section], records)
            else:
                for name, record in records.items():
                    for one in _objects(record, name, problem):
                        reader.element(section, name, one)
    reader.assembly.finish()


class _Reader:
    """Reader of the statements of a document or bundle in PROV-JSON."""

    def __init__(self, assembly: Assembly, problem: Problem) -> None:
        self.assembly = assembly
        self.names = assembly.names
        self.problem = problem

    def element(self, kind: str, name: str, record: dict[str, Any]) -> None:
        start = end = None
        if kind == "activity":
            start, end = record.pop(_START, None), record.pop(_END, None)
            start = start if type(start) is str else self.text(start)
            end = end if type(end) is str else self.text(end)
        element = self.assembly.declare(kind, name, self.attributes(record))
        if start is not None or end is not None:
            self.assembly.set_times(element, start, end)

    def relations(self, kind: RelationKind, records: dict[str, Any]) -> None:
        """Add relations; take less time for the usual ones with at most a role and a type."""
        first, second = kind.formals[0].name, kind.formals[1].name
        relate, names = self.assembly.relate_plainly, self.names
        for name, record in records.items():
            if type(record) is dict and name[:2] == "_:":
                source, target = record.get(first), record.get(second)
                role = record.get("prov:role")
                held, size, term = record.get("prov:type"), 2, None
                if role is not None:
                    size += 1
                if held is not None:
                    size += 1
                    text = held.get("$") if type(held) is dict and len(held) == 2 else None
                    if type(text) is str and held.get("type") == QUALIFIED_NAME:
                        term = names[text]
                if (
                    size == len(record)
                    and type(source) is str
                    and type(target) is str
                    and (role is None or (type(role) is str and role.isprintable()))
                    and (held is None or term is not None)
                ):
                    relate(kind, source, target, role, term)
                    continue
            for one in _objects(record, name, self.problem):
                self.relation(kind, name, one)

    def relation(self, kind: RelationKind, name: str, record: dict[str, Any]) -> None:
        is_blank = name.startswith("_:")
        arguments: dict[str, str] = {}
        for formal in kind.formals:
            held = record.pop(formal.name, None)
            if isinstance(held, list) and kind.name == "hadMember":
                # A statement can have several members.
                for member in held[1:]:
                    self.relation(kind, name, {**record, **arguments, formal.name: member})
                held = held[0] if held else None
            text = self.text(held)
            if text is not None:
                arguments[formal.name] = text
        attributes = self.attributes(record)
        pairs = (
            (term, value)
            for term, held in attributes.items()
            for value in (held if isinstance(held, list) else [held])
        )
        self.assembly.relate(kind, None if is_blank else name, arguments, pairs)

    def text(self, held: Any) -> str | None:
        """Return the name or the time that a formal attribute holds."""
        if isinstance(held, dict) and isinstance(held.get("$"), str):
            return str(held["$"])
        if isinstance(held, list) and len(held) == 1:
            return self.text(held[0])
        if held is None or isinstance(held, str):
            return held
        self.problem(LEFT_OUT, f"{held!r} is not a name or a time: left out", "")
        return None

    def attributes(self, record: dict[str, Any]) -> Attributes:
        names, value = self.names, self.value
        attributes: Attributes = {}
        for name, held in record.items():
            if type(held) is str:
                found: Value | list[Value] | None = held if held.isprintable() else safe_text(held)
            elif type(held) is list:
                some = [one for one in map(value, held) if one is not None]
                found = some if len(some) > 1 else some[0] if some else None
            else:
                found = value(held)
            term = names[name]
            if found is None:
                self.problem(LEFT_OUT, f"value of {name!r} cannot be read: left out", name)
            elif term in attributes:
                known = attributes[term]
                both = [*(known if isinstance(known, list) else [known])]
                both += found if isinstance(found, list) else [found]
                attributes[term] = both
            else:
                attributes[term] = found
        return attributes

    def value(self, held: Any) -> Value | None:
        if type(held) is dict:
            text = held.get("$")
            if isinstance(text, Literal):
                text = text.text
            elif isinstance(text, bool):
                text = "true" if text else "false"
            datatype, lang = held.get("type", ""), held.get("lang")
            if isinstance(text, str) and isinstance(datatype, str):
                return self.assembly.value(text, datatype, lang if isinstance(lang, str) else None)
            return None
        if type(held) is str:
            return safe_text(held)
        if type(held) is bool:
            return Literal("true" if held else "false", "xsd:boolean")
        return held if isinstance(held, Literal) else None
