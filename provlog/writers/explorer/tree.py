"""Arrange the elements of a graph in a tree of groups, which a reader unfolds step by step.

The groups are the nodes of the folded pictures: collections with their members, the runs of
an activity with their input and output sets, sessions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct, field

from provlog.model.graph import Element, ProvGraph
from provlog.writers.pictures.captions import caption
from provlog.writers.pictures.folding import foldings
from provlog.writers.pictures.nodes import (
    Node,
    edges_between,
    members_by_node,
    roles_by_node,
)

__all__ = ["Item", "initially_open", "items", "walk"]

# A group with more parts than this is divided, so that unfolding one never fills the screen.
_MOST_PARTS = 24
# The maximal number of nodes in the first view.
_FIRST_VIEW = 40


class Item(Struct, eq=False):
    """A node of the tree: an element, or a group of items.

    Parameters
    ----------
    node : Node
        The elements.
    lines : list of str
        The caption.
    parts : list of Item
        The items of a group, empty for an element.
    """

    node: Node
    lines: list[str]
    parts: list[Item] = field(default_factory=list)


Caption = Callable[[Node], list[str]]


def items(graph: ProvGraph) -> list[Item]:
    """Return the outermost items of a graph.

    Examples
    --------
    >>> import provlog
    >>> tops = items(provlog.read("sample_logs/gammapy-2020-04.log"))
    >>> [(item.lines[0], len(item.parts)) for item in tops if item.node.kind == "session"]
    [('session gammapy.analysis.core.Analysis', 18), ('session gammapy.analysis.core.Analysis', 14)]
    """
    places: dict[Element, Item] = {}
    outermost: list[Item] = []
    named: Caption = caption
    for nodes in foldings(graph):
        named = _captions(graph, nodes)
        outermost = []
        for node in nodes:
            parts = list(dict.fromkeys(places[each] for each in node.elements if each in places))
            item = parts[0] if len(parts) == 1 else Item(node, named(node), _divided(parts, named))
            outermost.append(item)
            places.update(dict.fromkeys(node.elements, item))
    return _divided(outermost, named)


def _captions(graph: ProvGraph, nodes: list[Node]) -> Caption:
    """Return the function that names the nodes of a folding."""
    roles = roles_by_node(edges_between(graph, nodes)[0])
    members = members_by_node(graph, nodes)
    return lambda node: caption(node, members.get(node), roles.get(node, ""))


def _divided(parts: list[Item], named: Caption) -> list[Item]:
    """Return parts, with many parts of a kind divided evenly into groups."""
    while len(parts) > _MOST_PARTS:
        by_kind: defaultdict[str, list[Item]] = defaultdict(list)
        for part in parts:
            by_kind[part.node.kind].append(part)
        kinds = by_kind.values()
        divided = [part for alike in kinds for part in _grouped(alike, named)]
        if len(divided) == len(parts):
            break
        parts = divided
    return parts


def _grouped(alike: list[Item], named: Caption) -> Iterator[Item]:
    """Yield groups of equal size of items of a kind, or the items if they are few."""
    if len(alike) <= _MOST_PARTS:
        yield from alike
        return
    groups = -(-len(alike) // _MOST_PARTS)
    size = -(-len(alike) // groups)
    for start in range(0, len(alike), size):
        parts = alike[start : start + size]
        head = parts[0].node
        elements = [element for part in parts for element in part.node.elements]
        collections = [each for part in parts for each in part.node.collections]
        node = Node(head.kind, elements, head.home, collections)
        yield Item(node, named(node), parts)


def initially_open(tops: Iterable[Item]) -> Iterator[Item]:
    """Yield the groups that are open at first, as many as are readable.

    Groups are opened from the outermost to the innermost, those with few parts first. Only
    sessions and collections are opened: repeated activities and similar entities stay folded.
    """
    level = list(tops)
    visible = len(level)
    while level:
        inner: list[Item] = []
        for item in sorted(level, key=lambda item: len(item.parts)):
            is_single = item.node.kind == "session" or bool(item.node.collections)
            if item.parts and is_single and visible + len(item.parts) - 1 <= _FIRST_VIEW:
                visible += len(item.parts) - 1
                inner += item.parts
                yield item
        level = inner


def walk(tops: Iterable[Item]) -> Iterator[tuple[Item, Item | None]]:
    """Yield each item with the group around it, groups before their parts."""
    waiting: list[tuple[Item, Item | None]] = [(item, None) for item in reversed(list(tops))]
    while waiting:
        item, around = waiting.pop()
        yield item, around
        waiting += [(part, item) for part in reversed(item.parts)]
