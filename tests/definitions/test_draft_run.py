"""Drafts of definition files from recorded runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from provlog.capture import Capture
from provlog.definitions.draft_run import draft_of_run
from provlog.definitions.load import examine
from provlog.errors import InputError


class Spectrum:
    """Counts by energy."""

    def __init__(self) -> None:
        self.counts = [1]

    @staticmethod
    def reduced() -> Spectrum:
        return Spectrum()


def drafted(capture: Capture) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(draft_of_run(capture.graph()))
    return found


def test_types_objects_and_files_of_a_run_are_drafted(tmp_path: Path) -> None:
    capture = Capture()

    @capture.trace
    def reduce(path: str, target: str, result: Any, *, level: float = 0.5) -> tuple[Any, int]:
        assert result
        assert level
        Path(target).write_text(Path(path).read_text() * 2)
        return Spectrum(), 3

    (tmp_path / "in.csv").write_text("x")
    paths = str(tmp_path / "in.csv"), str(tmp_path / "out.csv")
    with capture.program("analysis.py"):
        reduce(*paths, Spectrum())
    found = drafted(capture)
    assert found["activities"] == {
        "reduce": {
            "description": "To be described",
            "parameters": [
                {"name": "path", "datatype": "str"},
                {"name": "target", "datatype": "str"},
                {"name": "level", "datatype": "float"},
            ],
            "usage": [
                {"role": "result", "entityName": "Spectrum", "value": "kwargs.result"},
                {"role": "path", "entityName": "DataFile", "location": "path"},
            ],
            "generation": [
                {"role": "result[0]", "entityName": "Spectrum", "value": "result[0]"},
                {"role": "target", "entityName": "DataFile", "location": "target"},
            ],
            "unlisted": True,
        }
    }
    assert found["entities"] == {"Spectrum": {"type": "PythonObject"}, "DataFile": {"type": "File"}}
    (tmp_path / "draft.yaml").write_text(yaml.safe_dump(found))
    definitions, findings = examine(str(tmp_path / "draft.yaml"))
    assert (definitions is not None, findings) == (True, [])


def test_a_log_without_calls_has_no_draft() -> None:
    capture = Capture()
    with capture.program("analysis.py"):
        pass
    with pytest.raises(InputError, match="no activities of functions"):
        draft_of_run(capture.graph())


def test_different_kinds_of_a_role_have_a_common_name() -> None:
    capture = Capture()

    @capture.trace
    def fit(thing: Any) -> None:
        assert thing

    for thing in (Spectrum(), Capture()):
        fit(thing)
    [item] = drafted(capture)["activities"]["fit"]["usage"]
    assert item == {"role": "thing", "entityName": "Objects", "value": "thing"}


def test_generators_are_left_to_the_recording(tmp_path: Path) -> None:
    def rows() -> Iterator[list[int]]:
        yield [1]
        yield [2]

    def count(stream: Iterator[list[int]]) -> float:
        return len(list(stream)) / 2

    def statements(capture: Capture) -> set[tuple[str, str | None, str | None]]:
        capture.trace(count)(capture.trace(rows)())
        graph = capture.graph()
        used = {("used", one.source.label, one.target.label) for one in graph.relations["used"]}
        made = {
            ("generated", one.target.label, one.source.label)
            for one in graph.relations["wasGeneratedBy"]
        }
        return used | made

    capture = Capture()
    expected = statements(capture)
    assert ("generated", "rows", "generator") in expected
    (tmp_path / "draft.yaml").write_text(draft_of_run(capture.graph()))
    assert statements(Capture.from_yaml(tmp_path / "draft.yaml")) == expected


DEFINITION = """
activities:
  tests.steps:reduce:
    description: Reduce a table
    parameters:
      - {name: threshold, value: level, unit: TeV}
    usage:
      - {role: file, entityName: Table, location: path}
    generation:
      - {role: spectrum, entityName: Spectrum, value: result, description: A spectrum}
entities:
  Table: {description: A table, type: File}
  Spectrum: {type: PythonObject}
"""


def test_entries_of_the_definitions_of_the_run_are_kept(tmp_path: Path) -> None:
    (tmp_path / "definition.yaml").write_text(DEFINITION)
    capture = Capture.from_yaml(tmp_path / "definition.yaml")

    def reduce(path: str, level: float, other: Any) -> Spectrum:
        assert path
        assert level
        assert other
        return Spectrum()

    (tmp_path / "in.csv").write_text("x")
    capture.trace(reduce, "tests.steps:reduce")(str(tmp_path / "in.csv"), 0.5, Spectrum())
    found = drafted(capture)
    wanted = yaml.safe_load(DEFINITION)
    [(place, kept)] = wanted["activities"].items()
    assert found["entities"] == wanted["entities"]
    assert found["activities"] == {place: {**kept, "unlisted": True}}


@pytest.mark.parametrize(
    "definitions",
    ["3", "{", "{}", '{"activities": 3}', '{"activities": {"reduce": {"usage": [3]}}}'],
)
def test_any_recorded_definitions_are_accepted(definitions: str) -> None:
    capture = Capture()
    capture.trace(Spectrum.reduced, "reduce")()
    graph = capture.graph()
    [session] = graph.sessions.values()
    session.attributes["log:definitions"] = definitions
    found = yaml.safe_load(draft_of_run(graph))
    assert found["activities"]["reduce"]["generation"][0]["value"] == "result"
