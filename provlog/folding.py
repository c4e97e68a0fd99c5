"""What a picture shows as one node, so that it stays small enough to be read.

A folding divides the elements of a graph among nodes: each element is in exactly
one of them, and between two nodes there is an edge of some kind exactly where the
graph has a relation of that kind between their elements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Literal, NamedTuple

from msgspec import Struct, field

from provlog.drawing import MEMBERS
from provlog.errors import UsageError
from provlog.model import Activity, Element, Entity, ProvGraph

__all__ = ["Edge", "Folding", "Kind", "Node", "crossed_rows", "fold", "longest_paths"]

Kind = Literal["activity", "agent", "entity", "session"]

# A collection with more members than this is one node, unless all are asked for.
_FEW_MEMBERS = 8
# Laying out takes its time with edges, above all with those that cross many rows.
_EDGES_FOR_A_NODE = 2
_ROWS_FOR_A_NODE = 50
_SAID_BY_FRAMES = frozenset({"wasInfluencedBy", "wasAssociatedWith"})


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
        Those of the elements whose members are here, too.
    """

    kind: Kind
    elements: list[Element]
    home: Activity | None = None
    collections: list[Element] = field(default_factory=list)

    @property
    def head(self) -> Element:
        """The element that gives the node its name."""
        return self.elements[0]

    @property
    def members(self) -> list[Element]:
        """The elements that are members of its collections, and none themselves."""
        if not self.collections:
            return []
        collections = set(self.collections)
        return [element for element in self.elements if element not in collections]


