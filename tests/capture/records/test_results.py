"""Numbers and texts that calls return and other calls receive."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from provlog.capture import Capture
from provlog.capture.records import results
from provlog.capture.records.results import Results
from provlog.definitions.load import definitions_of
from provlog.model.graph import ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, parameters, used

Graph = Callable[[], ProvGraph]

MADE: dict[str, Callable[[str], Any]] = {
    "float": float,
    "large int": lambda text: int(text) * 1000 + 500,
    "text": lambda text: f"number {text}",
    "bytes": lambda text: f"number {text}".encode(),
    "complex": complex,
    "numpy": np.float64,
    "numpy int": np.int64,
}


def trace(capture: Capture, function: Any, name: str) -> Any:
    return capture.trace(function, name)


def number_in(text: str) -> float:
    return float(text)


@pytest.mark.parametrize("name", MADE)
def test_a_new_number_or_text_links_two_calls(capture: Capture, graph: Graph, name: str) -> None:
    one = MADE[name]

    def made_in(text: str) -> Any:
        return one(text)

    number = capture.trace(made_in, "number")
    write = trace(capture, lambda value, path: None, "write")
    value = number("25")
    write(value, "a.txt")
    write(MADE[name]("25"), "b.txt")
    found = graph()
    made = generated(found, activity(found, "number"))["result"]
    first, second = activities(found, "write")
    assert used(found, first) == {"value": made}
    # An equal number is not the same number; both are parameters.
    assert used(found, second) == {}
    assert parameters(first)["value"] == parameters(second)["value"]


def test_equal_numbers_of_two_calls_are_two_entities(capture: Capture, graph: Graph) -> None:
    number = capture.trace(number_in, "number")
    write = trace(capture, lambda value: None, "write")
    for _ in range(2):
        write(number("2.5"))
    found = graph()
    made = [generated(found, one)["result"] for one in activities(found, "number")]
    assert made[0] is not made[1]
    assert [used(found, one)["value"] for one in activities(found, "write")] == made


CONSTANT = 1234.5


@pytest.mark.parametrize("value", [1234.5, "fast", 5, True, CONSTANT, 10**20, b"x", ""])
def test_constants_do_not_link_calls(capture: Capture, graph: Graph, value: Any) -> None:
    number = trace(capture, lambda: value, "number")
    write = trace(capture, lambda value: None, "write")
    write(number())
    found = graph()
    assert used(found, activity(found, "write")) == {}
    assert set(generated(found, activity(found, "number"))) == {"result"}


def test_attributes_do_not_link_calls(capture: Capture, graph: Graph) -> None:
    class Model:
        index = float("2.5")

    trace(capture, lambda: Model.index, "index")()
    trace(capture, lambda value: None, "write")(Model.index)
    found = graph()
    assert used(found, activity(found, "write")) == {}


def test_numbers_of_a_tuple_link_calls_one_by_one(capture: Capture, graph: Graph) -> None:
    fit = trace(capture, lambda: (float("1.5"), float("2.5"), 3), "fit")
    predict = trace(capture, lambda offset, slope, n: None, "predict")
    slope, offset, n = fit()
    predict(offset, slope, n)
    found = graph()
    made = generated(found, activity(found, "fit"))
    assert set(made) == {"result", "result[0]", "result[1]"}
    assert used(found, activity(found, "predict")) == {
        "offset": made["result[1]"], "slope": made["result[0]"],
    }  # fmt: skip


def test_numbers_in_a_list_link_to_each_call(capture: Capture, graph: Graph) -> None:
    number = capture.trace(number_in, "number")
    mean = trace(capture, lambda values: None, "mean")
    mean([number("1.5"), number("2.5"), 3.5])
    found = graph()
    made = [generated(found, one)["result"] for one in activities(found, "number")]
    values = used(found, activity(found, "mean"))["values"]
    members = [one.target for one in found.relations["hadMember"] if one.source is values]
    assert members == made


def test_numbers_of_coroutines_and_methods_link(capture: Capture, graph: Graph) -> None:
    class Steps:
        async def number(self, text: str) -> float:
            await asyncio.sleep(0)
            return float(text)

        def write(self, value: float) -> None:
            pass

    capture.trace_methods(Steps)
    steps = Steps()
    steps.write(asyncio.run(steps.number("2.5")))
    found = graph()
    made = generated(found, activity(found, "number"))["result"]
    assert used(found, activity(found, "write"))["value"] is made


def test_a_definition_uses_the_number_that_a_call_made(make: Make) -> None:
    item = {"role": "number", "value": "value"}
    capture = make(definitions_of({"activities": {"write": {"usage": [item]}}}))
    trace(capture, lambda value: None, "write")(capture.trace(number_in, "number")("2.5"))
    found = capture.graph()
    made = generated(found, activity(found, "number"))["result"]
    assert used(found, activity(found, "write")) == {"number": made}


@pytest.mark.parametrize(("count", "is_known"), [(9000, True), (11_000, False)])
def test_many_results_are_forgotten(make: Make, count: int, is_known: bool) -> None:
    capture = make(each=100_000)
    number = capture.trace(number_in, "number")
    values = [number(f"{n}.5") for n in range(count)]
    write = trace(capture, lambda value: None, "write")
    write(values[0])
    write(values[-1])
    found = capture.graph()
    first, last = activities(found, "write")
    assert bool(used(found, first)) is is_known
    assert len(used(found, last)) == 1


def test_results_that_nothing_refers_to_are_forgotten(make: Make) -> None:
    capture = make(each=100_000)
    number = capture.trace(number_in, "number")
    kept = number("1.5")
    for n in range(5000):
        number(f"{n}.5")
    results = capture.recorder.entities.results
    assert len(results.known) <= 1001
    assert results.entity_of(kept) is not None


def test_few_written_files_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "_MAX_MADE", 3)
    found = Results()
    for number in range(10):
        found.add_file("equal", f"{number}.txt")
        assert len(found.files["equal"]) <= 3
        assert f"{number}.txt" in found.files["equal"]
    for number in range(10):
        found.add_file(f"entity-{number}", "out.txt")
        assert len(found.files) <= 3
        assert found.files[f"entity-{number}"] == {"out.txt"}
