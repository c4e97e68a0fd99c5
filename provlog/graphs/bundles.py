"""Put the statements of each session into a PROV bundle that it generated, or take them out.

PROV-DM, section 5.4: a bundle is a named set of descriptions. It is also an entity, so
that it can have provenance of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any

from provlog.building.naming import PART_OF
from provlog.building.renaming import free_prefix, rename_prefixes
from provlog.building.uniting import Union
from provlog.model.graph import (
    Activity,
    Agent,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    Relation,
    Statements,
)
from provlog.model.identifiers import qualified_name
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import qname
from provlog.readers.documents.sessions import restore_sessions

__all__ = ["in_bundles", "without_bundles"]

BUNDLE = qname("prov:Bundle")


def in_bundles(graph: ProvGraph) -> ProvGraph:
    """Return the graph with the statements of each session in a bundle.

    The sessions and statements of no session stay outside. An element that several
    sessions mention, such as a shared entity, is described in the bundle of each.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed and shares its elements with the result.
    """
    top = ProvGraph(
        sessions=graph.sessions,
        namespaces=graph.namespaces,
        descriptions=graph.descriptions,
        diagnostics=graph.diagnostics,
    )
    homes: dict[Activity | None, Statements] = {None: top}
    for raw, session in graph.sessions.items():
        bundle = Bundle(id=qualified_name("bundle", raw, None))
        homes[session] = top.bundles[bundle.id] = bundle
        top.activities[session.id] = session
        entity = Entity(bundle.id, {"prov:type": BUNDLE})
        top.entities[entity.id] = entity
        top.relations["wasGeneratedBy"][Relation(entity, session)] = None
    stated = _stated(graph)
    for element, sessions in _mentions(graph, stated).items():
        for home in map(homes.__getitem__, sessions):
            home.declare(element)
    for kind, relation, sessions in stated:
        for home in map(homes.__getitem__, sessions):
            home.relations[kind][relation] = None
    return top


# In the order of the log, as a set would not be.
_Sessions = dict["Activity | None", None]


def _home(graph: ProvGraph, element: Activity | Entity) -> Activity | None:
    """Return the session of an element, unless a selection has left it out."""
    session = element.session
    return session if session is not None and session.id in graph.activities else None


def _stated(graph: ProvGraph) -> list[tuple[str, Relation, _Sessions]]:
    """Return each relation with the sessions that state it."""
    own: dict[Element, _Sessions] = {
        element: {_home(graph, element): None}
        for elements in (graph.activities, graph.entities)
        for element in elements.values()
    }
    stated: list[tuple[str, Relation, _Sessions]] = []
    for kind, relations in graph.relations.items():
        for relation in relations:
            ends = relation.source, relation.target
            activity = next((end for end in ends if isinstance(end, Activity)), None)
            if activity is None:
                stated.append((kind, relation, own.get(relation.source, {None: None})))
            else:
                stated.append((kind, relation, {_home(graph, activity): None}))
                for end in ends:
                    if end in own and isinstance(end, Entity):
                        own[end][_home(graph, activity)] = None
    return stated


def _mentions(
    graph: ProvGraph, stated: list[tuple[str, Relation, _Sessions]]
) -> dict[Element, _Sessions]:
    """Return the sessions that mention each element, for all elements except sessions."""
    mentions: dict[Element, _Sessions] = {element: {} for element in graph.elements()}
    for elements in (graph.activities, graph.entities):
        for element in elements.values():
            mentions[element][_home(graph, element)] = None
    for _, relation, sessions in stated:
        for end in (relation.source, relation.target):
            if end in mentions:
                mentions[end].update(sessions)
    for session in graph.sessions.values():
        del mentions[session]
    return mentions


def without_bundles(graph: ProvGraph, *, as_parts: bool = False) -> ProvGraph:
    """Return the graph of all statements, both those in bundles and those outside.

    Elements with the same identifier become one, with the attributes of all. The identifiers
    in a bundle get the prefixes of the graph.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed. The result is the graph itself if it has no bundles.
    as_parts : bool, optional
        Whether the activities in a bundle become parts of the activity that generated it.
    """
    if not graph.bundles:
        return graph
    flat = _copied(graph)
    bundles = [*flat.bundles.values()]
    flat.bundles = {}
    # Descriptions of one element may differ from bundle to bundle.
    union = Union(lambda _: None)
    for bundle in bundles:
        union.add(flat, bundle)
    _use(flat, union.same)
    first: dict[tuple[type[Element], str], Element] = {}
    ends = {
        end: _declared(flat, end) or first.setdefault((type(end), end.id), end)
        for end in flat.undeclared()
    }
    _use(flat, ends)
    restore_sessions(flat)
    if as_parts:
        for bundle in bundles:
            inner = [flat.activities[activity.id] for activity in bundle.activities.values()]
            _add_parts(flat, inner, bundle.id)
    return flat


def _add_parts(graph: ProvGraph, activities: list[Activity], bundle: str) -> None:
    """Make activities parts of those that generated their bundle."""
    generations = graph.relations["wasGeneratedBy"]
    for outer in [made.target for made in generations if made.source.id == bundle]:
        for inner in activities:
            if isinstance(outer, Activity) and inner is not outer:
                graph.relations["wasInfluencedBy"].setdefault(Relation(inner, outer, None, PART_OF))


def _copied(graph: ProvGraph) -> ProvGraph:
    """Return a copy of a graph and its bundles in which names mean the same everywhere."""
    parts: list[Statements] = [graph, *graph.bundles.values()]
    copies: dict[Element, Element] = {}
    for part in parts:
        for element in (*part.elements(), *part.undeclared()):
            copies.setdefault(element, _copy(element))
    whole = ProvGraph(
        bundles={name: Bundle(id=name) for name in graph.bundles},
        sessions={**graph.sessions},
        # provlog keeps contradictions as attributes with its own prefixes.
        namespaces={**NAMESPACES, **graph.namespaces},
        diagnostics=graph.diagnostics,
    )
    whole.descriptions.unite(graph.descriptions, {})
    for part, made in zip(parts, (whole, *whole.bundles.values()), strict=True):
        for element in part.elements():
            made.declare(copies[element])
        made.relations = part.relations
        _use(made, copies)
    inner = {}
    for bundle in graph.bundles.values():
        renamed = inner[bundle.id] = dict[str, str]()
        for prefix, iri in bundle.namespaces.items():
            known = (own for own, other in whole.namespaces.items() if other == iri)
            renamed[prefix] = next(known, None) or free_prefix(prefix, whole.namespaces)
            whole.namespaces[renamed[prefix]] = iri
    if any(inner.values()):
        rename_prefixes(whole, {}, inner)
    return whole


def _copy(element: Element) -> Element:
    made = copy(element)
    made.attributes = {
        name: [*held] if isinstance(held, list) else held
        for name, held in element.attributes.items()
    }
    return made


def _use(statements: Statements, others: Mapping[Element, Element]) -> None:
    """Replace elements by others in relations, sessions and descriptions."""
    if not others:
        return
    statements.relations = {
        kind: dict.fromkeys(relation.between(others) for relation in relations)
        for kind, relations in statements.relations.items()
    }
    sessions = {
        old: new
        for old, new in others.items()
        if isinstance(old, Activity) and isinstance(new, Activity)
    }
    for element in statements.elements():
        if isinstance(element, (Activity, Entity)) and element.session is not None:
            element.session = sessions.get(element.session, element.session)
    if isinstance(statements, ProvGraph):
        statements.sessions = {
            raw: sessions.get(session, session) for raw, session in statements.sessions.items()
        }
        described = statements.descriptions.described
        for element in [*described]:
            if element in others:
                described.setdefault(others[element], described.pop(element))


def _declared(graph: ProvGraph, end: Element) -> Element | None:
    """Return the element of the graph that has the name of an end; ``None`` without one."""
    tables: dict[type[Element], dict[str, Any]] = {
        Entity: graph.entities, Activity: graph.activities, Agent: graph.agents,
    }  # fmt: skip
    known = [tables[type(end)]] if type(end) in tables else [*tables.values()]
    return next((table[end.id] for table in known if end.id in table), None)
