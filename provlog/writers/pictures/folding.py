"""Fold a graph: draw several elements as one node, so that the picture stays readable.

A folding assigns each element of a graph to exactly one node. Two nodes have an edge of
a kind if and only if the graph has a relation of that kind between their elements.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator

from provlog.errors import UsageError
from provlog.model.graph import Element, ProvGraph
from provlog.writers.pictures.nodes import (
    Edge,
    Folding,
    Node,
    both_ways,
    edges_between,
    members_by_node,
    nodes_by_element,
    rows_crossed_by,
    single_nodes,
)
from provlog.writers.pictures.options import MEMBERS, Drawing

__all__ = ["fold", "foldings"]

# A collection with more members than this is one node, unless all are asked for.
_FEW_MEMBERS = 8
# The time of a layout grows with the edges, most of all with those that cross many rows.
_EDGES_FOR_A_NODE = 2
_ROWS_FOR_A_NODE = 25


Step = Callable[[ProvGraph, list[Node]], list[Node]]


def fold(graph: ProvGraph, drawing: Drawing | None = None, least: int = 0) -> Folding:
    """Return the nodes and edges of the picture of a graph.

    While the picture has more nodes than the drawing allows, or so many or so long edges
    that Graphviz would need minutes, the next of these steps is taken:

    1. Merge members into their collections.
    2. Merge the runs of an activity in a session, and the entities that they used or
       generated in the same way.
    3. Merge each session with the elements that only it mentions.
    4. Instead of step 3, merge the runs of an activity in all sessions.
    5. Merge all elements of a kind.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    drawing : Drawing, optional
        The options of the picture.
    least : int
        The number of steps to try in any case, for a picture that is too large.

    Raises
    ------
    UsageError
        If an option is invalid.

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
        raise UsageError(f"members: {drawing.members!r} is not one of {', '.join(MEMBERS)}")
    if drawing.max_nodes < 0:
        raise UsageError(f"max_nodes: {drawing.max_nodes} is less than 0")
    nodes = single_nodes(graph, drawing)
    if drawing.members != "show":
        nodes = _with_members(nodes, _pure_members(graph, drawing.members))
    edges, inside = edges_between(graph, nodes)
    whole = f"{len(nodes):,} and {len(edges):,}"
    stages = [nodes]
    steps: dict[int, str] = {}
    for what, begin, step in _STEPS:
        is_due = len(stages) <= least
        if not is_due and (not drawing.max_nodes or _fits(nodes, edges, drawing.max_nodes)):
            break
        stages.append(step(graph, stages[begin]))
        if len(stages[-1]) < len(nodes):
            nodes = stages[-1]
            edges, inside = edges_between(graph, nodes)
            left = f"{len(nodes):,} nodes and {len(edges):,} edges of {whole}"
            steps = {stage: text for stage, text in steps.items() if stage <= begin}
            steps[len(stages) - 1] = f"{what}, {left}"
    return Folding(
        nodes,
        edges,
        inside,
        members_by_node(graph, nodes),
        list(steps.values()),
        graph.descriptions,
        len(stages) - 1,
        len(stages) > len(_STEPS),
    )


def foldings(graph: ProvGraph) -> Iterator[list[Node]]:
    """Yield the nodes of the graph unfolded and after each step that builds on the one before.

    Each node of a step consists of whole nodes of the step before.

    Examples
    --------
    >>> import provlog
    >>> graph = provlog.read("sample_logs/gammapy-2020-04.log")
    >>> [len(nodes) for nodes in foldings(graph)]
    [47, 36, 36, 6]
    """
    nodes = single_nodes(graph, Drawing())
    yield nodes
    for step in (_all_members, _runs, _sessions):
        nodes = step(graph, nodes)
        yield nodes


def _fits(nodes: list[Node], edges: list[Edge], max_nodes: int) -> bool:
    return (
        len(nodes) <= max_nodes
        and len(edges) <= max_nodes * _EDGES_FOR_A_NODE
        and rows_crossed_by(edges) <= max_nodes * _ROWS_FOR_A_NODE
    )


def _merged(nodes: Iterable[Node], key: Callable[[Node], Hashable]) -> list[Node]:
    """Merge the nodes of equal keys; nodes with the key ``None`` stay as they are."""
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


Collections = dict[Element, list[Element]]


def _pure_members(graph: ProvGraph, members: str) -> Collections:
    """Return the collections of each member without other relations, if all are large."""
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
    """Return the collections of each member."""
    collections: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in graph.relations["hadMember"]:
        if relation.source is not relation.target:
            collections[relation.target].append(relation.source)
    return collections


def _all_members(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    return _with_members(nodes, _collections(graph))


def _with_members(nodes: list[Node], collections: Collections) -> list[Node]:
    """Return the nodes, with members merged into the node of their collection.

    Members that several collections share become one node.
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

    # A collection comes before its members, so that the node has its name and place.
    merged = _merged(sorted(nodes, key=lambda node: node.head in outermost), key)
    for node in merged:
        if node.head in heads and node.head not in node.collections:
            node.collections.append(node.head)
    order = {element: number for number, element in enumerate(nodes_by_element(nodes))}
    return sorted(merged, key=lambda node: order[node.head])


def _outermost(heads: dict[Element, Element]) -> dict[Element, Element]:
    """Return the outermost collection of each member, through any depth of nesting."""
    outermost: dict[Element, Element] = {}
    for member in heads:
        path: dict[Element, None] = {}
        element = member
        while element in heads and element not in outermost and element not in path:
            path[element] = None
            element = heads[element]
        # In a cycle of collections, the first one that recurs counts as the outermost.
        last = outermost.get(element, element)
        outermost |= dict.fromkeys((step for step in path if step is not last), last)
    return outermost


def _runs(graph: ProvGraph, nodes: list[Node]) -> list[Node]:
    """Merge the runs of an activity in a session, and entities with equal relations to them."""
    return _sets(
        graph,
        _merged(
            nodes,
            lambda node: (node.home, node.head.label) if node.kind == "activity" else None,
        ),
    )


def _sets(graph: ProvGraph, nodes: list[Node], *, idle: bool = False) -> list[Node]:
    """Merge entities of one type and name that have the same relations to the same nodes.

    Entities whose name occurs only once are skipped. Entities without relations are merged
    only if `idle` is true.
    """
    # The first pass merges collections, the second the members that they share.
    for _ in range(2):
        nodes = _alike(graph, nodes, idle)
    return nodes


def _alike(graph: ProvGraph, nodes: list[Node], idle: bool) -> list[Node]:
    places = nodes_by_element(nodes)
    done: defaultdict[Node, set[tuple[str, str | None, Node]]] = defaultdict(set)
    for kind in ("used", "wasGeneratedBy"):
        for relation in graph.relations[kind]:
            for near, far in both_ways(relation.source, relation.target):
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
    """Merge each session with the elements that belong to it, unless there is only one session."""
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


# Text for the caption, stage on which the step builds (0 is the unfolded graph), function.
_STEPS: tuple[tuple[str, int, Step], ...] = (
    ("collections include their members", 0, _all_members),
    ("runs of one activity are one node, with sets of what they used and generated", 1, _runs),
    ("sessions are one node each", 2, _sessions),
    ("runs of one activity in all sessions are one node, as are similar entities", 2, _all_runs),
    ("all of a kind are one node", 4, _kinds),
)
