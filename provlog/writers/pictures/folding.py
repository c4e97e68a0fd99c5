"""What a picture shows as one node, so that it stays small enough to be read.

A folding divides the elements of a graph among nodes: each element is in exactly
one of them, and between two nodes there is an edge of some kind exactly where the
graph has a relation of that kind between their elements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Literal, NamedTuple

from msgspec import Struct, field

from provlog.building.naming import PART_OF
from provlog.errors import UsageError
from provlog.model.descriptions import Descriptions
from provlog.model.graph import Activity, Agent, Element, Entity, ProvGraph, QualifiedRelation
from provlog.writers.pictures.options import MEMBERS, Drawing
from provlog.writers.pictures.ranks import crossed_rows

__all__ = [
    "PART", "Edge", "Folding", "Kind", "Members", "Node", "fold", "is_said_by_frame",
    "rows_crossed_by",
]  # fmt: skip

Kind = Literal["activity", "agent", "entity", "session"]

PART = PART_OF.rpartition(":")[2]

# A collection with more members than this is one node, unless all are asked for.
_FEW_MEMBERS = 8
# Laying out takes its time with edges, above all with those that cross many rows.
_EDGES_FOR_A_NODE = 2
_ROWS_FOR_A_NODE = 25


class Node(Struct, eq=False):
    """Some elements of one kind that are drawn as one.

    Parameters
    ----------
    kind : str
        What they are; a session comes with all that is its own, if it is folded.
    elements : list of Element
        The elements; of a collection with its members, the collection is the first.
    home : Activity, optional
        The session in whose frame it is drawn.
    collections : list of Entity
        The collections among the elements that have come with members.
    is_focus : bool
        It is what the picture is about, and stays alone.
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
        One of :data:`provlog.model.relations.RELATIONS`, :data:`PART` for an influence that
        says so, or the name of another formal attribute, such as ``plan``.
    source, target : Node
        Where they begin and end; one node only if it has only one element.
    roles : Counter
        How many relations there are in each role; ``None`` is no role.
    """

    kind: str
    source: Node
    target: Node
    roles: Counter[str | None]

    @property
    def times(self) -> int:
        """How many relations it stands for."""
        return self.roles.total()

    @property
    def is_part(self) -> bool:
        """Whether it says that activities are part of the session in whose frame they are drawn."""
        return self.kind == PART and self.source.home is self.target.head


Members = dict[Element, list[Element]]
"""Members by collection."""


class Folding(NamedTuple):
    """A graph as it is drawn.

    Parameters
    ----------
    nodes : list of Node
        The nodes.
    edges : list of Edge
        The edges between them.
    inside : dict
        How many relations of each kind there are among the elements of a node.
    members : dict
        For each node, the members of each collection in it, wherever they are drawn.
    steps : list of str
        What has been done to make the graph smaller, for the reader.
    descriptions : Descriptions
        What tooltips tell of activities, entities and parameters.
    """

    nodes: list[Node]
    edges: list[Edge]
    inside: dict[Node, Counter[str]]
    members: dict[Node, Members]
    steps: list[str]
    descriptions: Descriptions


# What an element is drawn as that nothing declares.
_KINDS: dict[type[Element], Kind] = {Activity: "activity", Agent: "agent"}

Step = Callable[[ProvGraph, list[Node]], list[Node]]


def fold(graph: ProvGraph, drawing: Drawing | None = None) -> Folding:
    """Return the nodes and edges that a picture of a graph has.

    As long as there are more nodes than the drawing may have, or so many or so
    long edges that Graphviz would need minutes, the next of these steps is taken:
    members into their collections; repeated runs of one activity in a session
    into one node, with sets of what they did the same with; sessions with all
    that is their own into one node each; instead of that, runs of one activity
    in all sessions into one node; all of a kind into one.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    drawing : Drawing, optional
        What is asked for.

    Raises
    ------
    UsageError
        If something is asked for that there is not.

    Examples
    --------
    >>> import provlog
    >>> graph = provlog.read("sample_logs/gammapy-2020-04.log")
    >>> [len(graph.entities), len(graph.activities), len(graph.agents)]
    [35, 11, 1]
    >>> len(fold(graph).nodes)
    47
    >>> folding = fold(graph, Drawing(max_nodes=20))
    >>> sum(len(node.elements) for node in folding.nodes)
    47
    >>> folding.steps[-1]
    'sessions are one node each, 6 nodes and 8 edges of 47 and 66'
    """
    drawing = drawing or Drawing()
    if drawing.members not in MEMBERS:
        raise UsageError(f"members: {drawing.members!r} is none of {', '.join(MEMBERS)}")
    if drawing.max_nodes < 0:
        raise UsageError(f"max_nodes: {drawing.max_nodes} is less than 0")
    nodes = _single_nodes(graph, drawing)
    if drawing.members != "show":
        nodes = _with_members(nodes, _mere_members(graph, drawing.members))
    edges, inside = _edges(graph, nodes)
    whole = f"{len(nodes):,} and {len(edges):,}"
    stages = [nodes]
    told: dict[int, str] = {}
    for what, begin, step in _STEPS:
        if not drawing.max_nodes or _fits(nodes, edges, drawing.max_nodes):
            break
        stages.append(step(graph, stages[begin]))
        if len(stages[-1]) < len(nodes):
            nodes = stages[-1]
            edges, inside = _edges(graph, nodes)
            left = f"{len(nodes):,} nodes and {len(edges):,} edges of {whole}"
            told = {stage: said for stage, said in told.items() if stage <= begin}
            told[len(stages) - 1] = f"{what}, {left}"
    return Folding(
        nodes, edges, inside, _members(graph, nodes), list(told.values()), graph.descriptions
    )


def rows_crossed_by(edges: Iterable[Edge]) -> int:
    """Return how many rows the edges cross together; what a frame says needs no edge."""
    return crossed_rows((edge.source, edge.target) for edge in edges if not is_said_by_frame(edge))


def is_said_by_frame(edge: Edge) -> bool:
    """Tell whether the frame of a session says of what is in it what an edge does."""
    return edge.is_part or (edge.kind == "wasAssociatedWith" and edge.source.home is not None)


def _fits(nodes: list[Node], edges: list[Edge], max_nodes: int) -> bool:
    return (
        len(nodes) <= max_nodes
        and len(edges) <= max_nodes * _EDGES_FOR_A_NODE
        and rows_crossed_by(edges) <= max_nodes * _ROWS_FOR_A_NODE
    )


def _single_nodes(graph: ProvGraph, drawing: Drawing) -> list[Node]:
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
    """Return the session of each activity, and of each entity that only its activities touch.

    A member that no activity touches is where its collections are.
    """
    known: defaultdict[Element, set[Activity | None]] = defaultdict(set)
    for activity in graph.activities.values():
        known[activity].add(activity.session)
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            for end, other in _both_ways(relation.source, relation.target):
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


def _both_ways(one: Element, other: Element) -> Iterable[tuple[Element, Element]]:
    return (one, other), (other, one)


def _merged(nodes: Iterable[Node], key: Callable[[Node], Hashable]) -> list[Node]:
    """Return the nodes with those of the same key as one; ``None`` is no key."""
    merged: dict[Hashable, Node] = {}
    for node in nodes:
        name = None if node.is_focus else key(node)
        if name is None:
            merged[node] = node
            continue
        found = merged.get(name)
        if found is None:
            merged[name] = Node(node.kind, [*node.elements], node.home, [*node.collections])
        else:
            found.elements += node.elements
            found.collections += node.collections
    return list(merged.values())


def _places(nodes: Iterable[Node]) -> dict[Element, Node]:
    return {element: node for node in nodes for element in node.elements}


def _links(graph: ProvGraph) -> Iterator[tuple[str, Element, Element, str | None]]:
    """Yield kind, ends and role of each relation, and of what else it refers to, such as a plan."""
    for kind, relations in graph.relations.items():
        for relation in relations:
            called = PART if relation.type == PART_OF else kind
            yield called, relation.source, relation.target, relation.role_text
            if isinstance(relation, QualifiedRelation):
                for name, held in relation.arguments:
                    if isinstance(held, Element):
                        yield name.partition(":")[2], relation.source, held, None


def _edges(graph: ProvGraph, nodes: Iterable[Node]) -> tuple[list[Edge], dict[Node, Counter[str]]]:
    """Return the edges between nodes, and the number of relations within each."""
    places = _places(nodes)
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


def _members(graph: ProvGraph, nodes: Iterable[Node]) -> dict[Node, Members]:
    places = _places(nodes)
    members: dict[Node, Members] = {}
    for relation in graph.relations["hadMember"]:
        if relation.source in places and relation.target in places:
            found = members.setdefault(places[relation.source], {})
            found.setdefault(relation.source, []).append(relation.target)
    return members


Collections = dict[Element, list[Element]]


def _mere_members(graph: ProvGraph, members: str) -> Collections:
    """Return the collections of what is nothing but a member, if they have many."""
    touched = {
        end
        for kind, relations in graph.relations.items()
        if kind != "hadMember"
        for relation in relations
        for end in (relation.source, relation.target)
    }
    sizes = Counter(relation.source for relation in graph.relations["hadMember"])
    few = 0 if members == "hide" else _FEW_MEMBERS
    return {
        member: collections
        for member, collections in _collections(graph).items()
        if member not in touched and all(sizes[collection] > few for collection in collections)
    }


def _collections(graph: ProvGraph) -> Collections:
    """Return for each member the collections that have it."""
    collections: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in graph.relations["hadMember"]:
        if relation.source is not relation.target:
            collections[relation.target].append(relation.source)
    return collections


def _all_members(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    return _with_members(nodes, _collections(graph))


def _with_members(nodes: list[Node], collections: Collections) -> list[Node]:
    """Return the nodes with members in the node of their collection.

    Members that the same collections share are one node of their own.
    """
    alone = {node.head for node in nodes if node.is_focus}
    single = {
        member: found[0]
        for member, found in collections.items()
        if len(found) == 1 and alone.isdisjoint((member, found[0]))
    }
    outermost = _outermost(single)
    heads = set(outermost.values())

    def key(node: Node) -> Hashable:
        head = outermost.get(node.head, node.head)
        if head in heads:
            return head
        shared = collections.get(node.head, ())
        return frozenset(shared) if len(shared) > 1 else None

    # A collection comes before its members, so that its name and its place are the node's.
    merged = _merged(sorted(nodes, key=lambda node: node.head in outermost), key)
    for node in merged:
        if node.head in heads and node.head not in node.collections:
            node.collections.append(node.head)
    order = {element: number for number, element in enumerate(_places(nodes))}
    return sorted(merged, key=lambda node: order[node.head])


def _outermost(heads: dict[Element, Element]) -> dict[Element, Element]:
    """Return for each member the collection that is in no other, whatever is nested in what."""
    outermost: dict[Element, Element] = {}
    for member in heads:
        path: dict[Element, None] = {}
        element = member
        while element in heads and element not in outermost and element not in path:
            path[element] = None
            element = heads[element]
        # In a circle of collections, the first that was met again counts as the outermost.
        last = outermost.get(element, element)
        outermost |= dict.fromkeys((step for step in path if step is not last), last)
    return outermost


def _runs(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge the runs of an activity in a session, and what they did the same with."""
    return _sets(
        graph,
        _merged(
            nodes,
            lambda node: (node.home, node.head.label) if node.kind == "activity" else None,
        ),
    )


