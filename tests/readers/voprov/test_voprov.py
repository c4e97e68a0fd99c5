"""Documents that voprov 0.0.4 wrote, in all notations."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.errors import InputError
from provlog.model.graph import ProvGraph
from provlog.readers import reader_for
from provlog.readers.voprov.graph import graph_of
from provlog.readers.voprov.provn import parse_provn
from provlog.readers.voprov.records import parse_json
from tests.judges import judge
from tests.samples import SAMPLES

DATA = Path(__file__).parent.parent.parent / "data" / "ivoa"
FULL = DATA / "voprov-0.0.4-full-ivoa.json"
FULL_PROVN = (DATA / "voprov-0.0.4-full-ivoa.provn").read_text(encoding="utf-8").splitlines()
FULL_PROVN += [line.replace(",", "", 1) for line in FULL_PROVN]
DOCUMENTS = sorted(DATA.glob("voprov-*"))


def statements(graph: ProvGraph) -> set[tuple[str, ...]]:
    """Return the statements of a graph without the classes that only get_w3c() adds."""
    found: set[tuple[str, ...]] = set()
    for element in graph.elements():
        found.add((element.id,))
        for name, value in element.pairs():
            text = getattr(value, "text", value)
            if text not in {"voprov:Activity", "voprov:Entity", "voprov:Agent"}:
                found.add((element.id, name, str(text)))
    for kind, relations in graph.relations.items():
        for relation in relations:
            roles = [str(value) for name, value in relation.pairs() if name.endswith(":role")]
            found.add((kind, relation.source.id, relation.target.id, *roles))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_document_is_read_without_a_finding(path: Path) -> None:
    graph = provlog.read(path)
    assert graph.diagnostics == []
    judge(graph, ["provjson", "provxml", "provn", "votable"])


@pytest.mark.parametrize("name", ["voprov-0.0.4-full", "voprov-0.0.4"])
def test_all_notations_state_the_same(name: str) -> None:
    json_form = statements(provlog.read(DATA / f"{name}-ivoa.json"))
    assert statements(provlog.read(DATA / f"{name}-ivoa.provn")) == json_form
    assert statements(provlog.read(DATA / f"{name}-w3c.json")) == json_form
    assert statements(provlog.read(DATA / f"{name}-w3c.provn")) == json_form
    # voprov's XML leaves out the type of a collection, and its id with it.
    xml_form = statements(provlog.read(DATA / f"{name}-ivoa.xml"))
    assert {one for one in json_form ^ xml_form if "ex:col" not in one} == set()


def test_no_statement_of_the_document_is_lost() -> None:
    graph = provlog.read(FULL)
    content: dict[str, dict[str, Any]] = json.loads(FULL.read_text(encoding="utf-8"))
    del content["prefix"]
    elements = {element.id: element for element in graph.elements()}
    relations = sum(map(len, graph.relations.values()))
    count = 0
    for held in content.values():
        for id, pairs in held.items():
            if id.startswith("_:"):
                count += 1
                continue
            values = {str(getattr(value, "text", value)) for _, value in elements[id].pairs()}
            times = {"prov:startTime", "prov:endTime"}
            assert {
                str(text) for key, text in pairs.items() if key not in {*times, "prov:type"}
            } <= (values)
    assert relations == count
    (use,) = graph.relations["used"]
    assert dict(use.pairs())["voprov:descriptor"].text == "ex:ud1"  # type: ignore[union-attr]


def test_descriptions_of_a_document_fill_their_tables(tmp_path: Path) -> None:
    from astropy.io.votable import parse

    provlog.write(provlog.read(FULL), tmp_path / "run.vot")
    tables = {table.name: table.to_table() for table in parse(tmp_path / "run.vot").iter_tables()}
    assert tables["ActivityDescription"]["name"].tolist() == ["make_map"]
    assert tables["Activity"]["activitydescription_id"].tolist() == ["ex:ad1"]
    assert tables["Used"]["usagedescription_id"].tolist() == ["ex:ud1"]
    assert tables["Parameter"]["parameter_value"].tolist() == ["0.5"]
    assert tables["ConfigFile"]["location"].tolist() == ["/etc/conf.yml"]
    assert set(tables["WasConfiguredBy"]["artefact_type"].tolist()) == {"Parameter", "Configfile"}
    assert provlog.read(tmp_path / "run.vot").to_prov() == provlog.read(FULL).to_prov()


@pytest.mark.parametrize(
    "iri",
    [
        "http://www.ivoa.net/documents/dm/provdm/voprov/",
        "http://www.ivoa.net/documents/ProvenanceDM/ns/voprov/",
    ],
)
def test_all_iris_of_voprov_are_the_same_namespace(iri: str, tmp_path: Path) -> None:
    text = FULL.read_text(encoding="utf-8")
    expected = provlog.read(FULL).to_prov()
    other = text.replace("http://www.ivoa.net/documents/ProvenanceDM/index.html#", iri)
    (tmp_path / "a.json").write_text(other, encoding="utf-8")
    assert provlog.read(tmp_path / "a.json").to_prov() == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cut.json", '{"prefix": {}, "isDescribedBy": {"_:1": {'),
        ("cut.xml", "<voprov:document xmlns:voprov='x'><voprov:isDescribedBy>"),
    ],
)
def test_a_broken_document_is_an_input_error(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=name):
        provlog.read(tmp_path / name)


@pytest.mark.parametrize("line", ["sings(ex:a)", "and so on"])
def test_a_faulty_line_of_provn_is_left_out(line: str, tmp_path: Path) -> None:
    head = "document\n  prefix ex <https://example.org/>"
    text = f"{head}\n  isDescribedBy(ex:a, ex:b)\n  {line}\n  used(ex:a, ex:c)\nendDocument\n"
    (tmp_path / "a.provn").write_text(text, encoding="utf-8")
    graph = provlog.read(tmp_path / "a.provn")
    assert [(item.code, item.origin.line) for item in graph.diagnostics] == [("PL010", 4)]
    assert len(graph.relations["used"]) == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"prefix": {},\n "isDescribedBy": {"_:1": {', r"2:\d+: error PL013"),
        ('{"prefix": {}, "isDescribedBy": {"a": ' + "[" * 100_000, "nested too deeply"),
    ],
    ids=["cut", "deep"],
)
def test_a_fault_in_json_has_its_place(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=message):
        provlog.read(tmp_path / "a.json")


PARTS = st.recursive(
    st.none() | st.integers() | st.sampled_from(["ex:a", "voprov:x", "x", "", "2020-01-01"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(
        st.sampled_from([
            "prefix", "bundle", "entity", "activityDescription", "isDescribedBy", "used", "ex:a", "_:1",
            "voprov:described", "voprov:descriptor", "prov:entity", "prov:time", "prov:name", "$", "type",
        ]),
        inner, max_size=3,
    ),
    max_leaves=12,
)  # fmt: skip


@given(PARTS)
def test_no_json_causes_a_traceback(content: Any) -> None:
    with contextlib.suppress(InputError):
        graph_of(
            parse_json(json.dumps(content).encode(), "x.json", lambda _: None), lambda *_: None
        )


@given(st.lists(st.sampled_from(FULL_PROVN) | st.text(max_size=20), max_size=5))
def test_no_provn_causes_a_traceback(lines: list[str]) -> None:
    with contextlib.suppress(InputError):
        graph_of(parse_provn("\n".join(lines).encode(), "x.provn", lambda _: None), lambda *_: None)


@pytest.mark.parametrize("suffix", ["json", "xml", "provn"])
def test_documents_of_provlog_are_not_taken_for_those_of_voprov(
    suffix: str, tmp_path: Path
) -> None:
    path = tmp_path / f"run.{suffix}"
    provlog.write(provlog.read(SAMPLES / "provlog-gammapy.log"), path)
    assert reader_for(path.read_bytes()[:65536], str(path)).name != "voprov"
