"""PROV-O as other programs write it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provlog.files.source import Source
from provlog.model.graph import ProvGraph, QualifiedRelation
from provlog.readers import READERS
from tests.readers.documents.reading import read

HEAD = """@prefix prov: <http://www.w3.org/ns/prov#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix ex: <https://example.org/> .
"""


def statements(text: str) -> ProvGraph:
    return read(HEAD + text, "turtle")


def pairs(graph: ProvGraph, kind: str) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (relation.source.id, relation.target.id, relation.role, relation.type)
        for relation in graph.relations[kind]
    ]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("ex:a prov:generated ex:e .", "wasGeneratedBy"),
        ("ex:a prov:invalidated ex:e .", "wasInvalidatedBy"),
        ("ex:a prov:influenced ex:e .", "wasInfluencedBy"),
    ],
)
def test_inverse_properties_are_relations(text: str, kind: str) -> None:
    assert pairs(statements(text), kind) == [("ex:e", "ex:a", None, None)]


def test_the_simple_form_restates_the_qualified_one() -> None:
    graph = statements(
        "ex:a prov:used ex:e ; prov:qualifiedUsage [ prov:entity ex:e ; prov:hadRole 'events' ] ."
    )
    assert pairs(graph, "used") == [("ex:a", "ex:e", "events", None)]


def test_a_relation_without_attributes_beside_one_with_a_role_is_another_one() -> None:
    graph = statements(
        "ex:a prov:used ex:e ; prov:qualifiedUsage [ prov:entity ex:e ],"
        " [ prov:entity ex:e ; prov:hadRole [ rdfs:label 'events' ] ] ."
    )
    assert {*pairs(graph, "used")} == {
        ("ex:a", "ex:e", None, None),
        ("ex:a", "ex:e", "events", None),
    }


def test_a_derivation_follows_from_a_revision() -> None:
    graph = statements("ex:e prov:wasDerivedFrom ex:s ; prov:wasRevisionOf ex:s .")
    assert pairs(graph, "wasDerivedFrom") == [("ex:e", "ex:s", None, "prov:Revision")]


def test_a_qualified_relation_needs_no_source() -> None:
    (relation,) = statements("ex:u a prov:Usage ; prov:entity ex:e .").relations["used"]
    assert isinstance(relation, QualifiedRelation)
    assert (relation.id, relation.source.id, relation.target.id) == ("ex:u", "-", "ex:e")


def test_blank_nodes_are_numbered() -> None:
    graph = statements(
        "[] a prov:Person ; rdfs:label 'Ada' . ex:e prov:wasAttributedTo _:g . _:g a prov:Agent ."
    )
    assert list(graph.agents) == ["blank:b1", "blank:b2"]
    assert graph.agents["blank:b1"].values("prov:type") == ["prov:Person"]
    assert pairs(graph, "wasAttributedTo") == [("ex:e", "blank:b2", None, None)]


def test_values_keep_their_digits() -> None:
    graph = statements(
        "@prefix xsd: <http://www.w3.org/2001/XMLSchema#> ."
        " ex:e a prov:Entity ; ex:n 1.50, '007'^^xsd:int, 'PT60S'^^xsd:duration ; ex:t 'x'@de-AT ."
        " ex:a a prov:Activity ; prov:startedAtTime '2020-01-01T00:00:00.10Z'^^xsd:dateTime ."
    )
    values = graph.entities["ex:e"].attributes["ex:n"]
    assert isinstance(values, list)
    assert [value if isinstance(value, str) else value.text for value in values] == [
        "1.50",
        "007",
        "PT60S",
    ]
    assert graph.activities["ex:a"].start == "2020-01-01T00:00:00.10Z"


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("ex:x ex:colour 'red' .", "ex:x is not an entity", 4),
        ("ex:e a prov:Entity ; ex:by [ ex:name 'x' ] .", "a blank node is the value of ex:by", 4),
        ("ex:a prov:used 'text' .", "used leads to or from a text", 4),
        ("ex:u a prov:Usage ; prov:atTime 'noon' .", "invalid time 'noon' of used", 4),
    ],
)  # fmt: skip
def test_unreadable_statements_are_reported_with_their_line(
    text: str, message: str, line: int, tmp_path: Path
) -> None:
    path = tmp_path / "document.ttl"
    path.write_text(HEAD + text)
    found: list[Any] = []
    with Source(str(path)) as source:
        READERS["turtle"].read(source, found.append)
    assert found[0].code == "PL010"
    assert found[0].message.startswith(message)
    assert found[0].origin.line == line
