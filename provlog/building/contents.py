"""Find entities that represent the same file because they have a digest in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from provlog.model.digests import FURTHER, algorithm_of, digests
from provlog.model.graph import Entity

__all__ = ["same_content"]


def same_content(entities: Collection[tuple[Entity, str, Any, Any]]) -> dict[Entity, Entity]:
    """Map entities identified by a digest to the first entity with the same content.

    With one digest each, entities with equal content already have equal ids. Several digests
    link a file that one log identifies by SHA-256 and another log by SHA-1.

    Parameters
    ----------
    entities : collection
        Each entity with its id in the log, its scope and whether the id is global, in the
        order of the logs.
    """
    if all(entity.attributes.keys().isdisjoint(FURTHER) for entity, _, _, _ in entities):
        # The usual case, which is quick to test.
        return {}
    files = [entity for entity, raw, _, _ in entities if algorithm_of(raw) is not None]
    order = {entity: number for number, entity in enumerate(files)}
    first: dict[Entity, Entity] = {}

    def found(entity: Entity) -> Entity:
        while entity in first:
            entity = first[entity]
        return entity

    owners: dict[str, Entity] = {}
    for entity in files:
        for digest in digests(entity):
            one, other = sorted(
                (found(owners.setdefault(digest, entity)), found(entity)), key=order.__getitem__
            )
            if one is not other:
                first[other] = one
    return {entity: found(entity) for entity in first}
