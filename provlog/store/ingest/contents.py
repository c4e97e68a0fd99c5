"""Entities of different logs that are the same file, because they have a digest in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Text, delete, select, update

from provlog.building.attributes import Merger
from provlog.model.digests import FURTHER, algorithm_of, digests
from provlog.model.elements import Element, Entity
from provlog.model.graph import ProvGraph
from provlog.origin import Origin
from provlog.store.database.cells import COLUMNS, attributes_of
from provlog.store.database.interning import keys_of, list_of
from provlog.store.database.loading import insert_new
from provlog.store.database.schema import (
    ENTITY,
    beginning,
    element,
    entity_digest,
    identifier,
    link,
    second_hand,
)

__all__ = [
    "drop_digests", "enter_digests", "has_several_digests", "ids_with_digests", "put_digests",
    "unite_contents",
]  # fmt: skip

_NOWHERE = Origin("", 0, 0)

# The integer of an identifier, which orders the identifiers by age, and its name.
_Owner = tuple[int, str]


def has_several_digests(graph: ProvGraph) -> bool:
    """Return whether a graph links digests of one file. No other log is added beside it."""
    return any(not one.attributes.keys().isdisjoint(FURTHER) for one in graph.entities.values())


def unite_contents(connection: Connection, graph: ProvGraph) -> None:
    """Give entities of a graph the names of those in a store that are the same file.

    If a log states that two entities of the store are one file, the second one becomes the
    first.
    """
    is_linked = has_several_digests(graph)
    if not is_linked and connection.scalar(select(entity_digest.c.id).limit(1)) is None:
        # Nearly always: no log has more than one digest of a file.
        return
    known = {
        entity: digests(entity)
        for entity in graph.entities.values()
        if any(algorithm_of(str(raw)) for raw in entity.values("dcterms:identifier"))
    }
    if not known:
        return
    wanted = {digest for found in known.values() for digest in found}
    owners = _owners(connection, wanted, by_digest_only=True)
    further = {digest for found in known.values() if len(found) > 1 for digest in found}
    for digest, ids in _identified(connection, further).items():
        owners.setdefault(digest, []).extend(ids)
    same: dict[Element, Element] = {}
    for entity, found in known.items():
        ids = sorted({owner for digest in found for owner in owners.get(digest, ())})
        if ids:
            first = ids[0][1]
            _unite_rows(connection, first, [name for _, name in ids if name != first])
            if first != entity.id:
                _rename(graph, entity, first, same)
    if same:
        for relations in graph.relations.values():
            moved = {relation.between(same): None for relation in relations}
            relations.clear()
            relations.update(moved)


def _owners(
    connection: Connection, wanted: Iterable[str], *, by_digest_only: bool = False
) -> dict[str, list[_Owner]]:
    """Return the entities that have one of the digests among their further digests, by digest.

    With ``by_digest_only``, return only entities whose id in the log is a digest: an id such
    as a path may stand for different contents at different times.
    """
    query = (
        select(entity_digest.c.digest, identifier.c.key, identifier.c.name)
        .join(identifier, identifier.c.key == entity_digest.c.id)
        .where(entity_digest.c.digest.in_(list_of(connection, [*wanted], Text())))
    )
    if by_digest_only:
        query = query.add_columns(element.c.local_id).join(
            element, element.c.id == entity_digest.c.id
        )
        rows = connection.execute(query).all()
        return _by_digest(row[:3] for row in rows if algorithm_of(row.local_id or ""))
    return _by_digest(connection.execute(query).all())


def _identified(connection: Connection, wanted: Iterable[str]) -> dict[str, list[_Owner]]:
    """Return the entities whose id in the log is a digest, by digest."""
    listed = [*wanted]
    if not listed:
        return {}
    query = (
        select(element.c.local_id, identifier.c.key, identifier.c.name)
        .join(identifier, identifier.c.key == element.c.id)
        .where(
            beginning(element.c.local_id).in_(list_of(connection, listed, Text())),
            element.c.local_id.is_not(None),
            element.c.kind == ENTITY,
        )
    )
    return _by_digest(connection.execute(query).all())


def _by_digest(rows: Iterable[tuple[str | None, int, str]]) -> dict[str, list[_Owner]]:
    found: dict[str, list[_Owner]] = {}
    for digest, key, name in rows:
        found.setdefault(digest or "", []).append((key, name))
    return found


def _rename(graph: ProvGraph, entity: Entity, name: str, same: dict[Element, Element]) -> None:
    """Give an entity another name, or unite it with the entity of the graph that has the name."""
    del graph.entities[entity.id]
    other = graph.entities.setdefault(name, entity)
    entity.id = name
    if other is not entity:
        same[entity] = other
        # A difference between two descriptions of one file has no single place to report.
        merger = Merger(lambda _: None)
        for attribute, value in entity.pairs():
            merger.add(other, attribute, value, _NOWHERE)


def _unite_rows(connection: Connection, first: str, others: list[str]) -> None:
    """Replace identifiers by another one in all statements of a store."""
    if not others:
        return
    keys = keys_of(connection, [first, *others])
    for name in others:
        for column in (link.c.source, link.c.target, element.c.id, second_hand.c.entity):
            change = update(column.table).where(column == keys[name])
            connection.execute(change.values({column.name: keys[first]}))
        of_other = entity_digest.c.id == keys[name]
        held = connection.scalars(select(entity_digest.c.digest).where(of_other)).all()
        connection.execute(delete(entity_digest).where(of_other))
        _insert(connection, [(digest, keys[first]) for digest in held])


def put_digests(connection: Connection, graph: ProvGraph, keys: Mapping[str, int]) -> None:
    """Enter the digests of a graph's entities, unless their only digest is the id."""
    _insert(
        connection,
        [
            (digest, keys[entity.id])
            for entity in graph.entities.values()
            for digest in _further(entity)
        ],
    )


