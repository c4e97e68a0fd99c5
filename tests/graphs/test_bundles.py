"""Statements in bundles, and the same without the bundles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given

import provlog
from provlog.graphs.bundles import in_bundles, without_bundles
from provlog.graphs.lineage import lineage
from provlog.graphs.typed_entities import lift_descriptions
from provlog.model.graph import Activity, Bundle, Entity, ProvGraph, Relation
from tests import documents
from tests.samples import LOGS


@pytest.mark.parametrize("log", LOGS, ids=lambda path: path.name)
def test_the_lineage_is_the_same_with_sessions_in_bundles(log: Path, tmp_path: Path) -> None:
    graph = provlog.read(log)
    path = tmp_path / "bundles.json"
    provlog.write(in_bundles(graph), path)
    for bundled in (in_bundles(graph), provlog.read(path)):
        flat = without_bundles(bundled)
        lift_descriptions(flat)
        assert not flat.bundles
        assert {*flat.sessions} == {*graph.sessions}
        for entity in [*graph.entities.values()][::5]:
            for up in (True, False):
                expected = lineage(graph, [entity], upstream=up, downstream=not up)
                start = flat.entities[entity.id]
                found = lineage(flat, [start], upstream=up, downstream=not up)
                assert found.to_prov() == expected.to_prov()


@given(graph=documents.documents())
def test_a_graph_is_not_changed(graph: ProvGraph) -> None:
    before = graph.to_prov()
    flat = without_bundles(graph)
    assert graph.to_prov() == before
    parts = (graph, *graph.bundles.values())
    assert len([*flat.elements()]) <= sum(len([*part.elements()]) for part in parts)
    assert (flat is graph) == (not graph.bundles)


def test_a_prefix_of_a_bundle_keeps_its_meaning() -> None:
    graph = ProvGraph(namespaces={"ex": "https://example.org/"})
    graph.entities["ex:a"] = Entity("ex:a", {})
    for number, iri in enumerate(("urn:one:", "https://example.org/")):
        bundle = Bundle(id=f"ex:bundle{number}", namespaces={"own": iri})
        bundle.entities["own:a"] = Entity("own:a", {"prov:label": iri})
        graph.bundles[bundle.id] = bundle
    flat = without_bundles(graph)
    assert {*flat.entities} == {"ex:a", "own:a"}
    assert flat.namespaces["own"] == "urn:one:"
    assert flat.entities["ex:a"].label == "https://example.org/"


def test_relations_to_elements_that_another_part_describes() -> None:
    """An end without a description in its own bundle is the element with this name."""
    graph = ProvGraph()
    made, step = Entity("log:made", {}), Activity("log:step", {"prov:label": "fit"})
    graph.activities[step.id] = step
    bundle = graph.bundles["log:b"] = Bundle(id="log:b")
    bundle.entities[made.id] = made
    bundle.relations["wasGeneratedBy"][Relation(made, Activity(step.id, {}))] = None
    [relation] = without_bundles(graph).relations["wasGeneratedBy"]
    assert relation.target.label == "fit"
