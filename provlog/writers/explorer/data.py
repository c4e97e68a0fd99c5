"""The data that a page draws, as numbers and text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from provlog.building.naming import PART_OF
from provlog.graphs.descriptive import described_lines, parameter_line
from provlog.graphs.select import DIRECT_RELATIONS, GENERATIONS, upstream_relations
from provlog.graphs.typed_entities import is_description
from provlog.model.graph import Activity, Element, Entity, ProvGraph, QualifiedRelation
from provlog.model.values import moment
from provlog.model.vodml import FLOWS
from provlog.writers.explorer.tree import Item, initially_open, items, walk
from provlog.writers.pictures.captions import frame_caption
from provlog.writers.pictures.nodes import PART

__all__ = ["page_data"]

Places = dict[Element, int]


def page_data(graph: ProvGraph, title: str = "", focus: str | None = None) -> dict[str, Any]:
    """Return the data that the page draws: items, links, times and descriptions.

    Items are numbered so that a group comes before its parts, and all other data refers to
    them by number. An item without parts is an element.

    Parameters
    ----------
    graph : ProvGraph
        The graph, without bundles.
    title : str
        The title of the page.
    focus : str, optional
        The qualified name of the element that is selected at first.
    """
    tops = items(graph)
    walked = list(walk(tops))
    numbers = {id(item): number for number, (item, _) in enumerate(walked)}
    places = {item.node.head: numbers[id(item)] for item, _ in walked if not item.parts}
    around = [-1 if outer is None else numbers[id(outer)] for _, outer in walked]
    return {
        "title": title,
        "items": [_item(item, places) for item, _ in walked],
        "around": around,
        "selected": next((places[each] for each in places if each.id == focus), None),
        "open": [numbers[id(item)] for item in initially_open(tops)],
        "sessions": _sessions(graph, walked, places),
        "activities": _activities(graph, places),
        "entities": _entities(graph, places),
        "links": _links(graph, places),
        "descriptions": _descriptions(graph, places),
    }


def _item(item: Item, places: Places) -> dict[str, Any]:
    node = item.node
    found: dict[str, Any] = {"kind": node.kind, "lines": item.lines}
    if not item.parts:
        found["id"] = node.head.id
    if node.home in places:
        found["home"] = places[node.home]
    if any(isinstance(each, Activity) and each.failure is not None for each in node.elements):
        found["failed"] = True
    if is_description(node.head):
        found["kind"] = "description"
    if item.parts and node.collections:
        found["members"] = True
    return found


def _sessions(
    graph: ProvGraph, walked: Iterable[tuple[Item, Item | None]], places: Places
) -> list[list[Any]]:
    """Return the number and the title of each session."""
    leaves = {item.node.head: item.node for item, _ in walked if not item.parts}
    own: dict[Element, list[Element]] = {session: [] for session in graph.sessions.values()}
    for activity in graph.activities.values():
        if activity.session in own:
            own[activity.session].append(activity)
    return [
        [places[session], frame_caption(leaves[session], map(leaves.__getitem__, activities))]
        for session, activities in own.items()
    ]


def _activities(graph: ProvGraph, places: Places) -> dict[str, list[Any]]:
    """Return number, name, session, start and end (milliseconds since 1970) of the activities."""
    sessions = set(graph.sessions.values())
    found = [activity for activity in graph.activities.values() if activity not in sessions]
    return {
        "item": [places[activity] for activity in found],
        "name": [activity.label for activity in found],
        "session": [_session(activity, places) for activity in found],
        "start": [_milliseconds(activity.start) for activity in found],
        "end": [_milliseconds(activity.end) for activity in found],
    }


def _entities(graph: ProvGraph, places: Places) -> dict[str, list[int]]:
    """Return number and session of the entities."""
    found = graph.entities.values()
    return {
        "item": [places[entity] for entity in found],
        "session": [_session(entity, places) for entity in found],
    }


def _session(element: Activity | Entity, places: Places) -> int:
    return -1 if element.session is None else places.get(element.session, -1)


def _milliseconds(time: str | None) -> int | None:
    return None if time is None else round(moment(time).timestamp() * 1000)


def _links(graph: ProvGraph, places: Places) -> dict[str, list[Any]]:
    """Return the relations by column: kind, source, target, role, type of use.

    Each kind states whether a lineage follows the relation, whether a selected activity
    includes the other end of it, and whether it leads from an entity to the activity that
    generated it.
    """
    kinds: dict[tuple[str, bool, bool, bool], int] = {}
    texts: dict[str | None, int] = {None: 0}
    columns: list[list[int]] = [[], [], [], [], []]
    for name, is_followed, kind, source, target, role, use in _relations(graph):
        if source in places and target in places:
            is_direct = is_followed and kind in DIRECT_RELATIONS
            what = (name, is_followed, is_direct, kind in GENERATIONS)
            row = (
                kinds.setdefault(what, len(kinds)), places[source], places[target],
                texts.setdefault(role, len(texts)), texts.setdefault(use, len(texts)),
            )  # fmt: skip
            for column, value in zip(columns, row, strict=True):
                column.append(value)
    names = ("kind", "source", "target", "role", "use")
    return {
        "kinds": [
            {"name": name, "followed": followed, "direct": direct, "generation": generation}
            for name, followed, direct, generation in kinds
        ],
        "texts": list(texts),
        **dict(zip(names, columns, strict=True)),
    }


_Row = tuple[str, bool, str, Element, Element, str | None, str | None]


def _relations(graph: ProvGraph) -> Iterator[_Row]:
    for kind, relations in graph.relations.items():
        followed = set(upstream_relations(graph, kind))
        uses = dict(graph.descriptions.of_relations(kind, relations)) if kind in FLOWS else {}
        for relation in relations:
            name = PART if relation.type == PART_OF else kind
            use = uses.get(relation)
            yield (
                name, relation in followed, kind, relation.source, relation.target,
                relation.role_text, None if use is None else use.type or None,
            )  # fmt: skip
            if isinstance(relation, QualifiedRelation):
                for argument, held in relation.arguments:
                    if isinstance(held, Element):
                        name = argument.partition(":")[2]
                        yield name, False, name, relation.source, held, None, None


def _descriptions(graph: ProvGraph, places: Places) -> list[list[Any]]:
    """Return the number of each described element with the lines of its description."""
    found: list[list[Any]] = []
    described = graph.descriptions
    for element in described.described:
        lines = list(described_lines(described, element))
        for name, value in element.pairs():
            if name.startswith("param:"):
                lines += filter(None, [parameter_line(described, element, name, value)])
        if lines and element in places:
            found.append([places[element], *lines])
    return found