def _further(entity: Element) -> set[str]:
    held = entity.attributes
    hash = held.get("log:hash")
    if (hash is None or hash == held.get("dcterms:identifier")) and FURTHER.isdisjoint(held):
        return set()
    found = digests(entity)
    return found if found != {str(raw) for raw in entity.values("dcterms:identifier")} else set()


def _insert(connection: Connection, rows: list[tuple[str, int]]) -> None:
    if rows:
        held = [{"digest": digest, "id": key} for digest, key in sorted(rows)]
        connection.execute(insert_new(connection, entity_digest), held)


def drop_digests(connection: Connection, ids: Iterable[int]) -> None:
    """Remove the digests of entities that no log states any more."""
    gone = set(ids)
    stated = select(element.c.id).where(element.c.id.in_(list_of(connection, gone)))
    gone -= {*connection.scalars(stated)}
    connection.execute(
        delete(entity_digest).where(entity_digest.c.id.in_(list_of(connection, gone)))
    )


def enter_digests(connection: Connection) -> None:
    """Enter the digests of all entities of a store."""
    columns = (element.c[name] for name in COLUMNS.values())
    query = select(element.c.id, element.c.attributes, *columns).where(element.c.kind == ENTITY)
    for row in connection.execute(query).all():
        cells = {name: getattr(row, column) for name, column in COLUMNS.items()}
        entity = Entity("", attributes_of(row.attributes, cells))
        _insert(connection, [(digest, row.id) for digest in _further(entity)])


def ids_with_digests(connection: Connection, wanted: Iterable[str]) -> list[int]:
    """Return the identifiers of the entities with any of some digests."""
    listed = {digest.lower() for digest in wanted}
    found = [*_owners(connection, listed).values(), *_identified(connection, listed).values()]
    return [*dict.fromkeys(key for owners in found for key, _ in owners)]
