"""Read PROV-JSON, as of the W3C member submission of 24 April 2013.

https://www.w3.org/submissions/prov-json/

Numbers keep their digits. If an object has a key twice, the reader keeps both values and
reports a diagnostic, because JSON does not define their meaning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.elements import Attributes
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.relations import RELATIONS, RelationKind
from provlog.model.values import QUALIFIED_NAME, Literal, Value, are_safe, safe_text
from provlog.readers.documents.assembly import LEFT_OUT, Assembly, Stated
from provlog.readers.documents.json_text import PROV_JSON, Number, parsed
from provlog.readers.documents.names import Names, Problem
from provlog.readers.documents.places import located
from provlog.readers.documents.sessions import restore_sessions
from provlog.readers.documents.usual import ELEMENTS, Columns, Elements, Part, decoded

__all__ = ["read_provjson"]

_START, _END = "prov:startTime", "prov:endTime"
# What a role and a type of a usual relation can be.
_ROLE_TYPES, _TYPE_TYPES = {str, NoneType}, {Literal, NoneType}
# Datatypes whose values the graph has without them, or with another one.
_CONVERTED = frozenset({"", "xsd:string", "xsd:QName"})


def read_provjson(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a PROV-JSON document.

    Raises
    ------
    InputError
        If the document is not valid JSON or not an object.
    """
    data = source.read(report)
    problem = located(data, source.name, report)
    graph = ProvGraph(namespaces={})
    names = Names(graph.namespaces, problem)
    document = decoded(data)
    if document is not None:
        _read_usual(document, graph, names, problem)
    else:
        _read_any(parsed(data, source.name, PROV_JSON, report), graph, names, problem)
    restore_sessions(graph)
    return graph


def _read_usual(document: Part, graph: ProvGraph, names: Names, problem: Problem) -> None:
    _declare(document.prefix or {}, names)
    _Reader(graph, names, problem).read_usual(document)
    for name, inner in (document.bundle or {}).items():
        bundle = Bundle(id="")
        own = Names(bundle.namespaces, problem, names)
        _declare(inner.prefix or {}, own)
        bundle.id = own[name]
        bundle = graph.bundles.setdefault(bundle.id, bundle)
        own.continue_in(bundle.namespaces)
        _Reader(bundle, own, problem).read_usual(inner)


def _read_any(document: dict[str, Any], graph: ProvGraph, names: Names, problem: Problem) -> None:
    _declare(_prefixes(document, problem), names)
    _Reader(graph, names, problem).read(document)
    for contents in _objects(document.get("bundle", {}), "bundle", problem):
        for name, held in contents.items():
            for inner in _objects(held, name, problem):
                bundle = Bundle(id="")
                own = Names(bundle.namespaces, problem, names)
                _declare(_prefixes(inner, problem), own)
                bundle.id = own[name]
                bundle = graph.bundles.setdefault(bundle.id, bundle)
                own.continue_in(bundle.namespaces)
                _Reader(bundle, own, problem).read(inner)


def _declare(prefixes: Mapping[str, str], names: Names) -> None:
    for prefix, iri in prefixes.items():
        names.declare("" if prefix == "default" else prefix, iri)


def _prefixes(document: dict[str, Any], problem: Problem) -> dict[str, str]:
    found: dict[str, str] = {}
    for prefixes in _objects(document.get("prefix", {}), "prefix", problem):
        for prefix, iri in prefixes.items():
            if isinstance(iri, str):
                found[prefix] = iri
            else:
                problem(LEFT_OUT, f"prefix {prefix!r} has no IRI: left out", prefix)
    return found


def _objects(held: Any, name: str, problem: Problem) -> Iterator[dict[str, Any]]:
    """Yield an object, or the objects of a list; report other values."""
    for item in held if isinstance(held, list) else [held]:
        if isinstance(item, dict):
            yield item
        else:
            problem(LEFT_OUT, f"{name!r} is not an object: left out", name)


