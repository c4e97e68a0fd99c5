"""Follow relations in the database, with recursive queries."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    column,
    literal,
    or_,
    select,
)

from provlog.store.database.interning import list_of
from provlog.store.database.schema import KINDS, link

__all__ = ["before_the_last", "reached", "walk"]

_FLOWS = (KINDS["used"], KINDS["wasGeneratedBy"])


def reached(
    connection: Connection,
    starts: Sequence[int],
    *,
    upstream: bool = True,
    downstream: bool = False,
    depth: int | None = None,
    usage_types: Collection[str] = (),
    no_usage_types: Collection[str] = (),
) -> list[int]:
    """Return the identifiers in a lineage, including those that it starts from.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    starts : sequence of int
        The identifiers to start from.
    upstream, downstream : bool, optional
        The directions; each is followed separately.
    depth : int, optional
        The maximal number of relations to follow.
    usage_types, no_usage_types : collection of str, optional
        The types of usages and generations to follow, and to skip.
    """
    found = dict.fromkeys(starts)
    for is_asked, is_up in ((upstream, True), (downstream, False)):
        if is_asked:
            query = walk(connection, starts, is_up, depth, usage_types, no_usage_types)
            found.update(dict.fromkeys(connection.scalars(query)))
    return [*found]


def before_the_last(
    connection: Connection, starts: Sequence[int], *, depth: int | None = None, **options: Any
) -> list[int]:
    """Return the identifiers from which a lineage, with these options, goes on upstream."""
    if not options.pop("upstream", True) or depth == 0:
        return []
    options["downstream"] = False
    return reached(connection, starts, depth=None if depth is None else depth - 1, **options)


def walk(
    connection: Connection,
    starts: Sequence[int],
    upstream: bool,
    depth: int | None,
    usage_types: Collection[str] = (),
    no_usage_types: Collection[str] = (),
) -> Select[int]:
    """Return a recursive query of all identifiers in one direction."""
    near, far = (link.c.source, link.c.target) if upstream else (link.c.target, link.c.source)
    first = list_of(connection, starts).subquery("starts").c.value
    # Without a limit, the query needs no level and visits each identifier once.
    level = [] if depth is None else [literal(0, Integer).label("level")]
    steps = select(first.label("id"), *level).cte("reached", recursive=True)
    again = select(far, *(steps.c.level + 1 for _ in level)).join_from(
        steps, link, near == steps.c.id
    )
    again = again.where(link.c.is_followed, far.is_not(None))
    if usage_types:
        again = again.where(or_(link.c.kind.not_in(_FLOWS), link.c.flow_type.in_([*usage_types])))
    if no_usage_types:
        is_kept = link.c.flow_type.is_(None) | link.c.flow_type.not_in([*no_usage_types])
        again = again.where(or_(link.c.kind.not_in(_FLOWS), is_kept))
    if depth is not None:
        again = again.where(steps.c.level < depth)
    steps = steps.union(again)
    return select(column("id", Integer)).select_from(steps).distinct()
