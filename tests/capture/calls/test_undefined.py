"""Calls without a definition: arguments, results and changed objects."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from astropy import units

from provlog.capture import Capture
from provlog.definitions.load import definitions_of
from provlog.graphs.lineage import lineage
from provlog.model.graph import ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, parameters, progenitors, used

Graph = Callable[[], ProvGraph]


class Image:
    def __init__(self, counts: int = 0) -> None:
        self.counts = counts


class Fitted(NamedTuple):
    values: Any
    chi2: float


def trace(capture: Capture, function: Any, name: str) -> Any:
    return capture.trace(function, name)


def comes_from(graph: ProvGraph, name: str) -> set[str]:
    """Return the names of the activities in the lineage of an activity's results."""
    results = generated(graph, activity(graph, name)).values()
    part = lineage(graph, list(results), upstream=True, downstream=False)
    return {one.label for one in part.activities.values() if one.session}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (np.float32(0.5), 0.5),
        (np.int64(3), 3),
        (np.array(2.5), 2.5),
        (0.5 * units.TeV, "0.5 TeV"),
        (units.TeV, 'Unit("TeV")'),
        (np.mean, "<function mean>"),
        (np.add, "<ufunc 'add'>"),
        (len, "<built-in function len>"),
        (np.dtype("float32"), "dtype('float32')"),
        (Image, "<class 'tests.capture.calls.test_undefined.Image'>"),
    ],
)
def test_settings_are_parameters(capture: Capture, graph: Graph, value: Any, shown: Any) -> None:
    trace(capture, lambda setting: None, "select")(value)
    found = graph()
    one = activity(found, "select")
    assert parameters(one) == {"setting": shown}
    assert used(found, one) == {}


def test_numpy_scalars_are_parameters_and_values(capture: Capture, graph: Graph) -> None:
    trace(capture, lambda: np.float64(2.5), "number")()
    trace(capture, lambda: 3 * units.m, "length")()
    found = graph()
    values = {
        name: generated(found, activity(found, name))["result"].values("prov:value")
        for name in ("number", "length")
    }
    assert values == {"number": [2.5], "length": ["3.0 m"]}


@pytest.mark.parametrize("kind", [list, tuple, lambda found: dict(enumerate(found))])
def test_a_container_of_data_is_a_used_entity_with_members(
    capture: Capture, graph: Graph, kind: Callable[[Any], Any]
) -> None:
    load = trace(capture, np.arange, "load")
    stack = trace(capture, lambda images: 1.5, "stack")
    stack(kind([load(3), load(4)]))
    found = graph()
    assert parameters(activity(found, "stack")) == {}
    images = used(found, activity(found, "stack"))["images"]
    members = [item.target for item in found.relations["hadMember"] if item.source is images]
    assert members == [generated(found, one)["result"] for one in activities(found, "load")]
    assert comes_from(found, "stack") == {"stack", "load"}


def test_settings_next_to_data_are_parameters_too(capture: Capture, graph: Graph) -> None:
    trace(capture, lambda options: None, "fit")({"image": Image(), "n": 3})
    found = graph()
    one = activity(found, "fit")
    assert parameters(one) == {
        "options": '{"image":"<tests.capture.calls.test_undefined.Image>","n":3}'
    }
    assert set(used(found, one)) == {"options"}


def test_several_results_are_several_entities(capture: Capture, graph: Graph) -> None:
    spectrum = trace(capture, lambda: (np.arange(3), np.ones(3), None, 5), "spectrum")
    trace(capture, lambda flux: 1, "fit")(spectrum()[1])
    found = graph()
    results = generated(found, activity(found, "spectrum"))
    assert set(results) == {"result[0]", "result[1]", "result[3]"}
    assert used(found, activity(found, "fit")) == {"flux": results["result[1]"]}
    assert comes_from(found, "fit") == {"fit", "spectrum"}


def test_names_of_results_are_roles(capture: Capture, graph: Graph) -> None:
    fit = trace(capture, lambda: Fitted(np.arange(3), 0.5), "fit")
    trace(capture, lambda values: 1, "plot")(fit().values)
    trace(capture, lambda: (Image(),) * 1000, "many")()
    found = graph()
    results = generated(found, activity(found, "fit"))
    assert set(results) == {"result.values", "result.chi2"}
    assert used(found, activity(found, "plot")) == {"values": results["result.values"]}
    assert set(generated(found, activity(found, "many"))) == {"result", "result[0]"}


def test_new_items_of_a_list_are_generated_with_it(capture: Capture, graph: Graph) -> None:
    old = Image()
    show = trace(capture, lambda image: None, "show")
    show(old)
    images = trace(capture, lambda: [old, Image(1)], "load")()
    show(images[1])
    found = graph()
    results = generated(found, activity(found, "load"))
    assert set(results) == {"result", "result[1]"}
    assert used(found, activities(found, "show")[1]) == {"image": results["result[1]"]}


