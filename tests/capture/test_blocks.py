"""Files and objects that ``with`` blocks name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.model.graph import ProvGraph
from tests.capture.reading import activity

Graph = Callable[[], ProvGraph]


def labels(graph: ProvGraph, kind: str) -> list[str]:
    ends = [
        relation.target if kind == "used" else relation.source for relation in graph.relations[kind]
    ]
    return [one.label for one in ends]


@pytest.mark.parametrize("gather", [list, tuple, lambda paths: [*map(str, paths)]])
def test_a_list_of_paths_is_several_files(
    capture: Capture, graph: Graph, tmp_path: Path, gather: Callable[[Any], Any]
) -> None:
    paths = gather([tmp_path / "a.csv", tmp_path / "b.csv"])
    with capture.activity("copy") as block:
        block.generated(paths, role="copies")
        for path in paths:
            Path(path).write_text(str(path))
        block.used(paths, role="sources")
    found = graph()
    assert labels(found, "used") == labels(found, "wasGeneratedBy") == ["a.csv", "b.csv"]
    assert {one.role for one in found.relations["used"]} == {"sources"}
    assert {one.role for one in found.relations["wasGeneratedBy"]} == {"copies"}


def test_a_list_with_other_items_is_an_object(capture: Capture, graph: Graph) -> None:
    with capture.activity("fit") as block:
        block.used(["a.csv", 5])
        block.used([])
        block.used(["on", "off"])
        block.used(["a.csv", "3.5"])
    assert labels(graph(), "used") == ["list"] * 4


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (None, "used(None): None is neither a file nor an object"),
        ("", "the path of a file is empty"),
        ("two\nlines", "'two\\nlines' is not a path"),
        ("a\0b", "'a\\x00b' is not a path"),
        ("x" * 300, f"'{'x' * 50}...' is not a path"),
        (["a.csv", "two/\nlines"], "'two/\\nlines' is not a path"),
        ("password=hunter2\n" * 9, "is not a path"),
        ("results of the fit", "'results of the fit' is not a path: "),
        ("password=hunter2", "is not a path: it has neither a folder nor a suffix"),
    ],
)
def test_an_invalid_file_causes_one_warning(
    capture: Capture,
    graph: Graph,
    caplog: pytest.LogCaptureFixture,
    entity: Any,
    reason: str,
) -> None:
    with capture.activity("fit") as block:
        block.used(entity)
        block.used(entity)
    [warning] = [record.getMessage() for record in caplog.records if record.name == "provlog"]
    assert warning.startswith("provlog: activity 'fit' is not recorded in full: ValueError: ")
    assert reason in warning
    assert "hunter2" not in warning
    found = graph()
    assert activity(found, "fit").end is not None
    assert labels(found, "used") == (["a.csv"] if type(entity) is list else [])


def test_a_text_without_folder_and_suffix_is_the_name_of_a_file_that_exists(
    capture: Capture,
    graph: Graph,
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("raw").write_text("")
    with capture.activity("fit") as block:
        block.used("raw")
        block.used([Path("missing"), Path("missing too")])
        block.generated("results")
        block.generated("results of the fit")
        block.generated(Path("plots"))
        Path("results").write_text("1")
    [warning] = [record.getMessage() for record in caplog.records if record.name == "provlog"]
    assert "'results of the fit' is not a path: it has neither a folder nor a suffix" in warning
    found = graph()
    assert set(labels(found, "used")) == {"raw", "missing", "missing too"}
    assert set(labels(found, "wasGeneratedBy")) == {"results", "plots"}


def test_a_file_with_a_line_break_in_its_name_is_a_file(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    path = tmp_path / "two\nlines"
    path.write_text("")
    with capture.activity("fit") as block:
        block.used(path)
        block.used("https://example.org/" + "x" * 300)
    assert len(labels(graph(), "used")) == 2


def test_a_secret_list_is_not_several_files(capture: Capture, graph: Graph, log: Path) -> None:
    with capture.activity("log in") as block:
        block.used(["hunter2"], role="password")
    assert labels(graph(), "used") == ["list"]
    assert "hunter2" not in log.read_text()
