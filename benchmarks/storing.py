"""The table of stores: SQLite and PostgreSQL, each in a process of its own."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from measuring import WORK, run, table

HERE = Path(__file__).resolve().parent
# The server of the tests.
sys.path.append(str(HERE.parent))

SIZES = (300_000, 1_000_000)
# Another size to measure, such as 10_000_000, which takes half an hour.
MORE = os.environ.get("PROVLOG_BENCH_STATEMENTS")


def stores_table() -> str:
    """Ingest, bulk load, lineage and size of stores."""
    rows = []
    for name, place in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        with place() as url:
            if url is None:
                continue
            output = WORK / "stores.json"
            sizes = [*map(str, SIZES), *([MORE] if MORE else [])]
            run([sys.executable, HERE / "stores.py", url, *sizes], output)
            found: list[dict[str, Any]] = json.loads(output.read_text())
        rows += [
            [name, f"{row['statements']:,}", f"{row['rate']:,.0f}/s",
             f"**{row['bulk']:.1f}**" if "bulk" in row else "",
             f"**{row['upstream']:.1f} ms**", f"**{row['downstream']:.1f} ms**",
             f"{row['bytes']:.0f} B"]
            for row in found
        ]  # fmt: skip
    header = ["database", "statements", "ingest", "over its bulk load (limit 4)",
              "lineage upstream (limit 50 ms)", "downstream", "size of a statement"]  # fmt: skip
    return table(header, rows)


@contextmanager
def _sqlite() -> Iterator[str | None]:
    path = WORK / "store.db"
    files = [path.with_name(f"store.db{end}") for end in ("", "-wal", "-shm", "-bulk")]
    for file in files:
        file.unlink(missing_ok=True)
    yield str(path)
    for file in files:
        file.unlink(missing_ok=True)


@contextmanager
def _postgresql() -> Iterator[str | None]:
    import psycopg

    from tests.store.server import programs, running_server

    bin = programs()
    if bin is None:
        yield None
        return
    with running_server(bin) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            for name in ("bench", "bench_bulk"):
                connection.execute(f"CREATE DATABASE {name}".encode())
        yield server.url("bench")
