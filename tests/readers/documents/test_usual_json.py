"""Usual PROV-JSON documents are read in less time, with the same result."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.readers.documents import provjson
from provlog.readers.documents.usual import decoded
from tests.documents import ODD_NAMES, PLAIN_NAMES, documents
from tests.profiles import examples
from tests.readers.documents.reading import differences, read
from tests.samples import LOGS, NAMES, document


def compare(text: str) -> None:
    """Compare both ways to read a document."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(provjson, "decoded", lambda _: None)
        expected = read(text, "provjson")
    found = read(text, "provjson")
    assert differences(found, expected) == []
    for kind, relations in expected.relations.items():
        ends = [(item.source.id, item.target.id) for item in relations]
        assert [(item.source.id, item.target.id) for item in found.relations[kind]] == ends


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_documents_of_provlog_are_usual(path: str) -> None:
    text = document(provlog.read(path), "provjson")
    assert decoded(text.encode()) is not None
    compare(text)


@settings(max_examples=examples(100))
@given(documents(names=PLAIN_NAMES + ODD_NAMES))
def test_all_of_prov_dm(graph: provlog.ProvGraph) -> None:
    compare(document(graph, "provjson"))


NAME = st.sampled_from(["ex:a", "ex:b", "ex:c/d"])
VALUE = (
    st.sampled_from(["x", "ex:a", ""])
    | st.builds(lambda text: {"$": text, "type": "xsd:string"}, NAME)
    | st.builds(lambda text: {"$": text, "type": "prov:QUALIFIED_NAME"}, NAME)
)
ATTRIBUTES = st.dictionaries(
    st.sampled_from(["prov:role", "prov:type", "ex:note", "voprov:descriptor"]),
    VALUE | st.lists(VALUE, min_size=1, max_size=2), max_size=3,
)  # fmt: skip
TIMES = st.sampled_from(
    ["2020-01-01T00:00:00", {"$": "2020-01-01T00:00:00", "type": "xsd:dateTime"}]
)
USES = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()},
    st.fixed_dictionaries(
        {"prov:activity": NAME}, optional={"prov:entity": NAME, "prov:time": TIMES}
    ),
    ATTRIBUTES,
)
PLANS = st.builds(
    lambda *parts: {key: value for part in parts for key, value in part.items()},
    st.fixed_dictionaries(
        {"prov:activity": NAME, "prov:agent": NAME}, optional={"prov:plan": NAME}
    ),
    ATTRIBUTES,
)


@settings(max_examples=examples(200))
@given(st.lists(USES, max_size=5), st.lists(PLANS, max_size=4), st.booleans())
def test_relations_with_further_attributes(
    uses: list[dict[str, Any]], plans: list[dict[str, Any]], named: bool
) -> None:
    prefixes = {"ex": "https://example.org/", "voprov": "https://example.com/"}
    sections = {"used": uses, "wasAssociatedWith": plans}
    compare(json.dumps({"prefix": prefixes, "entity": {"ex:a": {}}} | {
        kind: {f"{'ex' if named else '_'}:{kind}{n}": held for n, held in enumerate(found)}
        for kind, found in sections.items()
    }))  # fmt: skip
