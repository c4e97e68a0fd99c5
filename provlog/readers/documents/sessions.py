"""Restore the sessions in a document that provlog wrote."""

from __future__ import annotations

from provlog.model.elements import Activity, Element, Entity
from provlog.model.graph import ProvGraph

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
        if types is not None and SESSION in activity.values("prov:type"):
            raw = next(iter(activity.values("dcterms:identifier")), activity.id)
            graph.sessions.setdefault(str(raw), activity)
    if not graph.sessions:
        return
    sessions = set(graph.sessions.values())
    for relation in graph.relations["wasInfluencedBy"]:
        part, whole = relation.source, relation.target
        if relation.type == PART_OF and isinstance(part, Activity) and whole in sessions:
            part.session = graph.activities[whole.id]
    for relation in graph.relations["wasGeneratedBy"]:
        _belong(relation.source, relation.target)
    for relation in graph.relations["used"]:
        _belong(relation.target, relation.source)
    for relation in graph.relations["hadMember"]:
        collection, member = relation.source, relation.target
        if isinstance(collection, Entity) and isinstance(member, Entity):
            member.session = member.session or collection.session


def _belong(entity: Element, user: Element) -> None:
    """Assign an entity without a session to the session of an activity."""
    if isinstance(entity, Entity) and isinstance(user, Activity) and entity.session is None:
        entity.session = user.session
