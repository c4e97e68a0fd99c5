"""Check the order of the events that documents state with their times.

The numbers are those of W3C PROV-CONSTRAINTS, section 6.2. Records state no times of
generations and usages; what follows from when they were written is checked in
:mod:`~provlog.checks.constraints` and :mod:`~provlog.checks.derivations`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from provlog.building.positions import Positions
from provlog.checks.cycles import components
from provlog.checks.generations import generations_by_entity, is_value
from provlog.checks.names import named
from provlog.checks.times import is_before
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import ABSENT, Element, ProvGraph, QualifiedRelation, Relation

__all__ = ["events_out_of_order", "specialized_by_itself"]


class _Event(NamedTuple):
    """An instantaneous event: a start, end, generation, invalidation or usage."""

    name: str
    element: Element
    user: Element | None = None


class _Time(NamedTuple):
    """A stated time, and whether a relation states it."""

    text: str
    event: _Event
    by_relation: bool


ORDER = {
    "wasGeneratedBy": (
        (34, "start target", "generation source"),
        (34, "generation source", "end target"),
    ),
    "used": (
        (33, "start source", "usage"),
        (33, "usage", "end source"),
        (37, "generation target", "usage"),
        (38, "usage", "invalidation target"),
    ),
    "wasInformedBy": ((35, "start target", "end source"),),
    "wasDerivedFrom": ((42, "generation target", "generation source"),),
    "wasStartedBy": (
        (43, "generation target", "start source"),
        (43, "start source", "invalidation target"),
    ),
    "wasEndedBy": (
        (44, "generation target", "end source"),
        (44, "end source", "invalidation target"),
    ),
    "specializationOf": (
        (45, "generation target", "generation source"),
        (46, "invalidation source", "invalidation target"),
    ),
}
"""For each kind of relation the constraints, with an event and one that does not precede it."""

_TIMED = {
    "wasGeneratedBy": "generation source",
    "wasInvalidatedBy": "invalidation source",
    "wasStartedBy": "start source",
    "wasEndedBy": "end source",
    "used": "usage",
}


def events_out_of_order(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield events with a stated time before that of an event that precedes them.

    Times are compared over chains of relations; at least one is the time of a relation.
    """
    times = _times(graph)
    if not any(time.by_relation for known in times.values() for time in known):
        return
    before = _order(graph, times)
    latest: dict[_Event, dict[bool, _Time]] = {}
    for component in components(before):
        known: dict[bool, _Time] = {}
        for event in component:
            for earlier in before[event]:
                for time in latest.get(earlier, {}).values():
                    _raise(known, time)
        own = [time for event in component for time in times.get(event, ())]
        for time in own:
            _raise(known, time)
        for time in own:
            bound = next((b for b in known.values() if is_before(time.text, b.text)), None)
            if bound is not None and (time.by_relation or bound.by_relation):
                origin = positions.elements.get(time.event.element)
                if origin is not None:
                    message = (
                        f"{_named(time.event)} is at {time.text}, but {_named(bound.event)}, "
                        f"which cannot be later, is at {bound.text}"
                    )
                    yield Diagnostic("PL409", origin, message)
                # Do not report the same contradiction for all later events.
                known = {}
                for other in own:
                    _raise(known, other)
                break
        for event in component:
            latest[event] = known


def specialized_by_itself(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield entities that specialize themselves, also over others (constraint 52)."""
    general: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in positions.relations["specializationOf"]:
        general[relation.source].append(relation.target)
    for component in components(dict(general)):
        entity = component[0]
        if len(component) > 1 or entity in general.get(entity, ()):
            message = f"entity {named(entity)} is a specialization of itself"
            yield Diagnostic("PL410", positions.elements[entity], message)


def _times(graph: ProvGraph) -> dict[_Event, list[_Time]]:
    found: defaultdict[_Event, list[_Time]] = defaultdict(list)
    for activity in graph.activities.values():
        for name, text in (("start", activity.start), ("end", activity.end)):
            if text is not None:
                event = _Event(name, activity)
                found[event].append(_Time(text, event, False))
    several = _generated_by_several(graph)
    for kind, name in _TIMED.items():
        for relation in graph.relations[kind]:
            if isinstance(relation, QualifiedRelation) and relation.time is not None:
                happened = _event(name, relation)
                if happened is not None and happened.element not in several:
                    found[happened].append(_Time(relation.time, happened, True))
    return found


def _order(graph: ProvGraph, times: dict[_Event, list[_Time]]) -> dict[_Event, list[_Event]]:
    """Return for each event those that precede it or happen at the same time."""
    before: defaultdict[_Event, list[_Event]] = defaultdict(list)
    several = _generated_by_several(graph)

    def add(first: _Event | None, second: _Event | None) -> None:
        if first is None or second is None or first == second:
            return
        if not any(
            event.element in several or is_value(event.element) for event in (first, second)
        ):
            before[second].append(first)

    for kind, rows in ORDER.items():
        for relation in graph.relations[kind]:
            for _, one, other in rows:
                add(_event(one, relation), _event(other, relation))
    for event in [*times, *before, *(e for known in before.values() for e in known)]:
        before.setdefault(event, [])
    for event in list(before):
        if event.name in _LATER:
            first = _Event(_LATER[event.name], event.element)
            add(first, event)
            before.setdefault(first, [])
    return dict(before)


_LATER = {"end": "start", "invalidation": "generation"}


def _generated_by_several(graph: ProvGraph) -> set[Element]:
    """Return the entities of which PL405 reports, or accepts, several generations."""
    return {
        entity
        for entity, made in generations_by_entity(graph).items()
        if len({relation.target for relation in made}) > 1
    }


def _event(name: str, relation: Relation) -> _Event | None:
    if name == "usage":
        event = _Event(name, relation.target, relation.source)
        # A repeated usage is an event of its own.
        if isinstance(relation, QualifiedRelation) and (relation.time or relation.id):
            event = _Event(f"usage {relation.id or ''} {relation.time or ''}", *event[1:])
        return None if relation.target is ABSENT else event
    kind, end = name.split()
    element = relation.source if end == "source" else relation.target
    return None if element is ABSENT else _Event(kind, element)


def _raise(known: dict[bool, _Time], time: _Time) -> None:
    moment = datetime.fromisoformat(time.text)
    held = known.setdefault(moment.tzinfo is not None, time)
    if datetime.fromisoformat(held.text) < moment:
        known[moment.tzinfo is not None] = time


def _named(event: _Event) -> str:
    return f"the {event.name.split()[0]} of {named(event.element)}"
