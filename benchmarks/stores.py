"""Measure stores: ingest beside a bulk load of the same rows, lineage, size; print JSON.

    python benchmarks/stores.py STORE SIZE...

STORE is a new file of SQLite or the URL of an empty database of PostgreSQL. It is filled up to
each SIZE, in statements. Ingest and bulk load are measured for the first size, lineage for all.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import sys
from functools import partial
from time import perf_counter
from typing import Any

from sqlalchemy import func, select, text
from stored_graphs import STEPS, night

from provlog.collector import collector_paused
from provlog.store.database.connection import POSTGRESQL, Database
from provlog.store.database.loading import load
from provlog.store.database.migrating import upgrade
from provlog.store.database.schema import METADATA
from provlog.store.ingest.logs import LogEntry, put_graph
from provlog.store.store import Store

ACTIVITIES = 1000
ROUNDS = 100
DEPTH = 5


def ingest(database: Database, first: int, statements: int) -> tuple[int, int, float]:
    """Add logs until they have so many statements; return the next log, their number, seconds."""
    number, done, seconds = first, 0, 0.0
    while done < statements:
        graph, positions = night(number, ACTIVITIES)
        entry = LogEntry(f"/data/{number}.log", str(number), 1, "", "2026-01-01T00:00:00", "bench")
        begun = perf_counter()
        with collector_paused():
            done += database.write(
                partial(put_graph, entry=entry, graph=graph, positions=positions)
            )
        seconds += perf_counter() - begun
        number += 1
    return number, done, seconds


def bulk_load(source: Database, target: Database) -> float:
    """Return the seconds of loading all rows of a store into another one, table by table."""
    upgrade(target)
    rows: dict[str, list[tuple[Any, ...]]] = {}
    with source.reading() as connection:
        for table in METADATA.sorted_tables:
            rows[table.name] = [tuple(row) for row in connection.execute(select(table))]
    begun = perf_counter()
    for table in METADATA.sorted_tables:
        columns = [column.name for column in table.columns]
        target.write(partial(load, table=table, columns=columns, rows=rows[table.name]))
    return perf_counter() - begun


def size(database: Database) -> int:
    """Return the bytes of a store."""
    if database.path is not None:
        return os.path.getsize(database.path)
    with database.reading() as connection:
        return connection.scalar(select(func.pg_database_size(func.current_database()))) or 0


def lineage(store: Store, logs: int) -> dict[str, float]:
    """Return the median of the milliseconds of lineages in each direction, and their size."""
    chosen = random.Random(logs)
    found: dict[str, float] = {}
    for direction in ("upstream", "downstream"):
        taken, elements = [], []
        for _ in range(ROUNDS):
            step = chosen.randrange(ACTIVITIES // len(STEPS) - 1) * len(STEPS)
            log = chosen.randrange(logs)
            is_up = direction == "upstream"
            name = f"log:activity-{log}-{step + (len(STEPS) - 1 if is_up else 0)}"
            begun = perf_counter()
            part = store.lineage(name, upstream=is_up, downstream=not is_up, depth=DEPTH)
            taken.append((perf_counter() - begun) * 1000)
            elements.append(len(part.entities) + len(part.activities) + len(part.agents))
        found[direction] = statistics.median(taken)
        found[f"{direction} elements"] = statistics.median(elements)
    return found


def main() -> None:
    """Measure one store."""
    url, *sizes = sys.argv[1:]
    database = Database(url)
    upgrade(database)
    results: list[dict[str, Any]] = []
    number = statements = 0
    for wanted in map(int, sizes):
        number, added, seconds = ingest(database, number, wanted - statements)
        statements += added
        row: dict[str, Any] = {"statements": statements, "rate": added / seconds}
        if not results and len(sys.argv) > 2:
            row["bulk"] = seconds / bulk_load(database, Database(other(url)))
        if database.backend == POSTGRESQL:
            with database.engine.connect() as connection:
                connection.execute(text("ANALYZE"))
                connection.commit()
        with Store(url) as store:
            row |= lineage(store, number)
        row["bytes"] = size(database) / statements
        results.append(row)
        print(json.dumps(row), file=sys.stderr)
    print(json.dumps(results))


def other(url: str) -> str:
    """Return the store beside another one: PATH-bulk, or the database NAME_bulk."""
    if "://" not in url:
        return f"{url}-bulk"
    head, _, query = url.partition("?")
    return f"{head}_bulk?{query}"


if __name__ == "__main__":
    main()
