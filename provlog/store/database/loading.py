"""Load many rows at once, with COPY in PostgreSQL or a prepared statement in SQLite."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Table, func, insert, select
from sqlalchemy import Sequence as Counter
from sqlalchemy.dialects import postgresql, sqlite

from provlog.store.database.connection import POSTGRESQL

__all__ = ["insert_new", "load", "new_keys"]


def load(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    rows: Iterable[tuple[Any, ...]],
) -> None:
    """Insert rows.

    Parameters
    ----------
    connection : Connection
        A connection that writes.
    table : Table
        The table.
    columns : sequence of str
        The columns of the rows, in order.
    rows : iterable of tuple
        The rows, which must not conflict with existing ones.
    """
    cursor: Any = connection.connection.cursor()
    try:
        if connection.dialect.name == POSTGRESQL:
            from psycopg import sql

            into = sql.SQL("COPY {} ({}) FROM STDIN").format(
                sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, columns))
            )
            with cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            statement = insert(table).values(dict.fromkeys(columns))
            text = str(statement.compile(dialect=connection.dialect, column_keys=[*columns]))
            order = [column.name for column in table.columns if column.name in columns]
            assert order == [*columns]
            cursor.executemany(text, rows)
    finally:
        cursor.close()


def insert_new(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """Return a statement that inserts rows except those that conflict with existing ones."""
    if connection.dialect.name == POSTGRESQL:
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def new_keys(connection: Connection, column: Column[int], count: int) -> Sequence[int]:
    """Reserve integers for new rows."""
    if connection.dialect.name == POSTGRESQL:
        # The sequence of a BIGSERIAL column.
        counter = Counter(f"{column.table.name}_{column.name}_seq")
        numbers = func.generate_series(1, count).table_valued("number")
        query = select(counter.next_value()).select_from(numbers)
        return [*connection.scalars(query)]
    # SQLite has no concurrent writers.
    first = (connection.scalar(select(func.max(column))) or 0) + 1
    return range(first, first + count)
