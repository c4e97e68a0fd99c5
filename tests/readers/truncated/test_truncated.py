"""Truncated documents are read up to their end, with a diagnostic that says where that is."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.cli import main
from provlog.errors import InputError
from provlog.graphs.bundles import in_bundles
from provlog.model.graph import Statements
from provlog.readers.truncated import json, turtle, xml
from tests.linear import is_linear
from tests.samples import SAMPLES, document
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data"
SUFFIXES = {
    "provjson": ".json", "provxml": ".xml", "provn": ".provn", "turtle": ".ttl", "trig": ".trig",
    "jsonld": ".jsonld",
}  # fmt: skip
FOREIGN = [
    DATA / "opus" / name
    for name in (
        "gammapy_crab-b213a3.prov.json", "gammapy_crab-b213a3.prov.xml", "gammapy_crab-b213a3.w3c.prov.json",
        "gammapy_crab-b213a3.w3c.prov.xml", "count_events-e01c78.bundle-2021.prov.json",
        "count_events-e01c78.bundle-2021.prov.xml",
    )
] + [DATA / "ivoa" / f"voprov-0.0.4-ivoa.{suffix}" for suffix in ("json", "xml", "provn")]  # fmt: skip


def facts(graph: Statements) -> set[object]:
    """Return the ids of elements, and the relations."""
    found: set[object] = {element.id for element in graph.elements()}
    for kind, relations in graph.relations.items():
        found |= {(kind, item.source.id, item.target.id, item.role) for item in relations}
    for bundle in getattr(graph, "bundles", {}).values():
        found |= {(bundle.id, fact) for fact in facts(bundle)}
    return found


def cuts(text: bytes, count: int) -> Sequence[int]:
    return range(len(text) // 10, len(text.rstrip()) - 1, len(text) // count)


@pytest.fixture(scope="module")
def sample() -> provlog.ProvGraph:
    return provlog.read(SAMPLES / "provlog-gammapy.log", DATA / "frames.log")


@pytest.mark.parametrize(
    ("name", "bundles"), [(name, bundles) for name in SUFFIXES for bundles in (False, True)
                          if name != "turtle" or not bundles],
)  # fmt: skip
@pytest.mark.parametrize("count", [20, pytest.param(40, marks=pytest.mark.slow)])
def test_a_document_cut_anywhere_is_read_up_to_there(
    name: str, bundles: bool, count: int, sample: provlog.ProvGraph, tmp_path: Path
) -> None:
    path = tmp_path / f"cut{SUFFIXES[name]}"
    provlog.write(in_bundles(sample) if bundles else sample, path, name)
    data = path.read_bytes()
    whole = facts(provlog.read(path))
    counts: list[int] = []
    for size in cuts(data, count):
        path.write_bytes(data[:size])
        try:
            graph = provlog.read(path)
        except InputError:
            # The head holds no statement yet.
            assert not counts
            continue
        found = facts(graph)
        assert found <= whole
        counts.append(len(found))
        codes = [item.code for item in graph.diagnostics]
        # Turtle that ends with a statement is complete, and so is TriG that ends with a graph.
        is_complete = name in {"turtle", "trig"} and data[:size].rstrip().endswith((b".", b"}"))
        assert "PL013" in codes or is_complete
        assert set(codes) <= ({"PL010", "PL013"} if name == "provn" else {"PL013"})
    assert counts == sorted(counts)
    assert counts[-1] > 0.8 * len(whole)
    assert len({*counts}) > 10


@pytest.mark.parametrize("path", FOREIGN, ids=lambda path: path.name)
def test_foreign_documents(path: Path, tmp_path: Path) -> None:
    data, cut = path.read_bytes(), tmp_path / path.name
    count = 0
    for size in cuts(data, 30):
        cut.write_bytes(data[:size])
        found = {item.code: item.message for item in provlog.check(cut)}
        if "PL013" in found:
            count += 1
        else:
            assert "in line " in found["PL003"]
    assert count > 15


def test_the_place_and_the_end_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "cut.json"
    text = '{"prefix": {"ex": "https://example.org/"},\n "entity": {"ex:a": {},\n  "ex:b": {"ex:n": 1,\n'
    path.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["convert", str(path), "-f", "provn"])
    assert result.exit_code == 0
    assert "ex:a" in result.stdout
    assert "ex:b" not in result.stdout
    message = "error PL013 truncated PROV-JSON: it ends in line 4, column 1; kept what is complete"
    assert f"{path}:2:23: {message}" in result.stderr
    assert CliRunner().invoke(main, ["convert", str(path), "--strict"]).exit_code == 1


@pytest.mark.parametrize("name", ["provjson", "provxml", "turtle", "trig", "jsonld"])
def test_a_fault_in_the_middle_is_an_error_with_its_place(name: str, tmp_path: Path) -> None:
    path = tmp_path / "document"
    text = document(provlog.read(SAMPLES / "provlog-gammapy.log"), name)
    at = text.index("\n", len(text) // 2)
    for fault in ("\n<", "\n<>&;]", "]]></b>"):
        path.write_text(text[:at] + fault + text[at:], encoding="utf-8")
        with pytest.raises(InputError, match=r"line \d+, column \d+"):
            provlog.read(path, reader=name)


def test_compressed_documents_and_cut_characters(tmp_path: Path) -> None:
    text = '{"prefix": {"ex": "https://example.org/"}, "entity": {"ex:a": {}, "ex:b": {"ex:n": "\N{BULLET}'
    (tmp_path / "a.json").write_bytes(text.encode()[:-1])
    packed = gzip.compress(document(provlog.read(DATA / "frames.log"), "provxml").encode())
    (tmp_path / "b.xml.gz").write_bytes(packed[: len(packed) // 2])
    codes = [item.code for item in provlog.read(tmp_path / "a.json").diagnostics]
    assert codes == ["PL013"]
    graph = provlog.read(tmp_path / "b.xml.gz")
    assert [item.code for item in graph.diagnostics] == ["PL001", "PL013"]
    assert graph.entities


XML = b"<a xmlns:p='urn:p'><p:b><c x='1'/></p:b><!-- d --><p:b><c>e</c><c><![CDATA[f]]></c></p:b>\n</a>"
JSON = (
    b'{"a": {"b": [1, {"c": "d\\""}], "e": "f"}, "bundle": {"g": {"h": {"i": {"j": 2}, "k": {}}}}}'
)
TURTLE = (
    b'@prefix a: <urn:a#> . # x .\na:b a:c \'d\\\'\', """e . "f"""@en ; a:g [ a:h 1.5 ] .\n'
    b"a:i { a:j a:k a:l\\. . a:m a:n ( a:o ) } a:p a a:q ."
)


