"""Check the order of the events that documents state with their times.

The numbers are those of W3C PROV-CONSTRAINTS, section 6.2. Records in logs state no times of
generations and usages; :mod:`~provlog.checks.constraints` and
:mod:`~provlog.checks.derivations` check the order that follows from the times of the records.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from provlog.building.positions import Positions
from provlog.checks.cycles import components, cyclic_components
from provlog.checks.generations import generations_by_entity, is_value
from provlog.checks.names import named
from provlog.checks.times import is_before
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import (
    ABSENT,
    Activity,
    Element,
    Entity,
    ProvGraph,
    QualifiedRelation,
    Relation,
)

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
    # An agent may also be an entity or an activity.
    "wasAssociatedWith": (
        (47, "start source", "invalidation target"),
        (47, "generation target", "end source"),
        (47, "start source", "end target"),
        (47, "start target", "end source"),
    ),
    "wasAttributedTo": (
        (48, "generation target", "generation source"),
        (48, "start target", "generation source"),
    ),
    "actedOnBehalfOf": (
        (49, "generation target", "invalidation source"),
        (49, "start target", "end source"),
    ),
}
"""The constraints by kind of relation, each with an event and one that cannot precede it."""

_TIMED = {
    "wasGeneratedBy": "generation source",
    "wasInvalidatedBy": "invalidation source",
    "wasStartedBy": "start source",
    "wasEndedBy": "end source",
    "used": "usage",
}


def events_out_of_order(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield events that cannot have happened in the order that a document states.

    Either a stated time is before that of a preceding event, or the relations alone make an
    event precede itself. Both are searched over chains of relations. At least one of the two
    times must be that of a relation.
    """
    bearers = _bearers(graph)
    times = _times(graph, bearers)
    has_times = any(time.by_relation for known in times.values() for time in known)
    if not has_times and not _may_reverse_derivations(graph):
        return
    before = _order(graph, times, bearers)
    order = [*components(before)]
    yield from _derived_from_later(graph, positions, order)
    if has_times:
        yield from _times_out_of_order(positions, times, before, order)


def _may_reverse_derivations(graph: ProvGraph) -> bool:
    """Return whether other relations may place a source after an entity derived from it."""
    return any(graph.relations[kind] for kind in ("wasStartedBy", "specializationOf")) or any(
        relation.target.id in graph.entities for relation in graph.relations["wasAttributedTo"]
    )


def _derived_from_later(
    graph: ProvGraph, positions: Positions, order: Iterable[list[_Event]]
) -> Iterator[Diagnostic]:
    """Yield derivations whose source is generated later or at the same time (constraint 42)."""
    derivations = graph.relations["wasDerivedFrom"]
    if not derivations:
        return
    component_of = {
        event: number
        for number, component in enumerate(order)
        if len(component) > 1
        for event in component
    }
    sources: defaultdict[Element, list[Element]] = defaultdict(list)
    for relation in derivations:
        sources[relation.source].append(relation.target)
    # PL406 reports the cycles of derivations alone.
    cycle_of = {
        entity: number
        for number, cycle in enumerate(cyclic_components(dict(sources)))
        for entity in cycle
    }
    for relation in derivations:
        derived, source = relation.source, relation.target
        if (cycle := cycle_of.get(derived)) is not None and cycle == cycle_of.get(source):
            continue
        number = component_of.get(_Event("generation", derived))
        if number is not None and number == component_of.get(_Event("generation", source)):
            message = (
                f"entity {named(derived)} is derived from {named(source)}, but other statements "
                "place its generation before that of its source, or at the same time"
            )
            yield Diagnostic("PL409", positions.elements[derived], message)


def _times_out_of_order(
    positions: Positions,
    times: dict[_Event, list[_Time]],
    before: dict[_Event, list[_Event]],
    order: Iterable[list[_Event]],
) -> Iterator[Diagnostic]:
    latest: dict[_Event, dict[bool, _Time]] = {}
    for component in order:
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


def _times(graph: ProvGraph, bearers: _Bearers) -> dict[_Event, list[_Time]]:
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
                happened = _event(name, relation, bearers)
                if happened is not None and happened.element not in several:
                    found[happened].append(_Time(relation.time, happened, True))
    return found


def _order(
    graph: ProvGraph, times: dict[_Event, list[_Time]], bearers: _Bearers
) -> dict[_Event, list[_Event]]:
    """Return the events that precede each event or happen at the same time."""
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
                add(_event(one, relation, bearers), _event(other, relation, bearers))
    for usage, derivation in _usages_of_derivations(graph):
        add(_event("usage", usage, bearers), _event("generation source", derivation, bearers))
    for event in [*times, *before, *(e for known in before.values() for e in known)]:
        before.setdefault(event, [])
    for event in list(before):
        if event.name in _LATER:
            first = _Event(_LATER[event.name], event.element)
            add(first, event)
            before.setdefault(first, [])
    return dict(before)


def _usages_of_derivations(graph: ProvGraph) -> Iterator[tuple[Relation, Relation]]:
    """Yield the usages that derivations name, with the derivation (constraint 41)."""
    usages = {
        relation.id: relation
        for relation in graph.relations["used"]
        if isinstance(relation, QualifiedRelation) and relation.id is not None
    }
    if not usages:
        return
    for relation in graph.relations["wasDerivedFrom"]:
        if isinstance(relation, QualifiedRelation):
            for name, held in relation.arguments:
                if name == "prov:usage" and isinstance(held, str) and held in usages:
                    yield usages[held], relation


_LATER = {"end": "start", "invalidation": "generation"}


_Bearers = Mapping[tuple[type[Element], str], Element]

_BEARER: dict[str, type[Element]] = {
    "start": Activity,
    "end": Activity,
    "generation": Entity,
    "invalidation": Entity,
}
"""The class of the elements that can have an event, by the event's name."""


_OF_AGENTS = ("wasAssociatedWith", "wasAttributedTo", "actedOnBehalfOf")


def _bearers(graph: ProvGraph) -> _Bearers:
    """Return the entities and activities with the name of an agent, by class and name."""
    agents = set(graph.agents)
    for kind in _OF_AGENTS:
        for relation in graph.relations[kind]:
            agents |= {relation.source.id, relation.target.id}
    if not agents:
        return {}
    elements = (*graph.entities.values(), *graph.activities.values(), *graph.undeclared())
    return {(type(held), held.id): held for held in elements if held.id in agents}


def _generated_by_several(graph: ProvGraph) -> set[Element]:
    """Return the entities with several generations, which PL405 reports or accepts."""
    return {
        entity
        for entity, made in generations_by_entity(graph).items()
        if len({relation.target for relation in made}) > 1
    }


def _event(name: str, relation: Relation, bearers: _Bearers) -> _Event | None:
    if name == "usage":
        event = _Event(name, relation.target, relation.source)
        # A repeated usage is an event of its own.
        if isinstance(relation, QualifiedRelation) and (relation.time or relation.id):
            event = _Event(f"usage {relation.id or ''} {relation.time or ''}", *event[1:])
        return None if relation.target is ABSENT else event
    kind, end = name.split()
    element = relation.source if end == "source" else relation.target
    if element is ABSENT:
        return None
    return _Event(kind, bearers.get((_BEARER[kind], element.id), element))


def _raise(known: dict[bool, _Time], time: _Time) -> None:
    moment = datetime.fromisoformat(time.text)
    held = known.setdefault(moment.tzinfo is not None, time)
    if datetime.fromisoformat(held.text) < moment:
        known[moment.tzinfo is not None] = time


def _named(event: _Event) -> str:
    return f"the {event.name.split()[0]} of {named(event.element)}"
