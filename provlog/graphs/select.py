"""Select a part of a graph by its activities."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from provlog.errors import UsageError
from provlog.model.graph import ABSENT, Activity, Element, ProvGraph, Relation
from provlog.model.values import moment
from provlog.patterns import regex
from provlog.text import did_you_mean

__all__ = [
    "DIRECT_RELATIONS", "GENERATIONS", "part", "select", "span", "time_test", "upstream_relations",
]  # fmt: skip

_MOST_NAMES = 10
_MONTH = regex(r"(\d{4})(?:-(\d\d))?")
_WEEK = regex(r"\d{4}-?W\d\d")
_DATE = regex(rf"\d{{4}}-?\d\d-?\d\d|{_WEEK.pattern}(?:-?\d)?")
DIRECT_RELATIONS = ("used", "wasGeneratedBy", "wasAssociatedWith", "wasInfluencedBy")
"""The kinds of relations whose other end a selection of activities includes."""
GENERATIONS = ("wasGeneratedBy",)
"""The kinds among these from an entity to the activity that generated it."""

E = TypeVar("E", bound=Element)


def select(
    graph: ProvGraph,
    *,
    since: str | None = None,
    until: str | None = None,
    sessions: Collection[str] = (),
    activities: Collection[str] = (),
) -> ProvGraph:
    """Return the activities that match all criteria, with everything directly related to them.

    The result includes their sessions and agents, the entities that they used and
    generated, the members of collections among them, and all relations between these.
    The parts of an activity, and the activity around it, are included only if they match
    themselves. With sessions as the only criterion, all entities of these sessions are
    included.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed and shares its elements with the result.
    since, until : str, optional
        ISO 8601 times; select the activities that ran at any time between
        them, limits included. A year, month, week or day means the whole period. If
        one of two times has no zone, they are compared as written.
    sessions : collection of str
        Ids as in the log, qualified names or labels of sessions.
    activities : collection of str
        Names, ids as in the log or qualified names of activities.

    Raises
    ------
    UsageError
        If a time is invalid, a session or activity does not exist, or no
        activity matches.
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
        tests.append(time_test(since, until))
    kept: set[Element] = {
        activity for activity in candidates if all(test(activity) for test in tests)
    }
    if sessions and len(tests) == 1:
        kept.update(chosen_sessions)
        kept.update(
            entity for entity in graph.entities.values() if entity.session in chosen_sessions
        )
    if not kept:
        raise UsageError(f"no activity matches the selection{_covered(candidates)}")
    _add_touching(graph, kept)
    return part(graph, kept)


def _sessions(graph: ProvGraph, name: str) -> list[Activity]:
    known = graph.sessions.items()
    found = [session for raw, session in known if name in (raw, session.id, session.label)]
    if not found:
        names = [
            label for session in graph.sessions.values() for label in session.values("prov:label")
        ]
        suggestion = did_you_mean(name, map(str, [*graph.sessions, *names]))
        raise UsageError(f"no session {name!r}{suggestion}; {_listed('sessions', graph.sessions)}")
    return found


def _listed(kind: str, names: Iterable[str]) -> str:
    known = list(dict.fromkeys(names))
    if not known:
        return f"there are no {kind}"
    more = f" and {len(known) - _MOST_NAMES} more" if len(known) > _MOST_NAMES else ""
    return f"the {kind} are {', '.join(known[:_MOST_NAMES])}{more}"


def _name_test(
    candidates: Iterable[Activity], names: Collection[str]
) -> Callable[[Activity], bool]:
    def known_as(activity: Activity) -> set[str]:
        ids = activity.values("dcterms:identifier")
        return {activity.id, *map(str, activity.values("prov:label")), *map(str, ids)}

    known = {name for activity in candidates for name in known_as(activity)}
    for name in names:
        if name not in known:
            labels = list(dict.fromkeys(activity.label for activity in candidates))
            raise UsageError(
                f"no activity {name!r}{did_you_mean(name, labels)}; {_listed('activities', labels)}"
            )
    wanted = set(names)
    return lambda activity: not wanted.isdisjoint(known_as(activity))


