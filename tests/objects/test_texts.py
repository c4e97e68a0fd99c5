"""Values in the log, and the cost of converting them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from provlog.capture import Capture
from provlog.model.graph import ProvGraph
from tests.capture.reading import activities, parameters, payloads

Graph = Callable[[], ProvGraph]


def record(capture: Capture, value: Any) -> None:
    with capture.activity("block", parameters={"value": value}):
        pass


def recorded(log: Path) -> list[Any]:
    return [one["parameters"].get("value") for one in payloads(log) if "parameters" in one]


def test_a_value_that_contains_itself_has_a_note(capture: Capture, log: Path) -> None:
    values: list[Any] = [1]
    values.append(values)
    settings: dict[str, Any] = {"n": 1}
    settings["again"] = [settings]
    record(capture, values)
    record(capture, settings)
    # A list with the same item twice does not contain itself.
    record(capture, [[1]] * 2)
    assert recorded(log) == [
        [1, "(contains itself)"], {"n": 1, "again": ["(contains itself)"]}, [[1], [1]],
    ]  # fmt: skip


def test_a_slow_repr_is_called_once(capture: Capture, log: Path) -> None:
    asked: list[int] = []

    class Slow:
        def __repr__(self) -> str:
            asked.append(1)
            time.sleep(0.2)
            return "slow"

    record(capture, Slow())
    record(capture, [Slow(), Slow()])
    assert len(asked) == 1
    first, second = recorded(log)
    assert first == "slow"
    assert all("its repr takes too long" in text for text in second)


class Plain:
    def method(self) -> None:
        pass


class Named(Plain):
    def __repr__(self) -> str:
        return f"<{object.__repr__(self)} of {object.__repr__(self)}>"


@pytest.mark.parametrize(
    "value",
    [Plain(), Named(), lambda: None, Plain().method, Named().method, iter([]), record, [Named()]],
)
def test_addresses_are_removed(capture: Capture, log: Path, value: Any) -> None:
    record(capture, value)
    capture.trace(lambda setting: None, "select")(value)
    assert recorded(log) != []
    assert "0x" not in log.read_text()


def test_a_slow_hash_is_not_called(capture: Capture, graph: Graph) -> None:
    asked: list[int] = []

    class Slow:
        def __init__(self, value: int) -> None:
            self.value = value

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Slow) and other.value == self.value

        def __hash__(self) -> int:
            asked.append(1)
            time.sleep(1)
            return hash(self.value)

    @capture.trace
    def fit(data: Any, options: Any, *, n: int) -> Any:
        return [data]

    slow = Slow(1)
    fit(slow, {"slow": slow}, n=3)
    record(capture, {"slow": [slow]})
    assert asked == []
    [one] = activities(graph(), "fit")
    assert parameters(one)["n"] == 3
