"""The compiled modules take documents apart as the pure Python code does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.model.values import Literal
from provlog.readers.documents import usual
from provlog.readers.documents.xml import splitting
from provlog.readers.documents.xml import usual as xml_usual
from tests.documents import ODD_NAMES, PLAIN_NAMES, documents
from tests.profiles import examples
from tests.readers.documents.test_provxml import HEAD
from tests.readers.documents.test_usual_xml import BASE, PIECES
from tests.samples import LOGS, NAMES, document

JSON = usual._compiled()
XML = xml_usual._compiled()

pytestmark = pytest.mark.skipif(
    JSON is None or XML is None, reason="the compiled modules are not built"
)

USUAL = ("prov:activity", "prov:entity", "prov:role", "prov:type")
TEXT = st.sampled_from(
    ["x", "ex:a", "", "Ärger", "\t\n", "\x00", "\x7f", "a\x1f", "\ud800", "\uffff", "😀"]
)
VALUE = (
    TEXT | st.text() | st.builds(Literal, TEXT, st.sampled_from(["xsd:int", "prov:QUALIFIED_NAME"]))
)
RECORDS = st.dictionaries(
    st.text(max_size=3),
    st.dictionaries(
        st.sampled_from([*USUAL, "ex:note", "prov:time"]), VALUE | st.lists(VALUE, max_size=3)
    ),
)


@given(RECORDS)
def test_elements(records: dict[str, dict[str, Any]]) -> None:
    ours, theirs = JSON.elements_of(records), usual.elements_of(records)
    assert Counter(ours.literals) == Counter(theirs.literals)
    assert ours._replace(literals=[]) == theirs._replace(literals=[])


@given(RECORDS)
def test_columns(records: dict[str, dict[str, Any]]) -> None:
    assert JSON.columns_of(records, USUAL) == usual.columns_of(records, USUAL)


@given(st.lists(st.sampled_from([b'"', b":", b"\\", b"x"]), max_size=20).map(b"".join))
def test_colons(data: bytes) -> None:
    assert JSON.colons(data) == usual.colons(data)


def outcome(split: Callable[..., Any], data: bytes, *, prov: str, type: str) -> Any:
    """Return what a function makes of the content of a root; ``None`` if it gives up."""
    start = data.find(b">") + 1
    start += len(data[start:]) - len(data[start:].lstrip(b" \t\n"))
    try:
        return split(data, start, data.rfind(b"<"), prov, type)
    except (splitting.UnusualError, UnicodeDecodeError):
        return None


def compare(data: bytes) -> None:
    for prov, type in (("prov", "xsi:type"), ("p", ""), ("prov", "")):
        theirs = outcome(splitting.split, data, prov=prov, type=type)
        assert outcome(XML.split, data, prov=prov, type=type) == theirs


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_documents_of_provlog(path: str) -> None:
    text = document(provlog.read(path), "provxml")
    data = text[text.index("<prov:document") :].encode()
    assert outcome(XML.split, data, prov="prov", type="xsi:type") is not None
    compare(data)


@settings(max_examples=examples(50))
@given(documents(names=PLAIN_NAMES + ODD_NAMES))
def test_all_of_prov_dm(graph: provlog.ProvGraph) -> None:
    text = document(graph, "provxml")
    compare(text[text.index("<prov:document") :].encode())


ODD_PIECES = [
    *PIECES, "<prov:bundleContent/>", "<prov:bundleContents/>", "<prov:used/>", "&lt;", "&#13", "&;",
    "<prov:role/>", '<prov:role xml:lang="de">ja</prov:role>', "<prov:role>", "</prov:role>", "\r",
    '<prov:type xsi:type="xsd:QName">ex:T</prov:type>', '<prov:entity prov:ref="ex:e"/>', " ", "\ud7ff",
    '<prov:entity prov:ref="ex:e">', "<prov:entity>x</prov:entity>", "/>", "</", '"', "=", " p:id=''",
]  # fmt: skip


@settings(max_examples=examples(400))
@given(
    st.lists(
        st.tuples(st.integers(0, len(BASE)), st.integers(0, 12), st.sampled_from(ODD_PIECES)),
        min_size=1,
        max_size=3,
    )
)
def test_changed_documents(changes: list[tuple[int, int, str]]) -> None:
    text = BASE
    for start, size, piece in changes:
        text = text[:start] + piece + text[start + size :]
    compare(text.encode())


@given(st.binary(max_size=12), st.integers(len(HEAD), len(BASE)))
def test_bytes_that_are_no_text(piece: bytes, at: int) -> None:
    compare(BASE[:at].encode() + piece + BASE[at:].encode())
