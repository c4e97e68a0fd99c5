"""Fingerprints differ if and only if values do."""

from __future__ import annotations

import array
import asyncio
import copy
import enum
import functools
import io
import math
import random
import re
import sqlite3
import zlib
from collections import deque, namedtuple
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from provlog.capture import Capture
from provlog.capture.records.object_ids import ObjectIds
from provlog.objects.fingerprints.fingerprint import fingerprint
from provlog.objects.fingerprints.walk import TooLargeError
from tests.capture.reading import activities, generated


@pytest.fixture
def object_ids() -> ObjectIds:
    found = ObjectIds("0123456789abcdef")
    found.enter_process("0123456789abcdef")
    return found


class First(enum.Enum):
    ONE = 1

    def __repr__(self) -> str:
        return self.name


class Second(enum.Enum):
    ONE = 1

    def __repr__(self) -> str:
        return self.name


def test_members_of_two_enumerations_differ() -> None:
    assert fingerprint(First.ONE) != fingerprint(Second.ONE)
    assert fingerprint(First.ONE) == fingerprint(First(1))


def test_long_patterns_differ() -> None:
    assert fingerprint(re.compile("a" * 300)) != fingerprint(re.compile("a" * 299 + "b"))
    assert fingerprint(re.compile("a")) != fingerprint(re.compile("a", re.IGNORECASE))


def closure(value: Any) -> Callable[[], Any]:
    return lambda: value


def test_nested_functions_differ_by_defaults_and_closure() -> None:
    ids = {fingerprint(closure(value)) for value in range(50)}
    assert len(ids) == 50
    assert fingerprint(closure([1])) == fingerprint(closure([1]))
    assert fingerprint(lambda x=1: x) != fingerprint(lambda x=2: x)


def test_a_function_may_refer_to_itself() -> None:
    def outer() -> Callable[[], Any]:
        def recursive() -> Any:
            return recursive

        return recursive

    assert fingerprint(outer()) == fingerprint(outer())


