"""How long a capture keeps what it has seen."""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import Any

import numpy as np

from provlog.capture import Capture
from provlog.capture.objects import ObjectMap
from tests.capture.reading import activity, generated, used


@dataclass(slots=True)
class Slotted:
    data: Any


def test_what_a_list_holds_goes_with_the_list(capture: Capture) -> None:
    seen: list[weakref.ref[Any]] = []

    @capture.trace
    def make() -> list[Any]:
        made = np.zeros(10)
        seen.append(weakref.ref(made))
        return [made]

    for _ in range(50):
        make()
    assert sum(one() is not None for one in seen) <= 3


def test_what_an_object_with_slots_holds_goes_with_it(capture: Capture) -> None:
    seen: list[weakref.ref[Any]] = []

    @capture.trace
    def make() -> Slotted:
        made = np.zeros(10)
        seen.append(weakref.ref(made))
        return Slotted(made)

    kept = [make() for _ in range(5)]
    for _ in range(50):
        make()
    assert sum(one() is not None for one in seen) <= 5 + len(kept)


def test_what_the_program_keeps_is_known_again() -> None:
    known: ObjectMap[int] = ObjectMap()
    kept = [[number] for number in range(500)]
    for number, value in enumerate(kept):
        known.put(value, number)
        known.put([number], -1)
    assert [known.get(value) for value in kept] == list(range(500))


def test_what_is_put_again_is_what_it_was_put_as_last() -> None:
    known: ObjectMap[int] = ObjectMap()
    value = [1]
    for number in range(5):
        known.put(value, number)
    assert known.get(value) == 4


def test_what_is_gone_makes_room_for_what_comes(capture: Capture) -> None:
    seen: list[weakref.ref[Any]] = []

    @capture.trace
    def load() -> dict[str, Any]:
        assert [one() for one in seen[-3:]] == [None] * len(seen[-3:])
        made = np.zeros(10_000_000)
        seen.append(weakref.ref(made))
        return {"events": made}

    @capture.trace
    def process(data: dict[str, Any]) -> None:
        pass

    for _ in range(3):
        data = load()
        process(data)
        del data


def test_a_list_that_is_too_large_is_known_again(capture: Capture) -> None:
    @capture.trace
    def load() -> list[Any]:
        return [Slotted(number) for number in range(200_000)]

    @capture.trace
    def process(data: list[Any]) -> None:
        pass

    process(load())
    found = capture.graph()
    made = generated(found, activity(found, "load"))["result"]
    assert used(found, activity(found, "process")) == {"data": made}
