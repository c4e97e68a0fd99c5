"""Attach sessions to their outer activities in other sources.

A program that finds ``PROVLOG_PARENT`` in its environment records it as ``in_activity`` of its
session. If the activity is in one of the inputs, the session becomes a part of it, and provlog
links the files that both mention.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from provlog.building.linking import Flow, derive, pairs
from provlog.building.naming import PART_OF
from provlog.model.graph import Activity, Element, Entity, ProvGraph, Relation, Statements
from provlog.patterns import regex

__all__ = ["PARENT", "ends_of", "join_parents"]

# OPUS writes "https://opus.example.org//rest/..." in its own documents.
_SLASHES = regex(r"(?<!:)//+")

PARENT = "log:in_activity"
"""The attribute of a session that names its outer activity."""


def join_parents(graph: ProvGraph) -> None:
    """Attach each session to its outer activity, if the graph has it."""
    named = [
        (session, str(name))
        for session in graph.sessions.values()
        for name in session.values(PARENT)
    ]
    if not named:
        return
    activities = _by_name(graph)
    for session, name in named:
        named_so = activities.get(_SLASHES.sub("/", name), ())
        found = [parent for parent in named_so if parent is not session]
        # An id that several servers use is ambiguous.
        if len(found) == 1 and session.session is not found[0]:
            _join(graph, session, found[0])


def _by_name(graph: ProvGraph) -> dict[str, list[Activity]]:
    """Return the activities by each of their ids, IRIs and URLs."""
    activities: defaultdict[str, dict[Activity, None]] = defaultdict(dict)
    sessions = set(graph.sessions.values())
    for activity in graph.activities.values():
        if activity in sessions:
            continue
        prefix, _, local = activity.id.partition(":")
        iri = graph.namespaces.get(prefix, "") + local
        names = (*activity.values("dcterms:identifier"), *activity.values("prov:location"))
        for name in (activity.id, iri, *map(str, names)):
            activities[_SLASHES.sub("/", name)][activity] = None
    return {name: [*found] for name, found in activities.items()}


def _join(graph: ProvGraph, session: Activity, parent: Activity) -> None:
    part = Relation(session, parent, None, PART_OF)
    graph.relations["wasInfluencedBy"][part] = None
    used, generated = ends_of(graph, parent)
    for pair in [*pairs(_inside(graph, session), used, generated)]:
        derive(graph, pair)


def ends_of(graph: Statements, activity: Activity) -> tuple[list[Flow], list[Flow]]:
    """Return the entities that an activity used and those that it generated, with their roles."""
    used = ((item.target, item.role) for item in graph.relations["used"] if item.source is activity)
    made = (
        (item.source, item.role)
        for item in graph.relations["wasGeneratedBy"]
        if item.target is activity
    )
    return [*_entities(used)], [*_entities(made)]


def _entities(flows: Iterable[tuple[Element, str | None]]) -> Iterator[Flow]:
    for element, role in flows:
        if isinstance(element, Entity):
            yield element, role


def _inside(graph: ProvGraph, session: Activity) -> Statements:
    """Return the entities that the activities of a session used and generated, with members."""
    inside = Statements()
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            ends = relation.source, relation.target
            if any(isinstance(end, Activity) and end.session is session for end in ends):
                inside.relations[kind][relation] = None
                _add(inside, ends)
    for relation in graph.relations["hadMember"]:
        if relation.source.id in inside.entities:
            _add(inside, (relation.target,))
    return inside


def _add(statements: Statements, elements: tuple[Element, ...]) -> None:
    for element in elements:
        if isinstance(element, Entity):
            statements.entities[element.id] = element
