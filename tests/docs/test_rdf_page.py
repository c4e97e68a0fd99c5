"""The queries of docs/rdf.md have the results on the page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import rdflib

import provlog
from tests.samples import SAMPLES, document

PAGE = Path(__file__).parents[2] / "docs" / "rdf.md"
QUERIES = re.findall(
    r"^([^\n]+)\n\n```sparql\n(.*?)```\n\n```text\n(.*?)```",
    PAGE.read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)


@pytest.fixture(scope="module")
def graph() -> rdflib.Graph:
    text = document(provlog.read(SAMPLES / "gammapy-2020-04.log"), "turtle")
    return rdflib.Graph().parse(data=text, format="turtle")


def test_the_page_has_queries() -> None:
    assert len(QUERIES) == PAGE.read_text(encoding="utf-8").count("```sparql") > 4


@pytest.mark.parametrize(("question", "query", "answer"), QUERIES, ids=[q[0] for q in QUERIES])
def test_a_query_has_the_results_on_the_page(
    graph: rdflib.Graph, question: str, query: str, answer: str
) -> None:
    rows = [" | ".join(map(str, tuple(row))) for row in graph.query(query)]  # type: ignore[arg-type]
    assert rows == answer.splitlines(), question
    assert rows
