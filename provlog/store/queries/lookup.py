"""Find elements by their names in the database: id, label, location, file name, role, pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from sqlalchemy import Column, ColumnElement, Connection, Select, case, or_, select

from provlog.graphs.lookup import only_one
from provlog.store.database.cells import storable
from provlog.store.database.connection import POSTGRESQL
from provlog.store.database.interning import keys_of
from provlog.store.database.schema import (
    AGENT,
    KINDS,
    element,
    has_text,
    identifier,
    link,
)
from provlog.store.queries.assembly import graph_of_elements

__all__ = ["find", "find_one"]

# The kinds of names of an element, the most exact first.
_NAMES = (element.c.local_id, element.c.name, element.c.location, element.c.file_name)


def find(connection: Connection, name: str, limit: int | None = None) -> list[int]:
    """Return the identifiers of the entities and activities with a name.

    The kinds of names are tried in the order of :func:`provlog.graphs.lookup.find`.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    name : str
        A name, an id, a path, or a pattern.
    limit : int, optional
        The maximal number of results.
    """
    for query in _queries(connection, storable(name)):
        found = [*connection.scalars(query.distinct().limit(limit))]
        if found:
            return found
    return []


def _queries(connection: Connection, name: str) -> Iterator[Select[int]]:
    elements = select(element.c.id).where(element.c.kind != AGENT)
    yield elements.where(element.c.id.in_([*keys_of(connection, [name]).values()]))
    for column in _NAMES:
        yield elements.where(has_text(column, name))
    used, made = KINDS["used"], KINDS["wasGeneratedBy"]
    entity = case((link.c.kind == used, link.c.target), else_=link.c.source)
    in_role = has_text(link.c.role, name), link.c.kind.in_((used, made))
    yield select(entity).where(*in_role, entity.is_not(None))
    if re.search(r"[*?[]", name):
        known_as = [_fits(connection, column, name) for column in (identifier.c.name, *_NAMES)]
        named = elements.join(identifier, identifier.c.key == element.c.id)
        yield named.where(or_(*known_as))


def _fits(connection: Connection, column: Column[str], pattern: str) -> ColumnElement[bool]:
    if connection.dialect.name == POSTGRESQL:
        # The regular expression in the syntax of PostgreSQL.
        return column.op("~", is_comparison=True)(_regular(pattern))
    # SQLite writes a negated set as [^...].
    return column.op("GLOB", is_comparison=True)(pattern.replace("[!", "[^"))


# A set in a pattern, or a single character.
_TOKEN = re.compile(r"\[(!?)(\]?[^\]]*)\]|.", re.DOTALL)


def _regular(pattern: str) -> str:
    r"""Return a pattern as a regular expression of PostgreSQL.

    Examples
    --------
    >>> _regular("dl[!1]_*.h5")
    '^dl[^1]_.*\\.h5$'
    """

    def token(found: re.Match[str]) -> str:
        if found[2] is not None:
            held = re.sub(r"[\\\[\]^]", r"\\\g<0>", found[2])
            return f"[{'^' if found[1] else ''}{held}]"
        return {"*": ".*", "?": "."}.get(found[0]) or re.escape(found[0])

    return f"^{_TOKEN.sub(token, pattern)}$"


def find_one(
    connection: Connection,
    name: str,
    by_content: Callable[[Connection, str], list[int]] = lambda _, __: [],
) -> int:
    """Return the identifier of the only element with a name.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    name : str
        The name.
    by_content : callable, optional
        Finds elements in another way, by a name that no element has.

    Raises
    ------
    UsageError
        If no element or several elements have the name.
    """
    found = find(connection, name, limit=_MOST + 1) or by_content(connection, name)
    if len(found) == 1:
        return found[0]
    # Give the same message as for logs.
    graph = graph_of_elements(connection, found[:_MOST])
    only = only_one([*graph.entities.values(), *graph.activities.values()], name, graph)
    return keys_of(connection, [only.id])[only.id]


_MOST = 20
