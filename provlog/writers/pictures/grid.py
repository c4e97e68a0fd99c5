"""Arrange the nodes of a picture that have no edges in rows and columns.

Graphviz places them in one row, which becomes too wide if there are many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from math import ceil, sqrt

from provlog.writers.pictures.nodes import Edge, Node

__all__ = ["grid_links"]

# With more nodes than this, there are several rows. With the space around it, a node is about
# three times as wide as high; this factor of the square root of the number of nodes gives a
# number of columns with which the grid has about the proportions of a screen.
_MAX_ROW = 5
_COLUMNS = 0.7


def grid_links(nodes: Iterable[Node], edges: Collection[Edge]) -> Iterator[tuple[Node, Node]]:
    """Yield a link from each node without edges to the node above it.

    Parameters
    ----------
    nodes : iterable of Node
        The nodes of the picture.
    edges : collection of Edge
        The edges of the picture.
    """
    connected = {node for edge in edges for node in (edge.source, edge.target)}
    unconnected: defaultdict[object, list[Node]] = defaultdict(list)
    for node in nodes:
        if node not in connected:
            unconnected[node.home].append(node)
    for group in unconnected.values():
        if len(group) > _MAX_ROW:
            yield from _links(group, max(1, ceil(_COLUMNS * sqrt(len(group)))))


def _links(group: list[Node], columns: int) -> Iterator[tuple[Node, Node]]:
    # Graphviz places nodes in a row in the reverse order of their links.
    for index in reversed(range(columns, len(group))):
        yield group[index], group[index - columns]
    # Nodes with a gap below them in the last row.
    in_last_row = (len(group) - 1) % columns + 1
    for index in range(len(group) - columns, len(group) - in_last_row):
        yield group[-1], group[index]
