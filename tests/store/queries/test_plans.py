"""Queries are made of expressions with bound parameters, and use indexes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

import provlog
from provlog.store.database.connection import Database
from provlog.store.store import Store
from tests.samples import SAMPLES

MARK = "s3cr3t'; DROP TABLE log; --"
Statements = list[tuple[str, Any]]


@pytest.fixture
def recorded(url: str, tmp_path: Path) -> Iterator[tuple[Store, Statements]]:
    """A store whose log, ids and values hold a mark, and the statements of all queries."""
    record = (
        f"_PROV_2020-01-01T00:00:01_PROV_{{'activity_id': {MARK!r}, 'name': {MARK!r}, "
        "'startTime': '2020-01-01T00:00:01'}\n"
        f"_PROV_2020-01-01T00:00:01_PROV_{{'activity_id': {MARK!r}, 'used_id': {MARK!r}, 'used_role': {MARK!r}}}\n"
        f"_PROV_2020-01-01T00:00:01_PROV_{{'activity_id': {MARK!r}, 'parameters': {{{MARK!r}: {MARK!r}}}}}\n"
        f"_PROV_2020-01-01T00:00:01_PROV_{{'entity_id': {MARK!r}, 'location': {MARK!r}, 'value': {MARK!r}}}\n"
    )
    path = tmp_path / f"{MARK}.log"
    path.write_text(record)
    with Store(url) as store:
        found: Statements = []

        @event.listens_for(store._database.engine, "before_cursor_execute")
        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            found.append((statement, parameters))

        store.add(path)
        yield store, found


def use(store: Store) -> None:
    """Ask for everything that a user can name."""
    for name in (MARK, f"*{MARK}*"):
        with suppress(provlog.ProvlogError):
            store.lineage(name, downstream=True, usage_types=[MARK], no_usage_types=[MARK])
    for criteria in (
        {"activities": [MARK]}, {"sessions": [MARK]}, {"parameters": {MARK: MARK}},
        {"parameters": {MARK: "> 1 TeV"}},
    ):  # fmt: skip
        with suppress(provlog.ProvlogError):
            store.find(**criteria)
    [entry] = store.logs()
    store.graph(entry.name)
    store.remove(entry.name)


def test_no_statement_holds_a_value(recorded: tuple[Store, Statements]) -> None:
    store, statements = recorded
    use(store)
    assert len(statements) > 30
    assert any("s3cr3t" in str(parameters) for _, parameters in statements)
    assert not [statement for statement, _ in statements if "s3cr3t" in statement]


def test_the_program_builds_no_sql_from_text() -> None:
    """SQLAlchemy writes all SQL; literals of it are constants."""
    for path in Path(provlog.__file__).parent.joinpath("store").rglob("*.py"):
        code = path.read_text(encoding="utf-8")
        for word in ('text(f"', "text('", "SELECT ", "INSERT ", "UPDATE ", "DELETE FROM", "DROP "):
            assert word not in code, (path, word)
        statements = [line for line in code.splitlines() if "exec_driver_sql(" in line]
        assert all('"BEGIN' in line for line in statements)


# How a plan says that it reads a whole table.
SCANS = {"sqlite": "SCAN {}", "postgresql": "Seq Scan on {}"}


def test_exact_names_and_lineages_scan_no_table(url: str) -> None:
    """The cost grows with the answer, not with the store.

    The server of the tests has no statistics of the tables, as after a large ingest.
    """
    with Store(url) as store:
        store.add(SAMPLES / "lstosa-0.9.5.log")
        graph = store.graph()
        statements: Statements = []

        @event.listens_for(store._database.engine, "before_cursor_execute")
        def note(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
            statements.append((statement, parameters))

        entity = next(made.source for made in graph.relations["wasGeneratedBy"])
        names = [entity.id, *map(str, entity.values("prov:location")), "no-such-name"]
        for name in names:
            with suppress(provlog.ProvlogError):
                store.lineage(name, depth=5)
                store.lineage(name, upstream=False, downstream=True)
    with closing(Database(url)) as database, database.engine.connect() as connection:
        is_file = database.backend == "sqlite"
        explain = "EXPLAIN QUERY PLAN" if is_file else "EXPLAIN"
        plans = [
            str(row[3 if is_file else 0])
            for statement, parameters in statements
            if statement.startswith(("SELECT", "WITH"))
            for row in connection.exec_driver_sql(f"{explain} {statement}", parameters)
        ]
        assert len(plans) > 20
        scan = SCANS[database.backend]
        big = ("element", "link", "mention", "identifier")
        assert not [plan for plan in plans for one in big if scan.format(one) in plan]
        if is_file:
            # Of a session or an agent all relations of an observatory are the sources.
            assert not [plan for plan in plans if "link_downstream (target=?)" in plan]
