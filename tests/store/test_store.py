"""Round trips through a store: logs, documents, generated graphs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import provlog
from provlog.building.positions import Positions
from provlog.model.graph import ProvGraph
from provlog.store.database.connection import Database
from provlog.store.database.migrating import upgrade
from provlog.store.ingest.logs import LogEntry, put_graph
from provlog.store.queries.assembly import graph_of_logs
from provlog.store.store import Store
from tests import documents, strategies
from tests.profiles import examples
from tests.samples import LOGS, SAMPLES, document

DATA = Path(__file__).parent.parent / "data"
SOURCES = [
    path
    for path in sorted(DATA.rglob("*"))
    if path.suffix in {".json", ".xml", ".log", ".provn"} and path.is_file()
]


def readable(path: Path) -> ProvGraph | None:
    """Return the graph of a source; ``None`` if it holds no provenance."""
    try:
        return provlog.read(path)
    except provlog.ProvlogError:
        return None


def test_round_trip_of_samples(url: str) -> None:
    with Store(url) as store:
        for path in LOGS:
            store.add(path)
        for path in LOGS:
            expected = provlog.read(path)
            graph = store.graph(path)
            assert graph.to_prov() == expected.to_prov(), path.name
            assert graph.diagnostics == expected.diagnostics
            assert {*graph.sessions} == {*expected.sessions}


def test_a_log_keeps_its_order_and_descriptions(url: str) -> None:
    """The only log of a store gives the same documents, byte by byte."""
    path = SAMPLES / "provlog-gammapy.log"
    with Store(url) as store:
        store.add(path)
        graph = store.graph(path)
    for name in ("provjson", "provn", "votable"):
        assert document(graph, name) == document(provlog.read(path), name)


def test_several_logs_equal_reading_them_together(url: str) -> None:
    with Store(url) as store:
        store.add(*LOGS)
        graph, expected = store.graph(), provlog.read(*LOGS)
    assert graph.to_prov() == expected.to_prov()
    sessions = {raw: one.start for raw, one in graph.sessions.items()}
    assert sessions == {raw: one.start for raw, one in expected.sessions.items()}


def test_round_trip_of_other_sources(url: str) -> None:
    found = {path: graph for path in SOURCES if (graph := readable(path)) is not None}
    assert len(found) > 10
    with Store(url) as store:
        for path in found:
            store.add(path)
        for path, expected in found.items():
            assert store.graph(path).to_prov() == expected.to_prov(), path
        assert store.graph().to_prov() == provlog.read(*found).to_prov()


class UndoError(Exception):
    """Ends a transaction without a change."""


ENTRY = LogEntry("/x.log", "d", 1, "", "2026-01-01T00:00:00", "provlog")


def through(database: Database, *graphs: ProvGraph) -> ProvGraph:
    """Add graphs to an empty store, and return the graph of its whole content."""
    upgrade(database)

    found: list[ProvGraph] = []
    try:
        with database.engine.connect() as connection, connection.begin():
            for number, graph in enumerate(graphs):
                entry = LogEntry(f"/{number}.log", "d", 1, "", ENTRY.added, "provlog")
                put_graph(connection, entry, graph, Positions())
            found.append(graph_of_logs(connection, [*range(1, 1_000)]))
            raise UndoError
    except UndoError:
        return found[0]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()


SLOW = settings(
    max_examples=examples(25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@SLOW
@given(graph=documents.documents(documents.PLAIN_NAMES + documents.ODD_NAMES))
def test_documents_of_all_kinds_of_statements(database: Database, graph: ProvGraph) -> None:
    expected = graph.to_prov()
    assert through(database, graph).to_prov() == expected


@SLOW
@given(graph=strategies.graphs())
def test_graphs_of_hostile_ids_and_values(database: Database, graph: ProvGraph) -> None:
    expected = graph.to_prov()
    assert through(database, graph).to_prov() == expected