class _Reader:
    """Reader of the statements of a document or bundle in PROV-JSON."""

    def __init__(self, statements: Statements, names: Names, problem: Problem) -> None:
        self.assembly = Assembly(statements, names, problem)
        self.names = names
        self.problem = problem
        # Names of attributes that the graph has as the document writes them.
        self.kept: set[str] = set()

    def read(self, document: dict[str, Any]) -> None:
        """Read all sections of a document or bundle."""
        for section, held in document.items():
            if section in {"prefix", "bundle"}:
                continue
            if section not in ELEMENTS and section not in RELATIONS:
                message = f"{section!r} is not a kind of PROV statement: left out"
                self.problem(LEFT_OUT, message, section)
                continue
            for records in _objects(held, section, self.problem):
                for name, record in records.items():
                    for one in _objects(record, name, self.problem):
                        if section in RELATIONS:
                            self.relation(RELATIONS[section], name, one)
                        else:
                            self.elements(section, {name: one}, are_kept=False)
        self.assembly.finish()

    def read_usual(self, part: Part) -> None:
        """Read all sections of a usual document or bundle."""
        for name in ELEMENTS:
            elements = getattr(part, name)
            if elements is not None:
                self.elements(name, elements.records, are_kept=self.keeps(elements))
        for name, kind in RELATIONS.items():
            columns = getattr(part, name)
            if columns is not None:
                self.usual_relations(kind, columns)
        self.assembly.finish()

    def elements(self, kind: str, records: dict[str, dict[str, Any]], *, are_kept: bool) -> None:
        """Add elements, whose objects perhaps are the attributes that they state."""
        times: list[tuple[str, str | None, str | None]] = []
        if kind == "activity":
            for name, record in records.items():
                start, end = record.pop(_START, None), record.pop(_END, None)
                if type(start) is str is type(end):
                    times.append((name, start, end))
                elif start is not None or end is not None:
                    times.append((name, self.text(start), self.text(end)))
        if not are_kept:
            records = {name: self.attributes(record) for name, record in records.items()}
        self.assembly.declare_all(kind, records)
        self.assembly.set_all_times(times)

    def keeps(self, elements: Elements) -> bool:
        """Return whether the objects of elements are the attributes that they state."""
        names, literals = self.names, elements.literals
        kept = {held.datatype for held in literals}
        if kept & _CONVERTED or elements.shortest < 2:
            return False
        kept.update(held.text for held in literals if held.datatype == QUALIFIED_NAME)
        kept |= elements.names
        if any(names[name] != name for name in kept):
            return False
        return elements.are_texts_safe and are_safe([held.text for held in literals])

    def usual_relations(self, kind: RelationKind, columns: Columns) -> None:
        """Add relations; most have at most a role and a type besides their ends."""
        records, types = columns.records, columns.types
        is_usual = (
            # In the order of characters, ":" is followed by ";".
            min(records, default="_:") >= "_:"
            and max(records, default="_:") < "_;"
            and {*map(type, columns.sources), *map(type, columns.targets)} == {str}
            and {*map(type, columns.roles)} <= _ROLE_TYPES
            and {*map(type, types)} <= _TYPE_TYPES
            and {type.datatype for type in types if type is not None} <= {QUALIFIED_NAME}
            and are_safe([role for role in columns.roles if role is not None])
        )
        if not is_usual:
            for name, record in records.items():
                self.relation(kind, name, record)
            return
        names = self.names
        self.assembly.relate_all(
            kind, columns.sources, columns.targets, columns.roles,
            [None if type is None else names[type.text] for type in types],
            self.all_further(kind, columns.others),
        )  # fmt: skip

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
        self.assembly.relate(kind, None if is_blank else name, arguments, self.pairs(record))

    def all_further(
        self, kind: RelationKind, others: Mapping[int, dict[str, Any]]
    ) -> dict[int, Stated]:
        """Return what relations have besides the usual attributes; few of these differ."""
        formals = {formal.name for formal in kind.formals}
        known: dict[object, Stated] = {}
        found: dict[int, Stated] = {}
        for number, rest in others.items():
            # A list has no hash.
            key = None if list in map(type, rest.values()) else (*rest.items(),)
            stated = None if key is None else known.get(key)
            if stated is None:
                stated = known[key] = self.further(formals, rest)
            found[number] = stated
        return found

    def further(self, formals: set[str], rest: dict[str, Any]) -> Stated:
        """Return the arguments and attributes of a relation besides the usual ones."""
        arguments: dict[str, str] = {}
        for name in formals & rest.keys():
            text = self.text(rest.pop(name))
            if text is not None:
                arguments[name] = text
        return arguments, self.pairs(rest)

    def pairs(self, record: dict[str, Any]) -> list[tuple[str, Value]]:
        return [
            (term, value)
            for term, held in self.attributes(record).items()
            for value in (held if isinstance(held, list) else [held])
        ]

    def text(self, held: Any) -> str | None:
        """Return the name or the time that a formal attribute holds."""
        if type(held) is str:
            return held
        if type(held) is Literal:
            return held.text
        if isinstance(held, dict) and isinstance(held.get("$"), str):
            return str(held["$"])
        if isinstance(held, list) and len(held) == 1:
            return self.text(held[0])
        if held is None:
            return None
        self.problem(LEFT_OUT, f"{held!r} is not a name or a time: left out", "")
        return None

    def attributes(self, record: dict[str, Any]) -> Attributes:
        """Return the attributes of a statement: the object itself if it keeps its names."""
        if not record.keys() <= self.kept:
            self.kept.update(name for name in record if self.names[name] == name)
            if not record.keys() <= self.kept:
                return self.converted(record)
        for name, held in record.items():
            if type(held) is str:
                if not held.isprintable():
                    record[name] = safe_text(held)
            elif type(held) is Literal:
                record[name] = self.value(held)
            else:
                return self.converted(record)
        return record

    def converted(self, record: dict[str, Any]) -> Attributes:
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
            if isinstance(text, Number):
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
        if type(held) is Literal:
            return self.assembly.value(held.text, held.datatype)
        return Literal(*held) if isinstance(held, Number) else None
