"""Check that entities are generated after the entities that they are derived from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, cast

from provlog.building.positions import Positions
from provlog.checks.cycles import components
from provlog.checks.generations import generations_by_entity, is_value
from provlog.checks.names import named, other_place
from provlog.checks.times import is_before, record_time
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import Activity, Element, ProvGraph, Relation
from provlog.origin import Origin

__all__ = ["generated_before_source"]


class _Lower(NamedTuple):
    """The earliest time of a generation: the start of the activity that generates the entity."""

    time: str
    generation: Relation
    derivation: Relation | None = None
    steps: int = 0

    def over(self, derivation: Relation) -> _Lower:
        """Return the bound for an entity that is derived from this one."""
        return _Lower(self.time, self.generation, derivation, self.steps + 1)


class _Upper(NamedTuple):
    """The latest time of a generation, from a generation or usage of the entity."""

    time: str
    relation: Relation


# Times with a zone and times without one cannot be compared: one bound of each kind.
_Lowers = dict[bool, _Lower]


def generated_before_source(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield entities that exist before an entity that they are derived from.

    An entity is generated strictly after its source (constraint 42,
    derivation-generation-generation-ordering), also over a chain of derivations, and
    before it is used (constraint 37). A generation happens at the earliest when its
    activity starts, and at the latest when its activity ends, when its record is written,
    or when its entity is used.
    """
    derivations = _derivations(positions)
    if not derivations:
        return
    targets = {
        entity: [relation.target for relation in relations]
        for entity, relations in derivations.items()
    }
    generations = generations_by_entity(graph)
    uses = _uses_of(targets.keys(), positions)
    lowers: dict[Element, _Lowers] = {}
    for component in components(targets):
        members = set(component)
        inherited: _Lowers = {}
        own: _Lowers = {}
        for entity in component:
            for relation in derivations.get(entity, ()):
                if relation.target not in members:
                    for lower in lowers[relation.target].values():
                        _raise(
                            inherited, lower._replace(derivation=relation, steps=lower.steps + 1)
                        )
            _raise(own, _lower(generations.get(entity, ())))
        if len(component) == 1:
            (entity,) = component
            uppers = [*_uppers(generations.get(entity, ()), positions), *uses.get(entity, ())]
            found = _violation(uppers, inherited, own)
            if found is not None:
                yield _diagnostic(entity, *found, positions)
                # Do not report the same contradiction for everything derived from it.
                inherited = {}
        for lower in inherited.values():
            _raise(own, lower)
        for entity in component:
            lowers[entity] = own


def _derivations(positions: Positions) -> dict[Element, list[Relation]]:
    """Return the derivations of each entity, without those of in-memory values."""
    found: defaultdict[Element, list[Relation]] = defaultdict(list)
    for relation in positions.relations["wasDerivedFrom"]:
        if not is_value(relation.source) and not is_value(relation.target):
            found[relation.source].append(relation)
    return found


def _uses_of(entities: Iterable[Element], positions: Positions) -> dict[Element, list[_Upper]]:
    """Return the latest times of the usages of each entity."""
    found: dict[Element, list[_Upper]] = {entity: [] for entity in entities}
    for relation, origin in positions.relations["used"].items():
        if (known := found.get(relation.target)) is not None:
            known += _latest(relation, cast("Activity", relation.source), origin)
    return found


def _latest(relation: Relation, activity: Activity, origin: Origin) -> Iterator[_Upper]:
    for time in (record_time(origin.time), activity.end):
        if time is not None:
            yield _Upper(time, relation)


def _uppers(generations: Iterable[Relation], positions: Positions) -> list[_Upper]:
    """Return the latest times of a generation; none if several activities generate the entity."""
    if len({relation.target for relation in generations}) != 1:
        return []
    origins = positions.relations["wasGeneratedBy"]
    return [
        upper
        for relation in generations
        for upper in _latest(relation, cast("Activity", relation.target), origins[relation])
    ]


def _lower(generations: Iterable[Relation]) -> _Lower | None:
    """Return the earliest time of a generation; ``None`` if the start of an activity is unknown."""
    starts = [(cast("Activity", relation.target).start, relation) for relation in generations]
    known = [_Lower(start, relation) for start, relation in starts if start is not None]
    if not known or len(known) < len(starts) or len({*map(_has_zone, known)}) > 1:
        return None
    return min(known, key=_moment)


def _moment(bound: _Lower) -> datetime:
    return datetime.fromisoformat(bound.time)


def _has_zone(bound: _Lower) -> bool:
    return _moment(bound).tzinfo is not None


def _raise(lowers: _Lowers, lower: _Lower | None) -> None:
    """Keep the later one of the known and another lower bound."""
    if lower is not None:
        known = lowers.setdefault(_has_zone(lower), lower)
        if _moment(known) < _moment(lower):
            lowers[_has_zone(lower)] = lower


def _violation(
    uppers: Iterable[_Upper], inherited: _Lowers, own: _Lowers
) -> tuple[_Upper, _Lower] | None:
    """Return an upper bound that is before an inherited lower bound but not before its own."""
    for upper in uppers:
        # A usage before the own generation is PL404.
        if any(is_before(upper.time, lower.time) for lower in own.values()):
            continue
        for lower in inherited.values():
            if is_before(upper.time, lower.time):
                return upper, lower
    return None


def _diagnostic(entity: Element, upper: _Upper, lower: _Lower, positions: Positions) -> Diagnostic:
    derivation, generation = lower.derivation, lower.generation
    assert derivation is not None
    origin = positions.relations["wasDerivedFrom"][derivation]
    is_use = upper.relation.target is entity
    activity = upper.relation.source if is_use else upper.relation.target
    over = f" over {lower.steps} derivations" if lower.steps > 1 else ""
    made = positions.relations["wasGeneratedBy"][generation]
    message = (
        f"entity {named(entity)}, derived from entity {named(generation.source)}{over}, is "
        f"{'used' if is_use else 'generated'} by activity {named(activity)}, at {upper.time} at "
        f"the latest, before activity {named(generation.target)}, which generates the source "
        f"({other_place(made, origin)}), starts at {lower.time}"
    )
    return Diagnostic("PL408", origin, message)
