"""Descriptions as statements of W3C PROV."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings

import provlog
from provlog.errors import UsageError
from provlog.graphs.bundles import in_bundles
from provlog.graphs.ivoa_view import plain
from provlog.graphs.select import select
from provlog.model.graph import ProvGraph, QualifiedRelation
from provlog.model.values import qname
from tests.judges import judge
from tests.samples import SAMPLES
from tests.strategies import graphs

DESCRIBED = SAMPLES / "provlog-gammapy.log"
W3C = ["provjson", "provxml", "provn", "turtle", "trig", "jsonld"]


@pytest.fixture(scope="module")
def graph() -> ProvGraph:
    return provlog.read(DESCRIBED)


def test_a_graph_without_descriptions_stays_itself() -> None:
    graph = provlog.read(SAMPLES / "gammapy-2020-04.log")
    assert plain(graph) is graph


def test_descriptions_are_entities_with_their_class_as_type(graph: ProvGraph) -> None:
    entities = plain(graph).entities
    for described, _ in graph.descriptions.all():
        types = entities[described.id].values("prov:type")
        assert f"voprov:{described.kind}" in types
        assert entities[described.id].values("voprov:name" if "name" in dict(
            described.roles()) else "voprov:role")  # fmt: skip


def test_activities_are_described_and_descriptions_related(graph: ProvGraph) -> None:
    influences = plain(graph).relations["wasInfluencedBy"]
    pairs = {(item.source.id, item.target.id): item.type for item in influences}
    for element, described in graph.descriptions.described.items():
        assert pairs[element.id, described.id] == "voprov:DescriptionRelation"
    for described, owner in graph.descriptions.all():
        if owner is not None:
            assert pairs[described.id, owner.id] == "voprov:RelatedToRelation"


def test_a_usage_names_its_description_and_an_association_its_plan(graph: ProvGraph) -> None:
    view = plain(graph)
    for kind in ("used", "wasGeneratedBy"):
        for relation in view.relations[kind]:
            # Definitions describe the activities of functions, not the use of the script itself.
            is_described = relation.role != "script"
            assert ("voprov:descriptor" in dict(relation.pairs())) == is_described
    plans = 0
    for relation in view.relations["wasAssociatedWith"]:
        described = graph.descriptions.of_activity(relation.source)
        if described is not None:
            assert isinstance(relation, QualifiedRelation)
            ((name, plan),) = relation.arguments
            assert (name, getattr(plan, "id", "")) == ("prov:plan", described.id)
            plans += 1
    assert plans == 5


def test_a_dataset_has_the_class_of_the_model(graph: ProvGraph) -> None:
    types = [entity.values("prov:type") for entity in plain(graph).entities.values()]
    assert any("voprov:DatasetEntity" in held for held in types)
    assert not any(
        "voprov:DatasetEntity" in entity.values("prov:type") for entity in graph.entities.values()
    )


def test_parameters_become_entities(graph: ProvGraph) -> None:
    view = plain(graph, parameters=True)
    assert not any(
        name.startswith("param:")
        for activity in view.activities.values()
        for name in activity.attributes
    )
    parameters = {
        entity: entity.attributes
        for entity in view.entities.values()
        if entity.attributes.get("prov:type") == qname("voprov:Parameter")
    }
    count = sum(
        name.startswith("param:")
        for activity in graph.activities.values()
        for name in activity.attributes
    )
    assert len(parameters) == count
    influences = view.relations["wasInfluencedBy"]
    configured = {item.target for item in influences if item.type == "voprov:ConfigurationRelation"}
    described = {item.source for item in influences if item.type == "voprov:DescriptionRelation"}
    assert configured == parameters.keys()
    assert parameters.keys() <= described


@pytest.mark.parametrize("parameters", [False, True])
def test_the_view_is_valid_and_the_same_in_every_format(graph: ProvGraph, parameters: bool) -> None:
    judge(plain(graph, parameters=parameters), W3C)
    judge(plain(in_bundles(graph), parameters=parameters), W3C)


@settings(max_examples=30)
@given(graphs())
def test_generated_graphs_with_parameter_entities_are_valid(graph: ProvGraph) -> None:
    judge(plain(graph, parameters=True), ["provjson", "provxml", "provn"])


def test_a_selection_has_only_the_descriptions_it_needs(graph: ProvGraph) -> None:
    part = select(graph, activities=["run_fit"])
    assert [item.name for item in part.descriptions.activities.values()] == ["run_fit"]


def test_write_takes_parameters_as_entities_or_attributes(graph: ProvGraph, tmp_path: Path) -> None:
    provlog.write(graph, tmp_path / "x.provn", parameters="entities")
    text = (tmp_path / "x.provn").read_text(encoding="utf-8")
    assert "voprov:Parameter'" in text
    assert "param:energy" not in text
    assert "activity(" in text
    with pytest.raises(UsageError, match="attributes or entities"):
        provlog.write(graph, BytesIO(), "provn", parameters="rows")


def test_no_descriptions_leaves_all_of_them_out() -> None:
    stream = BytesIO()
    provlog.write(provlog.read(DESCRIBED, descriptions=False), stream, "provn")
    assert b"voprov:" not in stream.getvalue()


def test_a_picture_draws_descriptions_on_request_and_tells_of_them_in_tooltips() -> None:
    from provlog.writers.pictures.options import Drawing

    graph = provlog.read(DESCRIBED)
    pictures = {}
    for drawn in (False, True):
        stream = BytesIO()
        provlog.write(graph, stream, "dot", drawing=Drawing(descriptions=drawn, max_nodes=0))
        pictures[drawn] = stream.getvalue().decode()
    assert "isDescribedBy" not in pictures[False]
    assert "description: Fit the models to the datasets" in pictures[False]
    assert "source crab, Name of the model" in pictures[False]
    assert pictures[True].count("isDescribedBy") >= len(graph.descriptions.described)
    assert "isRelatedTo" in pictures[True]
    assert "description: Fit the models to the datasets" in pictures[True]
    assert not graph.relations.get("isDescribedBy")
