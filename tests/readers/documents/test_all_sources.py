"""The provenance of every kind of source comes back from every document."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from tests.readers.documents.reading import BOTH, differences, read
from tests.samples import document
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data"
SOURCES = sorted(
    path
    for kind in ("ctapipe", "ivoa", "opus")
    for path in (DATA / kind).iterdir()
    if path.suffix != ".tsv" and not path.name.endswith(".vo-dml.xml")
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_source_comes_back_from_every_format(path: Path) -> None:
    graph = provlog.read(path)
    for name in BOTH:
        if name == "turtle" and graph.bundles:
            continue
        assert differences(read(document(graph, name), name), graph) == [], name
