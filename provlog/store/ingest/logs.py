"""Put the graph of a log into a store, completely or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from provlog.building.positions import Positions
from provlog.definitions.classes import Definitions
from provlog.model.graph import Activity, ProvGraph, SecondHand
from provlog.origin import Origin
from provlog.store.database.cells import json_cell
from provlog.store.database.connection import POSTGRESQL
from provlog.store.database.interning import intern, list_of
from provlog.store.database.loading import insert_new, load, new_keys
from provlog.store.database.schema import (
    ACTIVITY,
    bundle,
    defined_name,
    defined_session,
    definition,
    document,
    element,
    has_text,
    link,
    log,
    mention,
    parameter,
    second_hand,
)
from provlog.store.ingest.contents import (
    drop_digests,
    has_several_digests,
    put_digests,
    unite_contents,
)
from provlog.store.ingest.definitions import put_definitions
from provlog.store.ingest.describing import put_descriptions
from provlog.store.ingest.namespaces import use_prefixes_of_store
from provlog.store.ingest.statements import (
    ELEMENT_COLUMNS,
    LINK_COLUMNS,
    PARAMETER_COLUMNS,
    ElementRow,
    GraphRows,
)

__all__ = ["LogEntry", "find_log", "lock_log", "put_graph", "remove_log"]

_LOCK = 0x70726F78

_MENTION_COLUMNS = ("log", "n", "element", "line", "session")
_SESSION = 1
_OF_LOGS = (mention, link, bundle, second_hand, document, definition, defined_name, defined_session)


class LogEntry(Struct, frozen=True):
    """A log as a store records it.

    Parameters
    ----------
    name : str
        The absolute path or the URL.
    digest : str
        The digest of its bytes.
    size : int
        The number of its bytes.
    options : str
        The digest of all options of reading.
    added : str
        The time at which it was added, as ``xsd:dateTime``.
    software : str
        The version of provlog that added it.
    statements : int
        The number of elements and relations that it states.
    """

    name: str
    digest: str
    size: int
    options: str
    added: str
    software: str
    statements: int = 0


def find_log(connection: Connection, name: str) -> Row[*tuple[Any, ...]] | None:
    """Return key, digest, size, options and statements of a log; ``None`` for an unknown log."""
    columns = log.c.key, log.c.digest, log.c.size, log.c.options, log.c.statements
    return connection.execute(select(*columns).where(has_text(log.c.name, name))).one_or_none()


def lock_log(connection: Connection, name: str) -> Row[*tuple[Any, ...]] | None:
    """Wait for other writers of a log, and return it as :func:`find_log` does."""
    if connection.dialect.name == POSTGRESQL:
        digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
        number = int.from_bytes(digest, "big", signed=True)
        connection.execute(select(func.pg_advisory_xact_lock(number)))
    return find_log(connection, name)


def _lock_store(connection: Connection, *, removes: bool) -> None:
    """Take a shared lock of the store for adding, or an exclusive lock for removing."""
    if connection.dialect.name == POSTGRESQL:
        lock = func.pg_advisory_xact_lock if removes else func.pg_advisory_xact_lock_shared
        connection.execute(select(lock(_LOCK)))


def put_graph(
    connection: Connection,
    entry: LogEntry,
    graph: ProvGraph,
    positions: Positions,
    definitions: Sequence[Definitions] = (),
    *,
    is_document: bool = False,
    defined: Mapping[Activity, tuple[Activity, Origin]] = {},
) -> int:
    """Replace the statements of a log by new ones, and return their number.

    Parameters
    ----------
    connection : Connection
        A connection that writes, after :func:`lock_log`.
    entry : LogEntry
        The log.
    graph : ProvGraph
        The graph of the log, which gets the prefixes of the store.
    positions : Positions
        The line of each statement.
    definitions : sequence of Definitions, optional
        Definitions in the log, which also describe the activities of other logs.
    is_document : bool, optional
        Whether the log is a graph, which keeps all its statements.
    defined : mapping, optional
        For each session, the session whose record holds its definitions, and that record.
    """
    known = find_log(connection, entry.name)
    former = known.key if known is not None else None
    _lock_store(connection, removes=former is not None or has_several_digests(graph))
    prefixes = use_prefixes_of_store(connection, graph)
    unite_contents(connection, graph)
    described_set, described = put_descriptions(connection, graph.descriptions)
    rows = GraphRows(graph, positions)
    keys, new = intern(connection, rows.names())
    loose = _take_out(connection, former) if former is not None else []
    elements = [*rows.elements(keys, described)]
    held = {
        "name": entry.name,
        "digest": entry.digest,
        "size": entry.size,
        "options": entry.options,
        "added": entry.added,
        "software": entry.software,
        "namespaces": json_cell(graph.namespaces),
        "diagnostics": json_cell(graph.diagnostics),
        "description_set": described_set,
        "statements": 0,
    }
    if former is None:
        [key] = connection.scalars(insert(log).values(held).returning(log.c.key))
    else:
        key = former
        connection.execute(update(log).where(log.c.key == key).values(held))
    load(
        connection,
        bundle,
        ("log", "n", "id"),
        ((key, n, keys[name]) for n, name in enumerate(graph.bundles, 1)),
    )
    places = _put_elements(connection, elements, new)
    load(
        connection,
        mention,
        _MENTION_COLUMNS,
        (
            (key, n, place, row.line, row.cells[_SESSION])
            for n, (place, row) in enumerate(zip(places, elements, strict=True), 1)
        ),
    )
    links = [*rows.links(key, keys)]
    load(connection, link, LINK_COLUMNS, links)
    put_digests(connection, graph, keys)
    _put_second_hand(connection, key, graph.second_hand, keys, elements, places)
    put_definitions(connection, key, definitions, prefixes)
    if is_document:
        load(connection, document, ("log",), [(key,)])
    if defined:
        holders = ((key, keys[one.id], keys[holder.id]) for one, (holder, _) in defined.items())
        load(connection, defined_session, ("log", "session", "holder"), holders)
    _drop_unmentioned(connection, loose)
    statements = len(elements) + len(links)
    connection.execute(update(log).where(log.c.key == key).values(statements=statements))
    return statements


def _put_second_hand(
    connection: Connection,
    key: int,
    found: SecondHand,
    keys: Mapping[str, int],
    elements: Sequence[ElementRow],
    places: Sequence[int],
) -> None:
    """Note which statements give way to those of another log."""
    if not found.generations:
        return
    made_by = {keys[one.id] for one in found.activities}
    rows = zip(elements, places, strict=True)
    described = {row.id: place for row, place in rows if row.kind == ACTIVITY and row.id in made_by}
    load(
        connection,
        second_hand,
        ("log", "n", "entity", "activity", "element"),
        (
            (key, n, keys[entity.id], keys[activity.id], described.get(keys[activity.id]))
            for n, (entity, activity) in enumerate(found.generations, 1)
        ),
    )


def _put_elements(
    connection: Connection, elements: Sequence[ElementRow], new: set[int]
) -> Sequence[int]:
    """Add the rows of elements that are not in the store, and return the integer of each row."""
    known = _known(connection, [row for row in elements if row.id not in new])
    missing: dict[tuple[int, int, int], ElementRow] = {}
    for row in elements:
        if row[:3] not in known:
            missing.setdefault(row[:3], row)
    keys = new_keys(connection, element.c.key, len(missing))
    added = dict(zip(missing, keys, strict=True))
    fresh = [content for content in missing if content[0] in new]
    load(
        connection,
        element,
        ELEMENT_COLUMNS,
        ((added[content], *content, *missing[content].cells) for content in fresh),
    )
    # Another writer may add the same description of a known element at the same time.
    shared = sorted(content for content in missing if content[0] not in new)
    if shared:
        rows = [(added[each], *each, *missing[each].cells) for each in shared]
        held = [dict(zip(ELEMENT_COLUMNS, row, strict=True)) for row in rows]
        connection.execute(insert_new(connection, element), held)
        stored = _known(connection, [missing[content] for content in shared])
        for content in shared:
            if stored[content] != added[content]:
                del missing[content]
        added |= stored
    load(
        connection,
        parameter,
        PARAMETER_COLUMNS,
        (
            (added[content], n, *cells)
            for content, row in missing.items()
            for n, cells in enumerate(row.parameters, 1)
        ),
    )
    known |= added
    return [known[row[:3]] for row in elements]


def _known(connection: Connection, rows: Sequence[ElementRow]) -> dict[tuple[int, int, int], int]:
    """Return the rows in the store that are equal to the given ones."""
    if not rows:
        return {}
    wanted = {row[:3] for row in rows}
    query = select(element.c.id, element.c.kind, element.c.digest, element.c.key).where(
        element.c.id.in_(list_of(connection, [*{row.id for row in rows}])),
        element.c.digest.in_(list_of(connection, [*{row.digest for row in rows}])),
    )
    found = {(id, kind, digest): key for id, kind, digest, key in connection.execute(query)}
    return {content: key for content, key in found.items() if content in wanted}


def remove_log(connection: Connection, name: str) -> bool:
    """Remove a log and everything that only it states; return false for an unknown log."""
    known = lock_log(connection, name)
    if known is None:
        return False
    _lock_store(connection, removes=True)
    loose = _take_out(connection, known.key)
    connection.execute(delete(log).where(log.c.key == known.key))
    _drop_unmentioned(connection, loose)
    return True


def _take_out(connection: Connection, key: int) -> list[int]:
    """Remove the statements of a log, and return the rows of the elements that it mentions."""
    loose = [*connection.scalars(select(mention.c.element).where(mention.c.log == key).distinct())]
    for table in _OF_LOGS:
        connection.execute(delete(table).where(table.c.log == key))
    return loose


def _drop_unmentioned(connection: Connection, keys: list[int]) -> None:
    """Remove the rows of elements that no log mentions any more."""
    if not keys:
        return
    wanted = element.c.key.in_(list_of(connection, keys))
    unmentioned = ~exists().where(mention.c.element == element.c.key)
    rows = connection.execute(select(element.c.key, element.c.id).where(wanted, unmentioned)).all()
    dropped = [key for key, _ in rows]
    for column in (parameter.c.element, element.c.key):
        connection.execute(delete(column.table).where(column.in_(list_of(connection, dropped))))
    drop_digests(connection, [id for _, id in rows])
