"""Estimate the lengths of the edges of a picture before its layout."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TypeVar

__all__ = ["crossed_rows", "longest_paths"]

Node = TypeVar("Node", bound=Hashable)


def crossed_rows(links: Iterable[tuple[Node, Node]]) -> int:
    """Return how many rows all links cross in total, with each node in a row before its targets.

    Examples
    --------
    >>> crossed_rows([("c", "b"), ("b", "a"), ("c", "a")])
    4
    """
    drawn = list(links)
    row = longest_paths(drawn)
    return sum(abs(row[source] - row[target]) for source, target in drawn)


def longest_paths(links: Iterable[tuple[Node, Node]]) -> defaultdict[Node, int]:
    """Return the number of links on the longest path from each node.

    The link that closes a cycle is ignored.

    Examples
    --------
    >>> dict(longest_paths([("c", "b"), ("b", "a"), ("a", "b")]))
    {'c': 2, 'b': 1, 'a': 0}
    """
    targets: defaultdict[Node, list[Node]] = defaultdict(list)
    for source, target in links:
        targets[source].append(target)
    length: defaultdict[Node, int] = defaultdict(int)
    done: set[Node] = set()
    for start in list(targets):
        if start in length:
            continue
        # Depth first: a node with a length that is not done yet is on the current path.
        length[start] = 0
        path = [(start, iter(targets[start]))]
        while path:
            node, rest = path[-1]
            for target in rest:
                if target in done:
                    length[node] = max(length[node], length[target] + 1)
                elif target not in length:
                    length[target] = 0
                    path.append((target, iter(targets[target])))
                    break
            else:
                done.add(node)
                path.pop()
                if path:
                    before = path[-1][0]
                    length[before] = max(length[before], length[node] + 1)
    return length