def test_a_returned_path_is_a_generated_file(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    def save(path: Path) -> Path:
        path.write_text("counts")
        return path

    capture.trace(save)(tmp_path / "counts.txt")
    trace(capture, lambda path: path / "absent", "find")(tmp_path)
    trace(capture, lambda path: 5, "count")(tmp_path / "counts.txt")
    found = graph()
    file = generated(found, activity(found, "save"))["result"]
    assert file.label == "counts.txt"
    assert file.values("prov:location") == [str(tmp_path / "counts.txt")]
    assert generated(found, activity(found, "find"))["result"].values("prov:type") == [
        "PythonObject"
    ]
    one = activity(found, "count")
    assert used(found, one) == {"path": file}
    assert parameters(one) == {"path": str(tmp_path / "counts.txt")}


def test_a_changed_list_derives_from_a_known_one(capture: Capture, graph: Graph) -> None:
    numbers = [1, 2]
    show = trace(capture, lambda numbers: None, "show")
    load = trace(capture, lambda: numbers, "load")
    show(numbers)
    for number in (3, 4):
        numbers.append(number)
        load()
    found = graph()
    first, second = (generated(found, one)["result"] for one in activities(found, "load"))
    assert progenitors(found, first) == []
    assert progenitors(found, second) == [first]


class Analysis:
    def __init__(self) -> None:
        self.events: list[int] = []

    def load(self, n: int) -> None:
        self.events = list(range(n))

    def select(self) -> Analysis:
        self.events = self.events[1:]
        return self

    def total(self) -> int:
        return sum(self.events)

    def run(self) -> None:
        self.load(3)
        self.select()


def traced(capture: Capture) -> Any:
    return capture.trace_methods(type("Analysis", (Analysis,), dict(vars(Analysis))))


def test_methods_are_connected_by_the_states_of_their_object(
    capture: Capture, graph: Graph
) -> None:
    analysis = traced(capture)()
    analysis.load(3)
    analysis.select().total()
    found = graph()
    load, select, total = (activity(found, name) for name in ("load", "select", "total"))
    before, loaded, selected = (used(found, one)["self"] for one in (load, select, total))
    assert generated(found, load) == {"self": loaded}
    assert generated(found, select) == {"self": selected}
    assert set(generated(found, total)) == {"result"}
    assert progenitors(found, selected) == [loaded]
    assert progenitors(found, loaded) == [before]
    assert comes_from(found, "total") == {"total", "select", "load"}


def test_a_nested_method_generates_the_changed_object(capture: Capture, graph: Graph) -> None:
    traced(capture)().run()
    found = graph()
    assert generated(found, activity(found, "run")) == {}
    assert set(generated(found, activity(found, "select"))) == {"self"}


def test_with_definitions_objects_are_not_recorded_by_default(make: Make) -> None:
    capture = make(definitions_of({"activities": {"load": {"parameters": [{"name": "n"}]}}}))
    analysis = traced(capture)()
    analysis.load(3)
    analysis.select()
    found = capture.graph()
    assert not found.relations["used"]
    assert set(generated(found, activity(found, "select"))) == {"result"}


def test_a_missing_output_file_causes_a_warning_and_is_not_generated(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    items = [{"role": "file", "type": "File", "location": "path"}]
    capture = make(definitions_of({"activities": {"write": {"usage": items, "generation": items}}}))
    write = trace(capture, lambda path: None, "write")
    write(tmp_path / "absent")
    write([1])
    found = capture.graph()
    one, other = activities(found, "write")
    assert set(used(found, one)) == {"file"}
    assert used(found, other) == generated(found, one) == {}
    assert [record.message for record in caplog.records] == [
        f"provlog: activity 'write': cannot resolve 'path': {tmp_path}/absent does not exist"
    ]


def test_a_folder_is_a_collection_of_files_and_an_open_file_is_its_path(
    make: Make, tmp_path: Path
) -> None:
    items = [{"role": "input", "location": "path"}]
    capture = make(definitions_of({"activities": {"read": {"usage": items}}}))
    (tmp_path / "file").write_text("x")
    read = trace(capture, lambda path: None, "read")
    read(tmp_path)
    with (tmp_path / "file").open() as stream:
        read(stream)
    found = capture.graph()
    folder, file = (used(found, one)["input"] for one in activities(found, "read"))
    assert folder.values("prov:type") == ["FileCollection"]
    assert file.values("prov:type") == ["File"]
    assert file.values("prov:location") == [str(tmp_path / "file")]


@pytest.mark.parametrize("kind", [list, tuple, set, dict.fromkeys])
@pytest.mark.parametrize(("size", "is_data"), [(100, False), (101, True)])
def test_a_long_container_is_data(
    capture: Capture, graph: Graph, kind: Callable[[Any], Any], size: int, is_data: bool
) -> None:
    trace(capture, lambda energies: None, "fit")(kind(range(size)))
    found = graph()
    one = activity(found, "fit")
    assert set(used(found, one)) == ({"energies"} if is_data else set())
    assert set(parameters(one)) == (set() if is_data else {"energies"})


class Failing:
    def __init__(self) -> None:
        self.counts = 0

    def fill(self) -> None:
        self.counts += 1
        raise ZeroDivisionError


@pytest.mark.parametrize("is_described", [True, False])
def test_a_failed_call_generates_nothing(make: Make, is_described: bool) -> None:
    item = {"role": "counts", "value": "counts"}
    described = {"activities": {"fill": {"generation": [item]}}} if is_described else {}
    capture = make(definitions_of(described))
    failing = capture.trace_methods(type("Failing", (Failing,), dict(vars(Failing))))()
    with pytest.raises(ZeroDivisionError):
        failing.fill()
    found = capture.graph()
    one = activity(found, "fill")
    assert one.values("log:status") == ["failed"]
    assert generated(found, one) == {}


def test_small_results_in_a_list_or_dict_are_members(capture: Capture, graph: Graph) -> None:
    count = capture.trace(_count)
    reduce = trace(capture, lambda parts: None, "reduce")

    async def gather() -> list[Any]:
        return [*await asyncio.gather(*map(count, "ab"))]

    parts = asyncio.run(gather())
    reduce(parts)
    reduce({"first": parts[0], "n": 3})
    reduce([{"name": "c"}, [], {}])
    found = graph()
    results = [generated(found, one)["result"] for one in activities(found, "_count")]
    first, second, third = activities(found, "reduce")
    assert members(found, used(found, first)["parts"]) == results
    assert parameters(first) == {}
    assert members(found, used(found, second)["parts"]) == results[:1]
    assert parameters(second) == {"parts": '{"first":{"name":"a","n":97},"n":3}'}
    assert used(found, third) == {}


async def _count(name: str) -> dict[str, Any]:
    await asyncio.sleep(0)
    return {"name": name, "n": ord(name)}


def members(graph: ProvGraph, collection: Any) -> list[Any]:
    return [one.target for one in graph.relations["hadMember"] if one.source is collection]


def test_numbers_in_a_list_are_not_linked(capture: Capture, graph: Graph) -> None:
    number = trace(capture, lambda: 1234.5, "number")
    trace(capture, lambda parts: None, "reduce")([number(), number()])
    found = graph()
    assert used(found, activity(found, "reduce")) == {}


def test_paths_of_existing_files_are_used_regardless_of_their_origin(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_text(path.name)
    read = trace(capture, lambda source, n=None: None, "read")
    read(paths[0])
    read(paths, n=1)
    read({"a": paths[0]})
    read(tmp_path)
    read([tmp_path / "absent.csv"])
    found = graph()
    one, several, by_name, folder, absent = activities(found, "read")
    file = used(found, one)["source"]
    assert file.values("prov:location") == [str(paths[0])]
    assert parameters(one) == {"source": str(paths[0]), "n": "null"}
    both = members(found, used(found, several)["source"])
    assert [one.label for one in both] == ["a.csv", "b.csv"]
    assert both[0] is file
    assert parameters(several)["source"] == json.dumps([*map(str, paths)], separators=(",", ":"))
    assert members(found, used(found, by_name)["source"]) == [file]
    assert used(found, folder) == used(found, absent) == {}


def test_paths_that_a_call_returns_in_a_list_are_not_generated(
    capture: Capture, graph: Graph, tmp_path: Path
) -> None:
    """The call may only have found the files."""
    (tmp_path / "a.csv").write_text("a")
    paths = trace(capture, lambda folder: [*folder.iterdir()], "find")(tmp_path)
    trace(capture, lambda path: None, "read")(tmp_path / "a.csv")
    found = graph()
    assert tmp_path / "a.csv" in paths
    file = used(found, activity(found, "read"))["path"]
    results = generated(found, activity(found, "find"))
    assert set(results) == {"result"}
    assert members(found, results["result"]) == [file]


@pytest.mark.parametrize(
    ("value", "shown"),
    [(3, 3), (True, True), (None, "null"), (-0.5, -0.5), (float("nan"), "nan"),
     (float("-inf"), "-inf"), (10**400, 10**400)],
)  # fmt: skip
def test_numbers_are_parameters(capture: Capture, graph: Graph, value: Any, shown: Any) -> None:
    trace(capture, lambda number, token=5: None, "count")(value)
    trace(capture, lambda number, infinity=1: None, "other")(value)
    found = graph()
    assert parameters(activity(found, "count")) == {"number": shown, "token": "(withheld)"}
    assert parameters(activity(found, "other")) == {"number": shown, "infinity": 1}
