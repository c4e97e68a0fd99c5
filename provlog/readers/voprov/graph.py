"""Convert the records of voprov to statements of W3C PROV."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provlog.model.graph import (
    ABSENT,
    Activity,
    Agent,
    Attributes,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    Statements,
    gathered,
    relation_of,
)
from provlog.model.namespaces import NAMESPACES
from provlog.model.relations import RELATIONS, TIME
from provlog.model.tables import ATTRIBUTION, ATTRIBUTION_ROLE
from provlog.model.values import QUALIFIED_NAME, Literal, Value, date_time, qname
from provlog.model.vodml import CLASSES, CONFIGURED, DESCRIBED, REFERENCE, RELATED
from provlog.readers.documents.names import Names, Problem
from provlog.readers.voprov.records import IRIS, Document, Record

__all__ = ["graph_of"]

# The kinds of entities that voprov adds, by their keywords.
_ENTITIES = {
    name[0].lower() + name[1:]: name
    for name in CLASSES
    if name.endswith("Description") or name in ("ValueEntity", "DatasetEntity")
} | {"parameter": "Parameter", "configFile": "ConfigFile"}
_INFLUENCES = {
    "isDescribedBy": (DESCRIBED, "described", "descriptor"),
    "isRelatedTo": (RELATED, "related", "relator"),
    "wasConfiguredBy": (CONFIGURED, "configured", "configurator"),
    "hadReference": (REFERENCE, "referenced", "referrer"),
}
_ELEMENTS: dict[str, type[Element]] = {"entity": Entity, "activity": Activity, "agent": Agent}
# Attributes that have another place, or no place, in PROV.
_TERMS = {
    "prov:name": "voprov:name",
    "voprov:location": "prov:location",
    "voprov:value": "prov:value",
    "voprov:label": "prov:label",
}
_RELATION_TERMS = {"voprov:role": "prov:role", "voprov:time": "prov:time"}


def graph_of(document: Document, problem: Problem) -> ProvGraph:
    """Return the graph of a document.

    Parameters
    ----------
    document : Document
        The document.
    problem : callable
        Receives prefixes that the document does not declare, except that of voprov.
    """
    graph = ProvGraph(namespaces={})
    names = Names(graph.namespaces, problem)
    for prefix, iri in NAMESPACES.items():
        names.declare(prefix, iri)
    _declare(document.namespaces, names)
    _Reading(graph, names).read(document.records)
    for name, part in document.bundles.items():
        bundle = Bundle(id="")
        own = Names(bundle.namespaces, problem, names)
        _declare(part.namespaces, own)
        bundle.id = own[name]
        graph.bundles[bundle.id] = bundle
        _Reading(bundle, own).read(part.records)
    return graph


def _declare(declared: Mapping[str, str], names: Names) -> None:
    """Declare namespaces; those of PROV have only one IRI, and that of voprov several."""
    for prefix, iri in declared.items():
        if prefix not in {"prov", "xsd", "xsi"}:
            is_voprov = iri in IRIS or prefix == "voprov"
            names.declare(prefix, NAMESPACES["voprov"] if is_voprov else iri)


class _Reading:
    """Converter of the statements of a document or bundle."""

    def __init__(self, part: Statements, names: Names) -> None:
        self._part = part
        self._names = names
        self._known: dict[str, Element] = {}

    def read(self, records: Iterable[Record]) -> None:
        """Add all records, elements before the relations that refer to them."""
        relations = []
        for record in records:
            record.pairs = [(self._name(name), self._value(value)) for name, value in record.pairs]
            if record.kind in _ELEMENTS or record.kind in _ENTITIES:
                self._add_element(record)
            else:
                relations.append(record)
        for record in relations:
            self._add_relation(record)

    def _name(self, name: str) -> str:
        return self._names[name if ":" in name else f"voprov:{name}"]

    def _value(self, value: Value) -> Value:
        if not isinstance(value, Literal):
            return value
        if value.datatype == QUALIFIED_NAME:
            return qname(self._name(value.text))
        return Literal(value.text, self._names[value.datatype])

    def _add_element(self, record: Record) -> None:
        kind = _ELEMENTS.get(record.kind, Entity)
        pairs = [(_TERMS.get(name, name), value) for name, value in record.pairs]
        if kind is not Activity and kind is not Agent:
            # PROV has roles for relations only.
            pairs = [("voprov:role" if name == "prov:role" else name, it) for name, it in pairs]
        times: dict[str, str | None] = {"startTime": None, "endTime": None}
        if kind is Activity:
            for name, value in pairs:
                local = name.partition(":")[2]
                if local in times:
                    times[local] = date_time(_text(value))
            pairs = [(name, it) for name, it in pairs if name.partition(":")[2] not in times]
        held = dict(pairs)
        label = held.get("voprov:name") or held.get("voprov:role")
        if label is not None and "prov:label" not in held:
            pairs.insert(0, ("prov:label", label))
        if record.kind in _ENTITIES:
            pairs.append(("prov:type", qname(f"voprov:{_ENTITIES[record.kind]}")))
        attributes: Attributes = gathered(pairs)
        element = kind(self._names[record.id], attributes)
        if isinstance(element, Activity):
            element.start, element.end = times["startTime"], times["endTime"]
        self._known[record.id] = element
        places: dict[type[Element], dict[str, Element]] = {
            Entity: self._part.entities,  # type: ignore[dict-item]
            Activity: self._part.activities,  # type: ignore[dict-item]
            Agent: self._part.agents,  # type: ignore[dict-item]
        }
        places[kind][element.id] = element

    def _described(self, name: str, value: Value) -> Value:
        """Return the description of a usage as a name; in voprov's JSON, it is text."""
        is_name = name == "voprov:descriptor" and isinstance(value, str)
        return qname(self._names[_text(value)]) if is_name else value

    def _element(self, id: str | None, refers_to: str) -> Element:
        if not id:
            return ABSENT
        if id not in self._known:
            self._known[id] = _ELEMENTS.get(refers_to, Entity)(self._names[id], {})
        return self._known[id]

    def _add_relation(self, record: Record) -> None:
        kind_name, names, type = record.kind, ("", ""), None
        if record.kind in _INFLUENCES:
            type, *ends = _INFLUENCES[record.kind]
            kind_name, names = "wasInfluencedBy", (ends[0], ends[1])
        kind = RELATIONS.get(kind_name)
        if kind is None:
            return
        formals = {formal.name.partition(":")[2]: formal for formal in kind.formals}
        source, target = names if type else (kind.source.name[5:], kind.target.name[5:])
        found: dict[str, str] = {}
        pairs: list[tuple[str, Value]] = [("prov:type", qname(type))] if type else []
        for name, value in record.pairs:
            prefix, _, local = name.partition(":")
            if prefix in ("prov", "voprov") and (local in formals or local in (source, target)):
                found[local] = _text(value)
            elif kind.is_described:
                term = _RELATION_TERMS.get(name, name)
                if kind_name == ATTRIBUTION and term == "prov:role":
                    term = ATTRIBUTION_ROLE
                pairs.append((term, self._described(name, value)))
        arguments = tuple(
            (formal.name, self._names[found[local]] if formal.refers_to == "relation"
             else self._element(found[local], formal.refers_to))
            for local, formal in formals.items()
            if local in found and local not in (source, target) and formal.name != TIME
        )  # fmt: skip
        relation = relation_of(
            self._element(found.get(source), kind.source.refers_to),
            self._element(found.get(target), kind.target.refers_to),
            pairs,
            id=self._names[record.id] if record.id else None,
            time=date_time(found["time"]) if "time" in found else None,
            arguments=arguments,
        )
        self._part.relations[kind_name][relation] = None


def _text(value: Value) -> str:
    return value if isinstance(value, str) else value.text
