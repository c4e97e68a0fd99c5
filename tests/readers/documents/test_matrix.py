"""Round trips of documents through every reader and writer."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

import provlog
from provlog.graphs.bundles import in_bundles
from provlog.model.graph import QualifiedRelation, Relation, Statements
from provlog.readers import READERS
from provlog.writers import FORMATS
from tests.documents import ODD_NAMES, PLAIN_NAMES, documents
from tests.profiles import examples
from tests.readers.documents.reading import BOTH, differences, read
from tests.samples import LOGS, NAMES, document

OURS = ["provjson", "provxml", "provn"]


def test_every_document_can_be_read_and_written() -> None:
    assert {name for name in READERS if name in FORMATS} >= set(BOTH)


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_round_trip_of_samples_in_every_format(path: Path) -> None:
    graph = provlog.read(path)
    for name in BOTH:
        assert differences(read(document(graph, name), name), graph) == [], name


@pytest.mark.parametrize("path", LOGS[:6], ids=NAMES[:6])
def test_round_trip_of_bundles(path: Path) -> None:
    graph = in_bundles(provlog.read(path))
    for name in BOTH:
        if name != "turtle":
            assert differences(read(document(graph, name), name), graph) == [], name


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_round_trip_of_sessions(path: Path) -> None:
    graph = provlog.read(path)
    for name in OURS:
        again = read(document(graph, name), name)
        assert [*again.sessions] == [*graph.sessions]
        for key, activity in graph.activities.items():
            session = again.activities[key].session
            assert (session and session.id) == (activity.session and activity.session.id)


@settings(max_examples=examples(100))
@given(documents())
def test_round_trip_of_all_of_prov_dm(graph: provlog.ProvGraph) -> None:
    for name in OURS:
        assert differences(read(document(graph, name), name), graph) == [], name


@settings(max_examples=examples(60))
@given(documents(names=PLAIN_NAMES + ODD_NAMES))
def test_round_trip_of_foreign_identifiers(graph: provlog.ProvGraph) -> None:
    for name in OURS:
        assert differences(read(document(graph, name), name), graph) == [], name


def as_rdf_holds(graph: provlog.ProvGraph) -> provlog.ProvGraph:
    """Remove the content that RDF cannot hold, which docs/formats.md lists."""
    graph.bundles = {name: bundle for name, bundle in graph.bundles.items() if _says(bundle)}
    for part in (graph, *graph.bundles.values()):
        known = set[object]()
        for kind, relations in part.relations.items():
            for relation in list(relations):
                resource = _resource(kind, relation)
                if resource is not None and resource in known:
                    del relations[relation]
                known.add(resource)
    return graph


def _says(bundle: Statements) -> bool:
    return any(bundle.elements()) or any(bundle.relations.values())


def _resource(kind: str, relation: Relation) -> object:
    """Return the resource that a relation is, or whose attribute is a part of it."""
    if kind == "mentionOf":
        return kind, relation.source.id
    return relation.id if isinstance(relation, QualifiedRelation) else None


@settings(max_examples=examples(100))
@given(documents(names=PLAIN_NAMES + ODD_NAMES).map(as_rdf_holds))
def test_prov_o_holds_all_but_a_few_statements(graph: provlog.ProvGraph) -> None:
    for name in ["trig"] if graph.bundles else ["turtle", "trig"]:
        assert differences(read(document(graph, name), name), graph) == [], name


@settings(max_examples=examples(100))
@given(documents(names=PLAIN_NAMES + ODD_NAMES))
def test_prov_jsonld_holds_all_but_mentions(graph: provlog.ProvGraph) -> None:
    for part in (graph, *graph.bundles.values()):
        part.relations["mentionOf"].clear()
    assert differences(read(document(graph, "jsonld"), "jsonld"), graph) == []


@settings(max_examples=examples(100))
@given(documents())
def test_round_trip_through_the_prov_library(graph: provlog.ProvGraph) -> None:
    library = graph.to_prov()
    again = provlog.ProvGraph.from_prov(library)
    assert differences(again, graph) == []
    assert again.to_prov() == library