@given(st.integers(min_value=1, max_value=len(XML) - 1))
def test_completed_xml_is_well_formed(size: int) -> None:
    complete = xml.completed(XML[:size], {"a", "b"})
    if complete is not None:
        assert xml.completed(complete.data, {"a", "b"}) is None
        assert XML[:size].startswith(XML[: complete.position])


@given(st.integers(min_value=1, max_value=len(JSON) - 1))
def test_completed_json_is_valid(size: int) -> None:
    complete = json.completed(JSON[:size], lambda keys: 4 if keys[:1] == [b"bundle"] else 2)
    assert complete is not None
    assert json.completed(complete.data, len) is None
    assert complete.position <= size


@given(st.integers(min_value=1, max_value=len(TURTLE) - 1))
def test_completed_turtle_ends_with_a_statement(size: int) -> None:
    complete = turtle.completed(TURTLE[:size])
    if complete is not None:
        assert complete.data == b"" or complete.data.endswith((b".", b"}"))
        assert turtle.completed(complete.data) is None


@given(st.binary(max_size=60) | st.text("{}[]()<>\"'.\\#,:a/!-", max_size=60).map(str.encode))
def test_no_bytes_are_fatal(data: bytes) -> None:
    for completed in (turtle.completed, lambda data: xml.completed(data, {"a"})):
        completed(data)
    json.completed(data, lambda _: 3)


@pytest.mark.parametrize(
    "piece", [b'"', b"<", b"{", b"'''", b'"\\"', b"[", b"<a>", b"a.", b'{"a":']
)
def test_the_time_is_linear(piece: bytes) -> None:
    def complete(data: bytes) -> None:
        json.completed(data, lambda _: 2)
        turtle.completed(data)
        xml.completed(data, {"a"})

    assert is_linear(lambda: complete(piece * 20_000), lambda: complete(piece * 80_000))
