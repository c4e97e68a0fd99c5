"""Unions of graphs with final identifiers."""

from __future__ import annotations

from pathlib import Path

import pytest
from prov.identifier import QualifiedName
from prov.model import ProvDocument

import provlog
from provlog.building.builder import build
from provlog.building.uniting import unite
from provlog.model.events import LogStarted, MakerNamed
from provlog.model.graph import Activity, Bundle, Entity, ProvGraph, Relation
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import Literal, qname
from provlog.origin import Origin
from provlog.store.store import Store
from tests.samples import SAMPLES
from tests.samples import document as document_of


def graph_of(prefix: str, iri: str, **attributes: str) -> ProvGraph:
    graph = ProvGraph(namespaces={prefix: iri})
    activity = Activity(f"{prefix}:a", {}, "2020-01-01T00:00:00")
    entity = Entity(f"{prefix}:e", {f"{prefix}:{name}": it for name, it in attributes.items()})
    graph.activities[activity.id], graph.entities[entity.id] = activity, entity
    graph.relations["used"][Relation(activity, entity)] = None
    return graph


def test_an_element_of_both_graphs_has_the_attributes_of_both() -> None:
    graph = graph_of("ex", "https://example.org/", one="1", two="2")
    other = graph_of("ex", "https://example.org/", two="b", three="3")
    other.activities["ex:a"].start, other.activities["ex:a"].end = "2020-01-02T00:00:00", "2021"
    unite(graph, other)
    assert graph.entities["ex:e"].attributes == {
        "ex:one": "1", "ex:two": ["2", "b"], "ex:three": "3",
    }  # fmt: skip
    activity = graph.activities["ex:a"]
    assert (activity.start, activity.end) == ("2020-01-01T00:00:00", "2021")
    later = Literal("2020-01-02T00:00:00", "xsd:dateTime")
    assert activity.attributes == {"log:startTime": later}
    assert [*graph.relations["used"]] == [Relation(activity, graph.entities["ex:e"])]


def test_a_prefix_with_two_meanings_gets_a_second_name() -> None:
    graph = graph_of("ex", "https://example.org/", one="1")
    other = graph_of("ex", "https://example.com/", one="1")
    other.entities["ex:e"].attributes["prov:type"] = qname("ex:T")
    other.activities["ex:a"].attributes["ex:n"] = Literal("1", "ex:number")
    bundle = other.bundles["ex:b"] = Bundle(id="ex:b")
    bundle.entities |= other.entities
    unite(graph, other)
    assert graph.namespaces == {"ex": "https://example.org/", "ex2": "https://example.com/"}
    assert [*graph.entities] == ["ex:e", "ex2:e"]
    assert graph.entities["ex2:e"].attributes == {"ex2:one": "1", "prov:type": qname("ex2:T")}
    assert graph.activities["ex2:a"].attributes == {"ex2:n": Literal("1", "ex2:number")}
    assert [*graph.bundles] == ["ex2:b"]
    assert [*graph.bundles["ex2:b"].entities] == ["ex2:e"]


def test_two_prefixes_of_one_iri_become_one() -> None:
    graph = graph_of("ex", "https://example.org/", one="1")
    unite(graph, graph_of("e", "https://example.org/", one="1"))
    assert graph.namespaces == {"ex": "https://example.org/"}
    assert graph.entities["ex:e"].attributes == {"ex:one": "1"}


def test_a_single_graph_keeps_its_prefixes() -> None:
    graph = ProvGraph()
    unite(graph, graph_of("log", "https://example.org/"), is_alone=True)
    assert graph.namespaces["log"] == "https://example.org/"
    assert [*graph.entities] == ["log:e"]


