"""What a worker sends with the results of its tasks, and what the program learns from it.

Here, one process is both. See also tests/scenarios/test_pools.py.
"""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest

from provlog.capture import Capture
from provlog.capture.records import returned
from provlog.model.graph import ProvGraph
from tests.capture.fixtures import Make
from tests.capture.programs import environment
from tests.capture.reading import activity, generated, used


class Fit(NamedTuple):
    slope: float
    name: str


def make_number(text: str) -> float:
    return float(text)


def make_text(text: str) -> str:
    return f"number {text}"


@pytest.fixture
def number(capture: Capture) -> Callable[[str], float]:
    send(capture)
    return capture.trace(make_number)


def send(capture: Capture) -> None:
    """Let a capture send its results, as in a worker."""
    entities = capture.recorder.entities
    [exchange] = [one for one in returned._exchanges if one.entities() is entities]
    exchange.is_sending = True
    entities.results.made = {}


def known(capture: Capture, value: Any) -> str | None:
    return capture.recorder.entities.results.entity_of(value)


def received(result: Any) -> Any:
    """Return the result of a task as it arrives."""
    return pickle.loads(pickle.dumps(returned._with_entities(result)))


@pytest.mark.parametrize(
    ("wrap", "unwrap"),
    [
        (lambda one: one, lambda result: result),
        (lambda one: [1.5, one], lambda result: result[1]),
        (lambda one: (one, "text"), lambda result: result[0]),
        (lambda one: {"other": None, "rate": one}, lambda result: result["rate"]),
        (lambda one: Fit(one, "crab"), lambda result: result.slope),
        (lambda one: [[3], [], (one,)], lambda result: result[2][0]),
        (lambda one: [{"rate": one}], lambda result: result[0]["rate"]),
    ],
    ids=["alone", "list", "tuple", "dict", "named tuple", "list of tuples", "list of dicts"],
)
def test_the_program_knows_what_arrives(
    capture: Capture,
    number: Callable[[str], float],
    wrap: Callable[[float], Any],
    unwrap: Callable[[Any], float],
) -> None:
    one = number("2.5")
    result = wrap(one)
    arrived = received(result)
    assert (arrived, type(arrived)) == (result, type(result))
    assert unwrap(arrived) is not one
    assert known(capture, unwrap(arrived)) == known(capture, one) is not None


@pytest.mark.parametrize(
    "kind", [make_text, np.float64, complex, lambda text: 1000 * int(float(text)), str.encode]
)
def test_texts_and_other_numbers_arrive(
    capture: Capture, number: Callable[[str], float], kind: Callable[[str], Any]
) -> None:
    one = capture.trace(lambda text: kind(text))("2.5")  # noqa: PLW0108
    arrived = received([one])
    assert (arrived, type(arrived[0])) == ([one], type(one))
    assert known(capture, arrived[0]) == known(capture, one) is not None


def test_only_the_items_that_calls_returned_are_known(
    capture: Capture, number: Callable[[str], float]
) -> None:
    result = [number("2.5"), 2.5, number("2.5")]
    first, second, third = received(result)
    assert known(capture, second) is None
    assert [known(capture, first), known(capture, third)] == [
        known(capture, result[0]),
        known(capture, result[2]),
    ]
    assert known(capture, first) != known(capture, third)


def test_deeper_items_are_not_known(capture: Capture, number: Callable[[str], float]) -> None:
    assert known(capture, received([[[number("2.5")]]])[0][0][0]) is None


def test_a_result_keeps_its_structure(number: Callable[[str], float]) -> None:
    shared: list[Any] = []
    result: list[Any] = [number("2.5"), shared, shared]
    result.append(result)
    arrived = received(result)
    assert arrived[3] is arrived
    assert arrived[1] is arrived[2]


@pytest.mark.parametrize("result", [2.5, [1.5, "x"], None, {"a": [1]}, object(), (), [[1.5]]])
def test_other_results_are_sent_as_they_are(number: Callable[[str], float], result: object) -> None:
    number("2.5")
    assert returned._with_entities(result) is result


def test_a_small_integer_is_not_known(capture: Capture, number: Any) -> None:
    """Some versions of Python make another object of it in the worker, but not in the program."""
    for value in (5, "x", b"x", ""):
        returned._receive(capture.recorder.entities, value, "an entity")
        assert known(capture, value) is None


def test_a_capture_with_another_log_learns_nothing(
    capture: Capture, number: Callable[[str], float], tmp_path: Path
) -> None:
    other = Capture(log=tmp_path / "other.log")
    arrived = received(number("2.5"))
    assert known(capture, arrived) is not None
    assert known(other, arrived) is None
    other.close()


def test_a_failure_leaves_the_result(
    capture: Capture, number: Callable[[str], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError("no")

    one = number("2.5")
    data = pickle.dumps(returned._with_entities([one]))
    monkeypatch.setattr(returned, "_receive", fail)
    assert pickle.loads(data) == [2.5]
    monkeypatch.setattr(returned, "_found_in", fail)
    assert returned._with_entities(one) is one


def test_a_program_without_a_recording_gets_the_result(
    tmp_path: Path, number: Callable[[str], float]
) -> None:
    (tmp_path / "data").write_bytes(pickle.dumps(returned._with_entities([number("2.5")])))
    code = "import pickle; print(pickle.load(open('data', 'rb')))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert (done.stdout, done.stderr) == ("[2.5]\n", "")


def test_many_results_do_not_stay_in_memory(make: Make) -> None:
    entities = make().recorder.entities
    for number in range(5000):
        returned._receive(entities, [number + 0.5], (None, {0: f"entity {number}"}))
    assert len(entities.results.known) <= 1000


def test_the_program_knows_the_containers_that_a_call_generated(
    capture: Capture, graph: Callable[[], ProvGraph], number: Callable[[str], float]
) -> None:
    stats: Any = capture.trace(lambda text: {"text": text, "n": len(text)}, "stats")
    merge: Any = capture.trace(lambda parts: None, "merge")
    result = [stats("a"), {"text": "b", "n": 1}]
    # As in another process, or in another task.
    data = pickle.dumps(returned._with_entities(result))
    capture.recorder.entities.forget()
    merge(pickle.loads(data))
    found = graph()
    made = generated(found, activity(found, "stats"))["result"]
    values = used(found, activity(found, "merge"))["parts"]
    assert [one.target for one in found.relations["hadMember"] if one.source is values] == [made]


def test_a_changed_container_is_not_that_of_the_call(
    capture: Capture, number: Callable[[str], float]
) -> None:
    numbers: Any = capture.trace(lambda: [1.5, 2.5], "numbers")
    one = numbers()
    assert returned._with_entities(one) is not one
    one.append(3.5)
    assert returned._with_entities(one) is one
