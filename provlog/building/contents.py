"""Find entities that are the same file because they have a digest in common."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from provlog.model.digests import FURTHER, algorithm_of, digests
from provlog.model.graph import Entity

__all__ = ["same_content"]


def same_content(entities: Collection[tuple[Entity, str, Any, Any]]) -> dict[Entity, Entity]:
    """Return for entities that are known by a digest the first one with the same content.

    Where each has one digest, equal contents have equal ids already. Several digests link
    a file that one log knows by SHA-256 with one that another log knows by SHA-1.

    Parameters
    ----------
    entities : collection
        Each entity with its id in the log, its scope and whether the id is global, in the
        order of the logs.
    """
    if all(entity.attributes.keys().isdisjoint(FURTHER) for entity, _, _, _ in entities):
        # Nearly always, and quickly found out.
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
