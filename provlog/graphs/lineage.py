"""The lineage of elements: everything that they come from, or that comes from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import chain

from provlog.collector import collector_paused
from provlog.graphs.select import part, upstream_relations
from provlog.model.graph import Element, ProvGraph, Relation

__all__ = ["lineage"]


def lineage(
    graph: ProvGraph,
    starts: Iterable[Element],
    *,
    upstream: bool = True,
    downstream: bool = False,
    depth: int | None = None,
) -> ProvGraph:
    """Return the part of a graph that elements come from, or that comes from them.

    All relations lead upstream, from effect to cause: from an entity to the activity
    that generated it, from an activity to the entities that it used, its agents and its
    session, from a collection to its members. The exception is the relation between an
    activity and its parts, which is not followed: each has its own inputs and outputs.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed and shares its elements with the result.
    starts : iterable of Element
        The elements to start from.
    upstream, downstream : bool
        The directions to follow. Both are followed separately, so that siblings are not
        included.
    depth : int, optional
        The maximal number of relations to follow.
    """
    begun = set(starts)
    kept = set(begun)
    with collector_paused():
        if upstream:
            links = (
                (relation.source, relation.target) for relation in _all_upstream_relations(graph)
            )
            kept |= _reached(links, begun, depth)
        if downstream:
            links = (
                (relation.target, relation.source) for relation in _all_upstream_relations(graph)
            )
            kept |= _reached(links, begun, depth)
        return part(graph, kept)


def _all_upstream_relations(graph: ProvGraph) -> Iterable[Relation]:
    return chain.from_iterable(upstream_relations(graph, kind) for kind in graph.relations)


def _reached(
    links: Iterable[tuple[Element, Element]], starts: set[Element], depth: int | None
) -> set[Element]:
    """Return the elements that can be reached, searching level by level."""
    neighbours: defaultdict[Element, list[Element]] = defaultdict(list)
    for near, far in links:
        neighbours[near].append(far)
    reached = set(starts)
    edge = list(starts)
    level = 0
    while edge and level != depth:
        found = []
        for near in edge:
            for far in neighbours.get(near, ()):
                if far not in reached:
                    reached.add(far)
                    found.append(far)
        edge = found
        level += 1
    return reached
