"""The statements that give way to those of another log, as in reading the logs together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, exists, select

from provlog.building.naming import PART_OF
from provlog.model.elements import Activity
from provlog.model.graph import ProvGraph
from provlog.model.relations import Relation, has_ends_alone
from provlog.store.database.interning import list_of
from provlog.store.database.schema import (
    ACTIVITY,
    KINDS,
    defined_session,
    definition,
    document,
    element,
    mention,
    second_hand,
)

__all__ = [
    "Generation", "Place", "QueryRow", "Special", "documents_among", "documents_last", "doubtful",
    "is_superseded", "only_in_documents", "second_hand_among", "special_in",
    "superseded",
]  # fmt: skip

QueryRow = Row[*tuple[Any, ...]]

Generation = tuple[int, int, int]
"""A log, and the entity and the activity of a second-hand generation in it."""

Place = tuple[int, int, int]
"""The kind and the ends of a relation."""


# Second-hand statements


class Special(NamedTuple):
    """Whether a store has second-hand statements, documents, and definitions of two kinds."""

    second_hand: bool
    documents: bool
    definitions: bool
    sessions: bool


def special_in(connection: Connection) -> Special:
    """Return which special statements a store has, with one query."""
    return Special(*map(bool, connection.execute(_SPECIAL).one()))


_TABLES = second_hand, document, definition, defined_session
# Built once, because each lineage asks it.
_SPECIAL = select(*(exists(select(one.c.log)) for one in _TABLES))


def second_hand_among(
    connection: Connection, wanted: ColumnElement[bool]
) -> tuple[set[int], set[Generation]]:
    """Return the second-hand descriptions of activities, and the second-hand generations."""
    ends = second_hand.c.log, second_hand.c.entity, second_hand.c.activity
    rows = connection.execute(select(second_hand.c.element, *ends).where(wanted)).all()
    described = {row[0] for row in rows if row[0] is not None}
    return described, {(log, entity, activity) for _, log, entity, activity in rows}


def is_superseded() -> ColumnElement[bool]:
    """Return the condition that a row of ``element`` gives way to one of another log."""
    other, mark = element.alias("recorded"), second_hand.alias("other_mark")
    is_mark = (second_hand.c.activity == element.c.id) & (second_hand.c.element == element.c.key)
    is_other_mark = (mark.c.activity == other.c.id) & (mark.c.element == other.c.key)
    is_recorded = exists().where(
        other.c.id == element.c.id, other.c.kind == ACTIVITY, ~exists().where(is_other_mark)
    )
    return exists().where(is_mark) & is_recorded


# Relations of several logs


def doubtful(graph: ProvGraph, *, with_sessions: bool) -> Iterator[tuple[str, Relation]]:
    """Yield the relations that may give way to those of other logs, with their kinds.

    These are usages and generations without a role beside others between the same elements,
    and, ``with_sessions``, relations of activities to other sessions than their own.
    """
    for kind in ("used", "wasGeneratedBy"):
        relations = graph.relations[kind]
        plain = {(one.source, one.target): one for one in relations if has_ends_alone(one)}
        if plain and len(plain) < len(relations):
            ends = {(one.source, one.target) for one in relations if not has_ends_alone(one)}
            yield from ((kind, plain[each]) for each in ends & plain.keys())
    sessions = {*graph.sessions.values()} if with_sessions else ()
    for one in graph.relations["wasInfluencedBy"]:
        if one.type == PART_OF and one.target in sessions and one.source not in sessions:
            activity = one.source
            if isinstance(activity, Activity) and activity.session is not one.target:
                yield "wasInfluencedBy", one


def superseded(
    connection: Connection,
    doubts: Collection[Place],
    rows: Iterable[QueryRow],
    second: Collection[Generation],
) -> Iterator[Place]:
    """Yield the doubtful relations that reading the logs together leaves out.

    A second-hand generation gives way to any other one, and a usage or generation of a log
    without a role to one of a log with a role. An activity is part of the session in which
    the first log records it. Documents keep their relations.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    doubts : collection of tuple
        Kind and ends of each doubtful relation.
    rows : iterable of row
        The relations of all logs.
    second : collection of tuple
        Log, entity and activity of each second-hand generation.
    """
    stated = [
        row for row in rows if (row.kind, row.source, row.target) in doubts and row.bundle is None
    ]
    documents = documents_among(connection, {row.log for row in stated})
    firm: defaultdict[Place, set[int]] = defaultdict(set)
    has_role: set[Place] = set()
    for row in stated:
        place = row.kind, row.source, row.target
        if row.role is not None:
            has_role |= {place} if row.log not in documents else set()
        elif (
            row.extra is None
            and row.type in (None, PART_OF)
            and (row.log, *place[1:]) not in second
        ):
            firm[place].add(row.log)
    for place in doubts:
        is_membership = place[0] == KINDS["wasInfluencedBy"]
        if not firm[place] or (
            firm[place].isdisjoint(documents) and (is_membership or place in has_role)
        ):
            yield place


# Documents


def documents_among(connection: Connection, keys: Collection[int]) -> set[int]:
    """Return the logs that are documents."""
    if not keys:
        return set()
    listed = document.c.log.in_(list_of(connection, keys))
    return {*connection.scalars(select(document.c.log).where(listed))}


def documents_last(documents: Collection[int], rows: Sequence[QueryRow]) -> Sequence[QueryRow]:
    """Return rows in the order of reading: graphs are united with that of all events."""
    return sorted(rows, key=lambda row: row.log in documents) if documents else rows


def only_in_documents(connection: Connection, rows: Sequence[QueryRow]) -> set[int]:
    """Return the descriptions of activities that only documents state, beside other ones."""
    counts = Counter(row.id for row in rows if row.kind == ACTIVITY)
    keys = [row.key for row in rows if row.kind == ACTIVITY and counts[row.id] > 1]
    if not keys:
        return set()
    is_in_log = exists().where(
        mention.c.element == element.c.key, mention.c.log.not_in(select(document.c.log))
    )
    query = select(element.c.key).where(element.c.key.in_(list_of(connection, keys)), ~is_in_log)
    return {*connection.scalars(query)}
