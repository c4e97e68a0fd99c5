"""PROV-N: the whole grammar, places of faults, and reading on after them."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prov.model import ProvDocument

import provlog
from provlog.errors import InputError
from provlog.files.source import Source
from provlog.model.graph import ProvGraph
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Literal
from provlog.readers import READERS
from tests.documents import ODD_NAMES, PLAIN_NAMES, documents
from tests.linear import is_linear
from tests.profiles import examples
from tests.readers.documents.reading import differences
from tests.readers.documents.test_conformance import JSON, by_library, names, same
from tests.samples import EXCERPT, document
from tests.strategies import HOSTILE_TEXTS

HEAD = "document\n  prefix ex <https://example.org/>\n"


def parsed(text: str) -> tuple[ProvGraph, list[Any]]:
    found: list[Any] = []
    with Source("x.provn", member=io.BufferedReader(io.BytesIO(text.encode()))) as source:
        graph: ProvGraph = READERS["provn"].read(source, found.append)
    return graph, found


def read(body: str, head: str = HEAD, tail: str = "\nendDocument\n") -> ProvGraph:
    graph, found = parsed(head + body + tail)
    assert found == []
    return graph


def faults(
    body: str, tail: str = "\nendDocument\n"
) -> tuple[ProvGraph, list[tuple[str, int, int]]]:
    graph, found = parsed(HEAD + body + tail)
    return graph, [(item.code, item.origin.line, item.origin.column) for item in found]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ('"x"', "x"),
        (r'"say \"hi\" \t\\n\'"', "say \"hi\" \t\\n'"),
        (r'"C:\data\new"', "C:\\data\new"),
        ('"""a\n"b" c"""', 'a\n"b" c'),
        ('"x" %% xsd:string', "x"),
        ('"1.50"%%xsd:double', Literal("1.50", "xsd:double")),
        ('"ex:T" %% xsd:QName', Literal("ex:T", QUALIFIED_NAME)),
        ('"ex:T" %% prov:QUALIFIED_NAME', Literal("ex:T", QUALIFIED_NAME)),
        ('"https://example.org/" %% xsd:anyURI', Literal("https://example.org/", "xsd:anyURI")),
        ('"Hallo"@de-AT', InternationalizedString("Hallo", lang="de-AT")),
        ("12", Literal("12", "xsd:int")),
        ("-7", Literal("-7", "xsd:int")),
        ("10000000000", Literal("10000000000", "xsd:long")),
        ("1.5", Literal("1.5", "xsd:double")),
        ("'ex:T'", Literal("ex:T", QUALIFIED_NAME)),
        (r"'ex:a\=b'", Literal("ex:a=b", QUALIFIED_NAME)),
        ("'ex:'", Literal("ex:", QUALIFIED_NAME)),
        ('"x" /* ] */', "x"),
        ('"x" // ]\n', "x"),
    ],
)  # fmt: skip
def test_values(written: str, value: object) -> None:
    for body in (f"entity(ex:e, [ex:n={written}])", f"entity( ex:e,[ ex:n = {written} ] )"):
        assert read(body).entities["ex:e"].attributes == {"ex:n": value}


@pytest.mark.parametrize("name", ["a/b", "a@b", "a~b", "a&b", "a+b", "a*b", "a?b", "a#b", "a$b", "a!b", "%41", "a.b", "1", "-a", "a:b", "é"])  # fmt: skip
def test_names_with_all_characters_of_the_grammar(name: str) -> None:
    assert [*read(f"entity(ex:{name})").entities] == [f"ex:{name}"]


@pytest.mark.parametrize("character", "='(),-:;[].")
def test_escaped_characters_of_names(character: str) -> None:
    graph = read(
        rf"entity(ex:a\{character}b, [ex:a\{character}=1]) used(ex:u\{character}; ex:a, ex:e)"
    )
    (entity,) = graph.entities.values()
    assert (entity.id, [*entity.attributes]) == (f"ex:a{character}b", [f"ex:a{character}"])
    (relation,) = graph.relations["used"]
    assert getattr(relation, "id", None) == f"ex:u{character}"


def test_names_of_the_default_namespace() -> None:
    graph = read(r"entity(e) entity(a\:b)", "document default <https://d.org/>")
    assert graph.namespaces[""] == "https://d.org/"
    first, second = graph.entities
    prefix, _, local = second.partition(":")
    assert (first, graph.namespaces[prefix] + local) == ("e", "https://d.org/a:b")


def test_identifiers_markers_and_all_arguments() -> None:
    graph = read(
        "used(ex:u; ex:a, ex:e, 2012-03-31T09:21:00.50Z) used(-; ex:a, -, -) used(ex:a)"
        " wasDerivedFrom(ex:d; ex:e, ex:s, ex:a, ex:g, ex:u, [prov:type='prov:Revision'])"
        " wasStartedBy(ex:a, -, ex:b, -) activity(ex:a, 2012-03-31T09:21:00.50Z, -)"
        " wasRevisionOf(ex:e, ex:t)"
    )
    # "used(-; ex:a, -, -)" and "used(ex:a)" say the same.
    uses: list[Any] = list(graph.relations["used"])
    assert (uses[0].id, uses[0].time) == ("ex:u", "2012-03-31T09:21:00.50Z")
    assert [(use.id, use.time, use.target.id) for use in uses[1:]] == [(None, None, "-")]
    (derivation, revision) = graph.relations["wasDerivedFrom"]
    assert derivation.type == revision.type == "prov:Revision"
    assert dict(derivation.arguments)["prov:generation"] == "ex:g"  # type: ignore[attr-defined]
    assert graph.activities["ex:a"].start == "2012-03-31T09:21:00.50Z"


def test_bundles_have_their_own_namespaces() -> None:
    graph = read(
        "entity(ex:e)\n bundle ex:b\n prefix ex <https://other.org/>\n entity(ex:e)\n endBundle"
        "\n bundle ex:c entity(ex:e) endBundle"
    )
    inner, other = graph.bundles.values()
    assert (inner.id, other.id) == ("ex:b", "ex:c")
    (name,) = inner.entities
    assert inner.namespaces[name.partition(":")[0]] == "https://other.org/"
    assert not other.namespaces


def test_comments_are_anywhere() -> None:
    graph = read(
        "entity /* a */ ( // b\n ex:e /* c */ , [ /* d */ ex:n // ]\n = /* \" */ 'ex:T' ] ) // e",
        "// f\n/* g */ document /* h */ prefix ex /* i */ <https://example.org/> // j\n",
    )
    assert graph.entities["ex:e"].attributes == {"ex:n": Literal("ex:T", QUALIFIED_NAME)}


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ("  entity(ex:a, [ex:n=\"x])", (3, 22)),
        ("  entity(ex:a, [ex:n=])", (3, 22)),
        ("  entity(ex:a, [ex:n='ex:T\"])", (3, 22)),
        ("  entity(ex:a, [ex:n=\"x\"", (4, 1)),
        ("  entity(ex:a", (4, 1)),
        ("  entity", (4, 1)),
        ("  entity()", (3, 10)),
        ("  entity(-)", (3, 3)),
        ("  entity(ex:i; ex:a)", (3, 3)),
        ("  used(ex:a, ex:b, -, -)", (3, 3)),
        ("  used(ex:a;ex:b;ex:c)", (3, 17)),
        ("  used(\"x\")", (3, 8)),
        ("  dances(ex:a)", (3, 3)),
        ("  prov:hadDictionaryMember(ex:d, ex:a, \"k\")", (3, 3)),
        ("  prov:derivedByInsertionFrom(ex:i; ex:d, ex:c, {(\"k\", ex:a)})", (3, 3)),
        ("  ex:shape(ex:s; ex:a, (1, ex:g(\n  entity(2))), [ex:k=\")\"])", (3, 3)),
        ("  ex:shape() ", (3, 3)),
        ("  ex:shape(ex:a, (1)", (7, 1)),
        ("  activity(ex:a, noon, -)", (3, 18)),
        ("  )", (3, 3)),
        ("  prefix x", (4, 1)),
        ("  endBundle", (3, 3)),
    ],
)  # fmt: skip
def test_a_fault_is_reported_at_its_place_and_the_next_statement_is_read(
    body: str, place: tuple[int, int]
) -> None:
    graph, found = faults(f"{body}\nentity(ex:next)\nentity(ex:last)")
    assert found == [("PL010", *place)]
    assert {"ex:next", "ex:last"} <= graph.entities.keys()


def test_undeclared_prefixes_are_reported_once_with_their_place() -> None:
    graph, found = faults("  entity(ex:a,\n   [no:n=1]) entity(no:e)")
    assert found == [("PL009", 4, 5)]
    assert [*graph.entities] == ["ex:a", "no:e"]


@pytest.mark.parametrize(
    ("tail", "found"),
    [
        ("", [("PL013", 4, 1)]),
        ("bundle ex:b entity(ex:f) endDocument", [("PL010", 4, 26)]),
        ("endDocument entity(ex:f)", [("PL010", 4, 13)]),
        ("/* no end", [("PL013", 4, 10)]),
    ],
)
def test_faults_of_the_whole(tail: str, found: list[tuple[str, int, int]]) -> None:
    graph, reported = faults("entity(ex:e)\n", tail)
    assert (reported, [*graph.entities]) == (found, ["ex:e"])


@pytest.mark.parametrize("text", ["", "document", "document dances(ex:a) endDocument", "<x/>"])
def test_what_holds_nothing_is_an_error_with_its_place(text: str) -> None:
    if text == "document":
        text += " ex:a"
    with pytest.raises(InputError, match=r"invalid PROV-N in line 1, column \d+"):
        parsed(text)


def test_a_document_cut_anywhere_keeps_what_is_before() -> None:
    text = document(provlog.read(EXCERPT), "provn")
    whole = provlog.read(EXCERPT)
    for size in range(len(text) // 2, len(text) - 12, 53):
        graph, found = parsed(text[:size])
        assert found[-1].code in {"PL013", "PL010"}
        assert "PL013" in {item.code for item in found}
        assert graph.entities.keys() <= whole.entities.keys()


texts = st.sampled_from(HOSTILE_TEXTS) | st.text(max_size=12)


@settings(max_examples=examples(40))
@given(documents(names=PLAIN_NAMES + ODD_NAMES))
def test_round_trips_keep_digits_and_zones(graph: ProvGraph) -> None:
    text = document(graph, "provn")
    if "%" not in text:
        assert differences(parsed(text)[0], graph) == []


@pytest.mark.parametrize("path", JSON, ids=names(JSON))
def test_documents_that_the_prov_library_writes(path: Path) -> None:
    expected = by_library(path, "json")
    graph, found = parsed(expected.get_provn())
    assert found == [] or "FAIL" in path.name
    try:
        same(graph, expected)
    except AssertionError:
        # The library's PROV-N has other values than its JSON.
        same(graph, ProvDocument.deserialize(content=expected.get_provn(), format="provn"))


@settings(max_examples=examples(150))
@given(st.integers(0, 400), st.integers(0, 9), texts)
def test_no_change_causes_a_traceback_or_an_unreported_loss(
    start: int, size: int, piece: str
) -> None:
    body = (
        'entity(ex:e, [ex:n="x", ex:m=\'ex:T\'])\nused(ex:u; ex:a, ex:e, -, [prov:role="r"])\n' * 4
    )
    text = f"{HEAD}{body}endDocument\n"
    text = text[:start] + piece.encode(errors="replace").decode() + text[start + size :]
    try:
        graph, found = parsed(text)
    except InputError:
        return
    assert found or len(graph.relations["used"]) >= 1


@pytest.mark.parametrize(
    "piece",
    ["entity(ex:a, [", 'entity(ex:a, [ex:n="""', "/*", "entity(\n", "bundle ex:b\n", '"', "'", "(", "prefix\n",
     "entity(ex:a, [ex:n=\"x\"\n", "a(b)", "entity(ex:a)\n", "used(a,\nprefix,\n", "prefix p <x>\n", "\\"],
)  # fmt: skip
def test_hostile_documents_take_linear_time(piece: str) -> None:
    small, large = (HEAD + piece * count for count in (2_500, 10_000))
    assert is_linear(lambda: parsed(small), lambda: parsed(large))
