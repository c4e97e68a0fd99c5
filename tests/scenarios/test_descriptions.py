"""Documents and tables contain all descriptions of definition files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import yaml

import provlog
from provlog.model.graph import ProvGraph
from tests.samples import EXCERPT, SAMPLES
from tests.test_layout import ROOT

FILES = [ROOT / "docs/gammapy/definition.yaml", ROOT / "tests/data/presentation-definition.yaml"]
LOGS = ["provlog-gammapy.log", "logprov-gammapy-sessions.log", "logprov-selftest.log"]
# Keys that describe; the other keys control the capture.
DESCRIPTIVE = frozenset(
    {
        "description", "docurl", "contentType", "role", "multiplicity", "contact", "version",
        "subtype", "unit", "ucd", "utype", "datatype", "min", "max", "default", "options",
        "entityName", "entityType", "entity_description",
    }
)  # fmt: skip


def descriptive_texts(data: Any) -> Iterator[str]:
    """Yield the texts of all descriptive keys, and the names of parameters."""
    if isinstance(data, dict):
        for key, value in data.items():
            if key == "entity_description" and isinstance(value, dict):
                yield from descriptive_texts(value)
            elif (key in DESCRIPTIVE and isinstance(value, (str, int, float))) or key == "name":
                yield str(value)
            else:
                yield from descriptive_texts(value)
    elif isinstance(data, list):
        for item in data:
            yield from descriptive_texts(item)


def assert_arrives(data: Any, graph: ProvGraph) -> None:
    texts = set(descriptive_texts(data))
    assert texts
    for name in ("provjson", "votable"):
        # The definitions on the session do not count.
        for session in graph.sessions.values():
            session.attributes.pop("log:definitions", None)
        stream = BytesIO()
        provlog.write(graph, stream, name)
        document = stream.getvalue().decode()
        written = {text: json.dumps(text)[1:-1] for text in texts}
        if name == "votable":
            written = {text: text.replace("&", "&amp;").replace("<", "&lt;") for text in texts}
        assert {text for text, form in written.items() if form not in document} == set()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_description_of_a_definition_file_is_in_the_documents(path: Path) -> None:
    graph = provlog.read(EXCERPT, definitions=path)
    assert_arrives(yaml.safe_load(path.read_text(encoding="utf-8")), graph)


@pytest.mark.parametrize("name", LOGS)
def test_every_description_of_a_log_is_in_the_documents(name: str) -> None:
    graph = provlog.read(SAMPLES / name)
    held = [
        text for session in graph.sessions.values() for text in session.values("log:definitions")
    ]
    assert_arrives([json.loads(text) for text in held], graph)
