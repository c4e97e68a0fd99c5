"""Store the descriptions of a log, in sets that logs with equal descriptions share."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from provlog.graphs.tables.rows import table_rows
from provlog.model import descriptions as classes
from provlog.model.descriptions import Description, Descriptions
from provlog.model.graph import Statements
from provlog.store.database.cells import json_cell, plain_attributes
from provlog.store.database.loading import insert_new, load, new_keys
from provlog.store.database.schema import DESCRIPTION_TABLES, description, description_set

__all__ = ["description_of", "put_descriptions"]

_Keys = dict[str, int]


def put_descriptions(
    connection: Connection, descriptions: Descriptions
) -> tuple[int | None, _Keys]:
    """Add the descriptions of a log, and return their set and their integers by id."""
    top = [*descriptions.activities.values(), *descriptions.entities.values()]
    # An entity may be described by a part, such as a configuration file.
    held = [*dict.fromkeys([*top, *descriptions.described.values()])]
    if not held:
        return None, {}
    bodies = [(one.id, one.kind, json_cell(_plain(one))) for one in held]
    digest = hashlib.blake2b(json_cell(bodies).encode(), digest_size=16).digest()
    find = select(description_set.c.key).where(description_set.c.digest == digest)
    key = connection.scalar(find)
    if key is None:
        added = insert_new(connection, description_set).values(digest=digest)
        key = connection.scalar(added.returning(description_set.c.key))
        if key is None:
            key = connection.scalar(find)
        else:
            _fill(connection, key, descriptions, bodies)
    query = select(description.c.id, description.c.key).where(description.c.description_set == key)
    return key, dict(connection.execute(query).all())


def _fill(
    connection: Connection,
    key: int,
    descriptions: Descriptions,
    bodies: list[tuple[str, str, str]],
) -> None:
    keys = new_keys(connection, description.c.key, len(bodies))
    load(
        connection,
        description,
        ("key", "description_set", "n", "id", "kind", "body"),
        ((row, key, n, *cells) for n, (row, cells) in enumerate(zip(keys, bodies, strict=True), 1)),
    )
    for rows in table_rows(Statements(), descriptions, {}):
        table = DESCRIPTION_TABLES.get(rows.table.name)
        if table is not None:
            columns = ("description_set", "n", *(column.name for column in rows.table.columns))
            cells = zip(*rows.columns, strict=True)
            load(
                connection,
                table,
                columns,
                ((key, n, *(cell or None for cell in row)) for n, row in enumerate(cells, 1)),
            )


def _plain(described: Description) -> dict[str, Any]:
    """Return a description and its parts as plain values."""
    held: dict[str, Any] = {"kind": described.kind}
    for name in described.__struct_fields__:
        value = getattr(described, name)
        if value and isinstance(value, tuple):
            value = [_plain(one) if isinstance(one, Description) else one for one in value]
        if value:
            held[name] = value
    return held


def description_of(body: str) -> Description:
    """Return a description from its JSON."""
    return _made(msgspec.json.decode(body))


def _made(held: dict[str, Any]) -> Description:
    kind: type[Description] = getattr(classes, held.pop("kind"))
    if "attributes" in held:
        held["attributes"] = plain_attributes(held["attributes"])
    for name, value in held.items():
        if isinstance(value, list):
            held[name] = tuple(_made(one) if isinstance(one, dict) else one for one in value)
    return kind(**held)
