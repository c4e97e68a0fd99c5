"""The generations of entities."""

from __future__ import annotations

from collections import defaultdict

from provlog.model.graph import ABSENT, Element, ProvGraph, Relation

__all__ = ["generations_by_entity", "is_value"]


def generations_by_entity(graph: ProvGraph) -> dict[Element, list[Relation]]:
    """Return the generations of each entity that has any."""
    found: defaultdict[Element, list[Relation]] = defaultdict(list)
    for relation in graph.relations["wasGeneratedBy"]:
        if relation.target is ABSENT:
            continue
        found[relation.source].append(relation)
    return found


def is_value(entity: Element) -> bool:
    """Return whether an entity is an in-memory value, which several activities may generate.

    Two calls that return 42 return the same entity.
    """
    return "PythonObject" in entity.values("prov:type") and not entity.values("prov:location")
