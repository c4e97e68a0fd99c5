"""The table of relations, and relations themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from prov.constants import PROV_N_MAP
from prov.model import PROV_REC_CLS

import provlog
from provlog.model.graph import ABSENT, Activity, Entity, QualifiedRelation, Relation, relation_of
from provlog.model.relations import RELATIONS, RelationKind
from provlog.model.values import Literal, Value, qname
from provlog.writers.pictures.dot import write_dot
from provlog.writers.provn import write_provn
from tests.documents import documents


@pytest.mark.parametrize("kind", RELATIONS.values(), ids=RELATIONS)
def test_the_prov_library_has_the_same_formal_attributes(kind: RelationKind) -> None:
    known = {name: term for term, name in PROV_N_MAP.items()}[kind.name]
    assert str(known) == kind.term
    formals = [str(name) for name in PROV_REC_CLS[known].FORMAL_ATTRIBUTES]
    assert formals == [formal.name for formal in kind.formals]


def test_a_relation_with_only_a_role_and_a_type_is_plain() -> None:
    activity, entity = Activity("ex:a", {}), Entity("ex:e", {})
    pairs: list[tuple[str, Value]] = [("prov:role", "input"), ("prov:type", qname("ex:T"))]
    assert relation_of(activity, entity, pairs) == Relation(activity, entity, "input", "ex:T")


def test_relations_that_differ_only_in_an_identifier_are_two() -> None:
    activity, entity = Activity("ex:a", {}), Entity("ex:e", {})
    two = {relation_of(activity, entity, id=name): None for name in ("ex:u1", "ex:u2", "ex:u1")}
    assert len(two) == 2


def test_a_role_that_is_not_a_string_stays_and_is_text_for_readers() -> None:
    role = Literal("ex:author", "prov:QUALIFIED_NAME")
    relation = relation_of(Activity("ex:a", {}), Entity("ex:e", {}), [("prov:role", role)])
    assert isinstance(relation, QualifiedRelation)
    assert relation.role is None
    assert relation.role_text == "ex:author"
    assert list(relation.pairs()) == [("prov:role", role)]


@pytest.mark.parametrize(
    ("kind", "arguments", "said"),
    [
        ("used", {}, "used(ex:a)"),
        ("used", {"time": "2012-03-31T09:21:00"}, "used(ex:a, -, 2012-03-31T09:21:00)"),
        ("wasStartedBy", {"time": "2012-03-31T09:21:00"}, "wasStartedBy(ex:a, -, -, 2012-03-31T09:21:00)"),
        ("wasAssociatedWith", {"arguments": (("prov:plan", Entity("ex:p", {})),)}, "wasAssociatedWith(ex:a, -, ex:p)"),
        ("wasEndedBy", {"id": "ex:end"}, "wasEndedBy(ex:end; ex:a)"),
    ],
)  # fmt: skip
def test_missing_arguments_are_marked(kind: str, arguments: dict[str, object], said: str) -> None:
    graph = provlog.ProvGraph()
    relation = relation_of(Activity("ex:a", {}), ABSENT, **arguments)  # type: ignore[arg-type]
    graph.relations[kind][relation] = None
    assert f"  {said}\n" in "".join(write_provn(graph))


def test_elements_without_a_declaration_are_undeclared() -> None:
    graph = provlog.ProvGraph()
    activity, plan = Activity("ex:a", {}), Entity("ex:p", {})
    relation = relation_of(activity, ABSENT, arguments=(("prov:plan", plan),))
    graph.relations["wasAssociatedWith"][relation] = None
    assert list(graph.undeclared()) == [activity, plan]
    assert "activity(" not in "".join(write_provn(graph))


@given(documents(bundles=False))
def test_all_of_prov_dm_can_be_drawn(graph: provlog.ProvGraph) -> None:
    assert "digraph" in "".join(map(str, write_dot(graph)))


def test_plans_and_influences_that_are_not_parts_are_drawn() -> None:
    graph = provlog.ProvGraph()
    first, second, plan = Activity("ex:a", {}), Activity("ex:b", {}), Entity("ex:p", {})
    graph.relations["wasInfluencedBy"][relation_of(first, second)] = None
    association = relation_of(first, ABSENT, arguments=(("prov:plan", plan),))
    graph.relations["wasAssociatedWith"][association] = None
    drawn = "".join(map(str, write_dot(graph)))
    assert "wasInfluencedBy" in drawn
    assert "wasPartOf" not in drawn
    assert '"ex:a" -> "ex:p"' in drawn
