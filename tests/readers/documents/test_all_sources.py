"""The provenance of every kind of source comes back from every document."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.model.graph import ProvGraph
from provlog.model.instants import instant
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


def with_instants(graph: ProvGraph) -> ProvGraph:
    """Write the times of activities alike: the reader of PROV-N does not keep their digits."""
    for part in (graph, *graph.bundles.values()):
        for activity in part.activities.values():
            activity.start = activity.start and str(instant(activity.start))
            activity.end = activity.end and str(instant(activity.end))
    return graph


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_source_comes_back_from_every_format(path: Path) -> None:
    graph = provlog.read(path)
    for name in BOTH:
        if name == "turtle" and graph.bundles:
            continue
        again = read(document(graph, name), name)
        if name == "provn":
            again, expected = with_instants(again), with_instants(provlog.read(path))
        else:
            expected = graph
        assert differences(again, expected) == [], name
