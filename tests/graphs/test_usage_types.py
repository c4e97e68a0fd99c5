"""Selecting usages and generations by the type of their description."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.diagnostics.codes.examples import end_line, record_line, start_line
from provlog.errors import UsageError
from provlog.graphs.usage_types import of_usage_types
from provlog.model.graph import ProvGraph
from tests.samples import log_of

DEFINITIONS: dict[str, Any] = {
    "activities": {
        "fit": {
            "usage": [
                {"role": "events", "value": "events", "type": "Main"},
                {"role": "weather", "value": "weather", "type": "Context"},
                {"role": "untyped", "value": "untyped"},
            ],
            "generation": [
                {"role": "result", "value": "result", "type": "Main"},
                {"role": "log", "value": "log", "type": "Log"},
            ],
        }
    }
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    def use(id: str, role: str) -> str:
        return record_line(2, activity_id="a1", used_id=id, used_role=role)

    def make(id: str, role: str) -> str:
        return record_line(3, activity_id="a1", generated_id=id, generated_role=role)

    return log_of(
        tmp_path,
        [
            record_line(0, session_id="s1", definitions=DEFINITIONS),
            start_line(1, "a1", "fit"),
            use("events", "events"), use("weather", "weather"), use("untyped", "untyped"),
            make("result", "result"), make("log", "log"),
            record_line(4, entity_id="log", member_id="line"),
            record_line(4, entity_id="result", member_id="table"),
            # The weather is a result of something else, too.
            start_line(5, "a2", "measure"),
            record_line(5, activity_id="a2", generated_id="weather"),
            end_line(6, "a1"),
        ],
    )  # fmt: skip


def roles(graph: ProvGraph) -> set[str | None]:
    return {
        relation.role for kind in ("used", "wasGeneratedBy") for relation in graph.relations[kind]
    }


def ids(graph: ProvGraph) -> set[str]:
    return {str(entity.values("dcterms:identifier")[0]) for entity in graph.entities.values()}


def test_only_selected_types_are_kept(path: Path) -> None:
    graph = of_usage_types(provlog.read(path), types=["Main"])
    assert roles(graph) == {"events", "result"}
    assert ids(graph) == {"events", "result", "table"}
    assert graph.descriptions.of_relation("used", *graph.relations["used"]) is not None


def test_excluded_types_are_omitted_with_their_members(path: Path) -> None:
    graph = of_usage_types(provlog.read(path), without=["Log", "Context"])
    assert roles(graph) == {"events", "untyped", "result", None}
    # The weather has another generation.
    assert ids(graph) == {"events", "untyped", "result", "table", "weather"}


def test_an_unknown_type_is_an_error(path: Path) -> None:
    with pytest.raises(UsageError, match=r"unknown type of usage 'Mian'; there are Main, "):
        of_usage_types(provlog.read(path), types=["Mian"])


def test_the_graph_itself_is_not_changed(path: Path) -> None:
    graph = provlog.read(path)
    before = {kind: len(relations) for kind, relations in graph.relations.items()}
    of_usage_types(graph, types=["Main"])
    assert {kind: len(relations) for kind, relations in graph.relations.items()} == before
