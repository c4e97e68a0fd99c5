"""From a graph to a smaller one: some activities, and all that touches them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, timedelta
from typing import TypeVar

from provlog.errors import UsageError
from provlog.model import Activity, Element, ProvGraph

__all__ = ["select"]

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
    those that are collections, and all relations between what was chosen. If
    only sessions are asked for, all their entities come.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it stays as it is and shares its elements with the result.
    since, until : str, optional
        ISO 8601 times; an activity is chosen if it was running at any time
        between, the limits included. A date alone is the whole day. Where
        either side names no zone, times are compared as they are written.
    sessions : collection of str
        Sessions by the id that the log gives them.
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
    chosen_sessions = {_session(graph, raw) for raw in sessions}
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


def _session(graph: ProvGraph, raw: str) -> Activity:
    found = graph.sessions.get(raw)
    if found is None:
        raise UsageError(f"no session {raw!r}; there are {_listed(graph.sessions)}")
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
        for relation in graph.relations[kind]:
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
