"""Search a store for activities: by name, session, time and parameters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, or_, select

from provlog.errors import UsageError
from provlog.graphs.select import span, time_test
from provlog.model.elements import Activity
from provlog.store.database.cells import storable
from provlog.store.database.interning import keys_of, list_of
from provlog.store.database.schema import ACTIVITY, ENTITY, KINDS, element, has_text, link
from provlog.store.queries.conditions import Condition, fulfils
from provlog.store.queries.precedence import is_superseded, special_in

__all__ = ["find_activities", "session_keys", "touching"]

# The zone of a time may be unknown.
_MARGIN = timedelta(hours=14)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def find_activities(
    connection: Connection,
    *,
    since: str | None = None,
    until: str | None = None,
    sessions: Collection[str] = (),
    activities: Collection[str] = (),
    parameters: Collection[Condition] = (),
    limit: int | None = None,
) -> list[int]:
    """Return the identifiers of the activities that match all criteria.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    since, until, sessions, activities
        As in :func:`provlog.graphs.select.select`.
    parameters : collection of Condition
        Conditions on parameters.
    limit : int, optional
        The maximal number of results.

    Raises
    ------
    UsageError
        If a time is invalid, or a session or activity does not exist.
    """
    columns = element.c.id, element.c.start_time, element.c.end_time
    query = select(*columns).where(element.c.kind == ACTIVITY, element.c.session_name.is_(None))
    if sessions:
        keys = session_keys(connection, sessions)
        query = query.where(element.c.session.in_(list_of(connection, keys)))
    if activities:
        query = query.where(or_(*(_is_named(connection, name) for name in activities)))
    if since is not None:
        query = query.where(element.c.end_instant >= _instant(span("since", since)[0], -_MARGIN))
    if until is not None:
        query = query.where(element.c.start_instant <= _instant(span("until", until)[1], _MARGIN))
    for wanted in parameters:
        query = query.where(fulfils(connection, wanted))
    if special_in(connection).second_hand:
        query = query.where(~is_superseded())
    is_in_time = time_test(since, until)
    found: dict[int, None] = {}
    for id, start, end in connection.execute(query.order_by(element.c.key)):
        if (since is None and until is None) or is_in_time(Activity("", {}, start, end)):
            found[id] = None
            if len(found) == limit:
                break
    return [*found]


def session_keys(connection: Connection, names: Collection[str]) -> list[int]:
    """Return the identifiers of sessions by their ids, names or labels.

    Raises
    ------
    UsageError
        If a session does not exist.
    """
    keys: dict[int, None] = {}
    for name in names:
        known_as = or_(
            has_text(element.c.session_name, name),
            has_text(element.c.name, name),
            element.c.id.in_([*keys_of(connection, [storable(name)]).values()]),
        )
        query = select(element.c.id).where(known_as, element.c.session_name.is_not(None))
        found = connection.scalars(query).all()
        if not found:
            raise UsageError(f"no session {name!r} in the store")
        keys.update(dict.fromkeys(found))
    return [*keys]


def _is_named(connection: Connection, name: str) -> ColumnElement[bool]:
    is_known = or_(
        has_text(element.c.name, name),
        has_text(element.c.local_id, name),
        element.c.id.in_([*keys_of(connection, [storable(name)]).values()]),
    )
    query = select(element.c.id).where(is_known, element.c.kind == ACTIVITY)
    if connection.execute(query.limit(1)).first() is None:
        raise UsageError(f"no activity {name!r} in the store")
    return is_known


def _instant(time: datetime, margin: timedelta) -> int:
    zoned = time if time.tzinfo is not None else time.replace(tzinfo=UTC)
    return (zoned - _EPOCH + margin) // timedelta(microseconds=1)


def touching(
    connection: Connection, activities: Sequence[int], sessions: Sequence[int] = ()
) -> list[int]:
    """Return activities and everything directly related to them, as in a selection of a graph.

    These are their sessions and agents, the entities that they used and generated, and the
    members of collections among them. All entities of ``sessions`` are added.
    """
    chosen = list_of(connection, activities)
    related = [
        select(link.c.target).where(
            link.c.source.in_(chosen),
            link.c.kind.in_(
                [KINDS[kind] for kind in ("used", "wasAssociatedWith", "wasInfluencedBy")]
            ),
            link.c.is_followed,
        ),
        select(link.c.source).where(
            link.c.target.in_(list_of(connection, activities)),
            link.c.kind == KINDS["wasGeneratedBy"],
            link.c.is_followed,
        ),
    ]
    if sessions:
        related.append(
            select(element.c.id).where(
                element.c.session.in_(list_of(connection, sessions)), element.c.kind == ENTITY
            )
        )
    kept = dict.fromkeys([*activities, *sessions])
    for query in related:
        kept.update(dict.fromkeys(key for key in connection.scalars(query) if key is not None))
    return _with_members(connection, [*kept])


def _with_members(connection: Connection, ids: Sequence[int]) -> list[int]:
    """Return elements with the members of the collections among them, at any depth."""
    first = list_of(connection, ids).subquery("kept").c.value
    steps = select(first.label("id")).cte("members", recursive=True)
    again = (
        select(link.c.target)
        .join_from(steps, link, link.c.source == steps.c.id)
        .where(link.c.kind == KINDS["hadMember"], link.c.is_followed)
    )
    steps = steps.union(again)
    return [*dict.fromkeys([*ids, *connection.scalars(select(steps.c.id))])]