class Edge(NamedTuple):
    """All relations of one kind from the elements of one node to those of another.

    Parameters
    ----------
    kind : str
        One of :data:`provlog.model.RELATIONS`.
    source, target : Node
        Where they begin and end.
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


class Folding(NamedTuple):
    """A graph as it is drawn.

    Parameters
    ----------
    nodes : list of Node
        The nodes, in the order of the log.
    edges : list of Edge
        The edges between two different nodes.
    inside : dict
        How many relations of each kind begin and end in the same node.
    steps : list of str
        What has been done to make the graph smaller, for the reader.
    """

    nodes: list[Node]
    edges: list[Edge]
    inside: dict[Node, Counter[str]]
    steps: list[str]


Pairs = Iterable[tuple[Element, Element]]
Step = Callable[[ProvGraph, list[Node]], list[Node]]


def fold(
    graph: ProvGraph, *, members: str = "auto", max_nodes: int = 400, agents: bool = True
) -> Folding:
    """Return the nodes and edges that a picture of a graph has.

    As long as there are more than `max_nodes` nodes, or so many or so long edges
    that Graphviz would need minutes, the next of these steps is taken: members
    into their collections;
    repeated runs of one activity in a session into one node, with sets of what
    they did the same with; sessions with all that is their own into one node each;
    instead of that, runs of one activity in all sessions into one node; all of a
    kind into one.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    members : str, optional
        What becomes of the members of collections, as in
        :class:`provlog.drawing.Drawing`.
    max_nodes : int, optional
        How many nodes there are at most; 0 for any number.
    agents : bool, optional
        Whether agents are in the picture.

    Raises
    ------
    UsageError
        If `members` is none of :data:`provlog.drawing.MEMBERS`.

    Examples
    --------
    >>> import provlog
    >>> graph = provlog.read("sample_logs/gammapy-2020-04.log")
    >>> [len(graph.entities), len(graph.activities), len(graph.agents)]
    [35, 11, 1]
    >>> len(fold(graph).nodes)
    47
    >>> folding = fold(graph, max_nodes=20)
    >>> sum(len(node.elements) for node in folding.nodes)
    47
    >>> folding.steps[-1]
    '34 nodes and 51 edges become 5 and 7: sessions are one node each'
    """
    if members not in MEMBERS:
        raise UsageError(f"members: {members!r} is none of {', '.join(MEMBERS)}")
    nodes = _single_nodes(graph, agents)
    if members != "show":
        few = 0 if members == "hide" else _FEW_MEMBERS
        nodes = _with_members(nodes, _mere_members(graph, few))
    edges, inside = _edges(graph, nodes)
    stages = [nodes]
    told: list[str] = []
    for what, begin, step in _STEPS:
        if not max_nodes or _fits(nodes, edges, max_nodes):
            break
        stages.append(step(graph, stages[begin]))
        if len(stages[-1]) < len(nodes):
            before = f"{len(nodes):,} nodes and {len(edges):,} edges"
            nodes = stages[-1]
            edges, inside = _edges(graph, nodes)
            told.append(f"{before} become {len(nodes):,} and {len(edges):,}: {what}")
    return Folding(nodes, edges, inside, told)


def _fits(nodes: list[Node], edges: list[Edge], max_nodes: int) -> bool:
    return (
        len(nodes) <= max_nodes
        and len(edges) <= max_nodes * _EDGES_FOR_A_NODE
        and crossed_rows(nodes, edges) <= max_nodes * _ROWS_FOR_A_NODE
    )


def crossed_rows(nodes: Iterable[Node], edges: Iterable[Edge]) -> int:
    """Return how many rows all edges cross together, each node being above what it led to.

    What a frame says needs no edge of its own.
    """
    crossing = [
        edge for edge in edges if edge.source.home is None or edge.kind not in _SAID_BY_FRAMES
    ]
    row = longest_paths(nodes, ((edge.source, edge.target) for edge in crossing))
    return sum(abs(row[edge.source] - row[edge.target]) for edge in crossing)


def longest_paths(nodes: Iterable[Node], links: Iterable[tuple[Node, Node]]) -> dict[Node, int]:
    """Return how many links the longest path from each node has.

    Where links make a circle, the one that closes it does not count.
    """
    following: defaultdict[Node, list[Node]] = defaultdict(list)
    for near, far in links:
        following[near].append(far)
    length: dict[Node, int] = {}
    for start in nodes:
        path = [(start, iter(following[start]))] if start not in length else []
        length.setdefault(start, 0)
        while path:
            node, rest = path[-1]
            after = next(rest, None)
            if after is None:
                path.pop()
                if path:
                    before = path[-1][0]
                    length[before] = max(length[before], length[node] + 1)
            elif after in length:
                length[node] = max(length[node], length[after] + 1)
            else:
                length[after] = 0
                path.append((after, iter(following[after])))
    return length


def _single_nodes(graph: ProvGraph, agents: bool) -> list[Node]:
    """Return a node for each element."""
    sessions = set(graph.sessions.values())
    homes = _homes(graph)
    nodes = [
        Node("session" if activity in sessions else "activity", [activity], homes.get(activity))
        for activity in graph.activities.values()
    ]
    nodes += [Node("entity", [entity], homes.get(entity)) for entity in graph.entities.values()]
    if agents:
        nodes += [Node("agent", [agent]) for agent in graph.agents.values()]
    return nodes


def _homes(graph: ProvGraph) -> dict[Element, Activity]:
    """Return the session of each activity, and of each entity that only one has to do with."""
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


def _both_ways(one: Element, other: Element) -> Pairs:
    yield one, other
    yield other, one


def _merged(nodes: Iterable[Node], key: Callable[[Node], Hashable]) -> list[Node]:
    """Return the nodes with those of the same key as one; ``None`` is no key."""
    merged: dict[Hashable, Node] = {}
    for node in nodes:
        name = key(node)
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


def _edges(graph: ProvGraph, nodes: Iterable[Node]) -> tuple[list[Edge], dict[Node, Counter[str]]]:
    """Return the edges between nodes, and the number of relations within each."""
    places = _places(nodes)
    edges: dict[tuple[str, Node, Node], Counter[str | None]] = {}
    inside: defaultdict[Node, Counter[str]] = defaultdict(Counter)
    for kind, relations in graph.relations.items():
        for relation in relations:
            source, target = places.get(relation.source), places.get(relation.target)
            if source is None or target is None:
                continue
            if source is target:
                inside[source][kind] += 1
            else:
                edges.setdefault((kind, source, target), Counter())[relation.role] += 1
    return [Edge(*ends, roles) for ends, roles in edges.items()], dict(inside)


def _mere_members(graph: ProvGraph, few: int) -> Pairs:
    """Return collections with their entities that are nothing but members, if there are many."""
    relations = Counter(
        end
        for relations in graph.relations.values()
        for relation in relations
        for end in (relation.source, relation.target)
    )
    members: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in graph.relations["hadMember"]:
        if relations[relation.target] == 1:
            members[relation.source].append(relation.target)
    return [
        (head, member) for head, found in members.items() if len(found) > few for member in found
    ]


def _all_members(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    pairs = ((relation.source, relation.target) for relation in graph.relations["hadMember"])
    return _with_members(nodes, pairs)


def _with_members(nodes: list[Node], pairs: Pairs) -> list[Node]:
    """Return the nodes with members in the node of the first of their collections."""
    heads: dict[Element, Element] = {}
    for collection, member in pairs:
        if member is not collection:
            heads.setdefault(member, collection)
    collections = set(heads.values())
    outermost = _outermost(heads)
    # A collection comes before its members, so that its name and its place are the node's.
    ordered = sorted(nodes, key=lambda node: outermost.get(node.head) is not None)
    for node in ordered:
        if node.head in collections and node.head not in node.collections:
            node.collections.append(node.head)
    merged = _merged(
        ordered,
        lambda node: outermost.get(node.head) or (node.head if node.head in collections else None),
    )
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


def _sets(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge the entities of one type and name that the same nodes did the same with.

    A name that only one entity has tells nothing of a set.
    """
    places = _places(nodes)
    done: defaultdict[Node, set[tuple[str, str | None, Node]]] = defaultdict(set)
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            for near, far in _both_ways(relation.source, relation.target):
                done[places[near]].add((kind, relation.role, places[far]))
    names = Counter(node.head.label for node in nodes if node.kind == "entity")

    def key(node: Node) -> Hashable:
        if node.kind != "entity":
            return None
        label = node.head.label
        types = tuple(map(str, node.head.values("prov:type")))
        return (
            node.home, types, label if names[label] > 1 else None, bool(node.collections),
            frozenset(done[node]),
        )  # fmt: skip

    return _merged(nodes, key)


def _sessions(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge each session with all that is its own."""
    first = sorted(nodes, key=lambda node: node.kind != "session")
    return _sets(
        graph, _merged(first, lambda node: node.head if node.kind == "session" else node.home)
    )


def _all_runs(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge the runs of an activity in all sessions, and the sessions."""
    keys: dict[Kind, Callable[[Node], Hashable]] = {
        "session": lambda node: "session",
        "activity": lambda node: ("activity", node.head.label),
    }
    homeless = [Node(node.kind, node.elements, None, node.collections) for node in nodes]
    return _sets(graph, _merged(homeless, lambda node: keys.get(node.kind, _no_key)(node)))


def _no_key(node: Node) -> None:
    return None


def _kinds(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge all of a kind."""
    return _merged(nodes, lambda node: node.kind)


# What is told of a step, the stage that it begins with (0 is the graph as it is), and the step.
_STEPS: tuple[tuple[str, int, Step], ...] = (
    ("members are in their collections", 0, _all_members),
    ("runs of one activity are one node, with sets of what they used and generated", 1, _runs),
    ("sessions are one node each", 2, _sessions),
    ("runs of one activity in all sessions are one node", 2, _all_runs),
    ("all of a kind are one node", 4, _kinds),
)