def _sets(graph: ProvGraph, nodes: list[Node], *, idle: bool = False) -> list[Node]:
    """Merge the entities of one type and name that the same nodes did the same with.

    A name that only one entity has tells nothing of a set. Entities that nothing
    has been done with are merged if `idle` ones are to be.
    """
    # Once for collections, once for the members that they share.
    for _ in range(2):
        nodes = _alike(graph, nodes, idle)
    return nodes


def _alike(graph: ProvGraph, nodes: list[Node], idle: bool) -> list[Node]:
    places = _places(nodes)
    done: defaultdict[Node, set[tuple[str, str | None, Node]]] = defaultdict(set)
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            for near, far in _both_ways(relation.source, relation.target):
                if near in places and far in places:
                    done[places[near]].add((kind, relation.role_text, places[far]))
    for relation in graph.relations["hadMember"]:
        if relation.source in places and relation.target in places:
            done[places[relation.target]].add(("hadMember", None, places[relation.source]))
    names = Counter(node.head.label for node in nodes if node.kind == "entity")

    def key(node: Node) -> Hashable:
        if node.kind != "entity" or not (done[node] or idle):
            return None
        label = node.head.label
        types = tuple(map(str, node.head.values("prov:type")))
        return (
            node.home, types, label if names[label] > 1 else None, bool(node.collections),
            frozenset(done[node]),
        )  # fmt: skip

    return _merged(nodes, key)


