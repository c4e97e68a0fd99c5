"""Arguments that a call changes in place: their states before and after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from provlog.capture.records.object_ids import ObjectId
from provlog.objects.classes import cached_by_class
from provlog.objects.data import CONTAINERS, is_data
from provlog.objects.fingerprints.converters import is_identified_by_value

if TYPE_CHECKING:
    from provlog.capture.records.entities import Entities

__all__ = ["States", "changed", "may_change", "state_of_argument"]

States = list[tuple[str, Any, ObjectId | None]]
"""Arguments that may change: role, value and state; ``None`` for an empty container."""


def state_of_argument(
    entities: Entities, role: str, value: Any, identified: ObjectId | None = None
) -> States:
    """Return an argument with its state, or an empty list if it cannot change.

    Parameters
    ----------
    entities : Entities
        Identifies objects.
    role : str
        The role of the argument.
    value : object
        The argument.
    identified : ObjectId, optional
        The state, if it is known already.
    """
    kind = type(value)
    if not may_change(kind) or not (kind in CONTAINERS or is_data(value)):
        return []
    is_empty = kind in CONTAINERS and not value
    return [(role, value, None if is_empty else identified or entities.identify(value))]


@cached_by_class
def may_change(kind: type) -> bool:
    """Return whether the content of instances of a class may change."""
    # A tuple may hold a list.
    has_fixed_value = is_identified_by_value(kind) and kind.__hash__ is not None
    return not has_fixed_value or kind is tuple


def changed(entities: Entities, states: States) -> States:
    """Return the arguments that have changed, each with its new state."""
    found: States = []
    for role, value, before in states:
        if before is None:
            if value:
                found.append((role, value, entities.identify(value)))
        elif before.note is None:
            after = entities.identify(value)
            if after.id != before.id and after.note is None:
                found.append((role, value, _derived(after, before)))
    return found


def _derived(after: ObjectId, before: ObjectId) -> ObjectId:
    """Return a new state with its previous one, which only tracked objects have."""
    return after if after.previous is not None else replace(after, previous=before.id)
