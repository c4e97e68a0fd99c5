"""The time for which a capture keeps objects alive."""

from __future__ import annotations

import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pytest

from provlog.capture import Capture
from provlog.capture.records.object_ids import ObjectIds
from provlog.objects.identity_map import IdentityMap
from tests.capture.reading import activity, generated, used


@dataclass(slots=True)
class Slotted:
    data: Any


class Thing:
    def __init__(self, value: int) -> None:
        self.value = value


def test_the_items_of_a_list_are_released_with_it(capture: Capture) -> None:
    seen: list[weakref.ref[Any]] = []

    @capture.trace
    def make() -> list[Any]:
        made = np.zeros(10)
        seen.append(weakref.ref(made))
        return [made]

    for _ in range(50):
        make()
    assert sum(one() is not None for one in seen) <= 3


def test_the_slots_of_an_object_are_released_with_it(capture: Capture) -> None:
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


def test_objects_that_the_program_keeps_are_recognized() -> None:
    known: IdentityMap[int] = IdentityMap()
    kept = [[number] for number in range(500)]
    for number, value in enumerate(kept):
        known.put(value, number)
        known.put([number], -1)
    assert [known.get(value) for value in kept] == list(range(500))


def test_a_second_put_replaces_the_value() -> None:
    known: IdentityMap[int] = IdentityMap()
    value = [1]
    for number in range(5):
        known.put(value, number)
    assert known.get(value) == 4


def test_entries_of_dead_objects_are_removed(capture: Capture) -> None:
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


def test_a_large_list_is_recognized(capture: Capture) -> None:
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


class Writer:
    __slots__ = ("file",)

    def __init__(self, file: TextIO) -> None:
        self.file = file


class Closing(Writer):
    __slots__ = ()

    def __del__(self) -> None:
        self.file.close()


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
@pytest.mark.parametrize("kind", [Writer, Closing])
def test_finalizers_run_when_the_program_releases_an_object(
    capture: Capture, tmp_path: Path, kind: type[Writer]
) -> None:
    @capture.trace
    def make(path: Path) -> Writer:
        return kind(path.open("w"))

    path = tmp_path / "text"
    writer = make(path)
    writer.file.write("text")
    del writer
    assert path.read_text() == "text"


def test_large_results_are_released_with_the_last_reference(capture: Capture) -> None:
    @capture.trace
    def load() -> bytearray:
        return bytearray(50_000_000)

    tracemalloc.start()
    try:
        data = load()
        del data
        assert tracemalloc.get_traced_memory()[0] < 10_000_000
    finally:
        tracemalloc.stop()


def test_large_objects_are_all_released_at_once() -> None:
    known: IdentityMap[int] = IdentityMap()
    kept = [[number] for number in range(100)]
    for number, value in enumerate(kept):
        known.put(value, number)
    large = Slotted(np.zeros(10_000_000))
    array = weakref.ref(large.data)
    known.put(large, -1)
    known.release()
    assert known.get(large) == -1
    del large
    known.release()
    assert array() is None
    assert [known.get(value) for value in kept] == list(range(100))


def test_an_exception_does_not_keep_local_variables_alive() -> None:
    object_ids = ObjectIds("0123456789abcdef")
    object_ids.enter_process("0123456789abcdef")

    def fail() -> weakref.ref[Any]:
        held = np.zeros(10)
        try:
            raise ValueError
        except ValueError as error:
            object_ids.of(error)
            object_ids.of([error])
        return weakref.ref(held)

    assert fail()() is None


def test_several_threads_may_use_one_map() -> None:
    known: IdentityMap[int] = IdentityMap()
    failures: list[Exception] = []

    def put(kind: Callable[[int], Any]) -> None:
        kept = [kind(number) for number in range(2500)]
        try:
            for number, value in enumerate(kept):
                known.put(value, number)
                known.put(kind(number), -1)
                if number % 100 == 0:
                    assert known.get(value) in {None, number}
        except Exception as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=put, args=(kind,)) for kind in 2 * [Thing, Slotted]]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert failures == []