class Unique:
    """A class with a ``__hash__`` by identity."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __hash__(self) -> int:
        return id(self)


class Listed(Unique):
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Listed)

    __hash__ = object.__hash__


class Delegating(Unique):
    def __hash__(self) -> int:
        return super().__hash__()


class Addressed(Unique):
    def __hash__(self) -> int:
        return hash(id(self))


class Valued(Unique):
    def __hash__(self) -> int:
        return hash(self.value)


class Numbered:
    def __init__(self, value: int) -> None:
        self.id = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Numbered) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)


@dataclass(frozen=True)
class Empty:
    pass


@pytest.mark.parametrize("kind", [Unique, Listed, Delegating, Addressed])
def test_classes_that_hash_by_address_are_not_values(object_ids: ObjectIds, kind: Any) -> None:
    one, other = kind(1), kind(1)
    assert object_ids.of(one).id != object_ids.of(other).id
    first = object_ids.of(one)
    one.value = 2
    assert object_ids.of(one).previous == first.id


@pytest.mark.parametrize("make", [lambda: Valued(1), lambda: Numbered(1), Empty])
def test_classes_that_hash_by_content_are_values(
    object_ids: ObjectIds, make: Callable[[], Any]
) -> None:
    assert object_ids.of(make()).id == object_ids.of(make()).id


Named = namedtuple("Named", "name values")  # noqa: PYI024


def test_named_tuples_are_values(object_ids: ObjectIds) -> None:
    assert object_ids.of(Named("a", [1])).id == object_ids.of(Named("a", [1])).id
    assert object_ids.of(Named("a", [1])).id != object_ids.of(Named("a", [2])).id
    assert object_ids.of(Named("a", [1])).id != object_ids.of(("a", [1])).id


@pytest.mark.parametrize("changing", [deque([1.0]), array.array("d", [1.0])])
def test_deques_and_array_arrays_are_identified_by_content(
    object_ids: ObjectIds, changing: Any
) -> None:
    first = object_ids.of(changing)
    assert object_ids.of(copy.copy(changing)).id == first.id
    changing.append(2.0)
    second = object_ids.of(changing)
    assert second.previous == first.id != second.id


def test_reading_the_fill_value_of_a_masked_array_is_not_a_change() -> None:
    masked = np.ma.array([1.0, 2.0], mask=[False, True])
    before = fingerprint(masked)
    assert masked.fill_value > 1
    assert fingerprint(masked) == before
    assert fingerprint(np.ma.array([1.0, 2.0], mask=[False, False])) != before


def padded(filler: int) -> Any:
    array = np.full(2 * 16, filler, np.uint8).view(np.dtype([("a", "i1"), ("b", "f8")], align=True))
    array["a"], array["b"] = 1, 2
    return array


def test_padding_between_fields_does_not_count() -> None:
    assert fingerprint(padded(0)) == fingerprint(padded(255))
    assert fingerprint([*padded(0)]) == fingerprint([*padded(255)])
    other = padded(0)
    other["b"][1] = 3
    assert fingerprint(padded(0)) != fingerprint(other)
    assert fingerprint(padded(0)[1]) != fingerprint(other[1])


def test_nested_fields_and_masks_count() -> None:
    kind = np.dtype([("a", [("b", "i1"), ("c", "f8")], 2), ("d", "O")], align=True)
    array = np.zeros(2, kind)
    before = fingerprint(array)
    assert fingerprint(array.copy()) == before
    array["a"]["c"][1, 1] = 1
    assert fingerprint(array) != before
    numbers = np.dtype([("a", "i1"), ("b", "f8")], align=True)
    assert fingerprint(np.ma.zeros(2, numbers)) != fingerprint(np.zeros(2, numbers))
    assert fingerprint(np.ma.zeros(2, numbers)) == fingerprint(np.ma.array(np.zeros(2, numbers)))


def test_memory_maps_are_identified_by_content(tmp_path: Path) -> None:
    np.arange(8).tofile(tmp_path / "data")
    first = np.memmap(tmp_path / "data", int, "r")
    assert fingerprint(first) == fingerprint(np.memmap(tmp_path / "data", int, "c"))
    assert fingerprint(first) != fingerprint(first[:4])


def test_a_mask_without_masked_values_is_ignored() -> None:
    assert fingerprint(np.ma.array([1, 2])) == fingerprint(np.ma.array([1, 2], mask=[False, False]))
    assert fingerprint(np.ma.array([1, 2])) != fingerprint(np.ma.array([1, 2], mask=[False, True]))


class OddError(ValueError):
    pass


class Chance(random.Random):
    pass


def of_class(name: str) -> Any:
    class Local:
        pass

    return Local


@pytest.mark.parametrize(
    "make",
    [
        ValueError, OddError, lambda of: OSError(2, "text", of), random.Random, Chance, io.StringIO,
        lambda of: object(), lambda of: iter([of]), lambda of: np.random.default_rng(),
        lambda of: zlib.compressobj(), lambda of: [].append, lambda of: random.Random().seed,
        lambda of: [].__len__, lambda of: memoryview(bytearray(1)), of_class,
        lambda of: functools.partial(str, of),
    ],
)  # fmt: skip
def test_objects_without_readable_state_are_distinguished_in_containers(
    object_ids: ObjectIds, make: Callable[[str], Any]
) -> None:
    assert len({object_ids.of({"one": make(str(number))}).id for number in range(20)}) == 20
    kept = [make("same")]
    assert object_ids.of(kept).id == object_ids.of(kept).id


def test_bound_methods_of_one_object_are_equal(
    object_ids: ObjectIds,
) -> None:
    values = [1]
    assert object_ids.of(values.append).id == object_ids.of(values.append).id
    assert object_ids.of(values.append).id != object_ids.of(values.remove).id
    assert object_ids.of([].append).id != object_ids.of([].append).id
    assert fingerprint(math.sin) != fingerprint(math.cos) != fingerprint(len)


@pytest.mark.parametrize(
    "make", [lambda: ValueError("a", [1]), lambda: functools.partial(str, [1]), lambda: Unique(1)]
)
def test_parts_with_readable_state_are_compared_by_state(make: Callable[[], Any]) -> None:
    assert fingerprint([make()]) == fingerprint([make()])


def test_a_list_of_very_many_objects_does_not_look_changed(object_ids: ObjectIds) -> None:
    many = [object() for _ in range(3000)]
    first = object_ids.of(many)
    assert first.note is not None
    assert object_ids.of(many).id == first.id


def test_results_with_unreadable_parts_are_separate_entities(
    capture: Capture,
) -> None:
    @capture.trace
    def compute(text: str) -> list[Exception]:
        return [ValueError(text)]

    @capture.trace
    def connect() -> tuple[sqlite3.Connection, str]:
        return sqlite3.connect(":memory:"), "x"

    for text in ("a", "b"):
        compute(text)
        connect()[0].close()
    graph = capture.graph()
    for name in ("compute", "connect"):
        first, second = (generated(graph, one) for one in activities(graph, name))
        role = next(iter(first))
        assert first[role] is not second[role]


def test_an_abandoned_asynchronous_generator_is_closed_once(capture: Capture) -> None:
    problems: list[Any] = []
    cleaned = []

    @capture.trace
    async def items() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            cleaned.append(1)

    kept = []

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, what: problems.append(what))
        running: Any = items()
        kept.append(running)
        await anext(running)

    asyncio.run(main())
    assert problems == []
    assert cleaned == [1]


def test_the_type_of_an_array_counts() -> None:
    kinds = ["i4", "f4", ">i4", "u4", "i8"]
    assert len({fingerprint(np.zeros(8 if kind != "i8" else 4, kind)) for kind in kinds}) == 5


def test_the_metadata_of_a_table_counts() -> None:
    def table(**said: Any) -> Any:
        return Table({"energy": [1.0, 2.0]}, meta=said)

    assert fingerprint(table(unit="TeV")) == fingerprint(table(unit="TeV"))
    assert fingerprint(table(unit="TeV")) != fingerprint(table(unit="GeV"))
    assert fingerprint(table(unit="TeV")) != fingerprint(table())


def test_the_index_of_a_frame_counts() -> None:
    pandas = pytest.importorskip("pandas")

    def frame(*index: str) -> Any:
        return pandas.DataFrame({"energy": [1.0, 2.0]}, index=list(index))

    assert fingerprint(frame("a", "b")) == fingerprint(frame("a", "b"))
    assert fingerprint(frame("a", "b")) != fingerprint(frame("a", "c"))
    series = [pandas.Series([1.0, 2.0], index=index) for index in (["a", "b"], ["a", "c"])]
    assert fingerprint(series[0]) != fingerprint(series[1])


class Pair:
    def __init__(self, *values: Any) -> None:
        self.first, self.second = values


@pytest.mark.parametrize("both", [lambda *values: [*values], lambda *values: {*values}, Pair])
def test_a_shared_part_equals_two_equal_parts(both: Any) -> None:
    def part(number: int = 2) -> tuple[Any, ...]:
        return 1, (number, "x" * 100)

    one = part()
    assert fingerprint([both(one, one), one]) == fingerprint([both(one, part()), part()])
    assert fingerprint([both(one, part(3)), one]) != fingerprint([both(one, one), one])
    assert fingerprint([both(one, one), one]) != fingerprint([both(one, one), part(3)])


def test_temporary_objects_are_not_confused() -> None:
    """The address of a temporary object is reused during the traversal."""
    patterns = ["a", "b", "c", "d"]
    assert len({fingerprint([re.compile("a"), re.compile(text)]) for text in patterns}) == 4
    tables = [Table({"energy": [number]}) for number in range(4)]
    assert len({fingerprint([tables[0], table]) for table in tables}) == 4


def test_the_recording_of_an_object_is_not_its_state(capture: Capture) -> None:
    with capture.activity("observe") as observe:
        holder = Pair(capture, observe)
        before = fingerprint(holder)
        with capture.activity("reduce") as reduce:
            reduce.parameter("level", 1)
        assert fingerprint(holder) == before


ROWS: list[Any] = [
    [(1, 2.5), (3, 4.5)],
    [[1, 2.5], [3, 4.5]],
    [(1, 2.5), [3, 4.5]],
    [(1, 2.5, 3), (4.5,)],
    [(1, 2.5), (3.0, 4.5)],
    [(True, 2.5), (3, 4.5)],
    [(3, 4.5), (1, 2.5)],
    [(1, 2.5), (3, 4.5), ()],
    [("1", "2.5"), ("3", "4.5")],
    [("12.5",), ("34.5",)],
    [(1, (2.5,)), (3, 4.5)],
    [(1, object), (3, 4.5)],
    [{"a": 1, "b": 2.5}, {"a": 3}],
    [{"a": 1}, {"b": 2.5, "a": 3}],
    [{"a": True, "b": 2.5}, {"a": 3}],
    [{1: 1, "b": 2.5}, {"a": 3}],
    [{"a": 1, "b": [2.5]}, {"a": 3}],
    [[("a", 1), ("b", 2.5)], [("a", 3)]],
    [{}, {}],
    [[], []],
]


def test_the_rows_of_a_table_count_with_their_types() -> None:
    found = [fingerprint(rows) for rows in ROWS]
    assert len(set(found)) == len(found)
    assert found == [fingerprint(copy.deepcopy(rows)) for rows in ROWS]


def test_the_order_of_the_items_of_a_row_does_not_count() -> None:
    assert fingerprint([{"a": 1, "b": 2}, {}]) == fingerprint([{"b": 2, "a": 1}, {}])


def test_a_table_with_very_many_rows_is_too_large() -> None:
    with pytest.raises(TooLargeError):
        fingerprint([(1, 2)] * 100_001)
