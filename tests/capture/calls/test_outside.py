"""Variables from outside that a call reads, sets or changes are its inputs and outputs."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, progenitors, used

DATA: Any = None
TOTAL: Any = None
GRID = np.zeros(3)
PARTS: list[Any] = []
RESULTS: dict[str, Any] = {}
MODEL = SimpleNamespace(index=2.0)
LIMIT = 0.5
CONFIG = {"limit": LIMIT}
LOG = logging.getLogger("program")


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    values: dict[str, Any] = {
        "DATA": None, "TOTAL": None, "GRID": np.zeros(3), "PARTS": [], "RESULTS": {},
        "MODEL": SimpleNamespace(index=2.0),
    }  # fmt: skip
    for name, value in values.items():
        monkeypatch.setitem(globals(), name, value)


def load() -> None:
    global DATA  # noqa: PLW0603
    DATA = np.arange(3.0)


def count() -> None:
    global TOTAL  # noqa: PLW0603
    TOTAL = random.random() * LIMIT


def append() -> None:
    PARTS.append(np.ones(2))


def store() -> None:
    RESULTS["sum"] = CONFIG["limit"] * 2


def fill() -> None:
    GRID[:] = 2


def fit() -> None:
    MODEL.index = 3.0


def read(name: str) -> Any:
    # One function for each variable, because the code decides.
    space: dict[str, Any] = {}
    exec(compile(f"def show(): return repr({name})", __file__, "exec"), globals(), space)
    return space["show"]


@pytest.mark.parametrize(
    ("make_it", "name"),
    [(load, "DATA"), (count, "TOTAL"), (append, "PARTS"), (store, "RESULTS"), (fill, "GRID")],
)
def test_a_global_variable_that_a_call_sets_or_fills_links_it_with_those_that_read_it(
    capture: Capture, make_it: Callable[[], None], name: str
) -> None:
    capture.trace(make_it, "make")()
    capture.trace(read(name), "show")()
    found = capture.graph()
    entity = generated(found, activity(found, "make"))[name]
    assert used(found, activity(found, "show"))[name] is entity


def test_a_second_change_uses_the_state_of_the_first_one(capture: Capture) -> None:
    for _ in range(2):
        capture.trace(append)()
    found = capture.graph()
    first, second = activities(found, "append")
    assert used(found, second)["PARTS"] is generated(found, first)["PARTS"]


def test_an_argument_that_is_also_global_is_an_argument(capture: Capture) -> None:
    def scale(data: Any) -> None:
        data *= 2
        repr(DATA)

    capture.trace(load)()
    capture.trace(scale)(DATA)
    found = capture.graph()
    one = activity(found, "scale")
    assert used(found, one).keys() == generated(found, one).keys() == {"data"}
    assert progenitors(found, generated(found, one)["data"]) == [used(found, one)["data"]]


def test_settings_tools_and_values_without_a_history_are_left_out(capture: Capture) -> None:
    def show() -> str:
        LOG.info("%s", CONFIG)
        return f"{CONFIG} {LIMIT} {GRID} {MODEL} {np.pi} {DATA}"

    for _ in range(2):
        capture.trace(show)()
    found = capture.graph()
    assert not found.relations["used"]
    assert {role for one in activities(found, "show") for role in generated(found, one)} == {
        "result"
    }


def test_a_known_object_that_a_call_changes_is_a_new_state(capture: Capture) -> None:
    capture.trace(lambda model: None, "use")(MODEL)
    capture.trace(fit)()
    found = capture.graph()
    fitted = generated(found, activity(found, "fit"))["MODEL"]
    assert progenitors(found, fitted) == [used(found, activity(found, "use"))["model"]]


def test_variables_of_an_enclosing_function_are_linked(capture: Capture) -> None:
    data: Any = None

    @capture.trace
    def load() -> None:
        nonlocal data
        data = np.arange(3.0)

    @capture.trace
    def show() -> int:
        return len(data)

    load()
    show()
    found = capture.graph()
    entity = generated(found, activity(found, "load"))["data"]
    assert used(found, activity(found, "show")) == {"data": entity}


class Analysis:
    def __init__(self, data: Any = None) -> None:
        self.data = data
        self.names = ["a"]

    def load(self) -> None:
        self.data = np.arange(3.0)
        self.names = ["b"]

    def count(self) -> None:
        self.total = self.data.sum()

    def show(self) -> str:
        return repr((self.data, self.names))


@pytest.fixture
def traced(capture: Capture) -> Any:
    return capture.trace_methods(type("Analysis", (Analysis,), dict(vars(Analysis))))


def test_an_attribute_links_a_method_with_the_call_that_made_its_value(
    capture: Capture, traced: Any
) -> None:
    made = capture.trace(lambda: np.arange(4.0), "make")()
    traced(made).show()
    found = capture.graph()
    assert (
        used(found, activity(found, "show"))["self.data"]
        is (generated(found, activity(found, "make"))["result"])
    )


def test_an_attribute_that_a_method_sets_links_it_with_those_that_take_the_value(
    capture: Capture, traced: Any
) -> None:
    analysis = traced()
    analysis.load()
    analysis.count()
    capture.trace(lambda data, total: None, "write")(analysis.data, analysis.total)
    found = capture.graph()
    loaded = generated(found, activity(found, "load"))
    # Settings are a part of the object's state.
    assert loaded.keys() == {"self", "self.data"}
    counted = generated(found, activity(found, "count"))["self.total"]
    assert used(found, activity(found, "count"))["self.data"] is loaded["self.data"]
    assert used(found, activity(found, "write")) == {"data": loaded["self.data"], "total": counted}


def test_functions_with_a_definition_have_the_inputs_and_outputs_it_lists(make: Make) -> None:
    capture = make(definitions_of({"activities": {"load": {"description": "Load"}}}))
    capture.trace(load)()
    found = capture.graph()
    assert generated(found, activity(found, "load")) == {}


def test_a_call_that_fails_generates_nothing(capture: Capture) -> None:
    def load() -> None:
        global DATA  # noqa: PLW0603
        DATA = np.arange(3.0)
        raise KeyError

    with pytest.raises(KeyError):
        capture.trace(load)()
    found = capture.graph()
    assert generated(found, activity(found, "load")) == {}


def test_a_variable_that_is_set_again_to_the_same_object_is_not_generated(
    capture: Capture,
) -> None:
    def ensure() -> Any:
        global DATA  # noqa: PLW0603
        if DATA is None:
            DATA = np.arange(3.0)
        return len(DATA)

    traced = capture.trace(ensure)
    traced()
    traced()
    found = capture.graph()
    first, second = activities(found, "ensure")
    assert "DATA" in generated(found, first)
    assert "DATA" not in generated(found, second)
    assert used(found, second)["DATA"] is generated(found, first)["DATA"]


def test_a_summary_generates_the_last_state_of_a_variable_that_its_calls_fill(make: Make) -> None:
    capture = make(each=2)
    append_one = capture.trace(append)
    with capture.activity("loop"):
        for _ in range(5):
            append_one()
    capture.trace(read("PARTS"), "show")()
    found = capture.graph()
    [summary] = [one for one in activities(found, "append") if one.values("log:calls")]
    assert used(found, activity(found, "show")) == {"PARTS": generated(found, summary)["PARTS"]}
    second = activities(found, "append")[1]
    assert used(found, summary)["PARTS"] is generated(found, second)["PARTS"]
