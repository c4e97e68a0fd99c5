"""The entities that the items of a definition denote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.model.graph import Entity
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, progenitors, used

Define = Callable[..., None]


class Step:
    """A step whose property returns a new copy of its settings."""

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


def test_named_members_are_identified_by_value(define: Define, log: Path) -> None:
    members = {"list": "parts", "entityName": "Step", "type": "PythonObject", "location": "name"}
    item = {"entityName": "Steps", "value": "parts", "has_members": members}
    define(write={"generation": [item]})
    Step().write()
    one, other = [relation.target for relation in provlog.read(log).relations["hadMember"]]
    assert one.values("prov:location") == other.values("prov:location") == ["a"]
    assert one is not other


def test_an_item_with_only_an_id_is_an_entity(define: Define, log: Path) -> None:
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


def test_generated_objects_are_new_entities_and_used_ones_are_not(
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


def test_overwritten_items_derive_from_the_previous_ones(define: Define, log: Path) -> None:
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


def test_questionable_definitions_cause_warnings(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "definition.yaml"
    path.write_text("activities:\n  fit:\n    generaton: []\n    description: Fit\n")
    Capture.from_yaml(path)
    [warning] = caplog.records
    assert warning.name == "provlog"
    assert warning.getMessage().startswith(f"provlog: {path}:3:5: activity 'fit': ")
    assert "'generation'" in warning.getMessage()


def taking_steps(capture: Capture, name: str) -> Any:
    return capture.trace(lambda steps: None, name)


def members(graph: provlog.ProvGraph, entity: Entity) -> list[Any]:
    return [item.target for item in graph.relations["hadMember"] if item.source is entity]


def test_members_are_recorded_even_if_the_collection_is_known(make: Make, log: Path) -> None:
    item = {"entityName": "Steps", "value": "steps"}
    more = {**item, "has_members": {"list": "steps.parts", "entityName": "Step"}}
    capture = make(
        definitions_of({"activities": {"use": {"usage": [item]}, "show": {"usage": [more]}}})
    )
    step = Step()
    step.parts = [Step("a"), Step("b")]
    for name in ("use", "show", "show"):
        taking_steps(capture, name)(step)
    graph = provlog.read(log)
    [used_steps] = {used(graph, one)[None] for one in activities(graph, "show")}
    assert len(members(graph, used_steps)) == 2
    assert log.read_text().count("member_id") == 2


def test_an_entity_with_an_id_of_its_own_may_gain_members(define: Define, log: Path) -> None:
    item = {"id": "name", "has_members": {"list": "parts", "id": "name"}}
    define(use={"usage": [item]})
    step = Step("all")
    for name in ("a", "b"):
        step.parts.append(Step(name))
        step.use()
    graph = provlog.read(log)
    [steps] = {one.id: one for one in graph.entities.values() if one.name == "all"}.values()
    assert [member.name for member in members(graph, steps)] == ["a", "b"]
    assert log.read_text().count("member_id") == 2


def test_a_folder_with_an_index_and_without_is_not_derived_from_itself(
    make: Make, log: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "index").write_text("x")
    item = {"location": "steps", "type": "FileCollection"}
    entities = {"Indexed": {"type": "FileCollection", "index": "index"}}
    capture = make(
        definitions_of(
            {
                "activities": {
                    "one": {"usage": [{**item, "entityName": "Indexed"}]},
                    "other": {"usage": [item]},
                },
                "entities": entities,
            }
        )
    )
    for name in ("one", "other", "one"):
        taking_steps(capture, name)(folder)
    graph = provlog.read(log)
    assert not graph.relations["wasDerivedFrom"]
    assert len({used(graph, one)[None] for one in activities(graph, "one")}) == 1


def test_class_and_method_are_a_key(make: Make) -> None:
    item = {"role": "parts", "value": "parts"}
    capture = make(definitions_of({"activities": {"Step.write": {"generation": [item]}}}))
    own = {"write": vars(Step)["write"], "__qualname__": "Step"}
    capture.trace_methods(type("Step", (Step,), own))().write()
    graph = capture.graph()
    [one] = (one for one in graph.activities.values() if one.session)
    assert set(generated(graph, one)) == {"parts"}


def test_a_parameter_without_an_argument_causes_a_warning(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    capture = make(definitions_of({"activities": {"fit": {"parameters": [{"name": "absent"}]}}}))
    for number in (1, 2):
        taking_steps(capture, "fit")(number)
    assert [record.getMessage() for record in caplog.records] == [
        "provlog: activity 'fit': cannot resolve 'absent': the function has no argument of that name"
    ]
