"""Unite graphs with final identifiers, such as those of PROV documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from provlog.building.attributes import Merger
from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.graph import (
    Activity,
    Attributes,
    Bundle,
    Element,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
)
from provlog.model.instants import same_instant
from provlog.model.values import QUALIFIED_NAME, Literal, Value
from provlog.origin import Origin

__all__ = ["unite"]

_NOWHERE = Origin("", 0, 0)

_Element = TypeVar("_Element", bound=Element)


def unite(graph: ProvGraph, other: ProvGraph, origin: Origin = _NOWHERE) -> dict[Element, Element]:
    """Add all statements of another graph to a graph.

    Elements with the same identifier become one, with the attributes of both. If a prefix
    stands for different IRIs, it is renamed in the other graph. Two prefixes for one IRI
    become one.

    Parameters
    ----------
    graph : ProvGraph
        The graph that is extended.
    other : ProvGraph
        The graph whose statements are added. Do not use it again, because the two graphs
        share elements.
    origin : Origin, optional
        The source of ``other``, for diagnostics about contradictions with ``graph``.

    Returns
    -------
    dict
        The replaced elements of the other graph, mapped to their replacements.
    """
    _unite_namespaces(graph, other)
    union = _Union(graph.diagnostics.append, origin)
    union.add(graph, other)
    for name, bundle in other.bundles.items():
        home = graph.bundles.setdefault(name, Bundle(id=name))
        home.namespaces = {**bundle.namespaces, **home.namespaces}
        union.add(home, bundle)
    same = union.same
    for raw, session in other.sessions.items():
        first = same.get(session, session)
        assert isinstance(first, Activity)
        graph.sessions.setdefault(raw, first)
    graph.descriptions.unite(other.descriptions, same)
    graph.diagnostics += other.diagnostics
    return same


class _Union:
    """The union of one source with earlier ones.

    ``same`` maps elements of that source to earlier elements with the same name.
    """

    def __init__(self, report: Report, origin: Origin) -> None:
        self.same: dict[Element, Element] = {}
        self._report = report
        self._origin = origin
        self._merger = Merger(report)

    def add(self, known: Statements, other: Statements) -> None:
        """Add all statements."""
        self._add_elements(known.entities, other.entities)
        self._add_elements(known.activities, other.activities)
        self._add_elements(known.agents, other.agents)
        same = self.same
        for kind, relations in other.relations.items():
            moved = (relation.between(same) for relation in relations) if same else relations
            known.relations.setdefault(kind, {}).update(dict.fromkeys(moved))

    def _add_elements(self, known: dict[str, _Element], others: dict[str, _Element]) -> None:
        for name, element in others.items():
            first = known.setdefault(name, element)
            if first is element:
                continue
            self.same[element] = first
            for attribute, value in element.pairs():
                self._merger.add(first, attribute, value, self._origin)
            if isinstance(first, Activity) and isinstance(element, Activity):
                self._add_times(first, element)

    def _add_times(self, first: Activity, second: Activity) -> None:
        """Add missing times; report different ones and keep them as attributes."""
        for name, attribute, code in (
            ("start", "log:startTime", "PL303"),
            ("end", "log:endTime", "PL302"),
        ):
            time, other = getattr(first, name), getattr(second, name)
            if time is None:
                setattr(first, name, other)
            elif other is not None and not same_instant(other, time):
                message = (
                    f"activity {first.id!r} has the {name} {time} already: {other} is kept as "
                    f"{attribute}"
                )
                self._report(Diagnostic(code, self._origin, message))
                self._merger.add(first, attribute, Literal(other, "xsd:dateTime"), self._origin)


def _unite_namespaces(graph: ProvGraph, other: ProvGraph) -> None:
    """Declare the prefixes of the other graph, and rename those that are in use."""
    if not any(True for _ in graph.elements()) and not graph.bundles:
        # A document without others keeps its prefixes, even one that provlog uses differently.
        graph.namespaces.update(other.namespaces)
        return
    prefixes = {iri: prefix for prefix, iri in graph.namespaces.items()}
    renamed = {}
    for prefix, iri in other.namespaces.items():
        own = prefixes.get(iri) or _free(prefix, graph.namespaces)
        graph.namespaces[own] = iri
        if own != prefix:
            renamed[prefix] = own
    if renamed:
        _rename(other, renamed)


def _free(prefix: str, namespaces: Mapping[str, str]) -> str:
    number, free = 1, prefix
    while free in namespaces:
        number += 1
        free = f"{prefix}{number}"
    return free


def _rename(graph: ProvGraph, renamed: Mapping[str, str]) -> None:
    """Rename prefixes in all names of a graph."""

    def new(name: str) -> str:
        prefix, colon, local = name.partition(":")
        return f"{renamed.get(prefix, prefix)}{colon}{local}" if colon else name

    def value(old: Value) -> Value:
        if isinstance(old, str):
            return old
        is_name = old.datatype == QUALIFIED_NAME
        text = new(old.text) if is_name else old.text
        return replace(old, text=text, datatype=new(old.datatype))

    def attributes(old: Attributes) -> Attributes:
        return {
            new(name): [value(one) for one in held] if isinstance(held, list) else value(held)
            for name, held in old.items()
        }

    def relation(old: Relation) -> Relation:
        if isinstance(old, QualifiedRelation):
            return replace(
                old,
                type=old.type and new(old.type),
                id=old.id and new(old.id),
                arguments=tuple(
                    (name, new(held) if isinstance(held, str) else held)
                    for name, held in old.arguments
                ),
                attributes=tuple((new(name), value(held)) for name, held in old.attributes),
            )
        return Relation(old.source, old.target, old.role, old.type and new(old.type))

    done = set[Element]()
    for part in (graph, *graph.bundles.values()):
        for elements in (part.entities, part.activities, part.agents):
            for element in elements.values():
                # Bundles may share their elements.
                if element not in done:
                    done.add(element)
                    element.id = new(element.id)
                    element.attributes = attributes(element.attributes)
            _rename_keys(elements)
        for end in part.undeclared():
            if end not in done:
                done.add(end)
                end.id = new(end.id)
        for kind, relations in part.relations.items():
            part.relations[kind] = dict.fromkeys(map(relation, relations))
    for bundle in graph.bundles.values():
        bundle.id = new(bundle.id)
    _rename_keys(graph.bundles)
    descriptions = graph.descriptions
    for described in {one: None for one, _ in descriptions.all()}:
        described.id = new(described.id)
        described.attributes = attributes(described.attributes)
    _rename_keys(descriptions.activities)
    _rename_keys(descriptions.entities)


def _rename_keys(named: dict[str, Any]) -> None:
    """Set each key to the name of its element or bundle."""
    values = [*named.values()]
    named.clear()
    named.update((value.id, value) for value in values)
