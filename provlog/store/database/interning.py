"""Look up the integers of identifiers, and add new ones."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable

import msgspec
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    Table,
    Text,
    bindparam,
    column,
    delete,
    func,
    select,
)
from sqlalchemy.schema import CreateTable

from provlog.store.database.connection import POSTGRESQL
from provlog.store.database.loading import insert_new, load, new_keys
from provlog.store.database.schema import identifier

__all__ = ["intern", "keys_of", "list_of", "names_of"]

_MOST = 50_000


def intern(connection: Connection, names: Collection[str]) -> tuple[dict[str, int], set[int]]:
    """Return the integers of identifiers, and which of them are new.

    Parameters
    ----------
    connection : Connection
        A connection that writes.
    names : collection of str
        The identifiers.
    """
    # Always in the same order, so that two writers never wait for each other.
    ordered = sorted(names)
    if connection.dialect.name != POSTGRESQL:
        return _intern_locked(connection, ordered)
    connection.execute(CreateTable(_staged, if_not_exists=True))
    load(connection, _staged, ("name", "digest"), ((name, _digest(name)) for name in ordered))
    given = select(_staged.c.name, _staged.c.digest)
    statement = (
        insert_new(connection, identifier)
        .from_select(["name", "digest"], given.order_by(_staged.c.digest))
        .returning(identifier.c.key, identifier.c.name)
    )
    keys = {name: key for key, name in connection.execute(statement)}
    new = set(keys.values())
    if len(keys) < len(ordered):
        known = select(identifier.c.name, identifier.c.key).join(
            _staged, _staged.c.digest == identifier.c.digest
        )
        keys.update(connection.execute(known).all())
    connection.execute(delete(_staged))
    return keys, new


# The names of a log on their way into ``identifier``; each connection has a table of its own.
_staged = Table(
    "staged_identifier",
    MetaData(),
    Column("name", Text),
    Column("digest", LargeBinary),
    prefixes=["TEMPORARY"],
    postgresql_on_commit="DELETE ROWS",
)


def _intern_locked(connection: Connection, names: list[str]) -> tuple[dict[str, int], set[int]]:
    """Intern identifiers without concurrent writers, as in SQLite."""
    keys = keys_of(connection, names)
    missing = [name for name in names if name not in keys]
    added = dict(zip(missing, new_keys(connection, identifier.c.key, len(missing)), strict=True))
    load(connection, identifier, ("key", "name"), ((key, name) for name, key in added.items()))
    return keys | added, set(added.values())


def keys_of(connection: Connection, names: Iterable[str]) -> dict[str, int]:
    """Return the integers of those identifiers that are in the store."""
    found: dict[str, int] = {}
    for part in _parts(list(names)):
        if connection.dialect.name == POSTGRESQL:
            digests = bindparam("digests", [_digest(name) for name in part], ARRAY(LargeBinary))
            wanted = identifier.c.digest == func.any(digests)
        else:
            wanted = identifier.c.name.in_(list_of(connection, part, Text()))
        query = select(identifier.c.name, identifier.c.key).where(wanted)
        found.update(connection.execute(query).all())
    return found


def names_of(connection: Connection, keys: Collection[int]) -> dict[int, str]:
    """Return identifiers by their integers."""
    query = select(identifier.c.key, identifier.c.name).where(
        identifier.c.key.in_(list_of(connection, keys))
    )
    return dict(connection.execute(query).all())


def list_of(
    connection: Connection,
    values: Collection[int] | Collection[str],
    type: Text | Integer | None = None,
) -> Select[tuple[object]]:
    """Return a query of many values that are a single parameter of the statement."""
    kind = type or Integer()
    if connection.dialect.name == POSTGRESQL:
        own = BigInteger() if isinstance(kind, Integer) else kind
        listed = (
            func.unnest(bindparam(None, [*values], ARRAY(own)))
            .table_valued(column("value", own), name="listed")
            .render_derived()
        )
    else:
        text = msgspec.json.encode([*values]).decode()
        listed = func.json_each(bindparam(None, text, Text)).table_valued(
            column("value", kind), name="listed"
        )
    return select(listed.c.value)


def _parts(names: list[str]) -> Iterable[list[str]]:
    for number in range(0, len(names), _MOST):
        yield names[number : number + _MOST]


def _digest(name: str) -> bytes:
    return hashlib.blake2b(name.encode(), digest_size=16).digest()
