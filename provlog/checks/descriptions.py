"""Find contradictions between a graph and its descriptions: PL711 to PL717."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from provlog.building.positions import Positions
from provlog.checks.names import named, quoted
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.descriptions import (
    ActivityDescription,
    ConfigFileDescription,
    DatasetDescription,
    Description,
    FlowDescription,
    ParameterDescription,
    ValueDescription,
)
from provlog.model.graph import Activity, ProvGraph
from provlog.model.values import json_text
from provlog.model.vocabulary import bounds, is_media_type, is_ucd, is_unit, number
from provlog.origin import Origin

__all__ = [
    "invalid_media_types", "invalid_ucds", "invalid_units", "multiplicities_that_fail",
    "options_that_are_not_allowed", "unknown_roles", "values_outside_limits",
]  # fmt: skip

_FLOWS = {"used": ("usage", "usages"), "wasGeneratedBy": ("generation", "generations")}


def unknown_roles(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield usages and generations in a role that their activity's description lacks."""
    seen = set[tuple[str, str, str]]()
    for kind, (noun, _) in _FLOWS.items():
        for relation in graph.relations[kind]:
            activity = relation.source if kind == "used" else relation.target
            described = graph.descriptions.of_activity(activity)
            role = relation.role_text
            origin = positions.relations[kind].get(relation)
            if described is None or role is None or origin is None:
                continue
            if described.id in graph.descriptions.unlisted:
                continue
            key = (kind, described.id, role)
            if role not in graph.descriptions.flows(kind, described) and key not in seen:
                seen.add(key)
                message = (
                    f"{noun} by activity {named(activity)} has the role {quoted(role)}, which the "
                    "description of the activity does not have"
                )
                yield Diagnostic("PL711", origin, message)


def multiplicities_that_fail(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield activities with more or fewer entities in a role than the description allows."""
    counts: Counter[tuple[str, object, str]] = Counter()
    for kind in _FLOWS:
        for relation in graph.relations[kind]:
            activity = relation.source if kind == "used" else relation.target
            if relation.role_text is not None:
                counts[kind, activity, relation.role_text] += 1
    for activity, described in _described(graph):
        # An activity without an end may not have generated everything yet.
        kinds = [*_FLOWS] if activity.end and not activity.failure else ["used"]
        for kind in kinds:
            for role, flow in graph.descriptions.flows(kind, described).items():
                problem = _problem(flow.multiplicity, counts[kind, activity, role])
                origin = positions.elements.get(activity)
                if problem and origin is not None:
                    message = f"activity {named(activity)}, role {quoted(role)}: {problem}"
                    yield Diagnostic("PL712", origin, message)


def _problem(multiplicity: str, count: int) -> str | None:
    if not multiplicity:
        return None
    allowed = bounds(multiplicity)
    if allowed is None:
        return f"{quoted(multiplicity)} is not a multiplicity such as 1, 0..1 or 3..*"
    least, most = allowed
    if count >= least and (most is None or count <= most):
        return None
    return f"{count} entities, but the description has the multiplicity {multiplicity}"


def values_outside_limits(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield parameters below the minimum or above the maximum of their description."""
    for activity, name, described in _parameters(graph):
        low, high = number(described.min, described.unit), number(described.max, described.unit)
        if low is None and high is None:
            continue
        for value in _scalars(activity, name):
            size = number(value, described.unit)
            if size is None:
                continue
            below, above = low is not None and size < low, high is not None and size > high
            if below or above:
                limit = f"below the minimum {described.min}" if below else ""
                limit = f"above the maximum {described.max}" if above else limit
                message = (
                    f"parameter {quoted(described.name)} of activity {named(activity)} is "
                    f"{quoted(str(value))[1:-1]}, {limit}"
                )
                yield from _at_parameter("PL713", positions, activity, name, message)


def options_that_are_not_allowed(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield parameters with a value that is not among the options of their description."""
    for activity, name, described in _parameters(graph):
        if not described.options:
            continue
        for value in activity.values(name):
            text = value if isinstance(value, str) else json_text(value)
            if text not in described.options:
                message = (
                    f"parameter {quoted(described.name)} of activity {named(activity)} is "
                    f"{quoted(text)}, not one of {', '.join(described.options)}"
                )
                yield from _at_parameter("PL714", positions, activity, name, message)


def invalid_units(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield descriptions with a unit that astropy cannot read."""
    yield from _invalid(graph, positions, "PL715", "unit", lambda it: it.unit, is_unit)


def invalid_ucds(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield descriptions with a UCD that is not in the vocabulary UCD1+."""
    yield from _invalid(graph, positions, "PL716", "UCD", lambda it: it.ucd, is_ucd)


def _invalid(
    graph: ProvGraph,
    positions: Positions,
    code: str,
    noun: str,
    get: Callable[[ParameterDescription | ValueDescription], str],
    is_valid: Callable[[str], bool],
) -> Iterator[Diagnostic]:
    for described, origin in _descriptions(graph, positions):
        if isinstance(described, (ParameterDescription, ValueDescription)):
            text = get(described)
            if text and not is_valid(text):
                message = f"{_titled(described)} has the invalid {noun} {quoted(text)}"
                yield Diagnostic(code, origin, message)


def invalid_media_types(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield descriptions with a content type that is not a media type."""
    for described, origin in _descriptions(graph, positions):
        if isinstance(described, (DatasetDescription, ConfigFileDescription)):
            text = described.content_type
            if text and not is_media_type(text):
                message = f"{_titled(described)}: {quoted(text)} is not a media type"
                yield Diagnostic("PL717", origin, message)


# Elements that descriptions describe


def _described(graph: ProvGraph) -> Iterator[tuple[Activity, ActivityDescription]]:
    for activity in graph.activities.values():
        described = graph.descriptions.of_activity(activity)
        if described is not None:
            yield activity, described


def _parameters(graph: ProvGraph) -> Iterator[tuple[Activity, str, ParameterDescription]]:
    for activity, described in _described(graph):
        known = graph.descriptions.parameters(described)
        for name in activity.attributes:
            if name in known:
                yield activity, name, known[name]


def _descriptions(graph: ProvGraph, positions: Positions) -> Iterator[tuple[Description, Origin]]:
    """Yield descriptions with the place of the first activity or entity that they describe."""
    places: dict[str, Origin] = {}
    for element, described in graph.descriptions.described.items():
        origin = positions.elements.get(element)
        if origin is not None:
            places.setdefault(described.id, origin)
    for described, owner in graph.descriptions.all():
        origin = places.get((owner or described).id)
        if origin is not None:
            yield described, origin


def _titled(described: Description) -> str:
    if isinstance(described, FlowDescription):
        return f"the description of the role {quoted(described.role)}"
    nouns = {"ParameterDescription": "parameter", "ConfigFileDescription": "file"}
    noun = nouns.get(described.kind, "entity")
    return f"the description of the {noun} {quoted(getattr(described, 'name', ''))}"


def _at_parameter(
    code: str, positions: Positions, activity: Activity, name: str, message: str
) -> Iterator[Diagnostic]:
    origin = positions.parameters.get((activity, name)) or positions.elements.get(activity)
    if origin is not None:
        yield Diagnostic(code, origin, message)


def _scalars(activity: Activity, name: str) -> Iterator[Any]:
    """Yield the values of a parameter, and the items of lists one by one."""
    for value in activity.values(name):
        if isinstance(value, str) and value.startswith("["):
            try:
                items = json.loads(value)
            except ValueError:
                items = []
            yield from items
        else:
            yield value
