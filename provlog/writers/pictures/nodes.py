"""The nodes and edges of a picture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from msgspec import Struct, field

from provlog.building.naming import PART_OF
from provlog.model.descriptions import Descriptions
from provlog.model.graph import Activity, Agent, Element, Entity, ProvGraph, QualifiedRelation
from provlog.writers.pictures.options import Drawing
from provlog.writers.pictures.ranks import crossed_rows

__all__ = [
    "PART", "Edge", "Folding", "Kind", "Members", "Node", "both_ways", "edges_between",
    "is_shown_by_frame", "members_by_node", "nodes_by_element", "roles_by_node",
    "rows_crossed_by", "single_nodes",
]  # fmt: skip

Kind = Literal["activity", "agent", "entity", "session"]

PART = PART_OF.rpartition(":")[2]


class Node(Struct, eq=False):
    """Elements of one kind that are drawn as one node.

    Parameters
    ----------
    kind : str
        The kind of the elements. A folded session includes all elements that belong to it.
    elements : list of Element
        The elements. A collection comes before its members.
    home : Activity, optional
        The session in whose frame it is drawn.
    collections : list of Entity
        The collections whose members are in this node.
    is_focus : bool
        Whether the picture focuses on this element, which is never merged.
    """

    kind: Kind
    elements: list[Element]
    home: Activity | None = None
    collections: list[Element] = field(default_factory=list)
    is_focus: bool = False

    @property
    def head(self) -> Element:
        """The element that gives the node its name."""
        return self.elements[0]


class Edge(NamedTuple):
    """All relations of one kind from the elements of one node to those of another.

    Parameters
    ----------
    kind : str
        One of :data:`provlog.model.relations.RELATIONS`, :data:`PART` for an influence of
        that type, or the name of another formal attribute, such as ``plan``.
    source, target : Node
        The ends; equal only for a node with a single element.
    roles : Counter
        The number of relations by role; ``None`` counts those without a role.
    """

    kind: str
    source: Node
    target: Node
    roles: Counter[str | None]

    @property
    def times(self) -> int:
        """The number of relations that the edge represents."""
        return self.roles.total()

    @property
    def is_part(self) -> bool:
        """Whether the edge relates activities to the session in whose frame they are drawn."""
        return self.kind == PART and self.source.home is self.target.head


Members = dict[Element, list[Element]]
"""Members by collection."""


class Folding(NamedTuple):
    """The nodes and edges of a picture.

    Parameters
    ----------
    nodes : list of Node
        The nodes.
    edges : list of Edge
        The edges between them.
    inside : dict
        The number of relations by kind among the elements of each node.
    members : dict
        For each node, the members of each collection in it, wherever they are drawn.
    steps : list of str
        The steps that made the graph smaller, for the caption.
    descriptions : Descriptions
        The descriptions of activities, entities and parameters, for tooltips.
    stage : int
        The number of steps that were tried.
    is_last : bool
        Whether no further step exists.
    """

    nodes: list[Node]
    edges: list[Edge]
    inside: dict[Node, Counter[str]]
    members: dict[Node, Members]
    steps: list[str]
    descriptions: Descriptions
    stage: int
    is_last: bool


# The class of an undeclared element gives its kind; other classes are drawn as entities.
_KINDS: dict[type[Element], Kind] = {Activity: "activity", Agent: "agent"}


def rows_crossed_by(edges: Iterable[Edge]) -> int:
    """Return how many rows the edges cross in total, not counting edges that a frame replaces."""
    return crossed_rows((edge.source, edge.target) for edge in edges if not is_shown_by_frame(edge))


def is_shown_by_frame(edge: Edge) -> bool:
    """Return whether the frame of a session already shows this edge."""
    return edge.is_part or (edge.kind == "wasAssociatedWith" and edge.source.home is not None)


def single_nodes(graph: ProvGraph, drawing: Drawing) -> list[Node]:
    """Return a node for each element."""
    sessions = set(graph.sessions.values())
    homes = _homes(graph)
    nodes = [
        Node("session" if activity in sessions else "activity", [activity], homes.get(activity))
        for activity in graph.activities.values()
    ]
    nodes += [Node("entity", [entity], homes.get(entity)) for entity in graph.entities.values()]
    nodes += [Node("agent", [agent]) for agent in graph.agents.values()]
    nodes += [Node(_KINDS.get(type(end), "entity"), [end]) for end in graph.undeclared()]
    if not drawing.agents:
        nodes = [node for node in nodes if node.kind != "agent"]
    for node in nodes:
        node.is_focus = node.head.id == drawing.focus
    return nodes


def _homes(graph: ProvGraph) -> dict[Element, Activity]:
    """Return the session of each activity, and of entities used or generated in one session only.

    A member that no activity used or generated belongs to the session of its collections.
    """
    known: defaultdict[Element, set[Activity | None]] = defaultdict(set)
    for activity in graph.activities.values():
        known[activity].add(activity.session)
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            for end, other in both_ways(relation.source, relation.target):
                if isinstance(end, Entity) and isinstance(other, Activity):
                    known[end].add(other.session)
    around: defaultdict[Element, set[Activity | None]] = defaultdict(set)
    for relation in graph.relations["hadMember"]:
        around[relation.target] |= known.get(relation.source, set())
    for entity in graph.entities.values():
        if entity not in known:
            known[entity] = around.get(entity) or {entity.session}
    drawn = set(graph.sessions.values())
    return {
        element: session
        for element, sessions in known.items()
        for session in sessions
        if len(sessions) == 1 and session is not None and session in drawn
    }


def both_ways(one: Element, other: Element) -> Iterable[tuple[Element, Element]]:
    """Return two elements in both orders."""
    return (one, other), (other, one)


def nodes_by_element(nodes: Iterable[Node]) -> dict[Element, Node]:
    """Return the node of each element."""
    return {element: node for node in nodes for element in node.elements}


def _links(graph: ProvGraph) -> Iterator[tuple[str, Element, Element, str | None]]:
    """Yield kind, ends and role of each relation and of its other arguments, such as a plan."""
    for kind, relations in graph.relations.items():
        for relation in relations:
            called = PART if relation.type == PART_OF else kind
            yield called, relation.source, relation.target, relation.role_text
            if isinstance(relation, QualifiedRelation):
                for name, held in relation.arguments:
                    if isinstance(held, Element):
                        yield name.partition(":")[2], relation.source, held, None


def edges_between(
    graph: ProvGraph, nodes: Iterable[Node]
) -> tuple[list[Edge], dict[Node, Counter[str]]]:
    """Return the edges between nodes, and the number of relations within each."""
    places = nodes_by_element(nodes)
    counts: Counter[tuple[str, Node, Node, str | None]] = Counter(
        (kind, places[source], places[target], role)
        for kind, source, target, role in _links(graph)
        if source in places and target in places
    )
    edges: defaultdict[tuple[str, Node, Node], Counter[str | None]] = defaultdict(Counter)
    inside: defaultdict[Node, Counter[str]] = defaultdict(Counter)
    for (kind, source, target, role), times in counts.items():
        if source is target and len(source.elements) > 1:
            inside[source][kind] += times
        else:
            edges[kind, source, target][role] += times
    return [Edge(*ends, roles) for ends, roles in edges.items()], dict(inside)


def members_by_node(graph: ProvGraph, nodes: Iterable[Node]) -> dict[Node, Members]:
    """Return the drawn members of each collection, by the node of the collection."""
    places = nodes_by_element(nodes)
    members: dict[Node, Members] = {}
    for relation in graph.relations["hadMember"]:
        if relation.source in places and relation.target in places:
            found = members.setdefault(places[relation.source], {})
            found.setdefault(relation.source, []).append(relation.target)
    return members


def roles_by_node(edges: Iterable[Edge]) -> dict[Node, str]:
    """Return a role of each entity, preferring that in the activity that generated it."""
    roles: dict[Node, str] = {}
    for kind in ("wasGeneratedBy", "used"):
        for edge in edges:
            if edge.kind == kind:
                entity = edge.source if kind == "wasGeneratedBy" else edge.target
                role = next(filter(None, edge.roles), None)
                roles.setdefault(entity, role or "")
    return roles
