"""PROV-XML with prefixes in all places, and the places of problems."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from tests.samples import document

HEAD = """<prov:document xmlns:prov="http://www.w3.org/ns/prov#"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:ex="https://example.org/">
"""


def read(
    folder: Path, body: str, head: str = HEAD, tail: str = "</prov:document>"
) -> provlog.ProvGraph:
    path = folder / "document.xml"
    path.write_text(head + body + tail)
    return provlog.read(path, reader="provxml")


def found(graph: provlog.ProvGraph) -> list[tuple[str, int, int]]:
    return [(item.code, item.origin.line, item.origin.column) for item in graph.diagnostics]


def test_the_namespace_of_prov_can_be_the_default(tmp_path: Path) -> None:
    graph = read(
        tmp_path,
        '<entity p:id="ex:e"><label>x</label></entity><used><activity p:ref="ex:a"/><entity p:ref="ex:e"/></used>',
        '<document xmlns="http://www.w3.org/ns/prov#" xmlns:p="http://www.w3.org/ns/prov#" xmlns:ex="https://example.org/">',
        "</document>",
    )
    assert graph.diagnostics == []
    assert graph.entities["ex:e"].label == "x"
    assert len(graph.relations["used"]) == 1


@pytest.mark.parametrize(
    "body",
    [
        '<prov:entity xmlns:my="https://my.org/" prov:id="my:e"><my:note>x</my:note></prov:entity>',
        '<prov:entity prov:id="ex:e"><my:note xmlns:my="https://my.org/">x</my:note></prov:entity>',
    ],
    ids=["statement", "attribute"],
)
def test_a_prefix_can_be_declared_where_it_is_used(body: str, tmp_path: Path) -> None:
    graph = read(tmp_path, body)
    assert graph.diagnostics == []
    (entity,) = graph.entities.values()
    assert entity.values("my:note") == ["x"]


def test_a_prefix_that_is_declared_inside_ends_there(tmp_path: Path) -> None:
    graph = read(
        tmp_path,
        '<prov:entity xmlns:ex="https://other.org/" prov:id="ex:e"/><prov:entity prov:id="ex:e"/>',
    )
    iris = {
        graph.namespaces[name.partition(":")[0]] + name.partition(":")[2] for name in graph.entities
    }
    assert iris == {"https://other.org/e", "https://example.org/e"}


def test_problems_have_the_places_of_their_statements(tmp_path: Path) -> None:
    graph = read(
        tmp_path,
        '<prov:entity prov:id="ex:e"/>\n'
        '<prov:activity prov:id="ex:a"><prov:startTime>noon</prov:startTime></prov:activity>\n'
        '  <prov:entity prov:id="no:e"/>\n'
        "<prov:thing/>\n"
        '<prov:bundleContent prov:id="ex:b">\n<prov:entity/>\n</prov:bundleContent>\n'
        '<prov:used><prov:activity prov:ref="un:a"/><prov:entity prov:ref="ex:e"/></prov:used>\n',
    )
    assert found(graph) == [
        ("PL010", 5, 1),
        ("PL009", 6, 3),
        ("PL010", 7, 1),
        ("PL010", 9, 1),
        ("PL009", 11, 1),
    ]


def test_undeclared_prefixes_are_reported_once(tmp_path: Path) -> None:
    graph = read(
        tmp_path,
        '<prov:entity prov:id="ex:e"><ex:n xsi:type="xsd:int">1</ex:n><ex:n xsi:type="xsd:int">2</ex:n></prov:entity>',
        '<prov:document xmlns:ex="https://example.org/">\n',
    )
    assert [code for code, _, _ in found(graph)] == ["PL009", "PL009"]
    assert graph.entities["ex:e"].values("ex:n") == [1, 2]


def test_a_second_start_is_reported(tmp_path: Path) -> None:
    time = "<prov:startTime>2020-01-0{}T00:00:00</prov:startTime>"
    graph = read(
        tmp_path,
        f'<prov:activity prov:id="ex:a">{time.format(1)}{time.format(2)}</prov:activity>\n'
        f'<prov:activity prov:id="ex:a">{time.format(3)}</prov:activity>\n',
    )
    assert graph.activities["ex:a"].start == "2020-01-01T00:00:00"
    assert found(graph) == [("PL010", 4, 1), ("PL010", 5, 1)]


def test_elements_between_relations_stay_in_order(tmp_path: Path) -> None:
    body = "".join(
        f'<prov:entity prov:id="ex:e{n}"><prov:label>{n}</prov:label></prov:entity>'
        f'<prov:wasGeneratedBy><prov:entity prov:ref="ex:e{n}"/><prov:activity prov:ref="ex:a"/></prov:wasGeneratedBy>'
        for n in range(5)
    )
    graph = read(tmp_path, body)
    assert [entity.label for entity in graph.entities.values()] == ["0", "1", "2", "3", "4"]
    assert [one.source.id for one in graph.relations["wasGeneratedBy"]] == [*graph.entities]
    assert "ex:e4" in document(graph, "provxml")
