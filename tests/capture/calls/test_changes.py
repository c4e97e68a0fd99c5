"""Calls that change their arguments in place."""

from __future__ import annotations

import gc
import weakref
from collections import deque
from collections.abc import Callable, Iterator
from inspect import signature
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from astropy.table import Table

from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.model.graph import ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, progenitors, used

Graph = Callable[[], ProvGraph]


class Model:
    def __init__(self) -> None:
        self.parameters = {"index": 2.0}


def trace(capture: Capture, function: Any, name: str) -> Any:
    return capture.trace(function, name)


def scale(data: Any) -> None:
    data *= 2


def add_column(table: Any) -> None:
    table["sum"] = table["a"] * 2


def fit(model: Any) -> None:
    model.parameters["index"] = 2.6


def extend(parts: Any) -> None:
    parts.append([3.5])


CHANGES: dict[str, tuple[Callable[[], Any], Callable[[Any], None]]] = {
    "array": (lambda: np.arange(3.0), scale),
    "frame": (lambda: pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), add_column),
    "categories": (lambda: pd.Categorical(["a", "b"]), lambda parts: parts.__setitem__(0, "b")),
    "table": (lambda: Table({"a": [1, 2]}), add_column),
    "object": (lambda: Model(), fit),  # noqa: PLW0108  (a class cannot be traced as a function)
    "list": (lambda: [[1.5], [2.5]], extend),
    "long list": (lambda: [*range(200)], extend),
    "list of objects": (lambda: [Model()], lambda models: fit(models[0])),
    "dict": (lambda: {"a": np.arange(2)}, lambda parts: parts.update(b=3)),
    "set": (lambda: {Model()}, lambda parts: parts.add(Model())),
    "deque": (lambda: deque([[1]]), extend),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_changed_argument_is_generated_from_its_old_state(
    capture: Capture, graph: Graph, name: str
) -> None:
    make, change = CHANGES[name]
    load = trace(capture, make, "load")
    changing = trace(capture, change, "change")
    show = trace(capture, lambda data: None, "show")
    data = load()
    [role] = signature(change).parameters
    changing(data)
    show(data)
    found = graph()
    made = generated(found, activity(found, "load"))["result"]
    assert used(found, activity(found, "change"))[role] is made
    new = generated(found, activity(found, "change"))[role]
    assert new is not made
    assert progenitors(found, new) == [made]
    assert used(found, activity(found, "show")) == {"data": new}
    assert generated(found, activity(found, "show")) == {}


@pytest.mark.parametrize(
    ("parts", "change"),
    [([], lambda parts: parts.extend([1, 2])), ({}, lambda parts: parts.update({1: 2})),
     ([3, 1], lambda parts: parts.sort())],
)  # fmt: skip
def test_a_container_that_a_call_fills_is_generated(
    capture: Capture, graph: Graph, parts: Any, change: Callable[[Any], None]
) -> None:
    trace(capture, change, "fill")(parts)
    capture.trace(sum, "total")(parts)
    found = graph()
    filled = generated(found, activity(found, "fill"))["parts"]
    assert [*used(found, activity(found, "total")).values()] == [filled]
    assert progenitors(found, filled) == []


def test_a_result_that_is_the_changed_argument_is_derived(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def scaled(data: Any) -> Any:
        data *= 2
        return data

    @capture.trace
    def extended(parts: list[Any]) -> list[Any]:
        parts.append(5)
        return parts

    scaled(np.arange(3.0))
    extended([[1], Model()])
    found = graph()
    for name, role in (("scaled", "data"), ("extended", "parts")):
        one = activity(found, name)
        made = generated(found, one)
        assert made[role] is made["result"]
        assert progenitors(found, made[role]) == [used(found, one)[role]]


def test_unchanged_arguments_are_not_generated(capture: Capture, graph: Graph) -> None:
    show = trace(capture, lambda data: None, "show")
    for make, _ in CHANGES.values():
        show(make())
    found = graph()
    assert found.relations["wasGeneratedBy"] == {}
    assert len(activities(found, "show")) == len(CHANGES)


def test_a_failed_call_generates_no_change_but_the_next_use_derives_it(
    capture: Capture, graph: Graph
) -> None:
    @capture.trace
    def broken(data: Any) -> None:
        data *= 2
        raise ValueError("data")

    data = np.arange(3.0)
    with pytest.raises(ValueError, match="data"):
        broken(data)
    trace(capture, lambda data: None, "show")(data)
    found = graph()
    assert generated(found, activity(found, "broken")) == {}
    old = used(found, activity(found, "broken"))["data"]
    assert progenitors(found, used(found, activity(found, "show"))["data"]) == [old]


def test_an_activity_generates_arguments_that_its_parts_change(
    capture: Capture, graph: Graph
) -> None:
    inner = capture.trace(scale, "inner")

    def outer(data: Any) -> None:
        inner(data)

    outer = capture.trace(outer)
    outer(np.arange(3.0))
    found = graph()
    old, new = (
        which(found, activity(found, "inner"))["data"] for which in (used, generated)
    )  # fmt: skip
    assert used(found, activity(found, "outer")) == {"data": old}
    assert generated(found, activity(found, "outer")) == {"data": new}


def test_a_definition_and_a_decorator_that_name_an_argument_notice_changes(make: Make) -> None:
    use = {"role": "input", "value": "data"}
    source = {"scale": {"usage": [use]}, "both": {"usage": [use], "generation": [use]}}
    capture = make(definitions_of({"activities": source}))
    capture.trace(scale, "scale")(np.arange(3.0))
    capture.trace(scale, "both")(np.arange(4.0))
    capture.trace(scale, "named", used={"input": "data"})(np.arange(5.0))
    found = capture.graph()
    for name in ("scale", "both", "named"):
        one = activity(found, name)
        [new] = generated(found, one).values()
        assert set(generated(found, one)) == {"input"}
        [old] = used(found, one).values()
        assert new is not old


def test_a_generator_may_release_its_arguments(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def items(model: Any) -> Iterator[int]:
        reference = weakref.ref(model)
        del model
        gc.collect()
        yield int(reference() is None)

    # Outside the assertion, which would keep the model.
    found = list(items(Model()))
    assert found == [1]
    assert graph().relations["wasGeneratedBy"] == {}
