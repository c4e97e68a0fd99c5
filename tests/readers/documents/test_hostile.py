"""Invalid and malicious documents cause a diagnostic with a place, or an error."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.errors import InputError
from tests.linear import is_linear
from tests.profiles import examples
from tests.samples import EXCERPT, document

PREFIX = '"prefix": {"ex": "https://example.org/"}'
HEAD = '<prov:document xmlns:prov="http://www.w3.org/ns/prov#" xmlns:ex="https://example.org/">'
BOMB = (
    '<?xml version="1.0"?>\n<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa">\n'
    + "".join(f'<!ENTITY a{n} "{f"&a{n - 1 or str()};" * 10}">\n' for n in range(1, 10))
    + f']>\n{HEAD}<prov:entity prov:id="ex:e"><prov:label>&a9;</prov:label></prov:entity></prov:document>'
)
EXTERNAL = (
    '<!DOCTYPE d [<!ENTITY f SYSTEM "file:///etc/passwd">]>\n'
    f'{HEAD}<prov:entity prov:id="ex:e"><prov:label>&f;</prov:label></prov:entity></prov:document>'
)


def read(folder: Path, text: str, suffix: str = ".json") -> provlog.ProvGraph:
    path = folder / f"document{suffix}"
    path.write_text(text, encoding="utf-8")
    return provlog.read(path)


def found(graph: provlog.ProvGraph) -> list[tuple[str, int, int]]:
    return [(item.code, item.origin.line, item.origin.column) for item in graph.diagnostics]


@pytest.mark.parametrize("text", [BOMB, EXTERNAL], ids=["bomb", "external"])
def test_a_document_type_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"invalid XML in line \d+, column \d+: a document type"):
        read(tmp_path, text, ".xml")


CONTEXT = '"@context": [{"ex": "https://example.org/"}]'


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("jsonld", f'{{{CONTEXT}, "@graph": [\n{{"@type": "Entity", "@id": "ex:e", "ex:a": [], "ex:a": []}}]}}', "PL011", 2),
        ("jsonld", f'{{{CONTEXT}, "@graph": [\n{{"@type": "Entity", "@id": "no:e"}}]}}', "PL009", 2),
        ("jsonld", f'{{{CONTEXT}, "@graph": [{{"@type": "Agent", "@id": "ex:g"}},\n{{"@type": "Thing"}}]}}', "PL010", 2),
        ("provxml", f'{HEAD}\n<prov:entity prov:id="no:e"/></prov:document>', "PL009", 2),
    ],
)  # fmt: skip
def test_a_fault_is_reported_with_its_line(
    name: str, text: str, code: str, line: int, tmp_path: Path
) -> None:
    path = tmp_path / "document"
    path.write_text(text, encoding="utf-8")
    graph = provlog.read(path, reader=name)
    assert [(item.code, item.origin.line) for item in graph.diagnostics] == [(code, line)]


DECLARED = "@prefix prov: <http://www.w3.org/ns/prov#> .\n"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("turtle", f"{DECLARED}no:e a prov:Entity .", 'line 2, column 1: Prefix "no:" not bound'),
        ("trig", f"{DECLARED}{{ no:e a prov:Entity }}", 'line 2, column 3: Prefix "no:" not bound'),
        ("turtle", f"{DECLARED}" + "[" * 10_000, "nested too deeply in line 2, column 10000"),
        ("trig", f"{DECLARED}" + "[" * 10_000, "nested too deeply in line 2, column 10000"),
        ("jsonld", '{"@graph": ' + "[" * 100_000, "nested too deeply in line 1, column 100011"),
        ("provn", "document\n" + "bundle(" * 10_000, "line 2, column"),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_format_allows_is_an_error_with_its_place(
    name: str, text: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "document"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as error:
        provlog.read(path, reader=name)
    assert message in str(error.value)


@pytest.mark.parametrize(
    "text",
    [
        '<?xml version="1.0" encoding="UTF-17"?>' + HEAD + "</prov:document>",
        '<?xml version="1.0" encoding="UTF-17"?><job xmlns="http://www.ivoa.net/xml/UWS/v1.0"/>',
        '<?xml version="1.0" encoding="UTF-17"?><VOTABLE xmlns:voprov="provenance"/>',
    ],
)
def test_an_unknown_encoding_is_an_error(text: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown encoding: UTF-17"):
        read(tmp_path, text, ".xml")


UWS = "xmlns='http://www.ivoa.net/xml/UWS/v1.0'"
OPUS = '{"prefix": {"opus_job": "https://example.org/rest/"}, '
TYPE = '"no:a": "x", "prov:type": {"$": "no:T", "type": "xsd:QName"}'
VOPROV = '{"prefix": {"voprov": "x", "ex": "https://example.org/"}, "isDescribedBy": {}, '


@pytest.mark.parametrize(
    "text",
    [
        VOPROV + '"entity": {"no:e": {"no:a": {"$": "no:v", "type": "prov:QUALIFIED_NAME"}}}}',
        VOPROV + '"entity": {"ex:e": {"ex:a": {"$": "v", "type": "no:type"}}}}',
        VOPROV + '"used": {"no:u": {"prov:activity": "no:a", "prov:entity": "no:b", "no:c": "d"}}}',
        VOPROV + '"bundle": {"no:b": {"prefix": {"no": "urn:no:"}, "entity": {"no:e": {}}}}}',
        VOPROV + '"usageDescription": {"ex:u": {"voprov:options": "a"}}, "entity": {"no:e": {}}}',
        "document\n usageDescription(ex:u, no:role)\n entity()\n used(no:a, no:b)\nendDocument",
        OPUS + '"entity": {"no:e": {"prov:type": {"$": "no:T", "type": "prov:QUALIFIED_NAME"}}}}',
        OPUS
        + f'"used": {{"_:1": {{"prov:activity": "opus_job:a/b", "prov:entity": "no:e", {TYPE}}}}}}}',
        f"<job {UWS}><parameters><parameter id='p' byReference='1'>no:e</parameter></parameters></job>",
    ],
)
def test_foreign_documents_with_undeclared_prefixes_can_be_written(
    text: str, tmp_path: Path
) -> None:
    graph = read(tmp_path, text)
    assert {item.code for item in graph.diagnostics} <= {"PL009", "PL010"}
    for name in ("provjson", "provxml", "provn", "trig", "jsonld", "votable"):
        again = read(tmp_path, document(graph, name))
        assert {item.code for item in again.diagnostics} <= {"PL804"}, name


ONE, OTHER = "https://one.org/", "https://other.org/"
REPEATED = {
    "provn": f"document\nprefix b <{ONE}>\nbundle b:b\nprefix ex <{ONE}>\nentity(ex:e)\nentity(f)\n"
    f"endBundle\nbundle b:b\nprefix ex <{OTHER}>\nentity(ex:e)\nentity(g)\nendBundle\nendDocument",
    "provjson": f'{{"prefix": {{"b": "{ONE}"}}, "bundle": {{'
    f'"b:b": {{"prefix": {{"ex": "{ONE}"}}, "entity": {{"ex:e": {{}}, "f": {{}}}}}}, '
    f'"b:b": {{"prefix": {{"ex": "{OTHER}"}}, "entity": {{"ex:e": {{}}, "g": {{}}}}}}}}}}',
    "provxml": f'<document xmlns="http://www.w3.org/ns/prov#" xmlns:p="http://www.w3.org/ns/prov#" '
    f'xmlns:b="{ONE}"><bundleContent xmlns:ex="{ONE}" p:id="b:b"><entity p:id="ex:e"/></bundleContent>'
    f'<bundleContent xmlns:ex="{OTHER}" p:id="b:b"><entity p:id="ex:e"/></bundleContent></document>',
    "jsonld": f'{{"@context": [{{"b": "{ONE}"}}], "@graph": ['
    f'{{"@type": "Bundle", "@id": "b:b", "@context": [{{"ex": "{ONE}"}}], "@graph": '
    f'[{{"@type": "Entity", "@id": "ex:e"}}]}}, '
    f'{{"@type": "Bundle", "@id": "b:b", "@context": [{{"ex": "{OTHER}"}}], "@graph": '
    f'[{{"@type": "Entity", "@id": "ex:e"}}]}}]}}',
}  # fmt: skip


@pytest.mark.parametrize("name", REPEATED)
def test_a_repeated_bundle_keeps_the_statements_of_both(name: str, tmp_path: Path) -> None:
    path = tmp_path / "document"
    path.write_text(REPEATED[name], encoding="utf-8")
    graph = provlog.read(path, reader=name)
    [bundle] = graph.bundles.values()
    namespaces = graph.namespaces | bundle.namespaces
    parts = [element.partition(":") for element in bundle.entities]
    iris = {namespaces[prefix] + local for prefix, colon, local in parts if colon}
    assert {f"{ONE}e", f"{OTHER}e"} <= iris
    for written in ("trig", "provn", "provxml", "jsonld"):
        again = read(tmp_path, document(graph, written))
        assert len(next(iter(again.bundles.values())).entities) == len(bundle.entities)


def test_a_colon_in_the_default_namespace_is_not_the_end_of_a_prefix(tmp_path: Path) -> None:
    text = f'{{"prefix": {{"default": "{ONE}"}}, "entity": {{":a:b": {{}}}}}}'
    graph = read(tmp_path, text)
    [name] = graph.entities
    prefix, _, local = name.partition(":")
    assert graph.namespaces[prefix] + local == f"{ONE}a:b"
    assert len(read(tmp_path, document(graph, "trig")).entities) == 1


def test_deep_json_is_an_error(tmp_path: Path) -> None:
    depth = 100_000
    text = '{"entity":\n{"ex:e": {"ex:a": ' + "[" * depth + "]" * depth + "}}}"
    with pytest.raises(InputError, match="nested too deeply in line 2, column 100018"):
        read(tmp_path, text)


def test_deep_xml_is_linear(tmp_path: Path) -> None:
    depth = 50_000
    inner = "<ex:a>" * depth + "</ex:a>" * depth
    graph = read(
        tmp_path, f'{HEAD}<prov:entity prov:id="ex:e">{inner}</prov:entity></prov:document>', ".xml"
    )
    assert list(graph.entities) == ["ex:e"]


def test_repeated_keys_are_kept_and_reported(tmp_path: Path) -> None:
    text = f'{{{PREFIX},\n "entity": {{"ex:e": {{"ex:a": "1", "ex:a": "2"}}}},\n "entity": {{"ex:f": {{}}}}}}'
    graph = read(tmp_path, text)
    assert [code for code, _, _ in found(graph)] == ["PL011", "PL011"]
    assert found(graph)[0] == ("PL011", 2, 23)
    assert list(graph.entities) == ["ex:e", "ex:f"]
    assert graph.entities["ex:e"].values("ex:a") == ["1", "2"]


def test_undeclared_prefixes_are_declared_and_reported_once(tmp_path: Path) -> None:
    text = f'{{{PREFIX},\n "entity": {{"run:e": {{"run:a": "1"}}, "run:f": {{}}}}}}'
    graph = read(tmp_path, text)
    assert found(graph) == [("PL009", 2, 24)]
    assert graph.namespaces["run"] == "urn:provlog:run:"
    assert list(graph.entities) == ["run:e", "run:f"]


@pytest.mark.parametrize(
    "part",
    ['"entity": []', '"entity": {"ex:e": 1}', '"entity": {"ex:e": {"ex:a": null}}', '"thing": {}',
     '"entity": {"ex:e": {"ex:a": {"type": "xsd:int"}}}', '"prefix": {"a": 1}',
     '"activity": {"ex:a": {"prov:startTime": "yesterday"}}', '"bundle": {"ex:b": 3}',
     '"used": {"_:u": {"prov:activity": {"a": 1}, "prov:entity": "ex:e"}}'],
)  # fmt: skip
def test_unreadable_parts_are_reported_and_the_rest_is_read(part: str, tmp_path: Path) -> None:
    graph = read(tmp_path, f'{{"agent": {{"ex:g": {{}}}}, {PREFIX}, {part}}}')
    # An empty list of objects is valid and holds no statement.
    assert "PL010" in [code for code, _, _ in found(graph)] or part == '"entity": []'
    assert "ex:g" in graph.agents


@settings(max_examples=examples(200))
@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["prefix", "entity", "activity", "used", "bundle", "ex:a", "_:u", "prov:entity",
                         "prov:activity", "prov:time", "$", "type", "lang", "prov:startTime", "default"]),
        inner, max_size=4),
    max_leaves=20,
))  # fmt: skip
def test_no_json_is_a_traceback(value: object) -> None:
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        path = Path(folder) / "document.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        try:
            graph = provlog.read(path, reader="provjson")
        except InputError:
            return
        for name in ("provjson", "provn"):
            document(graph, name)


def test_undeclared_prefixes_take_linear_time(tmp_path: Path) -> None:
    def read_names(count: int) -> None:
        names = ", ".join(f'"p{number}:e": {{}}' for number in range(count))
        read(tmp_path, f'{{"entity": {{{names}}}}}')

    assert is_linear(lambda: read_names(2_000), lambda: read_names(8_000))


def test_unusual_documents_take_linear_time(tmp_path: Path) -> None:
    def read_entities(count: int) -> None:
        # A number is unusual.
        names = ", ".join(f'"ex:e{number}": {{"ex:n": 1}}' for number in range(count))
        assert len(read(tmp_path, f'{{{PREFIX}, "entity": {{{names}}}}}').entities) == count

    assert is_linear(lambda: read_entities(10_000), lambda: read_entities(40_000))


def test_documents_and_logs_are_one_graph(tmp_path: Path) -> None:
    log = provlog.read(EXCERPT)
    path = tmp_path / "run.json"
    path.write_text(document(log, "provjson"), encoding="utf-8")
    both = provlog.read(EXCERPT, path)
    assert list(both.entities) == list(log.entities)
    assert both.relations == {kind: dict.fromkeys(some) for kind, some in both.relations.items()}
    assert {kind: len(some) for kind, some in both.relations.items()} == {
        kind: len(some) for kind, some in log.relations.items()
    }
