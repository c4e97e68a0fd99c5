"""Convert the plain data of a definition file to definitions, and report all faults.

The tables hold all spellings of a key in any version of gammapy and logprov, so that other
modules need not know them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from provlog.definitions.classes import (
    ENTITY_TYPES,
    ActivityDefinition,
    Definitions,
    EntityDefinition,
    ItemDefinition,
    ParameterDefinition,
    is_target,
    last_name,
)
from provlog.definitions.expressions import Expression, ExpressionError, parse
from provlog.definitions.findings import Findings, Path, Places, in_order
from provlog.definitions.values import InvalidError, any_value, flag, guess, text, unexpected
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.diagnostics.severity import Severity
from provlog.model.vodml import FLOW_TYPES
from provlog.patterns import regex

__all__ = ["definitions_from", "valid_parts"]

# The path of an item's key is ("activities", name, "usage", number, key); members are deeper.
_DEPTH_OF_ITEM = 5
_PREFIX = regex(r"[^\W\d][\w.-]*")


class _Reading(Findings):
    """The findings so far, and the entities that items may refer to."""

    def __init__(self, file: str, places: Places | None) -> None:
        super().__init__(file, places)
        self.entities: dict[str, EntityDefinition] = {}


_Read = Callable[[Any, Path, _Reading], Any]
"""Returns the meaning of a value, ``None`` for a value without one, or raises an error."""

_Keys = Mapping[str, tuple[str, _Read]]
"""The field that each key sets, and the function that reads its value."""


def definitions_from(
    data: Any, file: str | None, places: Places | None = None
) -> tuple[Definitions | None, list[Diagnostic]]:
    """Return the definitions in plain data, and all findings.

    Parameters
    ----------
    data : Any
        The content of a definition file.
    file : str or None
        Its name.
    places : mapping, optional
        The place of each value.

    Returns
    -------
    Definitions or None
        ``None`` if there are errors.
    list of Diagnostic
        Errors and warnings, in the order of the file.
    """
    definitions, findings = valid_parts(data, file, places)
    has_errors = any(found.severity is Severity.ERROR for found in findings)
    return None if has_errors else definitions, findings


def valid_parts(
    data: Any, file: str | None, places: Places | None = None
) -> tuple[Definitions, list[Diagnostic]]:
    """Return the definitions in plain data without those that are invalid, and all findings.

    Parameters
    ----------
    data, file, places
        As for :func:`definitions_from`.
    """
    reading = _Reading(file or "definitions", places)
    fields = _read(_file, data, (), reading) or {}
    has_errors = any(found.severity is Severity.ERROR for found in reading.found)
    if not has_errors and not fields.get("activities"):
        reading.add("PL608", (), "no activity is described")
    findings = in_order(reading.found)
    source = dict(data) if isinstance(data, Mapping) else {}
    return Definitions(**fields, file=file, source=source, warnings=tuple(findings)), findings


def _file(data: Any, path: Path, reading: _Reading) -> dict[str, Any]:
    if isinstance(data, Mapping):
        # Entities first, because the items of activities refer to them.
        data = dict(sorted(data.items(), key=lambda item: item[0] not in _ENTITIES))
    return _fields(_or_empty(data), path, reading, _FILE)


def _read(read: _Read, value: Any, path: Path, reading: _Reading) -> Any:
    """Return the meaning of a value; report an invalid one and return ``None``."""
    try:
        return read(value, path, reading)
    except InvalidError as error:
        reading.add(error.code, path, str(error))
        return None


def _fields(value: Any, path: Path, reading: _Reading, keys: _Keys) -> dict[str, Any]:
    """Return the values of a mapping by field, without those that are null."""
    found: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for key, item in _items(value, path, reading):
        if key not in keys:
            hint = guess(key, keys)
            reading.add("PL604", (*path, key), f"unknown key{hint}", of_key=True)
        elif item is not None:
            field, read = keys[key]
            if spelled.setdefault(field, key) != key:
                message = f"another spelling of {spelled[field]!r}, which is already given"
                reading.add("PL603", (*path, key), message, of_key=True)
            found[field] = _read(read, item, (*path, key), reading)
    return {field: item for field, item in found.items() if item is not None}


def _items(value: Any, path: Path, reading: _Reading) -> Iterator[tuple[str, Any]]:
    """Yield the items of a mapping with a text as key; report the others."""
    if not isinstance(value, Mapping):
        raise unexpected("a mapping", value)
    for key, item in value.items():
        if isinstance(key, str):
            yield key, item
        else:
            reading.add("PL602", path, str(unexpected("text as a key", key)))


def _entity_type(value: Any, path: Path, reading: _Reading) -> str | None:
    word = text(value, path, reading)
    if word is not None and word not in ENTITY_TYPES:
        hint = guess(word, ENTITY_TYPES)
        reading.add("PL610", path, f"{word!r:.100} is not one of {', '.join(ENTITY_TYPES)}{hint}")
    return word


def _item_type(value: Any, path: Path, reading: _Reading) -> str | None:
    return value if value in FLOW_TYPES else _entity_type(value, path, reading)


def _expression(value: Any, path: Path, reading: _Reading) -> Expression | None:
    code = text(value, path, reading)
    try:
        found = parse(code.strip()) if code is not None else None
    except ExpressionError as error:
        raise InvalidError(f"{code!r:.100}: {error}", "PL605") from error
    if found is not None and found.name == "result" and _begins_before_the_end(path):
        message = (
            "'result' is the return value, which only generation can use; for an argument or "
            "attribute of that name write kwargs.result or self.result"
        )
        reading.add("PL611", path, message)
    return found


def _begins_before_the_end(path: Path) -> bool:
    """Return whether an expression is evaluated before the activity has a result."""
    is_of_part = len(path) > _DEPTH_OF_ITEM and path[-1] != "list"
    return path[2:3] != ("generation",) and not is_of_part


def _prefix(value: Any, path: Path, reading: _Reading) -> str | None:
    prefix = text(value, path, reading)
    if prefix is not None and _PREFIX.fullmatch(prefix) is None:
        message = f"invalid prefix {prefix!r:.100}: letters and digits are expected"
        reading.add("PL612", path, message)
    return prefix


def _list_of(read: _Read) -> _Read:
    def read_list(value: Any, path: Path, reading: _Reading) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise unexpected("a list", value)
        items = [_read(read, item, (*path, n), reading) for n, item in enumerate(value)]
        return tuple(item for item in items if item is not None)

    return read_list


def _mapping_of(read: _Read) -> _Read:
    def read_mapping(value: Any, path: Path, reading: _Reading) -> dict[str, Any]:
        items = {
            key: _read(read, item, (*path, key), reading)
            for key, item in _items(value, path, reading)
        }
        return {key: item for key, item in items.items() if item is not None}

    return read_mapping


def _name(path: Path) -> str:
    """Return the name of an activity, entity or agent, which is its key."""
    return str(path[-1])


def _or_empty(value: Any) -> Any:
    """Return a mapping; an empty one for a key without a value, which is allowed."""
    return {} if value is None else value


def _entities(value: Any, path: Path, reading: _Reading) -> dict[str, EntityDefinition]:
    reading.entities = _mapping_of(_entity)(value, path, reading)
    return reading.entities


def _entity(value: Any, path: Path, reading: _Reading) -> EntityDefinition:
    fields = _fields(_or_empty(value), path, reading, _ENTITY)
    return EntityDefinition(name=_name(path), **fields)


def _agent(value: Any, path: Path, reading: _Reading) -> dict[str, Any]:
    return dict(_items(_or_empty(value), path, reading))


def _activity(value: Any, path: Path, reading: _Reading) -> ActivityDefinition:
    name = _name(path)
    target = name if ":" in name else None
    if target is not None and not is_target(target):
        message = "not a target: write package.module:function or package.module:Class.method"
        reading.add("PL606", path, message, of_key=True)
    fields = _fields(_or_empty(value), path, reading, _ACTIVITY)
    if not (value and any(value.values())):
        reading.add("PL608", path, "empty definition", of_key=True)
    return ActivityDefinition(name=last_name(name), target=target, **fields)


def _parameters(value: Any, path: Path, reading: _Reading) -> tuple[ParameterDefinition, ...]:
    found: tuple[ParameterDefinition, ...] = _list_of(_parameter)(value, path, reading)
    for name, count in Counter(parameter.name for parameter in found).items():
        if count > 1:
            reading.add("PL613", path, f"{count} have the name {name!r:.100}")
    return found


def _parameter(value: Any, path: Path, reading: _Reading) -> ParameterDefinition | None:
    fields = _fields(value, path, reading, _PARAMETER)
    if not (value.get("name") or value.get("value")):
        raise InvalidError("neither a name nor a value", "PL607")
    if "value" in fields:
        fields.setdefault("name", fields["value"].text)
    return ParameterDefinition(**fields) if "name" in fields else None


def _item(value: Any, path: Path, reading: _Reading) -> ItemDefinition:
    return _item_with(_ITEM, value, path, reading)


def _part(value: Any, path: Path, reading: _Reading) -> ItemDefinition:
    return _item_with(_PART, value, path, reading)


def _item_with(keys: _Keys, value: Any, path: Path, reading: _Reading) -> ItemDefinition:
    fields = _fields(value, path, reading, keys)
    if not any(value.get(key) for key in ("id", "list", "location", "value")):
        reading.add("PL608", path, "neither a value nor a location nor an id to record")
    if fields.get("type") in FLOW_TYPES:
        fields["flow_type"] = fields.pop("type")
    _refer(fields, path, reading)
    _look_up(fields, value, path, reading)
    return ItemDefinition(**fields)


def _refer(fields: dict[str, Any], path: Path, reading: _Reading) -> None:
    """Resolve ``entityType``: the name of an entity or, if no entity has that name, a type."""
    word = fields.pop("entity_type", None)
    if word in ENTITY_TYPES and word not in reading.entities:
        fields.setdefault("type", word)
    elif word is not None and fields.setdefault("entity", word) != word:
        message = f"contradicts the entity {fields['entity']!r:.100}"
        reading.add("PL603", (*path, "entityType"), message)


def _look_up(
    fields: dict[str, Any], value: Mapping[str, Any], path: Path, reading: _Reading
) -> None:
    """Add the fields of the entity to an item, unless the item overrides them."""
    name = fields.get("entity")
    entity = reading.entities.get(name or "")
    if entity is not None:
        known = {"type": entity.type, "content_type": entity.content_type, "index": entity.index}
        fields |= {field: fields.get(field) or item for field, item in known.items()}
    elif name in ENTITY_TYPES:
        fields.setdefault("type", name)
    elif name is not None:
        key = next(key for key in _REFERENCES if value.get(key) is not None)
        hint = guess(name, reading.entities)
        reading.add("PL609", (*path, key), f"entity {name!r:.100} is not described{hint}")


def _filled(fields: str, read: _Read) -> dict[str, tuple[str, _Read]]:
    """Return a table of fields with the same names as their keys."""
    return {field: (field, read) for field in fields.split()}


_REFERENCES: _Keys = {
    "entityName": ("entity", text),
    "entity_description": ("entity", text),
    "entityType": ("entity_type", text),
}
_ENTITY: _Keys = {
    **_filled("description docurl index datatype arraysize xtype unit ucd utype", text),
    "contentType": ("content_type", text),
    "type": ("type", _entity_type),
}
_PARAMETER: _Keys = {
    **_filled("name description datatype arraysize xtype unit ucd utype", text),
    **_filled("value", _expression),
    **_filled("min max default", any_value),
    **_filled("options", _list_of(any_value)),
}
# A member or progenitor.
_PART: _Keys = {
    **_REFERENCES,
    **_filled("description", text),
    **_filled("namespace", _prefix),
    **_filled("location value id", _expression),
    "contentType": ("content_type", text),
    "list": ("each", _expression),
    "type": ("type", _entity_type),
}
_ITEM: _Keys = {
    **{key: reader for key, reader in _PART.items() if key != "list"},
    **_filled("role multiplicity", text),
    "type": ("type", _item_type),
    **_filled("has_members has_progenitors", _part),
    **_filled("overwrite", flag),
}
_ACTIVITY: _Keys = {
    **_filled("description contact version docurl type subtype", text),
    **_filled("parameters", _parameters),
    **_filled("usage generation", _list_of(_item)),
    **_filled("unlisted", flag),
}
_ENTITIES: _Keys = dict.fromkeys(
    ("entities", "entity_descriptions", "entity_description"), ("entities", _entities)
)
_FILE: _Keys = {
    **dict.fromkeys(
        ("activities", "activity_descriptions", "activity_description"),
        ("activities", _mapping_of(_activity)),
    ),
    **_ENTITIES,
    **dict.fromkeys(("agents", "agent"), ("agents", _mapping_of(_agent))),
    **_filled("namespaces", _mapping_of(text)),
}
