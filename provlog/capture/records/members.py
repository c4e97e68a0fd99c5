"""The members of containers, which are the items that are entities."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from provlog.capture.files.paths import absolute_path, is_path
from provlog.objects.data import CONTAINERS, SCALARS, is_data

if TYPE_CHECKING:
    from provlog.capture.records.object_ids import ObjectId
    from provlog.capture.records.results import Results
    from provlog.capture.records.syntax import ActivityRecords

__all__ = ["KnownEntities", "members_of", "record_members"]

# The number of items of a container that are examined.
_MAX_ITEMS = 1000


class KnownEntities(Protocol):
    """The interface to the recorded entities."""

    results: Results

    def identify(self, value: Any) -> ObjectId:
        """Return the id of an object."""

    def has(self, entity: str | None) -> bool:
        """Return whether an entity with this id is recorded."""

    def is_file(self, path: os.PathLike[str]) -> bool:
        """Return whether a path leads to a recorded entity or an existing file."""

    def members(self, value: Any) -> list[tuple[Any, Any]]:
        """Return the items of a container that are entities."""

    def object(self, value: Any, records: ActivityRecords, *, is_secret: bool) -> str:
        """Describe an object; return its id."""

    def file(
        self, path: str, records: ActivityRecords, name: str | None, is_generated: bool
    ) -> str:
        """Describe a file; return its id."""


def record_members(
    entities: KnownEntities, id: str, value: Any, records: ActivityRecords, is_secret: bool
) -> None:
    """Describe the members of a container with an id, and relate them to it."""
    for _, item in entities.members(value):
        if is_path(type(item)):
            member = entities.file(absolute_path(item), records, None, is_generated=False)
        else:
            member = entities.object(item, records, is_secret=is_secret)
        records.member(id, member)


def members_of(entities: KnownEntities, value: Any) -> list[tuple[Any, Any]]:
    """Return the items of a container that are entities, each with its key or position.

    These are data, existing files, results of calls, and containers that an activity used or
    generated.
    """
    items = dict.items(value) if type(value) is dict else enumerate(value)
    found = [(key, item) for key, item in islice(items, _MAX_ITEMS) if _is_member(entities, item)]
    if type(value) is set or type(value) is frozenset:
        # The order of a set differs between runs.
        ordered = sorted([item for _, item in found], key=lambda one: entities.identify(one).id)
        return [*enumerate(ordered)]
    return found


def _is_member(entities: KnownEntities, item: Any) -> bool:
    kind = type(item)
    if kind in SCALARS:
        return entities.results.entity_of(item) is not None
    if kind in CONTAINERS:
        return bool(item) and entities.has(entities.identify(item).id)
    if is_path(kind):
        return entities.is_file(item)
    return is_data(item) or entities.results.entity_of(item) is not None
