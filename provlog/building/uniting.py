"""Unite graphs whose identifiers stay as they are, such as those of PROV documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from msgspec.structs import replace

from provlog.building.attributes import Merger
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
# For elements of the other graph the element of the same name.
_Same = dict[Element, Element]


def unite(graph: ProvGraph, other: ProvGraph) -> dict[Element, Element]:
    """Add all statements of another graph to a graph; the other one is then used up.

    Elements with the same identifier become one, with the attributes of both. A prefix
    that stands for different IRIs in the two graphs gets another name in the second one;
    two prefixes for one IRI become one.

    Parameters
    ----------
    graph : ProvGraph
        The graph that grows.
    other : ProvGraph
        The graph whose statements are added.

    Returns
    -------
    dict
        For elements of the other graph the elements that they became one with.
    """
    _unite_namespaces(graph, other)
    merger = Merger(graph.diagnostics.append)
    same: _Same = {}
    _add(graph, other, merger, same)
    for name, bundle in other.bundles.items():
        home = graph.bundles.setdefault(name, Bundle(id=name))
        home.namespaces = {**bundle.namespaces, **home.namespaces}
        _add(home, bundle, merger, same)
    for raw, session in other.sessions.items():
        first = same.get(session, session)
        assert isinstance(first, Activity)
        graph.sessions.setdefault(raw, first)
    graph.descriptions.unite(other.descriptions, same)
    graph.diagnostics += other.diagnostics
    return same


def _add(graph: Statements, other: Statements, merger: Merger, same: _Same) -> None:
    _add_elements(graph.entities, other.entities, merger, same)
    _add_elements(graph.activities, other.activities, merger, same)
    _add_elements(graph.agents, other.agents, merger, same)
    for kind, relations in other.relations.items():
        moved = (relation.between(same) for relation in relations) if same else relations
        graph.relations.setdefault(kind, {}).update(dict.fromkeys(moved))


def _add_elements(
    known: dict[str, _Element], others: dict[str, _Element], merger: Merger, same: _Same
) -> None:
    for name, element in others.items():
        first = known.setdefault(name, element)
        if first is element:
            continue
        same[element] = first
        _add_attributes(first, element.attributes, merger)
        if isinstance(first, Activity) and isinstance(element, Activity):
            _add_times(first, element, merger)


def _add_attributes(element: Element, attributes: Attributes, merger: Merger) -> None:
    for name, held in attributes.items():
        for value in held if isinstance(held, list) else [held]:
            merger.add(element, name, value, _NOWHERE)


def _add_times(first: Activity, second: Activity, merger: Merger) -> None:
    """Add missing times; keep different ones as attributes, as the builder does."""
    for name, attribute in (("start", "log:startTime"), ("end", "log:endTime")):
        time, other = getattr(first, name), getattr(second, name)
        if time is None:
            setattr(first, name, other)
        elif other is not None and not same_instant(other, time):
            merger.add(first, attribute, Literal(other, "xsd:dateTime"), _NOWHERE)


def _unite_namespaces(graph: ProvGraph, other: ProvGraph) -> None:
    """Declare the prefixes of the other graph, which is renamed where that is impossible."""
    if not any(True for _ in graph.elements()) and not graph.bundles:
        # An only document keeps its prefixes, even one that provlog uses differently.
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
    """Replace prefixes in all names of a graph."""

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
    """Replace the keys by the names of the elements or bundles."""
    values = [*named.values()]
    named.clear()
    named.update((value.id, value) for value in values)
