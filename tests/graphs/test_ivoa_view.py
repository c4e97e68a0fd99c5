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
from provlog.model.graph import (
    Agent,
    Element,
    Entity,
    ProvGraph,
    QualifiedRelation,
    relation_of,
)
from provlog.model.values import qname, value_of
from provlog.model.vodml import RELATION_CLASSES
from tests.grids import grid
from tests.judges import judge
from tests.profiles import examples
from tests.samples import EXCERPT, SAMPLES
from tests.strategies import graphs

DESCRIBED = SAMPLES / "provlog-gammapy.log"
W3C = ["provjson", "provxml", "provn", "turtle", "trig", "jsonld"]


@pytest.fixture(scope="module")
def graph() -> ProvGraph:
    return provlog.read(DESCRIBED)


def test_a_graph_without_descriptions_is_returned_unchanged() -> None:
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
    descriptions = {item.id: found for item, found in graph.descriptions.described.items()}
    for relation in view.relations["wasAssociatedWith"]:
        described = descriptions.get(relation.source.id)
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


def test_elements_get_classes_if_the_graph_has_descriptions(graph: ProvGraph) -> None:
    view = plain(graph)
    for kind, relations in view.relations.items():
        for relation in relations:
            types = [
                str(value_of(value)) for name, value in relation.pairs() if name == "prov:type"
            ]
            if kind in RELATION_CLASSES:
                assert RELATION_CLASSES[kind] in types
            elif kind != "wasInfluencedBy":
                assert types == []
    undescribed = {
        element.id for element in graph.elements() if element not in graph.descriptions.described
    }
    for element in view.elements():
        assert view.entities.get(element.id, element) is element
        types = [name for name in element.values("prov:type") if name.startswith("voprov:")]
        assert len(types) == 1
        if element.id in undescribed and isinstance(element, Entity):
            is_collection = "prov:Collection" in element.values("prov:type")
            assert types == ["voprov:Collection" if is_collection else "voprov:Entity"]
    # The classes come after the types that the log has, and repeat none of them.
    typed = next(item for item in graph.entities.values() if item.values("prov:type"))
    assert view.entities[typed.id].values("prov:type")[:-1] == typed.values("prov:type")
    assert view.entities[typed.id].types() == typed.values("prov:type")


def test_definitions_without_descriptions_add_no_classes() -> None:
    graph = provlog.read(EXCERPT, definitions=Path("tests/data/presentation-definition.yaml"))
    graph.descriptions.described.clear()
    view = plain(graph)
    assert view.activities == graph.activities
    assert view.relations["used"] == graph.relations["used"]
    assert view.entities.keys() > graph.entities.keys()


def test_a_relation_keeps_its_type_time_and_plan() -> None:
    graph = provlog.read(EXCERPT, definitions=Path("tests/data/presentation-definition.yaml"))
    activity = next(iter(graph.activities.values()))
    entity = next(iter(graph.entities.values()))
    agent = graph.agents["ex:me"] = Agent("ex:me", {})
    graph.namespaces["ex"] = "urn:ex:"
    time = "2020-01-01T00:00:00"
    pairs = [("prov:type", qname("ex:Read"))]
    plan: tuple[tuple[str, Element | str], ...] = (("prov:plan", entity),)
    graph.relations["used"] = {relation_of(activity, entity, pairs, time=time): None}
    graph.relations["wasAssociatedWith"] = {relation_of(activity, agent, arguments=plan): None}
    view = plain(graph)
    (used,) = view.relations["used"]
    assert [value for _, value in used.pairs()] == [qname("ex:Read"), qname("voprov:Usage")]
    assert getattr(used, "time", None) == time
    (associated,) = view.relations["wasAssociatedWith"]
    assert isinstance(associated, QualifiedRelation)
    assert associated.arguments == (("prov:plan", view.entities[entity.id]),)
    judge(view, W3C)


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


@pytest.mark.parametrize(("name", "parameters"), grid(W3C, [False, True]))
def test_the_view_is_valid_and_the_same_in_every_format(
    graph: ProvGraph, name: str, parameters: bool
) -> None:
    judge(plain(graph, parameters=parameters), [name])
    judge(plain(in_bundles(graph), parameters=parameters), [name])


@settings(max_examples=examples(30))
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


def test_descriptions_can_be_omitted_from_a_graph() -> None:
    stream = BytesIO()
    provlog.write(provlog.read(DESCRIBED, descriptions=False), stream, "provn")
    assert b"voprov:" not in stream.getvalue()


def test_a_picture_shows_descriptions_in_tooltips_and_on_request_as_nodes() -> None:
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
    # Only those that apply are drawn.
    assert "run_fit" in pictures[True]
    assert "write_datasets" in {item.name for item in graph.descriptions.activities.values()}
    assert "write_datasets" not in pictures[True]
    assert "description: Fit the models to the datasets" in pictures[True]
    assert not graph.relations.get("isDescribedBy")
