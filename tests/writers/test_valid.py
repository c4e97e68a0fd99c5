"""Documents are valid and equal in all formats."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings

import provlog
from provlog.graphs.bundles import in_bundles
from tests.documents import documents
from tests.grids import grid
from tests.judges import JUDGES, judge
from tests.profiles import examples
from tests.samples import DOCUMENTS, LOGS, document, graph_of
from tests.strategies import graphs, logs


@pytest.mark.parametrize(("path", "name"), grid(LOGS, DOCUMENTS))
def test_every_sample_is_valid_and_the_same_in_every_format(path: Path, name: str) -> None:
    judge(provlog.read(path), [name])


@pytest.mark.parametrize(("path", "name"), grid(LOGS[:6], DOCUMENTS))
def test_bundles_are_valid_and_the_same_in_every_format(path: Path, name: str) -> None:
    judge(in_bundles(provlog.read(path)), [name])


def test_every_format_has_a_judge() -> None:
    assert list(JUDGES) == DOCUMENTS


@settings(max_examples=examples(60))
@given(graphs())
def test_generated_graphs_are_valid_in_every_format(graph: provlog.ProvGraph) -> None:
    judge(graph)


@settings(max_examples=examples(60))
@given(logs())
def test_generated_logs_are_valid_in_every_format(lines: list[str]) -> None:
    with TemporaryDirectory() as folder:
        graph = graph_of(Path(folder), lines)
    judge(graph)
    judge(in_bundles(graph))


@settings(max_examples=examples(100))
@given(documents())
def test_all_of_prov_dm_is_valid_and_the_same_in_every_format(graph: provlog.ProvGraph) -> None:
    judge(graph, ["provjson", "provxml", "provn"])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_empty_graph_is_valid(name: str) -> None:
    text = document(provlog.ProvGraph(), name)
    JUDGES[name](text)
