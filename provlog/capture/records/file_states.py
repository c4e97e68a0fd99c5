"""The last known states of files, a part of the records of entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provlog.capture.records.entities import Entities

__all__ = ["is_recorded"]


def is_recorded(entities: Entities, path: str) -> bool:
    """Return whether a file at an absolute path is an entity, maybe in an earlier state."""
    return path in entities._at
