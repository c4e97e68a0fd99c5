"""From the plain data of a definition file to definitions, and to all that is wrong with it.

gammapy and logprov, early and late, spell the same things differently; the tables
here know all spellings, and nothing after them knows any.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from difflib import get_close_matches
from itertools import islice
from typing import Any

from provlog.definitions.classes import (
    KINDS,
    ActivityDefinition,
    Definitions,
    EntityDefinition,
    ItemDefinition,
    ParameterDefinition,
    is_place,
    last_name,
)
from provlog.definitions.expressions import Expression, ExpressionError, parse
from provlog.definitions.problems import Path, Places, Problem, Problems, in_order
from provlog.diagnostics.codes import Severity

__all__ = ["definitions_from"]

_MOST_GUESSES = 200
_LONGEST = 50
# An activity, its name, its usage, a number, a key: expressions of parts are further down.
_DEPTH_OF_ITEM = 5
_PREFIX = re.compile(r"[^\W\d][\w.-]*")


class _Reading(Problems):
    """What is wrong so far, and the entities that items may refer to."""

    def __init__(self, file: str, places: Places | None) -> None:
        super().__init__(file, places)
        self.entities: dict[str, EntityDefinition] = {}


class _NotExpectedError(ValueError):
    """A value is of the wrong type."""

    def __init__(self, what: str, value: Any) -> None:
        super().__init__(f"{what} is expected, not {_TYPES.get(type(value), 'something else')}")


_TYPES = {
    bool: "true or false; put a word that is meant as a text in quotes",
    dict: "a mapping",
    float: "a number",
    int: "a number",
    list: "a list",
    str: "a text",
    type(None): "nothing",
}

_Read = Callable[[Any, Path, _Reading], Any]
"""Returns what a value means, ``None`` if nothing, or raises a :class:`ValueError`."""

_Keys = Mapping[str, tuple[str, _Read]]
"""For each key the field that it fills, and what reads its value."""


def definitions_from(
    data: Any, file: str | None, places: Places | None = None
) -> tuple[Definitions | None, list[Problem]]:
    """Return what plain data defines, and all that is wrong with it.

    Parameters
    ----------
    data : Any
        What a definition file holds.
    file : str or None
        Where it comes from.
    places : mapping, optional
        Where each value stands.

    Returns
    -------
    Definitions or None
        ``None`` if there are errors.
    list of Problem
        Errors and warnings, in the order of the file.
    """
    reading = _Reading(file or "definitions", places)
    fields = _read(_file, data, (), reading)
    has_errors = any(problem.severity is Severity.ERROR for problem in reading.found)
    if not has_errors and not fields.get("activities"):
        reading.warning((), "no activity is described")
    problems = in_order(reading.found)
    if has_errors:
        return None, problems
    source = dict(data or {})
    return Definitions(**fields, file=file, source=source, warnings=tuple(problems)), problems


def _file(data: Any, path: Path, reading: _Reading) -> dict[str, Any]:
    if isinstance(data, Mapping):
        # The entities come before the items that refer to them.
        data = dict(sorted(data.items(), key=lambda item: item[0] not in _ENTITIES))
    return _fields(_or_empty(data), path, reading, _FILE)


def _read(read: _Read, value: Any, path: Path, reading: _Reading) -> Any:
    """Return what a value means; ``None`` if it is wrong, which is told."""
    try:
        return read(value, path, reading)
    except ValueError as error:
        reading.error(path, str(error))
        return None


def _fields(value: Any, path: Path, reading: _Reading, keys: _Keys) -> dict[str, Any]:
    """Return what the keys of a mapping say, by field; what is null says nothing."""
    found: dict[str, Any] = {}
    spelled: dict[str, str] = {}
    for key, item in _items(value, path, reading):
        if key not in keys:
            guess = _guess(key, keys)
            reading.warning((*path, key), f"unknown key{guess}", of_key=True)
        elif item is not None:
            field, read = keys[key]
            if spelled.setdefault(field, key) != key:
                told = f"says again what {spelled[field]!r} says"
                reading.error((*path, key), told, of_key=True)
            found[field] = _read(read, item, (*path, key), reading)
    return {field: item for field, item in found.items() if item is not None}


def _items(value: Any, path: Path, reading: _Reading) -> Iterator[tuple[str, Any]]:
    """Yield the items of a mapping whose key is a text."""
    if not isinstance(value, Mapping):
        raise _NotExpectedError("a mapping", value)
    for key, item in value.items():
        if isinstance(key, str):
            yield key, item
        else:
            reading.error(path, str(_NotExpectedError("a text as key", key)))


def _guess(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    # Each comparison takes its time.
    near = get_close_matches(word[:_LONGEST], islice(known, _MOST_GUESSES), n=1, cutoff=0.75)
    return f"; did you mean {near[0]!r}?" if near else ""


def _any(value: Any, path: Path, reading: _Reading) -> Any:
    return value


def _text(value: Any, path: Path, reading: _Reading) -> str | None:
    # A number or a date in the place of a text is a text that needs no quotes.
    if isinstance(value, bool) or not isinstance(value, (str, int, float, date)):
        raise _NotExpectedError("a text", value)
    return str(value) or None


def _flag(value: Any, path: Path, reading: _Reading) -> bool:
    if not isinstance(value, bool):
        raise _NotExpectedError("true or false", value)
    return value


def _kind(value: Any, path: Path, reading: _Reading) -> str | None:
    kind = _text(value, path, reading)
    if kind is not None and kind not in KINDS:
        guess = _guess(kind, KINDS)
        reading.warning(path, f"{kind!r:.100} is none of {', '.join(KINDS)}{guess}")
    return kind


def _expression(value: Any, path: Path, reading: _Reading) -> Expression | None:
    text = _text(value, path, reading)
    try:
        found = parse(text.strip()) if text is not None else None
    except ExpressionError as error:
        raise ValueError(f"{text!r:.100}: {error}") from error
    if found is not None and found.name == "result" and _begins_before_the_end(path):
        told = "'result' is what is returned, which generation alone knows"
        reading.warning(path, f"{told}; kwargs.result or self.result is another")
    return found


def _begins_before_the_end(path: Path) -> bool:
    """Tell whether an expression stands for something before the activity has a result."""
    is_of_part = len(path) > _DEPTH_OF_ITEM and path[-1] != "list"
    return path[2:3] != ("generation",) and not is_of_part


def _prefix(value: Any, path: Path, reading: _Reading) -> str | None:
    prefix = _text(value, path, reading)
    if prefix is not None and _PREFIX.fullmatch(prefix) is None:
        reading.warning(path, f"{prefix!r:.100} is no prefix: letters and digits are expected")
    return prefix


def _list_of(read: _Read) -> _Read:
    def read_list(value: Any, path: Path, reading: _Reading) -> tuple[Any, ...]:
        if not isinstance(value, (list, tuple)):
            raise _NotExpectedError("a list", value)
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
    """Return the name of an activity, entity or agent: the key that leads to it."""
    return str(path[-1])


def _or_empty(value: Any) -> Any:
    """Return an empty mapping for nothing: what has a name alone is described, too."""
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
    if target is not None and not is_place(target):
        reading.error(path, "no place such as package.module:Class.method", of_key=True)
    fields = _fields(_or_empty(value), path, reading, _ACTIVITY)
    if not (value and any(value.values())):
        reading.warning(path, "nothing is said of it", of_key=True)
    return ActivityDefinition(name=last_name(name), target=target, **fields)


def _parameters(value: Any, path: Path, reading: _Reading) -> tuple[ParameterDefinition, ...]:
    found: tuple[ParameterDefinition, ...] = _list_of(_parameter)(value, path, reading)
    for name, count in Counter(parameter.name for parameter in found).items():
        if count > 1:
            reading.warning(path, f"{count} are called {name!r:.100}")
    return found


def _parameter(value: Any, path: Path, reading: _Reading) -> ParameterDefinition | None:
    fields = _fields(value, path, reading, _PARAMETER)
    if not (value.get("name") or value.get("value")):
        raise ValueError("neither a name nor a value")
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
        reading.warning(path, "without a value, a location or an id nothing can be recorded")
    _refer(fields, path, reading)
    _look_up(fields, value, path, reading)
    return ItemDefinition(**fields)


def _refer(fields: dict[str, Any], path: Path, reading: _Reading) -> None:
    """Settle what ``entityType`` means: an entity, or where there is none of that name, a kind."""
    word = fields.pop("entity_type", None)
    if word in KINDS and word not in reading.entities:
        fields.setdefault("type", word)
    elif word is not None and fields.setdefault("entity", word) != word:
        reading.error((*path, "entityType"), f"the entity is {fields['entity']!r:.100} already")


def _look_up(
    fields: dict[str, Any], value: Mapping[str, Any], path: Path, reading: _Reading
) -> None:
    """Add what is said of the entity; what is said of the item itself goes before."""
    name = fields.get("entity")
    entity = reading.entities.get(name or "")
    if entity is not None:
        known = {"type": entity.type, "content_type": entity.content_type, "index": entity.index}
        fields |= {field: fields.get(field) or item for field, item in known.items()}
    elif name in KINDS:
        fields.setdefault("type", name)
    elif name is not None:
        key = next(key for key in _REFERENCES if value.get(key) is not None)
        guess = _guess(name, reading.entities)
        reading.warning((*path, key), f"entity {name!r:.100} is not described{guess}")


def _filled(fields: str, read: _Read) -> dict[str, tuple[str, _Read]]:
    """Return a table in which keys and fields have the same names."""
    return {field: (field, read) for field in fields.split()}


_REFERENCES: _Keys = {
    "entityName": ("entity", _text),
    "entity_description": ("entity", _text),
    "entityType": ("entity_type", _text),
}
_ENTITY: _Keys = {
    **_filled("description docurl index", _text),
    "contentType": ("content_type", _text),
    "type": ("type", _kind),
}
_PARAMETER: _Keys = {
    **_filled("name description datatype arraysize xtype unit ucd utype", _text),
    **_filled("value", _expression),
    **_filled("min max default", _any),
    **_filled("options", _list_of(_any)),
}
# A member or progenitor.
_PART: _Keys = {
    **_REFERENCES,
    **_filled("description", _text),
    **_filled("namespace", _prefix),
    **_filled("location value id", _expression),
    "contentType": ("content_type", _text),
    "list": ("each", _expression),
    "type": ("type", _kind),
}
_ITEM: _Keys = {
    **{key: how for key, how in _PART.items() if key != "list"},
    **_filled("role multiplicity", _text),
    **_filled("has_members has_progenitors", _part),
    **_filled("overwrite", _flag),
}
_ACTIVITY: _Keys = {
    **_filled("description contact", _text),
    **_filled("parameters", _parameters),
    **_filled("usage generation", _list_of(_item)),
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
    **_filled("namespaces", _mapping_of(_text)),
}
