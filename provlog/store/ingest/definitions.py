"""Keep the definitions in a log, which describe the activities of other logs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from provlog.definitions.classes import (
    ActivityDefinition,
    Definitions,
    EntityDefinition,
    ItemDefinition,
    ParameterDefinition,
)
from provlog.definitions.ivoa import descriptions_of
from provlog.store.database.cells import json_cell, storable
from provlog.store.database.loading import load
from provlog.store.database.schema import defined_name, definition

__all__ = ["StoredDefinitions", "definitions_cell", "definitions_of", "put_definitions"]


class StoredDefinitions(NamedTuple):
    """Definitions in a store, and the prefixes that the store has for others of their log."""

    definitions: Definitions
    prefixes: dict[str, str]

    def to_own_prefixes(self) -> dict[str, str]:
        """Return the prefixes of the log for those of the store, each of them once."""
        own = {prefix: name for name, prefix in self.prefixes.items()}
        freed = [name for name in self.prefixes if name not in own]
        return own | dict(zip(freed, own.keys() - self.prefixes.keys(), strict=True))


def put_definitions(
    connection: Connection,
    log: int,
    definitions: Sequence[Definitions],
    prefixes: Mapping[str, str],
) -> None:
    """Add the definitions in a log, with the names that they describe.

    Parameters
    ----------
    connection : Connection
        A connection that writes.
    log : int
        The log.
    definitions : sequence of Definitions
        The definitions.
    prefixes : mapping
        The prefixes of the store for those of the log that differ.
    """
    if not definitions:
        return
    bodies = ((log, n, definitions_cell(one, prefixes)) for n, one in enumerate(definitions, 1))
    load(connection, definition, ("log", "n", "body"), bodies)
    names = [
        (log, n, storable(name)) for n, one in enumerate(definitions, 1) for name in _names(one)
    ]
    load(connection, defined_name, ("log", "n", "name"), names)


def _names(definitions: Definitions) -> dict[str, None]:
    """Return the labels of the activities and entities that definitions describe."""
    described = descriptions_of(definitions)
    labels = (one.name for one in definitions.activities.values())
    return dict.fromkeys([*definitions.activities, *labels, *described.entities])


def definitions_cell(definitions: Definitions, prefixes: Mapping[str, str]) -> str:
    """Return definitions as JSON, without expressions, which only a running program needs."""
    return json_cell({
        "activities": {key: _fields(held) for key, held in definitions.activities.items()},
        "entities": {key: _fields(held) for key, held in definitions.entities.items()},
        "agents": msgspec.to_builtins(definitions.agents),
        "file": definitions.file,
        "prefixes": dict(prefixes),
    })  # fmt: skip


def _fields(held: Struct) -> dict[str, Any]:
    """Return the fields of a definition that have a value, without its expressions."""
    found: dict[str, Any] = {}
    for name in held.__struct_fields__:
        value = getattr(held, name)
        if isinstance(value, ItemDefinition):
            value = _fields(value)
        elif isinstance(value, Struct):
            continue
        elif isinstance(value, tuple):
            value = [_fields(each) if isinstance(each, Struct) else each for each in value]
        if value is not None and value not in ([], {}):
            found[name] = value
    return found


def definitions_of(body: str) -> StoredDefinitions:
    """Return definitions from their JSON."""
    held = msgspec.json.decode(body)
    definitions = Definitions(
        activities={key: _activity(one) for key, one in held["activities"].items()},
        entities={key: EntityDefinition(**one) for key, one in held["entities"].items()},
        agents=held["agents"],
        file=held["file"],
    )
    return StoredDefinitions(definitions, held["prefixes"])


def _activity(held: dict[str, Any]) -> ActivityDefinition:
    parts: dict[str, Any] = {
        "parameters": tuple(map(_parameter, held.get("parameters", ()))),
        "usage": tuple(map(_item, held.get("usage", ()))),
        "generation": tuple(map(_item, held.get("generation", ()))),
    }
    return ActivityDefinition(**{**held, **parts})


def _parameter(held: dict[str, Any]) -> ParameterDefinition:
    return ParameterDefinition(**{**held, "options": tuple(held.get("options", ()))})


def _item(held: dict[str, Any]) -> ItemDefinition:
    parts = ("has_members", "has_progenitors")
    inner = {name: _item(held[name]) for name in parts if name in held}
    return ItemDefinition(**{**held, **inner})
