"""Statements that lead back to where they began."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from provlog.building.positions import Positions
from provlog.checks.names import listing, named
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import Element, ProvGraph, Relation
from provlog.origin import Origin

__all__ = ["components", "derived_from_itself", "part_of_itself"]


def derived_from_itself(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield entities that come from themselves.

    PROV-CONSTRAINTS, constraint 42, derivation-generation-generation-ordering: what
    is derived is generated strictly later. The place is the derivation that closes
    the circle, the last one.
    """
    for circle, origin in _circles(positions.relations["wasDerivedFrom"], positions):
        names = [named(entity) for entity in circle]
        message = (
            f"entity {names[0]} is derived from itself"
            if len(names) == 1
            else f"{len(names)} entities are derived from each other in a circle: {listing(names)}"
        )
        yield Diagnostic("PL406", origin, message)


def part_of_itself(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield activities that are part of themselves, where the last one of a circle says so."""
    for circle, origin in _circles(positions.relations["wasInfluencedBy"], positions):
        names = [named(activity) for activity in circle]
        message = (
            f"activity {names[0]} is part of itself"
            if len(names) == 1
            else f"{len(names)} activities are part of each other in a circle: {listing(names)}"
        )
        yield Diagnostic("PL505", origin, message)


def _circles(
    origins: Mapping[Relation, Origin], positions: Positions
) -> Iterator[tuple[list[Element], Origin]]:
    """Yield the elements of each circle of relations, and the place of the last of these."""
    targets: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in origins:
        targets[relation.source].append(relation.target)
    circles = list(components(targets))
    circle_of = {element: number for number, circle in enumerate(circles) for element in circle}
    last: dict[int, Origin] = {}
    for relation, origin in origins.items():
        number = circle_of.get(relation.source)
        if number is not None and circle_of.get(relation.target) == number:
            last[number] = max(last.get(number, origin), origin, key=positions.position)
    for number, origin in last.items():
        yield circles[number], origin


def components(targets: Mapping[Element, Iterable[Element]]) -> Iterator[list[Element]]:
    """Yield the strongly connected components of a directed graph that hold a circle.

    Tarjan's algorithm (SIAM J. Comput. 1, 146, 1972), in linear time, with a stack
    of its own: a chain of derivations may be longer than the interpreter's.

    Parameters
    ----------
    targets : mapping
        Where the edges of each node lead.
    """
    number: dict[Element, int] = {}
    lowest: dict[Element, int] = {}
    waiting: dict[Element, None] = {}
    for root in targets:
        if root in number:
            continue
        path: list[tuple[Element, Iterator[Element]]] = []
        _enter(root, targets, number, lowest, waiting, path)
        while path:
            node, rest = path[-1]
            following = next(rest, None)
            if following is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    lowest[above] = min(lowest[above], lowest[node])
                if lowest[node] == number[node]:
                    component = _take(waiting, node)
                    if len(component) > 1 or node in targets.get(node, ()):
                        yield component
            elif following not in number:
                _enter(following, targets, number, lowest, waiting, path)
            elif following in waiting:
                lowest[node] = min(lowest[node], number[following])


def _enter(
    node: Element,
    targets: Mapping[Element, Iterable[Element]],
    number: dict[Element, int],
    lowest: dict[Element, int],
    waiting: dict[Element, None],
    path: list[tuple[Element, Iterator[Element]]],
) -> None:
    number[node] = lowest[node] = len(number)
    waiting[node] = None
    path.append((node, iter(targets.get(node, ()))))


def _take(waiting: dict[Element, None], last: Element) -> list[Element]:
    """Take the nodes of a component off the stack, in the order in which they were found."""
    component: list[Element] = []
    while not component or component[-1] is not last:
        component.append(waiting.popitem()[0])
    return component[::-1]
