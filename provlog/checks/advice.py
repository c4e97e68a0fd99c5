"""Find gaps in the provenance that standards allow: PL501 to PL504."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import NamedTuple

from provlog.building.positions import Positions
from provlog.checks.addresses import holds_address, is_address
from provlog.checks.names import label, listing, named, other_place, quoted, raw_id
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import Activity, Element, Entity, ProvGraph
from provlog.model.identifiers import is_global
from provlog.origin import Origin

__all__ = ["addresses_as_parameters", "changing_ids", "endless_activities", "undescribed_inputs"]

_PARAMETER = "param:"


def endless_activities(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield activities without an end, except sessions, which never have one."""
    sessions = set(graph.sessions.values())
    for activity in graph.activities.values():
        origin = positions.elements.get(activity)
        if origin is not None and activity not in positions.ends and activity not in sessions:
            message = f"activity {named(activity)} has no end: it failed, or is still running"
            yield Diagnostic("PL501", origin, message)


def undescribed_inputs(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield used entities of which only the id is known."""
    relations = graph.relations
    known: set[Element] = {relation.source for relation in relations["wasGeneratedBy"]}
    known.update(relation.source for relation in relations["wasDerivedFrom"])
    known.update(relation.target for relation in relations["hadMember"])
    for relation, origin in positions.relations["used"].items():
        entity = relation.target
        if entity in known or entity.attributes.keys() - {"dcterms:identifier"}:
            continue
        known.add(entity)
        role = f" as {quoted(relation.role_text)}" if relation.role_text else ""
        message = (
            f"entity {named(entity)}, used by activity {named(relation.source)}{role}, "
            "has no description: only its id is known"
        )
        yield Diagnostic("PL502", origin, message)


def addresses_as_parameters(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield parameters that hold the address of a Python object, once for each name."""
    found: defaultdict[tuple[str, str], list[_Address]] = defaultdict(list)
    for activity in graph.activities.values():
        for address in _addresses(activity):
            found[label(activity), address.parameter].append(address)
    for cases in found.values():
        activity, parameter, name, text = cases[0]
        origin = positions.parameters.get((activity, parameter))
        if origin is None:
            continue
        in_all = f", in {len(cases)} activities of that name" if cases[1:] else ""
        message = (
            f"parameter {quoted(name)} of activity {named(activity)} "
            f"holds the address of a Python object{in_all}: {quoted(text)}"
        )
        yield Diagnostic("PL503", origin, message)


class _Address(NamedTuple):
    """A parameter that holds an address: its attribute, and its name in the log."""

    activity: Activity
    parameter: str
    name: str
    text: str


def _addresses(activity: Activity) -> Iterator[_Address]:
    renamed: dict[str, str] | None = None
    for parameter, held in activity.attributes.items():
        if not parameter.startswith(_PARAMETER):
            continue
        values = held if isinstance(held, list) else [held]
        text = next((v for v in values if isinstance(v, str) and holds_address(v)), None)
        if text is not None:
            if renamed is None:
                renamed = _renamed(activity)
            name = renamed.get(parameter, parameter.removeprefix(_PARAMETER))
            yield _Address(activity, parameter, name, text)


def _renamed(activity: Activity) -> dict[str, str]:
    """Return the names in the log of parameters whose attribute has another name."""
    names: dict[str, str] = {}
    for renamed in activity.values("provlog:renamed"):
        names |= json.loads(renamed)
    return names


def changing_ids(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield ids that change from run to run."""
    yield from _addresses_as_ids(graph, positions)
    yield from _files_with_several_ids(graph, positions)


def _addresses_as_ids(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield the first address among the ids of each session, or of each log without one."""
    found: defaultdict[object, list[tuple[Origin, Element]]] = defaultdict(list)
    for element, origin in positions.elements.items():
        if is_address(raw_id(element)):
            found[_context(element, origin)].append((origin, element))
    for context, cases in found.items():
        origin, element = min(cases, key=lambda case: positions.position(case[0]))
        where = f"session {named(context)}" if isinstance(context, Activity) else "this log"
        message = (
            f"id {named(element)} is the address of a Python object, or its hash: "
            "it differs in every run"
        )
        if (more := len(cases) - 1) > 0:
            ids = "id" if more == 1 else "ids"
            message += f"; the same holds for {more} more {ids} of {where}"
        yield Diagnostic("PL504", origin, message)


def _context(element: Element, origin: Origin) -> object:
    """Return the session of an element, or the log if it has none."""
    session = getattr(element, "session", None)
    if session is None and "provlog:Session" in element.values("prov:type"):
        return element
    return session if session is not None else origin.file


def _files_with_several_ids(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield paths and URLs that have no common id in all sessions."""
    by_location: defaultdict[str, list[tuple[Origin, Entity]]] = defaultdict(list)
    for entity in graph.entities.values():
        origin = positions.elements.get(entity)
        if origin is not None and not _has_lasting_id(entity):
            for location in entity.values("prov:location"):
                if isinstance(location, str) and is_global(location):
                    by_location[location].append((origin, entity))
    for location, cases in by_location.items():
        ids: defaultdict[object, set[str]] = defaultdict(set)
        for origin, entity in cases:
            ids[_context(entity, origin)].add(raw_id(entity))
        if len(ids) < 2 or set.intersection(*ids.values()):
            continue
        cases.sort(key=lambda case: positions.position(case[0]))
        first = raw_id(cases[0][1])
        here = next(origin for origin, entity in cases if raw_id(entity) != first)
        names = [f"{quoted(raw_id(entity))} ({other_place(at, here)})" for at, entity in cases]
        message = (
            f"location {quoted(location)} has different ids in {len(ids)} runs, none a hash of "
            f"its content: {listing(names)}"
        )
        yield Diagnostic("PL504", here, message)


def _has_lasting_id(entity: Entity) -> bool:
    raw = raw_id(entity)
    return is_global(raw) or raw in entity.values("log:hash")
