"""The compiled writer of usual statements, beside the writers of the formats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.errors import UsageError
from provlog.model.graph import Activity, Agent, Entity, ProvGraph, relation_of
from provlog.model.values import InternationalizedString, Literal, Value, qname
from provlog.writers import FORMATS, statements

FAST = statements._compiled()
pytestmark = pytest.mark.skipif(FAST is None, reason="the compiled modules are not built")

DOCUMENTS = ("provjson", "provn", "provxml")
# The compiled writer uses characters such as U+E000 as placeholders.
TEXTS = ["", "text", "a b", "ü", "\ue000", "\ue001x", '"', "\\", "<&>", "a\nb\r\t", "\x7f", "\x00"]
texts = st.sampled_from([*TEXTS, '{"long": "' + "ü" * 2000 + '"}'])
names = st.sampled_from(["prov:type", "prov:label", "ex:a", "ex:ü", "ex:\ue001", "prov:value"])
values: st.SearchStrategy[Value] = st.one_of(
    texts,
    st.builds(Literal, texts, st.sampled_from(["xsd:int", "ex:\ue000"])),
    st.sampled_from([qname("ex:a"), qname("ex:a'b"), InternationalizedString("Hallo", lang="de")]),
)
attributes = st.dictionaries(names, st.one_of(values, st.lists(values, min_size=1)), max_size=5)
times = st.sampled_from([None, "2020-01-01T00:00:00", "2020-01-01T00:00:00.5+01:00"])
ids = st.one_of(
    st.sampled_from(["ex:a", "ex:b", "ex:c", "ex:ü", "ex:a/b", "ex:\ue000"]),
    st.from_regex(r"[a_1.-]{1,3}:[a_1.-]{1,3}", fullmatch=True),
)
pairs = st.lists(st.tuples(names | st.just("prov:role"), values), max_size=3)


@st.composite
def graphs(draw: st.DrawFn) -> ProvGraph:
    graph = ProvGraph(namespaces={"ex": "https://example.org/"})
    for element in draw(st.lists(st.builds(Entity, ids, attributes), max_size=4)):
        graph.declare(element)
    for activity in draw(st.lists(st.builds(Activity, ids, attributes, times, times), max_size=4)):
        graph.declare(activity)
    for agent in draw(st.lists(st.builds(Agent, ids, attributes), max_size=2)):
        graph.declare(agent)
    ends = st.builds(Entity, ids, st.just({}))
    relations = st.builds(
        relation_of, ends, ends, pairs, id=st.sampled_from([None, None, "ex:r1", "ex:r2"])
    )
    for kind in ("used", "wasGeneratedBy", "wasInfluencedBy"):
        graph.relations[kind] = dict.fromkeys(draw(st.lists(relations, max_size=4)))
    return graph


def written(graph: ProvGraph, name: str) -> str:
    """Return a document, or the reason why the format cannot hold the graph."""
    try:
        return "".join(map(str, FORMATS[name].write(graph)))
    except UsageError as error:
        return str(error)


def written_pure(graph: ProvGraph, name: str) -> str:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(statements, "_compiled", lambda: None)
        return written(graph, name)


@given(graphs(), st.sampled_from(DOCUMENTS))
def test_writes_the_documents_of_the_pure_writers(graph: ProvGraph, name: str) -> None:
    assert written(graph, name) == written_pure(graph, name)


@pytest.mark.parametrize("name", DOCUMENTS)
@pytest.mark.parametrize("kind", ["used", "wasInfluencedBy"])
def test_writes_an_attribute_like_a_placeholder_as_it_is(kind: str, name: str) -> None:
    graph = ProvGraph(namespaces={"ex": "https://example.org/"})
    ends = Entity("ex:a", {}), Entity("ex:b", {})
    graph.relations[kind] = {relation_of(*ends, [("prov:role", "\ue000")], id=None): None}
    assert written(graph, name) == written_pure(graph, name)


def test_writes_many_statements_in_pieces() -> None:
    entities = [Entity(f"ex:{number}", {"ex:a": "x" * 100}) for number in range(2000)]

    def write(entity: Entity) -> str:
        return f"{entity.id}({entity.attributes['ex:a']})"

    found = [*statements.element_pieces(entities, write, str, ", ")]

    assert len(found) > 1
    assert "".join(found) == ", ".join(map(write, entities))


def test_writes_elements_with_many_different_attributes_as_the_writer_does() -> None:
    graph = ProvGraph()
    for number in range(10_000):
        graph.declare(Entity(f"log:e{number}", {f"log:k{number}": "v", "log:k": "ü"}))
    for number in range(200):
        graph.declare(Entity(f"log:f{number}", {f"log:k{key}": "v" for key in range(number)}))

    assert written(graph, "provn") == written_pure(graph, "provn")
