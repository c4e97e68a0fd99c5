"""From a graph to a smaller one: some activities with all that touches them, or a lineage."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from fnmatch import translate
from itertools import chain
from pathlib import PurePath
from typing import TypeVar

from provlog.collector import collector_paused
from provlog.errors import UsageError
from provlog.model.graph import Activity, Element, Entity, ProvGraph, Relation
from provlog.text import printable

__all__ = ["find", "find_one", "lineage", "select"]

_MOST_NAMES = 10
_OF_ACTIVITIES = ("used", "wasGeneratedBy", "wasAssociatedWith", "wasInfluencedBy")
# Of these, the kind that leads to an activity from what it made.
_TO_ACTIVITIES = ("wasGeneratedBy",)

E = TypeVar("E", bound=Element)


def select(
    graph: ProvGraph,
    *,
    since: str | None = None,
    until: str | None = None,
    sessions: Collection[str] = (),
    activities: Collection[str] = (),
) -> ProvGraph:
    """Return the part of a graph that some of its activities make up.

    An activity is chosen if all that is asked for holds. With it come its
    session and agents, the entities that it used and generated, the members of
    those that are collections, and all relations between what was chosen. An
    activity of which it is part, or that is part of it, has to be chosen itself.
    If only sessions are asked for, all their entities come.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it stays as it is and shares its elements with the result.
    since, until : str, optional
        ISO 8601 times; an activity is chosen if it was running at any time
        between, the limits included. A date alone is the whole day. Where
        either side names no zone, times are compared as they are written.
    sessions : collection of str
        Sessions by the id that the log gives them, by qualified name, or by label.
    activities : collection of str
        Activities by name, by the log's id, or by qualified name.

    Raises
    ------
    UsageError
        If a limit is no time, a session or activity is not there, or nothing
        is left.
    """
    all_sessions = set(graph.sessions.values())
    candidates = [
        activity for activity in graph.activities.values() if activity not in all_sessions
    ]
    chosen_sessions = {session for name in sessions for session in _sessions(graph, name)}
    tests: list[Callable[[Activity], bool]] = []
    if sessions:
        tests.append(lambda activity: activity.session in chosen_sessions)
    if activities:
        tests.append(_name_test(candidates, activities))
    if since is not None or until is not None:
        tests.append(_time_test(since, until))
    kept: set[Element] = {
        activity for activity in candidates if all(test(activity) for test in tests)
    }
    if sessions and len(tests) == 1:
        kept.update(chosen_sessions)
        kept.update(
            entity for entity in graph.entities.values() if entity.session in chosen_sessions
        )
    if not kept:
        raise UsageError("nothing is left: no activity fits all that is asked for")
    _add_touching(graph, kept)
    return _part(graph, kept)


def find(graph: ProvGraph, name: str) -> list[Element]:
    """Return the entities and activities that a name may mean.

    What is found first counts: the element with that qualified name, then those
    with that id in a log, that label, that location, that file name at the end
    of the location or the id; then the entities in that role; then, as a pattern
    with ``*``, ``?`` and ``[...]``, those of which any of the names fits.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    name : str
        A name, an id, a path, or a pattern.
    """
    elements: list[Element] = [*graph.entities.values(), *graph.activities.values()]
    for names_of in _NAMES:
        found = [element for element in elements if name in names_of(element)]
        if found:
            return found
    in_role = _in_role(graph, name)
    if in_role:
        return [element for element in elements if element in in_role]
    fits = re.compile(translate(name)).match
    return [
        element
        for element in elements
        if any(fits(known) for names_of in _NAMES for known in names_of(element))
    ]


def _in_role(graph: ProvGraph, role: str) -> set[Element]:
    """Return what was used or generated in a role."""
    used = {use.target for use in graph.relations["used"] if use.role == role}
    made = graph.relations["wasGeneratedBy"]
    return used | {generation.source for generation in made if generation.role == role}


def find_one(graph: ProvGraph, name: str) -> Element:
    """Return the only element that a name means.

    Raises
    ------
    UsageError
        If there is none, or more than one.
    """
    found = find(graph, name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"nothing is called {name!r}: no id, label, location, file name or role")
    means = "".join(f"\n  {_described(item)}" for item in found)
    raise UsageError(f"{name!r} means {len(found)} things; name one by its id:{means}")


def _described(element: Element) -> str:
    """Tell one match from another: its id, its name, where it is, when it began, its session."""
    told = [element.id, element.name, *map(str, element.values("prov:location"))]
    if isinstance(element, Activity) and element.start:
        told.append(element.start)
    if isinstance(element, (Activity, Entity)) and element.session is not None:
        told.append(f"in {element.session.id}")
    return printable("  ".join(dict.fromkeys(told)))


def _texts(name: str) -> Callable[[Element], list[str]]:
    return lambda element: [str(value) for value in element.values(name)]


def _file_names(element: Element) -> list[str]:
    paths = [*_texts("prov:location")(element), *_texts("dcterms:identifier")(element)]
    return [PurePath(path).name for path in paths if "/" in path]


# What an element may be called, the most exact first.
_NAMES: tuple[Callable[[Element], list[str]], ...] = (
    lambda element: [element.id],
    _texts("dcterms:identifier"),
    _texts("prov:label"),
    _texts("prov:location"),
    _file_names,
)


def lineage(
    graph: ProvGraph,
    starts: Iterable[Element],
    *,
    upstream: bool = True,
    downstream: bool = False,
    depth: int | None = None,
) -> ProvGraph:
    """Return the part of a graph from which some elements come, or that comes from them.

    All relations lead upstream, from effect to cause: from an entity to the
    activity that generated it, from an activity to what it used, to its agents
    and to its session, from a collection to its members. Only that an activity is
    part of another one leads nowhere: each of them used and generated its own.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it stays as it is and shares its elements with the result.
    starts : iterable of Element
        Where to begin.
    upstream, downstream : bool
        Which way to go; both are gone separately, so that siblings do not come.
    depth : int, optional
        How many relations to follow at most.
    """
    begun = set(starts)
    kept = set(begun)
    with collector_paused():
        if upstream:
            links = ((relation.source, relation.target) for relation in _all_leading(graph))
            kept |= _reached(links, begun, depth)
        if downstream:
            links = ((relation.target, relation.source) for relation in _all_leading(graph))
            kept |= _reached(links, begun, depth)
        return _part(graph, kept)


def _all_leading(graph: ProvGraph) -> Iterable[Relation]:
    return chain.from_iterable(_leading(graph, kind) for kind in graph.relations)


def _leading(graph: ProvGraph, kind: str) -> Iterable[Relation]:
    """Return the relations of a kind without those between activities."""
    relations = graph.relations[kind]
    if kind != "wasInfluencedBy":
        return relations
    sessions = set(graph.sessions.values())
    return (relation for relation in relations if relation.target in sessions)


def _reached(
    links: Iterable[tuple[Element, Element]], starts: set[Element], depth: int | None
) -> set[Element]:
    """Return what can be reached, level by level."""
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


def _sessions(graph: ProvGraph, name: str) -> list[Activity]:
    known = graph.sessions.items()
    found = [session for raw, session in known if name in (raw, session.id, session.label)]
    if not found:
        raise UsageError(f"no session {name!r}; there are {_listed(graph.sessions)}")
    return found


def _listed(names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    shown = ", ".join(known[:_MOST_NAMES]) or "none"
    return f"{shown} and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else shown


def _name_test(
    candidates: Iterable[Activity], names: Collection[str]
) -> Callable[[Activity], bool]:
    def known_as(activity: Activity) -> set[str]:
        ids = activity.values("dcterms:identifier")
        return {activity.id, *map(str, activity.values("prov:label")), *map(str, ids)}

    known = {name for activity in candidates for name in known_as(activity)}
    for name in names:
        if name not in known:
            labels = _listed(activity.label for activity in candidates)
            raise UsageError(f"no activity {name!r}; there are {labels}")
    wanted = set(names)
    return lambda activity: not wanted.isdisjoint(known_as(activity))


def _time_test(since: str | None, until: str | None) -> Callable[[Activity], bool]:
    first = None if since is None else _moment("since", since)
    last = None if until is None else _moment("until", until)
    if last is not None and until is not None and _is_date(until):
        last += timedelta(days=1, microseconds=-1)

    def test(activity: Activity) -> bool:
        start, end = activity.start or activity.end, activity.end or activity.start
        if start is None or end is None:
            return False
        return (first is None or _in_order(first, datetime.fromisoformat(end))) and (
            last is None or _in_order(datetime.fromisoformat(start), last)
        )

    return test


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text.strip())
    except ValueError:
        return False
    return True


def _moment(what: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"--{what}: {text!r} is no ISO 8601 time like 2019-10-07T11:20") from None


def _in_order(earlier: datetime, later: datetime) -> bool:
    if earlier.tzinfo is None or later.tzinfo is None:
        return earlier.replace(tzinfo=None) <= later.replace(tzinfo=None)
    return earlier <= later


def _add_touching(graph: ProvGraph, kept: set[Element]) -> None:
    """Add what the chosen activities are related to, and the members of collections."""
    chosen = {element for element in kept if isinstance(element, Activity)}
    for kind in _OF_ACTIVITIES:
        for relation in _leading(graph, kind):
            if relation.source in chosen:
                kept.add(relation.target)
            elif relation.target in chosen and kind in _TO_ACTIVITIES:
                kept.add(relation.source)
    members = defaultdict(list)
    for relation in graph.relations["hadMember"]:
        members[relation.source].append(relation.target)
    waiting = [element for element in kept if element in members]
    while waiting:
        for member in members[waiting.pop()]:
            if member not in kept:
                kept.add(member)
                waiting.append(member)


def _part(graph: ProvGraph, kept: set[Element]) -> ProvGraph:
    """Return the graph of the kept elements and the relations among them."""
    return ProvGraph(
        entities=_kept_of(graph.entities, kept),
        activities=_kept_of(graph.activities, kept),
        agents=_kept_of(graph.agents, kept),
        relations={
            kind: {
                relation: None
                for relation in relations
                if relation.source in kept and relation.target in kept
            }
            for kind, relations in graph.relations.items()
        },
        sessions=_kept_of(graph.sessions, kept),
        namespaces=graph.namespaces,
        diagnostics=graph.diagnostics,
    )


def _kept_of(elements: dict[str, E], kept: set[Element]) -> dict[str, E]:
    return {name: element for name, element in elements.items() if element in kept}
