"""Notes, values and derivations of entities."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from tests.capture.fixtures import Make
from tests.capture.reading import Document, activities, generated, payloads, progenitors, used

TOO_LARGE = "too large to compare: changes are not detected"


class Thing:
    def __init__(self, value: Any) -> None:
        self.value = value


class Odd(Decimal):
    def __repr__(self) -> str:
        raise ZeroDivisionError


def too_much() -> list[Any]:
    return [(number,) for number in range(100_001)]


def said(capture: Capture, log: Path, *values: Any) -> list[Document]:
    """Return the descriptions of values that are used in turn."""
    for value in values:
        with capture.activity("use") as block:
            block.used(value, role="value")
    return [one for one in payloads(log) if "entity_type" in one]


def test_a_note_names_values_that_could_not_be_examined(capture: Capture, log: Path) -> None:
    values = [too_much(), tuple(too_much()), Thing(too_much()), Odd(1), Thing(1)]
    assert [one.get("entity_note") for one in said(capture, log, *values)] == [
        TOO_LARGE, TOO_LARGE, TOO_LARGE, "not identified by content: ZeroDivisionError", None,
    ]  # fmt: skip


@pytest.mark.parametrize("is_attribute", [True, False])
def test_an_object_that_has_grown_too_large_has_a_note(
    capture: Capture, log: Path, is_attribute: bool
) -> None:
    values: list[Any] = []
    changing: Any = Thing(values) if is_attribute else values
    assert [one.get("entity_note") for one in said(capture, log, changing)] == [None]
    values += too_much()
    assert [one.get("entity_note") for one in said(capture, log, changing)] == [None, TOO_LARGE]
    found = capture.graph()
    first, second = (used(found, one)["value"] for one in activities(found, "use"))
    assert progenitors(found, second) == [first]


def test_a_folder_without_its_index_has_a_note(make: Make, log: Path, tmp_path: Path) -> None:
    item = {"role": "store", "entityName": "Store", "location": "path"}
    capture = make(
        definitions_of({
            "activities": {"read": {"usage": [item]}},
            "entities": {"Store": {"type": "FileCollection", "index": "index.txt"}},
        })
    )  # fmt: skip
    store = tmp_path / "store"
    store.mkdir()
    (store / "1.txt").write_text("1")
    capture.trace(lambda path: None, "read")(store)
    [described] = [one for one in payloads(log) if "entity_type" in one]
    assert described["entity_note"] == (
        "index index.txt: file not found; the id is made of the entries"
    )


def test_a_long_text_is_cut(capture: Capture, log: Path) -> None:
    capture.trace(lambda: "x" * 5000, "long")()
    capture.trace(lambda: "y" * 1000, "short")()
    values = [one["entity_value"] for one in payloads(log) if "entity_value" in one]
    assert values == ["x" * 1000 + "... (5000 characters)", "y" * 1000]


@pytest.mark.parametrize("relation", ["used", "generated"])
@pytest.mark.parametrize(
    "said", [{"role": "token"}, {"name": "API token"}, {"role": "key", "name": "password"}]
)
def test_an_entity_with_a_secret_name_is_withheld(
    capture: Capture, log: Path, relation: str, said: dict[str, str]
) -> None:
    with capture.activity("log in") as block:
        getattr(block, relation)(313373133731337, **said)
    [described] = [one for one in payloads(log) if "entity_type" in one]
    assert described["entity_value"] == "(withheld)"
    assert "313373133731337" not in log.read_text()


def test_an_entity_without_a_secret_name_is_recorded(capture: Capture, log: Path) -> None:
    with capture.activity("count") as block:
        block.used(31337, role="counts", name="Counts")
    [described] = [one for one in payloads(log) if "entity_type" in one]
    assert described["entity_value"] == 31337


# Derivation of objects


def test_the_progenitors_of_an_item_are_recorded(make: Make) -> None:
    item = {
        "role": "stacked", "value": "result",
        "has_progenitors": {"list": "args.parts", "id": "value", "namespace": "obs"},
    }  # fmt: skip
    capture = make(definitions_of({"activities": {"stack": {"generation": [item]}}}))
    capture.trace(lambda parts: Thing(0), "stack")([Thing(1), Thing(2)])
    found = capture.graph()
    [one] = activities(found, "stack")
    made_of = progenitors(found, generated(found, one)["stacked"])
    assert [entity.values("dcterms:identifier") for entity in made_of] == [["obs:1"], ["obs:2"]]


def test_an_overwritten_object_is_a_new_entity_even_if_no_change_is_detected(
    make: Make,
) -> None:
    item = {"role": "data", "value": "args.data"}
    capture = make(
        definitions_of({
            "activities": {"write": {"usage": [item], "generation": [{**item, "overwrite": True}]}}
        })
    )  # fmt: skip
    data = Thing(1)
    write: Any = capture.trace(lambda data: None, "write")
    write(data)
    write(data)
    found = capture.graph()
    first, second = activities(found, "write")
    states = [
        used(found, first)["data"], generated(found, first)["data"], generated(found, second)["data"],
    ]  # fmt: skip
    assert len({one.id for one in states}) == 3
    assert used(found, second)["data"] is states[1]
    assert progenitors(found, states[1]) == [states[0]]
    assert progenitors(found, states[2]) == [states[1]]


class Step:
    data: Any = None

    def run(self) -> None:
        pass


@pytest.fixture
def step(make: Make) -> Any:
    """An object with a variable that a definition names."""
    usage = [{"role": "data", "value": "data"}]
    capture = make(definitions_of({"activities": {"run": {"usage": usage}}}))
    kind: Any = capture.trace_methods(type("Step", (Step,), dict(vars(Step))))
    found = kind()
    found.graph = capture.graph
    return found


def seen(step: Any, *values: Any) -> list[str]:
    """Return the entities of the variable for a series of values."""
    for value in values:
        step.data = value
        step.run()
    graph = step.graph()
    return [used(graph, one)["data"].id for one in activities(graph, "run")]


def test_a_replacement_in_another_state_is_its_own_entity(step: Any) -> None:
    one, other = Thing(1), Thing(2)
    first, second = seen(step, one, other)
    one.value = 2
    *_, third = seen(step, one)
    assert len({first, second, third}) == 3
    found = step.graph()
    assert [entity.id for entity in progenitors(found, found.entities[third])][:1] == [first]


def test_a_replacement_in_the_same_state_is_the_same_entity(step: Any) -> None:
    first, second = seen(step, Thing(1), Thing(1))
    assert first == second


def test_objects_without_readable_state_are_distinguished(step: Any) -> None:
    first, second = seen(step, Thing(too_much()), Thing(too_much()))
    assert first != second


def test_a_secret_text_is_not_a_path(capture: Capture, log: Path) -> None:
    with capture.activity("login") as login:
        login.used("hunter2", role="token")
        login.used("hunter2", name="password")
    assert "hunter2" not in log.read_text()
    assert log.read_text().count("(withheld)") == 2


def test_a_file_is_named_after_its_path_by_default(make: Make, log: Path, tmp_path: Path) -> None:
    item = {"role": "file", "location": "args[0]"}
    capture = make(definitions_of({"activities": {"read": {"usage": [item]}}}))
    (tmp_path / "events.csv").write_text("x")
    capture.trace(os.path.basename, "read")(tmp_path / "events.csv")
    assert "'entity_name': 'events.csv'" in log.read_text()