def _sessions(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge each of several sessions with all that is its own; one alone would be all there is."""
    if len(graph.sessions) < 2:
        return nodes
    first = sorted(nodes, key=lambda node: node.kind != "session")
    return _sets(
        graph, _merged(first, lambda node: node.head if node.kind == "session" else node.home)
    )


def _all_runs(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge the runs of an activity in all sessions, and the sessions."""
    homeless = [
        Node(node.kind, node.elements, None, node.collections, node.is_focus) for node in nodes
    ]

    def key(node: Node) -> Hashable:
        keys: dict[str, Hashable] = {
            "session": "session",
            "activity": ("activity", node.head.label),
        }
        return keys.get(node.kind)

    return _sets(graph, _merged(homeless, key), idle=True)


def _kinds(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge all of a kind."""
    alike = [Node(node.kind, node.elements, None, [], node.is_focus) for node in nodes]
    return _merged(alike, lambda node: node.kind)


# What is told of a step, the stage that it begins with (0 is the graph as it is), and the step.
_STEPS: tuple[tuple[str, int, Step], ...] = (
    ("members are in their collections", 0, _all_members),
    ("runs of one activity are one node, with sets of what they used and generated", 1, _runs),
    ("sessions are one node each", 2, _sessions),
    ("runs of one activity are one node in all sessions, as are other entities", 2, _all_runs),
    ("all of a kind are one node", 4, _kinds),
)
