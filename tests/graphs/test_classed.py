"""The compiled module gives classes as the pure Python code does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.graphs import classed
from provlog.graphs.ivoa_view import plain, with_descriptions
from provlog.model.descriptions import (
    ActivityDescription,
    DatasetDescription,
    GenerationDescription,
    UsageDescription,
    ValueDescription,
)
from provlog.model.graph import ProvGraph, Relation
from tests.documents import documents
from tests.samples import LOGS, NAMES, document

pytestmark = pytest.mark.skipif(
    classed._compiled() is None, reason="the compiled modules are not built"
)


def compare(graph: ProvGraph) -> None:
    """Compare the statements of both views, in their order."""
    found = shown(graph)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(classed, "_compiled", lambda: None)
        assert found == shown(graph)


def shown(graph: ProvGraph) -> list[object]:
    """Return the statements of the views of a graph: two documents, and the relations of a picture."""
    relations = [
        (kind, held.source.id, held.target.id, *held.pairs())
        for kind, some in with_descriptions(graph).relations.items()
        for held in some
    ]
    return [
        document(plain(graph), "provn"),
        document(plain(graph, parameters=True), "provn"),
        relations,
    ]


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_real_logs(path: str) -> None:
    compare(provlog.read(path))


FIT = ActivityDescription(
    id="log:fit",
    name="fit",
    usages=(UsageDescription(id="log:fit-in", role="data"),),
    generations=(GenerationDescription(id="log:fit-out", role="result"),),
)
TABLE = DatasetDescription(id="log:table", name="table")
NUMBER = ValueDescription(id="log:number", name="number")


@given(documents(), st.data())
def test_generated_graphs(graph: ProvGraph, data: st.DataObject) -> None:
    graph.descriptions.add(FIT)
    for kind in (TABLE, NUMBER):
        graph.descriptions.entities[kind.id] = kind
    described = graph.descriptions.described
    for part in (graph, *graph.bundles.values()):
        for activity in part.activities.values():
            if data.draw(st.booleans()):
                described[activity] = FIT
        for entity in part.entities.values():
            kind_of = data.draw(st.sampled_from([None, TABLE, NUMBER]))
            if kind_of is not None:
                described[entity] = kind_of
        for name, ends in (
            ("used", (part.activities, part.entities)),
            ("wasGeneratedBy", (part.entities, part.activities)),
        ):
            if all(ends):
                one, other = (next(iter(elements.values())) for elements in ends)
                role = data.draw(st.sampled_from([None, "data", "result", "other"]))
                type = data.draw(st.sampled_from([None, "voprov:Usage", "ex:T"]))
                part.relations[name][Relation(one, other, role, type)] = None
    compare(graph)
