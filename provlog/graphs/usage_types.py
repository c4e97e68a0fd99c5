"""Select usages and generations by type, for example to hide logs and previews."""

from __future__ import annotations

from collections.abc import Collection

from provlog.errors import UsageError
from provlog.graphs.select import part
from provlog.graphs.typed_entities import descriptions_in
from provlog.model.descriptions import Descriptions, FlowDescription
from provlog.model.graph import Element, ProvGraph, Relation
from provlog.model.vodml import FLOW_TYPES, FLOWS

__all__ = ["of_usage_types"]


def of_usage_types(
    graph: ProvGraph, types: Collection[str] = (), without: Collection[str] = ()
) -> ProvGraph:
    """Return a graph without usages and generations of other types.

    The type is that of the description, such as ``Main`` or ``Log``. Entities that only the
    omitted usages and generations mention are omitted, too, with their members.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed and shares its elements with the result.
    types : collection of str
        Keep only these types; empty for all.
    without : collection of str
        Omit these types.

    Raises
    ------
    UsageError
        If a type is neither a reserved word of the IVOA nor in a description.
    """
    # Documents state descriptions as entities.
    descriptions = descriptions_in(graph, graph.descriptions)
    _check(descriptions, {*types, *without})
    dropped: dict[str, set[Relation]] = {
        kind: {
            relation
            for relation, flow in descriptions.of_relations(kind, graph.relations[kind])
            if not _matches(flow, types, without)
        }
        for kind in FLOWS
    }
    omitted = _omitted(graph, dropped)
    kept = {element for element in graph.elements() if element not in omitted}
    result = part(graph, kept)
    for kind, relations in dropped.items():
        for relation in relations:
            result.relations[kind].pop(relation, None)
    return result


def _matches(
    flow: FlowDescription | None, types: Collection[str], without: Collection[str]
) -> bool:
    type = flow.type if flow is not None else ""
    return (not types or type in types) and type not in without


def _omitted(graph: ProvGraph, dropped: dict[str, set[Relation]]) -> set[Element]:
    """Return the entities that only dropped relations mention, and their members."""
    mentioned = set[Element]()
    touched = set[Element]()
    for kind in FLOWS:
        for relation in graph.relations[kind]:
            entity = relation.target if kind == "used" else relation.source
            (touched if relation in dropped[kind] else mentioned).add(entity)
    omitted = touched - mentioned
    members: dict[Element, set[Element]] = {}
    for relation in graph.relations["hadMember"]:
        members.setdefault(relation.target, set()).add(relation.source)
    # A collection may be a member itself.
    is_changed = True
    while is_changed:
        inner = {
            member
            for member, collections in members.items()
            if member not in mentioned and member not in omitted and collections <= omitted
        }
        omitted |= inner
        is_changed = bool(inner)
    return omitted


def _check(descriptions: Descriptions, asked: set[str]) -> None:
    known = {
        flow.type
        for activity in descriptions.activities.values()
        for flow in (*activity.usages, *activity.generations)
    }
    for type in sorted(asked - known - {*FLOW_TYPES}):
        words = ", ".join(dict.fromkeys([*FLOW_TYPES, *sorted(known - {""})]))
        raise UsageError(f"unknown type of usage {type!r}; there are {words}")
