"""Ids of objects, and the derivation of changed ones."""

from __future__ import annotations

import copy
import gc
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.capture import Capture
from provlog.capture.records.object_ids import ObjectIds
from provlog.definitions.load import definitions_of
from provlog.model.graph import ProvGraph
from provlog.objects.fingerprints.fingerprint import fingerprint
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, progenitors, used

Graph = Callable[[], ProvGraph]

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=12)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text() | st.integers(), inner, max_size=5)
        | st.frozensets(st.integers() | st.text(), max_size=5)
    ),
    max_leaves=15,
)


@pytest.fixture
def object_ids() -> ObjectIds:
    found = ObjectIds("0123456789abcdef")
    found.enter_process("0123456789abcdef")
    return found


class Thing:
    def __init__(self, value: Any) -> None:
        self.value = value


class Slotted:
    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


@dataclass(frozen=True)
class Setting:
    value: Any


def typed(value: Any) -> Any:
    """Return a value with its types, so that 1, 1.0 and True differ."""
    if isinstance(value, dict):
        return "dict", frozenset((typed(key), typed(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return type(value).__name__, tuple(map(typed, value))
    if isinstance(value, frozenset):
        return "set", frozenset(map(typed, value))
    return type(value).__name__, repr(value)


@given(PLAIN, PLAIN)
def test_fingerprints_are_equal_if_and_only_if_values_are(one: Any, other: Any) -> None:
    assert fingerprint(one) == fingerprint(copy.deepcopy(one))
    assert (fingerprint(one) == fingerprint(other)) == (typed(one) == typed(other))


@given(PLAIN)
def test_the_same_value_has_the_same_id(value: Any) -> None:
    object_ids = ObjectIds("0123456789abcdef")
    object_ids.enter_process("0123456789abcdef")
    for one in (value, Setting(value)):
        assert object_ids.of(one).id == object_ids.of(copy.deepcopy(one)).id
        assert len(object_ids.of(one).id) == 32


@given(st.dictionaries(st.text(), st.integers()))
def test_the_order_of_keys_does_not_count(value: dict[str, int]) -> None:
    assert fingerprint(value) == fingerprint(dict(reversed(value.items())))


@pytest.mark.parametrize("kind", [Thing, Slotted])
def test_other_objects_are_identified_by_identity(object_ids: ObjectIds, kind: Any) -> None:
    one, other = kind(1), kind(1)
    assert object_ids.of(one).id == object_ids.of(one).id
    assert object_ids.of(one).id != object_ids.of(other).id


def test_a_reused_address_is_a_new_object(object_ids: ObjectIds) -> None:
    found = set()
    for _ in range(500):
        found.add(object_ids.of(Thing(1)).id)
        found.add(object_ids.of(Slotted(1)).id)
    assert len(found) == 1000


def test_objects_are_released(object_ids: ObjectIds) -> None:
    gone = []

    class Watched:
        def __del__(self) -> None:
            gone.append(1)

    for _ in range(10):
        object_ids.of(Watched())
    gc.collect()
    assert len(gone) == 10


@pytest.mark.parametrize("kind", [Thing, Slotted])
def test_a_changed_object_has_a_new_id(object_ids: ObjectIds, kind: Any) -> None:
    thing = kind([1, 2])
    first = object_ids.of(thing)
    thing.value.append(3)
    second = object_ids.of(thing)
    assert second.previous == first.id != second.id
    object_ids.mark_recorded(second.id, second.tracked)
    third = object_ids.of(thing)
    assert (third.id, third.previous, third.note) == (second.id, None, None)
    thing.value.pop()
    assert object_ids.of(thing).id == first.id


@pytest.mark.parametrize("make", [lambda: Thing([1]), lambda: Slotted([1]), lambda: [1]])
def test_the_previous_state_is_returned_until_it_is_recorded(
    object_ids: ObjectIds, make: Callable[[], Any]
) -> None:
    thing = make()
    values = getattr(thing, "value", thing)
    first = object_ids.of(thing)
    values.append(2)
    second = object_ids.of(thing)
    assert object_ids.of(thing).previous == second.previous == first.id
    values.append(3)
    third = object_ids.of(thing)
    # The second state was not recorded.
    assert third.previous == first.id
    object_ids.mark_recorded(second.id, second.tracked)
    assert object_ids.of(thing).previous == first.id
    object_ids.mark_recorded(third.id, third.tracked)
    assert object_ids.of(thing).previous is None
    values.pop()
    assert object_ids.of(thing).previous == third.id


def test_cached_values_do_not_change_the_state(object_ids: ObjectIds) -> None:
    class Lazy:
        def __init__(self) -> None:
            self.value = 3
            self._cache: dict[int, int] = {}

        @cached_property
        def squared(self) -> int:
            self._cache[3] = 9
            return self.value**2

    lazy = Lazy()
    first = object_ids.of(lazy)
    assert lazy.squared == 9
    assert object_ids.of(lazy).id == first.id


@pytest.mark.parametrize("changing", [[1], {"a": 1}, {1}, bytearray(b"1"), np.zeros(3)])
def test_changed_containers_and_arrays_return_their_previous_id(
    object_ids: ObjectIds, changing: Any
) -> None:
    first = object_ids.of(changing)
    assert object_ids.of(copy.deepcopy(changing)).id == first.id
    match changing:
        case list():
            changing.append(2)
        case dict():
            changing["b"] = 2
        case set():
            changing.add(2)
        case bytearray():
            changing.extend(b"2")
        case _:
            changing[0] = 2
    second = object_ids.of(changing)
    assert second.previous == first.id != second.id


def test_arrays_are_identified_by_type_shape_and_content(object_ids: ObjectIds) -> None:
    arrays = [
        np.arange(6), np.arange(6).reshape(2, 3), np.arange(6.0), np.arange(6)[::-1],
        np.ma.array(np.arange(6), mask=[True] + [False] * 5), np.array(["a", None], dtype=object),
        np.zeros(2, dtype=[("a", int), ("b", float)]), np.float32(1), np.float64(1), np.array(1.0),
        np.zeros(0),
    ]  # fmt: skip
    ids = [object_ids.of(array).id for array in arrays]
    assert len(set(ids)) == len(arrays)
    assert [object_ids.of(array.copy()).id for array in arrays] == ids
    assert object_ids.of(np.asfortranarray(arrays[1])).id == ids[1]


def test_a_list_that_contains_itself_has_an_id(object_ids: ObjectIds) -> None:
    def cyclic() -> list[Any]:
        made: list[Any] = [1]
        made.append(made)
        return made

    assert object_ids.of(cyclic()).id == object_ids.of(cyclic()).id


def test_a_shared_part_is_examined_once(object_ids: ObjectIds) -> None:
    value: Any = [1]
    for _ in range(40):
        value = [value, value]
    assert object_ids.of(value).note is None


def test_a_too_large_value_keeps_its_id_and_has_a_note(object_ids: ObjectIds) -> None:
    big = Thing([Thing(i) for i in range(200_000)])
    first = object_ids.of(big)
    assert first.note is not None
    assert first.note.startswith("too large")
    assert object_ids.of(big).id == first.id


def test_a_changed_object_is_derived_before_its_next_use(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def make() -> Thing:
        return Thing(1)

    @capture.trace
    def fit(thing: Thing) -> None:
        pass

    thing = make()
    fit(thing)
    thing.value = 2
    fit(thing)
    thing.value = 1
    fit(thing)
    found = graph()
    first = generated(found, activity(found, "make"))["result"]
    uses = [used(found, one)["thing"] for one in activities(found, "fit")]
    assert uses[0] is uses[2] is first
    assert uses[1] is not first
    assert progenitors(found, uses[1]) == [first]
    # An earlier state does not derive from a later one.
    assert progenitors(found, first) == []


def test_identifying_an_object_does_not_consume_its_derivation(make: Make) -> None:
    use = {"role": "m", "entityName": "M", "value": "m"}
    source = {"a": {"usage": [use]}, "b": {"usage": [{**use, "id": "m.name"}]}}
    capture = make(definitions_of({"activities": source}))

    @capture.trace
    def a(m: Any) -> None:
        pass

    @capture.trace
    def b(m: Any) -> None:
        pass

    m: Any = Thing(1)
    m.name = "n1"
    a(m)
    m.value = 2
    b(m)
    a(m)
    found = capture.graph()
    first, second = (used(found, one)["m"] for one in activities(found, "a"))
    assert progenitors(found, second) == [first]
    assert len(found.relations["wasDerivedFrom"]) == 1


def test_of_two_threads_that_detect_a_change_one_records_it(capture: Capture) -> None:
    @capture.trace
    def fit(thing: Thing) -> None:
        pass

    thing = Thing(1)
    fit(thing)
    thing.value = 2
    # The other thread has reached the same point.
    capture.recorder.entities.identify(thing)
    fit(thing)
    found = capture.graph()
    first, second = (used(found, one)["thing"] for one in activities(found, "fit"))
    assert progenitors(found, second) == [first]


def test_a_changed_list_is_derived(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def make() -> list[float]:
        return [1.5]

    @capture.trace
    def fit(data: list[float]) -> None:
        pass

    data = make()
    fit(data)
    data.append(2.5)
    fit(data)
    found = graph()
    made = generated(found, activity(found, "make"))["result"]
    first, second = activities(found, "fit")
    assert used(found, first) == {"data": made}
    [changed] = used(found, second).values()
    assert progenitors(found, changed) == [made]
