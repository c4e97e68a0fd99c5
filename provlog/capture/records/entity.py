"""An entity to record: its id, its progenitor and the fields that describe it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from provlog.capture.records.syntax import (
    WITHHELD_VALUE,
    entity_fields,
    note_field,
    value_field,
)
from provlog.definitions.scope import NOTHING
from provlog.objects.classes import cached_by_class, short_name
from provlog.objects.data import SCALARS, is_data_class, is_number
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.files.file_ids import FileId
    from provlog.capture.records.object_ids import ObjectId, TrackedObject
    from provlog.definitions.load import ItemDefinition

__all__ = [
    "COLLECTION", "FILE", "OBJECT", "EntityRecord", "fields_of_class", "is_secret_item",
    "object_entity", "object_fields", "type_of_file", "value_or_none",
]  # fmt: skip

OBJECT = "PythonObject"
"""The type of objects in memory."""
FILE = "File"
"""The type of files."""
COLLECTION = "FileCollection"
"""The type of folders."""


class EntityRecord(Struct, frozen=True):
    """An entity: its id, the id of the entity that it derives from, and its fields."""

    id: str
    previous: str | None
    fields: str
    tracked: TrackedObject | None = None
    # The value of the same variable at the next call may derive from it.
    may_be_previous: bool = False
    # The reason why the entity does not match its definition.
    fault: str | None = None
    # The id changes with the content.
    is_state: bool = True


def type_of_file(file: FileId) -> str:
    """Return the type of the entity of a file or folder."""
    return COLLECTION if file.is_folder else FILE


def object_fields(value: Any, identified: ObjectId, fields: str, is_secret: bool) -> str:
    """Return the fields of an object with its value, if that is short, and its note."""
    if is_secret:
        fields += WITHHELD_VALUE
    elif not is_data_class(type(value)) and (type(value) in SCALARS or is_number(value)):
        fields += value_field(value)
    return fields if identified.note is None else fields + note_field(identified.note)


def object_entity(value: Any, identified: ObjectId, fields: str, is_secret: bool) -> EntityRecord:
    """Return the entity of an object, with its value and note."""
    fields = object_fields(value, identified, fields, is_secret)
    # A number does not derive from another number.
    may_be_previous = identified.tracked is not None or type(value).__hash__ is None
    return EntityRecord(
        identified.id, identified.previous, fields, identified.tracked, may_be_previous
    )


def is_secret_item(item: ItemDefinition) -> bool:
    """Return whether a name in a definition denotes a secret."""
    return _is_any_secret(item.role, item.entity, item.value and item.value.text)


@lru_cache(maxsize=1000)
def _is_any_secret(*names: str | None) -> bool:
    return any(name is not None and is_secret_name(name) for name in names)


def value_or_none(value: Any) -> Any:
    """Return a value, or ``None`` if it is absent."""
    return None if value is NOTHING else value


@cached_by_class
def fields_of_class(kind: type) -> str:
    """Return the fields of an object that is named by its class."""
    return entity_fields(short_name(kind), OBJECT)
