"""The members of containers, which are the items that are entities."""

from __future__ import annotations

import os
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from msgspec.structs import replace

from provlog.capture.files.paths import absolute_path, is_path
from provlog.capture.records.entity import object_fields
from provlog.objects.data import CONTAINERS, SCALARS, is_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from provlog.capture.records.object_ids import ObjectId
    from provlog.capture.records.results import Results
    from provlog.capture.records.syntax import ActivityRecords

__all__ = ["KnownEntities", "members_of", "record_container"]

# The number of items of a container that are examined.
_MAX_ITEMS = 1000
_NOTE = f"members: only the first {_MAX_ITEMS:,} items"
# The types of items that are members only if an activity used or generated them.
_USUALLY_NONE = SCALARS | CONTAINERS


class KnownEntities(Protocol):
    """The interface to the recorded entities."""

    results: Results

    def identify(self, value: Any) -> ObjectId:
        """Return the id of an object."""

    def know(self, entity: str) -> None:
        """Remember that an entity is recorded."""

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

    def write(self, id: str, previous: str | None, fields: str, records: ActivityRecords) -> bool:
        """Record new information about an entity; return whether it is new to its session."""


def record_container(
    entities: KnownEntities,
    value: Any,
    identified: ObjectId,
    fields: str,
    records: ActivityRecords,
    is_secret: bool,
    *,
    is_listed: bool,
) -> None:
    """Describe a container with an id, and its members if they are not recorded.

    Parameters
    ----------
    entities : KnownEntities
        The recorded entities.
    value : list, tuple, dict, set or frozenset
        The container.
    identified : ObjectId
        Its id.
    fields : str
        The fields with its name and type.
    records : ActivityRecords
        Receives the records.
    is_secret : bool
        Whether to withhold the values of its items.
    is_listed : bool
        Whether an earlier record lists its members.
    """
    members = entities.members(value)
    if _leaves_out(value, members):
        notes = filter(None, (identified.note, _NOTE))
        identified = replace(identified, note="; ".join(notes))
    fields = object_fields(value, identified, fields, is_secret)
    entities.results.add_length(value)
    # The previous content of a container may have been a parameter instead of an entity.
    previous = identified.previous if entities.has(identified.previous) else None
    if entities.write(identified.id, previous, fields, records) or not is_listed:
        entities.know(identified.id)
        for _, item in members:
            if is_path(type(item)):
                member = entities.file(absolute_path(item), records, None, is_generated=False)
            else:
                member = entities.object(item, records, is_secret=is_secret)
            records.member(identified.id, member)


def _leaves_out(value: Any, members: list[tuple[Any, Any]]) -> bool:
    """Return whether a container probably has members besides those that are found."""
    if len(value) <= _MAX_ITEMS:
        return False
    items = value.values() if type(value) is dict else value
    return bool(members) or not _USUALLY_NONE.issuperset(map(type, islice(items, _MAX_ITEMS, None)))


def members_of(entities: KnownEntities, value: Any) -> list[tuple[Any, Any]]:
    """Return the items of a container that are entities, each with its key or position.

    These are data, existing files, results of calls, and containers that an activity used or
    generated.
    """
    if type(value) is dict:
        items: Iterable[tuple[Any, Any]] = [*islice(dict.items(value), _MAX_ITEMS)]
        values = [item for _, item in items]
    else:
        values = [*islice(value, _MAX_ITEMS)]
        items = enumerate(values)
    kinds = {*map(type, values)}
    # For all items at once, since a list may be a table of a thousand rows.
    if kinds <= _USUALLY_NONE and not entities.results.may_hold_entities(kinds, values):
        return []
    found = [(key, item) for key, item in items if _is_member(entities, item)]
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
        may_be = bool(item) and entities.results.may_be_entity(item)
        return may_be and entities.has(entities.identify(item).id)
    if is_path(kind):
        return entities.is_file(item)
    return is_data(item) or entities.results.entity_of(item) is not None
