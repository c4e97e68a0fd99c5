"""What the items of a definition stand for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture import Capture
from provlog.capture.definitions import definitions_of
from tests.capture.conftest import Make
from tests.capture.reading import activities, activity, generated, progenitors, used

Define = Callable[..., None]


class Step:
    """A step with a copy of its settings for everybody who asks."""

    def __init__(self, name: str = "first") -> None:
        self.name = name
        self.parts: list[Step] = []

    @property
    def settings(self) -> Any:
        return Settings(self.name)

    def write(self) -> None:
        self.parts = [Step("a"), Step("a")]

    def use(self) -> None:
        pass


class Settings:
    def __init__(self, name: str) -> None:
        self.name = name


@pytest.fixture
def define(make: Make, monkeypatch: pytest.MonkeyPatch) -> Define:
    """Trace the methods of the class with definitions."""

    def trace(**items: Any) -> None:
        for name in ("write", "use"):
            monkeypatch.setattr(Step, name, vars(Step)[name])
        make(definitions_of({"activities": items})).trace_methods(Step)

    return trace


def test_members_have_names_and_are_still_told_apart_by_what_they_are(
    define: Define, log: Path
) -> None:
    members = {"list": "parts", "entityName": "Step", "type": "PythonObject", "location": "name"}
    item = {"entityName": "Steps", "value": "parts", "has_members": members}
    define(write={"generation": [item]})
    Step().write()
    one, other = [relation.target for relation in provlog.read(log).relations["hadMember"]]
    assert one.values("prov:location") == other.values("prov:location") == ["a"]
    assert one is not other


def test_an_object_of_which_only_a_name_is_known_is_an_entity(define: Define, log: Path) -> None:
    item = {"entityName": "Name", "type": "PythonObject", "location": "name"}
    define(use={"usage": [item]})
    step = Step()
    step.use()
    step.name = "second"
    step.use()
    graph = provlog.read(log)
    first, second = found = [used(graph, one)[None] for one in activities(graph, "use")]
    assert [one.values("prov:location") for one in found] == [["first"], ["second"]]
    assert first.values("dcterms:identifier") != second.values("dcterms:identifier")


def test_what_is_generated_anew_is_another_entity_and_what_is_used_is_the_same(
    define: Define, log: Path
) -> None:
    item = {"entityName": "Settings", "value": "settings"}
    define(write={"generation": [item]}, use={"usage": [item]})
    step = Step()
    for _ in range(2):
        step.write()
        step.use()
    found = provlog.read(log)
    made = [generated(found, one)[None] for one in activities(found, "write")]
    assert [used(found, one)[None] for one in activities(found, "use")] == made
    assert len({one.id for one in made}) == 2
    assert progenitors(found, made[1]) == []


def test_what_is_written_over_is_derived_from_what_was_there(define: Define, log: Path) -> None:
    item = {"entityName": "Settings", "value": "settings"}
    over = {**item, "overwrite": True}
    define(write={"usage": [item], "generation": [over]})
    Step().write()
    found = provlog.read(log)
    [before], [after] = (
        list(ends(found, activity(found, "write")).values()) for ends in (used, generated)
    )
    assert before is not after
    assert progenitors(found, after) == [before]


def test_what_is_odd_in_a_definition_file_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "definition.yaml"
    path.write_text("activities:\n  fit:\n    generaton: []\n    description: Fit\n")
    Capture.from_yaml(path)
    [told] = caplog.records
    assert told.name == "provlog"
    assert told.getMessage().startswith(f"provlog: {path}:3:5: activity 'fit': ")
    assert "'generation'" in told.getMessage()
