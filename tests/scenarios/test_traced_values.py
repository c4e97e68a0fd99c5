"""No false derivations, and no secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.definitions.load import Definitions, definitions_of
from provlog.model.graph import ProvGraph
from tests.capture.reading import activities, generated, progenitors, used

Make = Callable[..., Capture]


def definitions(name: str, usage: dict[str, Any] | None = None, **more: Any) -> Definitions:
    keys = {"usage": [usage]} if usage else {}
    return definitions_of({"activities": {name: {**keys, **more}}})


class Thing:
    def __init__(self, value: Any) -> None:
        self.value = value


def derivations(graph: ProvGraph) -> int:
    return len(graph.relations["wasDerivedFrom"])


def test_arguments_of_two_calls_are_not_derived_from_each_other(make: Make) -> None:
    capture = make(definitions("fit", {"role": "data", "value": "data"}))

    @capture.trace
    def fit(data: Thing) -> None:
        pass

    fit(Thing(1))
    fit(Thing(2))
    found = capture.graph()
    assert len({used(found, one)["data"].id for one in activities(found, "fit")}) == 2
    assert derivations(found) == 0


def test_equal_arguments_are_separate_objects(make: Make) -> None:
    capture = make(definitions("fit", {"role": "data", "value": "data"}))

    @capture.trace
    def fit(data: Thing) -> None:
        pass

    one, other = Thing(1), Thing(1)
    fit(one)
    fit(other)
    found = capture.graph()
    assert len({used(found, one)["data"].id for one in activities(found, "fit")}) == 2


def test_entities_with_ids_of_their_own_are_not_derived(make: Make) -> None:
    usage = {"role": "events", "id": "obs_id", "namespace": "gamma-events"}
    capture = make(definitions("reduce", usage))

    class Analysis:
        obs_id = 23523

        def reduce(self) -> None:
            pass

    capture.trace_methods(Analysis)
    analysis = Analysis()
    analysis.reduce()
    analysis.obs_id = 23526
    analysis.reduce()
    assert derivations(capture.graph()) == 0


def test_files_at_two_locations_are_not_derived(make: Make, tmp_path: Path) -> None:
    capture = make(definitions("read", {"role": "data", "location": "path"}))
    for name in "ab":
        (tmp_path / name).write_text(name)

    class Analysis:
        path = tmp_path / "a"

        def read(self) -> None:
            pass

    capture.trace_methods(Analysis)
    analysis = Analysis()
    analysis.read()
    analysis.path = tmp_path / "b"
    analysis.read()
    assert derivations(capture.graph()) == 0


@pytest.mark.parametrize(("overwrite", "count"), [(True, 1), (False, 0)])
def test_an_overwritten_file_is_derived_if_the_definition_demands_it(
    make: Make, tmp_path: Path, overwrite: bool, count: int
) -> None:
    path = tmp_path / "a"
    item = {"role": "data", "location": "path", "overwrite": overwrite}
    capture = make(definitions("write", generation=[item]))

    @capture.trace
    def write(path: Path, text: str) -> None:
        path.write_text(text)

    write(path, "a")
    write(path, "b")
    assert derivations(capture.graph()) == count


def test_variables_of_two_objects_are_separate(make: Make) -> None:
    capture = make(definitions("run", {"role": "data", "value": "data"}))

    class Step:
        def __init__(self, data: Thing) -> None:
            self.data = data

        def run(self) -> None:
            pass

    capture.trace_methods(Step)
    with capture.activity("all"):
        Step(Thing(1)).run()
        Step(Thing(2)).run()
    assert derivations(capture.graph()) == 0


def test_numbers_are_not_derived(make: Make) -> None:
    capture = make(definitions("run", {"role": "limit", "value": "limit"}))

    class Step:
        limit = 5

        def run(self) -> None:
            pass

    capture.trace_methods(Step)
    step = Step()
    step.run()
    step.limit = 6
    step.run()
    assert derivations(capture.graph()) == 0


def test_the_next_value_of_an_instance_variable_is_derived(make: Make) -> None:
    capture = make(definitions("run", {"role": "data", "value": "data"}))

    class Step:
        data = Thing(1)

        def run(self) -> None:
            pass

    capture.trace_methods(Step)
    step = Step()
    step.run()
    step.data = Thing(2)
    step.run()
    found = capture.graph()
    first, second = (used(found, one)["data"] for one in activities(found, "run"))
    assert progenitors(found, second) == [first]


def test_a_property_and_an_argument_of_one_name_are_separate(
    make: Make,
) -> None:
    item = {"role": "models", "value": "models"}
    activities_ = {"set_models": {"generation": [item]}, "fit": {"usage": [item]}}
    capture = make(definitions_of({"activities": activities_}))

    class Analysis:
        def __init__(self) -> None:
            self._models: Any = None

        @property
        def models(self) -> Thing:
            return Thing(self._models)

        def set_models(self, models: int) -> None:
            self._models = models

        def fit(self) -> None:
            pass

    capture.trace_methods(Analysis)
    analysis = Analysis()
    analysis.set_models(3)
    analysis.fit()
    found = capture.graph()
    made = generated(found, activities(found, "set_models")[0])["models"]
    assert used(found, activities(found, "fit")[0])["models"] is made


def test_values_with_secret_names_are_withheld(make: Make, log: Path) -> None:
    item = {"role": "result", "value": "api_token"}
    more = {"role": "password", "value": "result"}
    capture = make(definitions("log_in", generation=[item, more]))

    class Client:
        api_token = "s3cr3t"

        def log_in(self) -> str:
            return "s3cr3t"

    capture.trace_methods(Client)
    assert Client().log_in() == "s3cr3t"

    @capture.trace
    def get_password() -> str:
        return "s3cr3t"

    get_password()
    assert "s3cr3t" not in log.read_text()
    found = capture.graph()
    assert len(generated(found, activities(found, "log_in")[0])) == 2


def test_workers_do_not_start_a_session_for_each_copy(make: Make, log: Path) -> None:
    import multiprocessing

    capture = make()
    capture.trace_methods(Copied)
    try:
        with multiprocessing.get_context("fork").Pool(1) as pool:
            pool.map(Copied(1).work, range(5))
    finally:
        Copied.work = Copied.work.__wrapped__  # type: ignore[attr-defined, method-assign]
    assert log.read_text().count("'session_id'") <= 2


class Copied:
    def __init__(self, value: int) -> None:
        self.value = value

    def work(self, number: int) -> int:
        return number
