"""Find cycles of derivations and of nested activities."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from provlog.building.positions import Positions
from provlog.checks.names import listing, named
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import Element, ProvGraph, Relation
from provlog.origin import Origin

_Node = TypeVar("_Node", bound=Hashable)

__all__ = ["components", "cyclic_components", "derived_from_itself", "part_of_itself"]


def derived_from_itself(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield entities that are derived from themselves.

    An entity is generated strictly after its source (constraint 42,
    derivation-generation-generation-ordering). The place is the last derivation of the
    cycle.
    """
    for cycle, origin in _cycles(positions.relations["wasDerivedFrom"], positions):
        names = [named(entity) for entity in cycle]
        message = (
            f"entity {names[0]} is derived from itself"
            if len(names) == 1
            else f"{len(names)} entities are derived from each other in a cycle: {listing(names)}"
        )
        yield Diagnostic("PL406", origin, message)


def part_of_itself(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield activities that are part of themselves, at the last statement of the cycle."""
    for cycle, origin in _cycles(positions.relations["wasInfluencedBy"], positions):
        names = [named(activity) for activity in cycle]
        message = (
            f"activity {names[0]} is part of itself"
            if len(names) == 1
            else f"{len(names)} activities are part of each other in a cycle: {listing(names)}"
        )
        yield Diagnostic("PL505", origin, message)


def _cycles(
    origins: Mapping[Relation, Origin], positions: Positions
) -> Iterator[tuple[list[Element], Origin]]:
    """Yield the elements of each cycle of relations, and the position of its last relation."""
    targets: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in origins:
        targets[relation.source].append(relation.target)
    cycles = list(cyclic_components(targets))
    cycle_of = {element: number for number, cycle in enumerate(cycles) for element in cycle}
    last: dict[int, Origin] = {}
    for relation, origin in origins.items():
        number = cycle_of.get(relation.source)
        if number is not None and cycle_of.get(relation.target) == number:
            last[number] = max(last.get(number, origin), origin, key=positions.position)
    for number, origin in last.items():
        yield cycles[number], origin


def cyclic_components(targets: Mapping[Element, Collection[Element]]) -> Iterator[list[Element]]:
    """Yield the strongly connected components of a directed graph that contain a cycle.

    Parameters
    ----------
    targets : mapping
        The targets of the edges of each node.
    """
    for component in components(targets):
        if len(component) > 1 or component[0] in targets.get(component[0], ()):
            yield component


def components(targets: Mapping[_Node, Iterable[_Node]]) -> Iterator[list[_Node]]:
    """Yield the strongly connected components of a directed graph, targets first.

    Tarjan's algorithm (SIAM J. Comput. 1, 146, 1972), in linear time, with a stack of
    its own, because a chain of derivations may be longer than the interpreter's.

    Parameters
    ----------
    targets : mapping
        The targets of the edges of each node.
    """
    number: dict[_Node, int] = {}
    lowest: dict[_Node, int] = {}
    waiting: dict[_Node, None] = {}
    for root in targets:
        if root in number:
            continue
        path: list[tuple[_Node, Iterator[_Node]]] = []
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
                    yield _take(waiting, node)
            elif following not in number:
                _enter(following, targets, number, lowest, waiting, path)
            elif following in waiting:
                lowest[node] = min(lowest[node], number[following])


def _enter(
    node: _Node,
    targets: Mapping[_Node, Iterable[_Node]],
    number: dict[_Node, int],
    lowest: dict[_Node, int],
    waiting: dict[_Node, None],
    path: list[tuple[_Node, Iterator[_Node]]],
) -> None:
    number[node] = lowest[node] = len(number)
    waiting[node] = None
    path.append((node, iter(targets.get(node, ()))))


def _take(waiting: dict[_Node, None], last: _Node) -> list[_Node]:
    """Take the nodes of a component off the stack, in the order in which they were found."""
    component: list[_Node] = []
    while not component or component[-1] is not last:
        component.append(waiting.popitem()[0])
    return component[::-1]
