"""Collapse nested provenance: replace an activity's inner activities by the activity itself.

The inner activities are the parts of an activity at any depth, and those in the bundles that
it generated. The entities at the border stay: those that inner activities used and did not
generate, and those that they generated and did not use again. An entity at the border is
omitted if it is linked with one of the activity's own entities.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from provlog.building.naming import PART_OF
from provlog.graphs.bundles import without_bundles
from provlog.graphs.select import part
from provlog.model.graph import Activity, Element, Entity, ProvGraph, Relation, Statements

__all__ = ["border", "collapsed"]

# Kinds of relation that link an entity at the border with an outer entity.
_LINKS = ("wasDerivedFrom", "specializationOf", "alternateOf")


def collapsed(graph: ProvGraph) -> ProvGraph:
    """Return a graph in which each activity replaces its inner activities.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed and shares its elements with the result.
    """
    flat = without_bundles(graph, as_parts=True)
    flat = part(flat, {item for item in flat.elements() if item.id not in graph.bundles})
    outermost = _outermost_activities(flat)
    gone: set[Element] = set(outermost)
    relations: dict[str, dict[Relation, None]] = {
        kind: dict(found) for kind, found in flat.relations.items()
    }
    for top, inner in _inner_activities(outermost).items():
        used, made = border(flat, inner)
        gone |= _used_or_generated(flat, inner)
        kept = {relation.target for relation in used} | {relation.source for relation in made}
        gone -= kept - _linked(flat, top, kept)
        own = _used_or_generated(flat, {top})
        gone -= own
        for relation in used:
            relations["used"][Relation(top, relation.target, relation.role_text)] = None
        for relation in made:
            relations["wasGeneratedBy"][Relation(relation.source, top, relation.role_text)] = None
        for relation in flat.relations["wasAssociatedWith"]:
            if relation.source in inner and isinstance(relation.target, Element):
                relations["wasAssociatedWith"][relation.between({relation.source: top})] = None
    gone -= _members_of_kept(flat, gone)
    widened = ProvGraph(
        entities=flat.entities, activities=flat.activities, agents=flat.agents,
        relations=relations, sessions=flat.sessions, namespaces=flat.namespaces,
        descriptions=flat.descriptions, diagnostics=flat.diagnostics,
    )  # fmt: skip
    return part(widened, {item for item in widened.elements() if item not in gone})


def border(statements: Statements, inner: set[Activity]) -> tuple[list[Relation], list[Relation]]:
    """Return the usages and generations at the border of some activities.

    Entities that the activities both generated and used are inside the border.
    """
    uses = [item for item in statements.relations["used"] if item.source in inner]
    generations = [item for item in statements.relations["wasGeneratedBy"] if item.target in inner]
    made = {item.source for item in generations}
    used = {item.target for item in uses}
    return (
        [item for item in uses if item.target not in made],
        [item for item in generations if item.source not in used],
    )


def _outermost_activities(graph: ProvGraph) -> dict[Activity, Activity]:
    """Return the outermost activity around each nested activity."""
    around: dict[Activity, Activity] = {}
    for relation in graph.relations["wasInfluencedBy"]:
        inner, outer = relation.source, relation.target
        if (
            relation.type == PART_OF and isinstance(inner, Activity)
            and isinstance(outer, Activity) and inner is not outer
        ):  # fmt: skip
            # A session is the outer activity only without a nearer one.
            known = around.get(inner)
            around[inner] = outer if known is None or known is inner.session else known
    outermost: dict[Activity, Activity] = {}
    for activity in around:
        seen: dict[Activity, None] = {activity: None}
        top = activity
        while top in around and around[top] not in seen:
            top = outermost.get(around[top], around[top])
            seen[top] = None
        if top not in around:
            outermost |= dict.fromkeys(list(seen)[:-1], top)
    return outermost


def _inner_activities(outermost: dict[Activity, Activity]) -> dict[Activity, set[Activity]]:
    inner_activities: defaultdict[Activity, set[Activity]] = defaultdict(set)
    for inner, top in outermost.items():
        inner_activities[top].add(inner)
    return inner_activities


def _used_or_generated(graph: ProvGraph, activities: set[Activity]) -> set[Element]:
    """Return the entities that activities used or generated, and their members."""
    uses, generations = graph.relations["used"], graph.relations["wasGeneratedBy"]
    found = {item.target for item in uses if item.source in activities}
    found |= {item.source for item in generations if item.target in activities}
    return found | _members(graph, found)


def _members(graph: ProvGraph, collections: Iterable[Element]) -> set[Element]:
    members: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in graph.relations["hadMember"]:
        members[relation.source].append(relation.target)
    found: set[Element] = set()
    pending = [*collections]
    while pending:
        for member in members.get(pending.pop(), ()):
            if member not in found:
                found.add(member)
                pending.append(member)
    return found


def _members_of_kept(graph: ProvGraph, gone: set[Element]) -> set[Element]:
    return _members(graph, (item for item in graph.entities.values() if item not in gone))


def _linked(graph: ProvGraph, top: Activity, kept: set[Element]) -> set[Element]:
    """Return the entities at the border that are linked with one of the activity's own."""
    own = _used_or_generated(graph, {top})
    found: set[Element] = set()
    for kind in _LINKS:
        for relation in graph.relations.get(kind, ()):
            for one, other in (
                (relation.source, relation.target), (relation.target, relation.source),
            ):  # fmt: skip
                if one in kept and other in own and isinstance(one, Entity):
                    found.add(one)
    return found