def time_test(since: str | None, until: str | None) -> Callable[[Activity], bool]:
    """Return a function that returns whether an activity ran at any time between two times.

    Raises
    ------
    UsageError
        If a time is invalid.
    """
    first = None if since is None else span("since", since)[0]
    last = None if until is None else span("until", until)[1]

    def test(activity: Activity) -> bool:
        start, end = activity.start or activity.end, activity.end or activity.start
        if start is None or end is None:
            return False
        return (first is None or _in_order(first, datetime.fromisoformat(end))) and (
            last is None or _in_order(datetime.fromisoformat(start), last)
        )

    return test


def span(option: str, text: str) -> tuple[datetime, datetime]:
    """Return the first and last instant that an ISO 8601 time stands for."""
    text = text.strip()
    try:
        if month := _MONTH.fullmatch(text):
            year, first, last = int(month[1]), int(month[2] or 1), int(month[2] or 12)
            end = date(year, last, monthrange(year, last)[1])
            return datetime(year, first, 1), datetime.combine(end, time.max)
        instant = datetime.fromisoformat(text)
        if not _DATE.fullmatch(text):
            return instant, instant
        end = instant.date() + timedelta(days=6 if _WEEK.fullmatch(text) else 0)
        return instant, datetime.combine(end, time.max)
    except (ValueError, OverflowError):
        raise UsageError(
            f"--{option}: {text!r} is not a valid ISO 8601 time, such as 2019-10-07T11:20"
        ) from None


def _in_order(earlier: datetime, later: datetime) -> bool:
    if earlier.tzinfo is None or later.tzinfo is None:
        return earlier.replace(tzinfo=None) <= later.replace(tzinfo=None)
    return earlier <= later


def _covered(activities: Iterable[Activity]) -> str:
    """Return the period in which the activities ran, as the end of a message."""
    times = [time for each in activities for time in (each.start, each.end) if time]
    if not times:
        return ": no activity has a time"
    return f": the activities ran from {min(times, key=moment)} to {max(times, key=moment)}"


def _add_touching(graph: ProvGraph, kept: set[Element]) -> None:
    """Add the elements related to the selected activities, and members of collections."""
    chosen = {element for element in kept if isinstance(element, Activity)}
    for kind in DIRECT_RELATIONS:
        for relation in upstream_relations(graph, kind):
            if relation.source in chosen:
                kept.add(relation.target)
            elif relation.target in chosen and kind in GENERATIONS:
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


def upstream_relations(graph: ProvGraph, kind: str) -> Iterable[Relation]:
    """Return the relations of a kind without those between an activity and its parts."""
    relations = graph.relations[kind]
    if kind != "wasInfluencedBy":
        return relations
    sessions = set(graph.sessions.values())
    return (relation for relation in relations if relation.target in sessions)


def part(graph: ProvGraph, kept: set[Element]) -> ProvGraph:
    """Return the graph of the kept elements and the relations among them.

    A relation whose other end its document does not name is a statement about its source.
    """
    return ProvGraph(
        entities=_kept_of(graph.entities, kept),
        activities=_kept_of(graph.activities, kept),
        agents=_kept_of(graph.agents, kept),
        relations={
            kind: {
                relation: None
                for relation in relations
                if relation.source in kept
                and (relation.target in kept or relation.target is ABSENT)
            }
            for kind, relations in graph.relations.items()
        },
        sessions=_kept_of(graph.sessions, kept),
        namespaces=graph.namespaces,
        descriptions=graph.descriptions.restricted(kept),
        diagnostics=graph.diagnostics,
    )


def _kept_of(elements: dict[str, E], kept: set[Element]) -> dict[str, E]:
    return {name: element for name, element in elements.items() if element in kept}