@pytest.mark.parametrize("is_first", [True, False])
def test_classes_keep_their_namespace_beside_a_document_with_the_same_prefix(
    is_first: bool, url: str, tmp_path: Path
) -> None:
    other = tmp_path / "other.provn"
    other.write_text(
        "document\nprefix voprov <https://example.org/v/>\nentity(voprov:e)\nendDocument\n"
    )
    inputs = [other, SAMPLES / "provlog-gammapy.log"][:: 1 if is_first else -1]
    graph = provlog.read(*inputs)
    with Store(url) as store:
        store.add(*inputs)
        assert store.graph().to_prov() == graph.to_prov()
    found = ProvDocument.deserialize(content=document_of(graph, "provjson"), format="json")
    types = {
        str(value.uri)
        for record in found.get_records()
        for name, value in record.attributes
        if name.localpart == "type" and isinstance(value, QualifiedName)
    }
    assert NAMESPACES["voprov"] + "Activity" in types
    assert "https://example.org/v/e" in {
        record.identifier.uri for record in found.get_records() if record.identifier is not None
    }


def test_different_times_of_one_activity_are_kept_and_reported_with_their_document() -> None:
    first, second, third = (document(start, end) for start, end in TIMES)
    same = unite(first, second, Origin("second.json", 1, 1))
    assert [*same.values()] == [*first.activities.values()]
    assert not first.diagnostics
    unite(first, third, Origin("third.json", 1, 1))
    (activity,) = first.activities.values()
    assert (activity.start, activity.end) == TIMES[0]
    assert activity.attributes == {
        "log:startTime": Literal("2020-01-01T00:00:01Z", "xsd:dateTime"),
        "log:endTime": Literal("2020-01-02T00:00:01Z", "xsd:dateTime"),
    }
    found = [(problem.code, problem.origin.file) for problem in first.diagnostics]
    assert found == [("PL303", "third.json"), ("PL302", "third.json")]


TIMES = [
    ("2020-01-01T00:00:00Z", "2020-01-02T00:00:00Z"),
    # The same instants.
    ("2020-01-01T01:00:00+01:00", "2020-01-02T00:00:00.0Z"),
    ("2020-01-01T00:00:01Z", "2020-01-02T00:00:01Z"),
]


def document(start: str, end: str) -> ProvGraph:
    graph = ProvGraph()
    graph.activities["ex:a"] = Activity("ex:a", {}, start, end)
    return graph


def named_by(product: str) -> ProvGraph:
    """Return the graph of a product, which names the activity that made it."""
    origin = Origin("product.h5", 1, 1)
    said = {"prov:label": "fit", "log:software_version": "gammapy 1.0"}
    maker = MakerNamed(origin, product, MAKER, "2020-01-01T00:00:00", "2020-01-01T00:00:04", said)
    return build([LogStarted(origin, "x"), maker])


MAKER, PRODUCT = "00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"


def recorded(role: str | None) -> ProvGraph:
    """Return a document about the same activity."""
    graph = ProvGraph()
    activity = Activity(f"log:activity-{MAKER}", {"prov:label": "fit"}, None, "2020-01-01T00:00:05")
    entity = Entity(f"log:entity-{PRODUCT}", {})
    graph.activities[activity.id], graph.entities[entity.id] = activity, entity
    graph.relations["wasGeneratedBy"][Relation(entity, activity, role)] = None
    return graph


@pytest.mark.parametrize("role", [None, "result"])
def test_a_document_replaces_what_a_product_states_of_its_activity(role: str | None) -> None:
    graph = named_by(PRODUCT)
    unite(graph, recorded(role))
    [activity] = graph.activities.values()
    assert activity.attributes == {"prov:label": "fit"}
    assert (activity.start, activity.end) == (None, "2020-01-01T00:00:05")
    assert [made.role for made in graph.relations["wasGeneratedBy"]] == [role]
    assert not graph.diagnostics
    # A second document is one of two records.
    other = recorded("preview")
    other.activities[activity.id].attributes["ex:n"] = "1"
    unite(graph, other)
    assert [made.role for made in graph.relations["wasGeneratedBy"]] == [role, "preview"]
    assert activity.attributes == {"prov:label": "fit", "ex:n": "1"}


def test_a_document_that_only_names_an_activity_replaces_nothing() -> None:
    graph = named_by(PRODUCT)
    other = recorded(None)
    [activity] = other.activities.values()
    activity.attributes, activity.end = {}, None
    other.relations["wasGeneratedBy"].clear()
    unite(graph, other)
    assert [one.end for one in graph.activities.values()] == ["2020-01-01T00:00:04"]
    assert len(graph.relations["wasGeneratedBy"]) == 1
