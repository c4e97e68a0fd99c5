"""Restore the sessions in a document that provlog wrote."""

from __future__ import annotations

from collections.abc import Iterable

from provlog.model.elements import Activity, Element, Entity
from provlog.model.graph import ProvGraph
from provlog.model.values import Value

__all__ = ["restore_sessions"]

SESSION = "provlog:Session"
PART_OF = "provone:wasPartOf"


def restore_sessions(graph: ProvGraph) -> None:
    """Set the sessions of a graph, and the session of each activity and entity.

    An activity belongs to the session that its influence names. An entity belongs to the
    session of the activity that generated it, or else of the first one that used it.
    """
    for activity in graph.activities.values():
        types = activity.attributes.get("prov:type")
        if types is not None and _is_session(types):
            raw = next(iter(activity.values("dcterms:identifier")), activity.id)
            graph.sessions.setdefault(str(raw), activity)
    if not graph.sessions:
        return
    sessions = set(graph.sessions.values())
    for relation in graph.relations["wasInfluencedBy"]:
        part, whole = relation.source, relation.target
        if relation.type == PART_OF and isinstance(part, Activity) and whole in sessions:
            part.session = graph.activities[whole.id]
    relations = graph.relations
    _belong((made.source, made.target) for made in relations["wasGeneratedBy"])
    _belong((used.target, used.source) for used in relations["used"])
    for relation in relations["hadMember"]:
        collection, member = relation.source, relation.target
        if isinstance(collection, Entity) and isinstance(member, Entity):
            member.session = member.session or collection.session


def _is_session(types: Value | list[Value]) -> bool:
    """Return whether an activity with these types is a session."""
    if isinstance(types, list):
        return any(map(_is_session, types))
    return (types if isinstance(types, str) else types.text) == SESSION


def _belong(pairs: Iterable[tuple[Element, Element]]) -> None:
    """Assign each entity without a session to the session of an activity."""
    for entity, user in pairs:
        if isinstance(entity, Entity) and entity.session is None and isinstance(user, Activity):
            entity.session = user.session
