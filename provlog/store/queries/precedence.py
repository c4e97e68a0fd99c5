"""The statements that give way to those of another log, as in reading the logs together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, exists, select

from provlog.store.database.interning import list_of
from provlog.store.database.schema import ACTIVITY, KINDS, document, element, mention, second_hand

__all__ = [
    "Generation", "QueryRow", "documents_among", "documents_last", "has_second_hand",
    "is_superseded", "only_in_documents", "second_hand_among", "without_repeated",
]  # fmt: skip

QueryRow = Row[*tuple[Any, ...]]

Generation = tuple[int, int, int]
"""A log, and the entity and the activity of a second-hand generation in it."""

_Ends = tuple[int, "int | None", "int | None"]

_FLOWS = {KINDS["used"], KINDS["wasGeneratedBy"]}


# Second-hand statements


def has_second_hand(connection: Connection) -> bool:
    """Return whether any log has second-hand statements."""
    return connection.scalar(select(second_hand.c.log).limit(1)) is not None


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


def without_repeated(
    connection: Connection, rows: Sequence[QueryRow], second: Collection[Generation]
) -> Sequence[QueryRow]:
    """Return the relations without those that another log makes superfluous.

    These are second-hand generations, and usages and generations without a role if the
    other log states the role. Documents keep the latter, and their roles do not count.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    rows : sequence of row
        The relations.
    second : collection of tuple
        Log, entity and activity of each second-hand generation.
    """
    plain: defaultdict[_Ends, list[QueryRow]] = defaultdict(list)
    for row in rows:
        is_plain = row.role is None and row.type is None and row.extra is None
        if is_plain and row.kind in _FLOWS and row.bundle is None:
            plain[row.kind, row.source, row.target].append(row)
    if not plain:
        return rows
    recorded: set[_Ends] = set()
    roles: defaultdict[_Ends, set[int]] = defaultdict(set)
    for row in rows:
        ends = row.kind, row.source, row.target
        if ends in plain and row.bundle is None and (row.log, *ends[1:]) not in second:
            recorded.add(ends)
            if row.role is not None:
                roles[ends].add(row.log)
    implying = {row.log for ends in roles for row in plain[ends]}.union(*roles.values())
    documents = documents_among(connection, implying)
    repeated: set[tuple[int, int]] = set()
    for ends in recorded:
        logs = roles[ends] - documents if ends in roles else set()
        for row in plain[ends]:
            is_second_hand = (row.log, *ends[1:]) in second
            if is_second_hand or (row.log not in documents and any(log != row.log for log in logs)):
                repeated.add((row.log, row.n))
    return [row for row in rows if (row.log, row.n) not in repeated] if repeated else rows


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
    if not keys or connection.scalar(select(document.c.log).limit(1)) is None:
        return set()
    is_in_log = exists().where(
        mention.c.element == element.c.key, mention.c.log.not_in(select(document.c.log))
    )
    query = select(element.c.key).where(element.c.key.in_(list_of(connection, keys)), ~is_in_log)
    return {*connection.scalars(query)}
