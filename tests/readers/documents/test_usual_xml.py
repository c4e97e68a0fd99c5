"""Usual PROV-XML documents are read in less time, with the same result."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.readers.documents.xml.provxml import read_chunks
from provlog.readers.documents.xml.usual import usual_graph
from tests.documents import ODD_NAMES, PLAIN_NAMES, documents
from tests.profiles import examples
from tests.readers.documents.reading import differences
from tests.readers.documents.test_provxml import HEAD
from tests.samples import LOGS, NAMES, document

# What makes a document an unusual or an invalid one.
PIECES = [
    "<!-- c -->", "<![CDATA[x]]>", "<?pi x?>", "&unknown;", "&amp;", "&#65;", "&#13;", "]]>", ">",
    "<", "\x00", "\x0b", "\r\n", "\t", "\xa0", "\ufffe", "text", "<prov:entity/>", "</prov:document>",
    '<prov:entity prov:id="ex:e"/>', '<prov:entity prov:id="no:e"/>', '<prov:bundleContent prov:id="ex:b">',
    "</prov:bundleContent>", ' prov:id="ex:e"', ' xmlns:ex="https://other.org/"', ' xsi:type="xsd:QName"',
    "<ex:note/>", '<ex:note xsi:type="xsd:string">x</ex:note>', '<ex:e prov:ref="ex:e"/>',
]  # fmt: skip


def compare(data: bytes) -> None:
    """Compare both ways to read a document, if it is a usual one."""
    graph = usual_graph(data)
    if graph is not None:
        found: list[object] = []
        assert differences(graph, read_chunks([data], "x", found.append)) == []
        assert found == []


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_documents_of_provlog_are_usual(path: str) -> None:
    data = document(provlog.read(path), "provxml").encode()
    assert usual_graph(data) is not None
    compare(data)


@settings(max_examples=examples(100))
@given(documents(names=PLAIN_NAMES + ODD_NAMES))
def test_all_of_prov_dm(graph: provlog.ProvGraph) -> None:
    compare(document(graph, "provxml").encode())


BASE = f"""{HEAD}<prov:entity prov:id="ex:e"><ex:note>x</ex:note>
<prov:type xsi:type="xsd:QName">ex:T</prov:type></prov:entity>
<prov:activity prov:id="ex:a"><prov:startTime>2020-01-01T00:00:00</prov:startTime></prov:activity>
<prov:used><prov:activity prov:ref="ex:a"/><prov:entity prov:ref="ex:e"/><prov:role>r</prov:role></prov:used>
<prov:used prov:id="ex:u"><prov:activity prov:ref="ex:a"/><prov:time>2020-01-01T00:00:00</prov:time></prov:used>
<prov:bundleContent prov:id="ex:b"><prov:plan prov:id="ex:p"/></prov:bundleContent>
</prov:document>
"""


@settings(max_examples=examples(400))
@given(st.integers(0, len(BASE)), st.integers(0, 12), st.sampled_from(PIECES))
def test_changed_documents(start: int, size: int, piece: str) -> None:
    compare((BASE[:start] + piece + BASE[start + size :]).encode())


def test_a_document_of_unclosed_elements_is_read_in_linear_time() -> None:
    assert usual_graph((HEAD + '<prov:entity prov:id="ex:e">\n' * 200_000).encode()) is None
