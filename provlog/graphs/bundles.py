"""Put the statements of each session into a PROV bundle that the session generated.

PROV-DM, section 5.4: a bundle is a named set of descriptions. It is also an entity, so
that it can have provenance of its own.
"""

from __future__ import annotations

from provlog.model.graph import (
    Activity,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    Relation,
    Statements,
)
from provlog.model.identifiers import qualified_name
from provlog.model.values import qname

__all__ = ["in_bundles"]

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
