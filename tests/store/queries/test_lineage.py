"""Lineage in the database equals lineage in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import provlog
from provlog.building.builder import build
from provlog.building.positions import Positions
from provlog.errors import UsageError
from provlog.graphs import lookup
from provlog.graphs.bundles import without_bundles
from provlog.graphs.lineage import lineage
from provlog.graphs.usage_types import of_usage_types
from provlog.model.events import LogStarted
from provlog.model.graph import ProvGraph
from provlog.store.database.connection import Database
from provlog.store.database.interning import keys_of
from provlog.store.database.migrating import upgrade
from provlog.store.ingest.logs import LogEntry, put_graph
from provlog.store.queries.assembly import graph_of_elements
from provlog.store.queries.lineage import reached
from provlog.store.store import Store
from tests import documents
from tests.cli.test_lineage import ORIGIN, histories
from tests.profiles import examples
from tests.samples import LOGS, SAMPLES
from tests.store.test_store import UndoError

NIGHT = [SAMPLES / "lstosa-simulated-data.log.xz", SAMPLES / "lstosa-runwise.log"]


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    database = Database(url)
    upgrade(database)
    yield database
    database.close()


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    events=histories,
    depth=st.none() | st.integers(1, 4),
    upstream=st.booleans(),
    downstream=st.booleans(),
)
def test_any_history(
    database: Database, events: list[object], depth: int | None, upstream: bool, downstream: bool
) -> None:
    graph = build([LogStarted(ORIGIN, "deadbeef"), *events])  # type: ignore[list-item]
    starts = [*graph.entities.values(), *graph.activities.values()][:3]
    options = {"upstream": upstream, "downstream": downstream, "depth": depth}
    expected = [
        lineage(graph, [one], **options).to_prov()  # type: ignore[arg-type]
        for one in starts
    ]
    try:
        with database.engine.connect() as connection, connection.begin():
            entry = LogEntry("/x.log", "d", 1, "", "2026-01-01T00:00:00", "provlog")
            put_graph(connection, entry, graph, Positions())
            for one, part in zip(starts, expected, strict=True):
                start = keys_of(connection, [one.id])[one.id]
                ids = reached(connection, [start], **options)  # type: ignore[arg-type]
                assert graph_of_elements(connection, ids).to_prov() == part
            raise UndoError
    except UndoError:
        pass


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graph=documents.documents(), depth=st.none() | st.integers(1, 4), upstream=st.booleans())
def test_bundles_of_documents(
    database: Database, graph: ProvGraph, depth: int | None, upstream: bool
) -> None:
    """Statements in bundles are followed as those outside."""
    options: dict[str, Any] = {"upstream": upstream, "downstream": not upstream, "depth": depth}
    flat = without_bundles(graph)
    starts = [*flat.entities.values(), *flat.activities.values()]
    expected = [lineage(flat, [one], **options).to_prov() for one in starts]
    iris = [iri(flat, one.id) for one in starts]
    try:
        with database.engine.connect() as connection, connection.begin():
            entry = LogEntry("/x.log", "d", 1, "", "2026-01-01T00:00:00", "provlog")
            put_graph(connection, entry, graph, Positions())
            flat = without_bundles(graph)
            for one, part in zip(iris, expected, strict=True):
                [name] = {each.id for each in flat.elements() if iri(flat, each.id) == one}
                start = keys_of(connection, [name])[name]
                found = graph_of_elements(connection, reached(connection, [start], **options))
                assert found.to_prov() == part
            raise UndoError
    except UndoError:
        pass


def iri(graph: ProvGraph, name: str) -> str:
    """Return the IRI of a name, whose prefix the store may have replaced."""
    prefix, _, local = name.partition(":")
    return graph.namespaces[prefix] + local


@pytest.fixture(scope="module")
def store(new_url: Callable[[], str]) -> Iterator[Store]:
    """A store of all samples."""
    with Store(new_url()) as store:
        store.add(*LOGS)
        yield store


@pytest.mark.parametrize("step", [20, pytest.param(5, marks=pytest.mark.slow)])
def test_every_result_of_the_samples(store: Store, step: int) -> None:
    graph = provlog.read(*LOGS)
    used = {use.target for use in graph.relations["used"]}
    results = [made.source for made in graph.relations["wasGeneratedBy"] if made.source not in used]
    assert len(results) > 20
    for result in results[::step]:
        for depth in (None, 2):
            part = store.lineage(result.id, depth=depth)
            expected = lineage(graph, [result], depth=depth)
            assert part.to_prov() == expected.to_prov()
            assert {*part.sessions} == {*expected.sessions}


def names(graph: ProvGraph) -> list[str]:
    """Return one name of each kind, and names of nothing and of several."""
    entity = next(one for one in graph.entities.values() if one.values("prov:location"))
    location = str(entity.values("prov:location")[0])
    roles = {made.role or "" for made in graph.relations["wasGeneratedBy"]}
    several = [role for role in sorted(roles) if 1 < len(lookup.find(graph, role)) <= 20]
    return [
        entity.id, str(entity.values("dcterms:identifier")[0]), "get_observations", location,
        location.rpartition("/")[2], "flux_points", several[0], "*dl2_*01807*1*.h5", "dl[!1]_*Run01807.0001*",
        "nothing", "nothing*", "%", "'; DROP TABLE log; --", "a" * 100_000, "\x00", "\ud800",
    ]  # fmt: skip


def test_names_are_found_as_in_memory(store: Store) -> None:
    graph = provlog.read(*LOGS)
    for name in names(graph):
        expected = {one.id for one in lookup.find(graph, name)}
        if len(expected) == 1:
            assert store.lineage_of(name)[1] in expected
            continue
        with pytest.raises(UsageError) as error:
            store.lineage(name)
        message = f"matches {len(expected)}" if expected else "no entity or activity"
        assert message in str(error.value) or len(expected) > 20


def test_types_of_usages_limit_the_lineage(url: str, tmp_path: Path) -> None:
    source = Path(__file__).parent.parent.parent / "data" / "ivoa" / "example-1.0-proposal.vot.xml"
    graph = provlog.read(source)
    start = next(iter(graph.relations["wasGeneratedBy"])).source
    with Store(url) as store:
        store.add(source)
        for types, without in ((["Main"], []), ([], ["Main"]), (["Calibration"], [])):
            part = of_usage_types(
                store.lineage(start.id, usage_types=types, no_usage_types=without), types, without
            )
            whole = of_usage_types(provlog.read(source), types, without)
            named = whole.entities.get(start.id)
            if named is not None:
                assert part.to_prov() == lineage(whole, [named]).to_prov()
