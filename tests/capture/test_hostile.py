"""Hostile objects: the program runs on, its objects are left alone, the record says what it lacks."""

from __future__ import annotations

import io
import itertools
import logging
import socket
import threading
import types
import weakref
from collections import Counter, OrderedDict, UserDict, UserList, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import MagicMock

import pytest

import provlog
from provlog.capture import Capture
from provlog.capture.definitions import Definitions, definitions_of
from provlog.model import ProvGraph
from tests.capture.conftest import Make
from tests.capture.reading import activities, activity, generated, parameters, used, written

# What is asked of an object without a call of its own code.
SPECIAL = (
    "__repr__", "__str__", "__format__", "__hash__", "__eq__", "__ne__", "__lt__", "__len__",
    "__bool__", "__iter__", "__next__", "__contains__", "__getitem__", "__missing__", "__fspath__",
    "__int__", "__float__", "__complex__", "__index__", "__bytes__", "__reversed__", "__call__",
    "__reduce_ex__", "__getstate__", "__sizeof__", "__dir__", "__copy__", "__deepcopy__",
    "__array__", "__instancecheck__", "__subclasscheck__", "__getattr__", "__length_hint__",
    "__enter__", "__await__", "__aiter__", "keys", "items", "values", "copy", "encode", "as_posix",
    "bit_length", "isoformat", "tolist", "is_integer", "hex", "decode",
)  # fmt: skip
BASES = (object, list, dict, set, frozenset, tuple, str, bytes, int, float, bytearray, OrderedDict)

DEFINITIONS = """
activities:
  by_value:
    parameters: [{name: x}, {name: named, value: thing}]
    usage: [{role: in, value: thing, has_members: {list: things}}]
    generation: [{role: out, value: thing, has_progenitors: {list: things}}]
  by_location:
    usage: [{role: in, location: thing, entityName: File, has_members: {list: things}}]
    generation: [{role: out, location: thing, entityName: File, has_progenitors: {list: things}}]
  by_id:
    usage: [{role: in, id: thing, namespace: things}]
    generation: [{role: out, id: thing}]
entities:
  File: {type: File}
"""


class Raised(Exception):
    """What hostile objects raise."""


def definitions(text: str = DEFINITIONS) -> Definitions:
    import yaml

    return definitions_of(yaml.safe_load(text))


def hostile(base: type = object, *names: str, answer: Any = Raised) -> tuple[Any, Counter[str]]:
    """An object whose methods raise, and how often they were called."""
    calls: Counter[str] = Counter()

    def method(name: str) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            calls[name] += 1
            if answer is Raised:
                raise Raised(name)
            return answer

        return called

    kind = type("Hostile", (base,), {name: method(name) for name in names or SPECIAL})
    return base.__new__(kind), calls


class Analysis:
    """Does nothing with a thing; all that may be recorded of it is defined."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing
        self.things = [thing, {1: thing}]

    def by_value(self, x: Any) -> Any:
        return x

    def by_location(self, x: Any) -> Any:
        return x

    def by_id(self, x: Any) -> Any:
        return x


def traced(capture: Capture, cls: type) -> Any:
    """A copy of a class, traced: the class itself is for all tests."""
    namespace = {name: value for name, value in vars(cls).items() if name != "__dict__"}
    namespace.pop("__weakref__", None)
    return capture.trace_methods(type(cls.__name__, cls.__bases__, namespace))


def everywhere(capture: Capture, value: Any) -> int:
    """Have a value recorded in all ways there are; the program gets what it gets without."""

    @capture.trace
    def plain(x: Any, *rest: Any, y: Any = value, **more: Any) -> Any:
        return x

    @capture.trace
    def within(x: Any) -> Any:
        return x

    @capture.trace
    def items(x: Any) -> Iterator[Any]:
        yield x
        return x

    for _ in range(2):
        assert plain(value, value, z=value) is value
        many, pairs = [value, [value]], {"a": value, "b": {"c": (value,)}}
        assert within(many) is many
        assert within(pairs) is pairs
        (one,) = items(value)
        assert one is value
        analysis = traced(capture, Analysis)(value)
        assert analysis.by_value(value) is value
        assert analysis.by_location(value) is value
        assert analysis.by_id(value) is value
        with capture.activity("block", parameters={"x": value}) as block:
            block.used(value, role="in")
            block.generated(value, role="out")
            block.used(value, name="named")
    return 2 * (1 + 2 + 1 + 3 + 1)


def judge(log: Path, capture: Capture, calls: int) -> ProvGraph:
    """All calls are in the log, with their ends, and it is read without a word."""
    found = provlog.read(log)
    assert found.diagnostics == []
    assert written(found) == written(capture.graph())
    recorded = [one for one in found.activities.values() if one.session]
    assert len(recorded) == calls
    assert all(one.end is not None for one in recorded)
    return found


# Methods


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_what_raises_wherever_it_is_touched(make: Make, log: Path, base: type) -> None:
    capture = make(definitions())
    value, calls = hostile(base)
    judge(log, capture, everywhere(capture, value))
    # Only what a parameter is written as, and where a path is asked for.
    assert set(calls) <= {"__repr__", "__fspath__", "__str__"}
    # Nobody asks twice for the repr that raised.
    assert calls["__repr__"] <= 1


@pytest.mark.parametrize("name", SPECIAL)
def test_one_method_that_raises(make: Make, log: Path, name: str) -> None:
    capture = make(definitions())
    value, _ = hostile(object, name)
    judge(log, capture, everywhere(capture, value))


@pytest.mark.parametrize("name", ["__class__", "__dict__", "__module__", "__doc__", "__name__",
                                  "__slots__", "__mro__", "__wrapped__", "shape", "dtype",
                                  "columns", "meta", "value", "name", "path", "id"])  # fmt: skip
def test_properties_are_not_read(make: Make, log: Path, name: str) -> None:
    read = []

    def get(self: Any) -> Any:
        read.append(name)
        raise Raised(name)

    capture = make(definitions())
    value = type("Hostile", (), {name: property(get)} if name != "__slots__" else {name: ()})()
    judge(log, capture, everywhere(capture, value))
    assert read == []


def test_attributes_are_not_asked_for(make: Make, log: Path) -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            asked.append(name)
            raise Raised(name)

    asked: list[str] = []
    capture = make(definitions())
    judge(log, capture, everywhere(capture, Hostile()))
    assert asked == []


def test_values_that_are_not_what_they_should_be(make: Make, log: Path) -> None:
    """Each method returns something that it must not."""
    capture = make(definitions())
    done = 0
    for answer in (None, 5, object(), "", [], NotImplemented):
        for base in BASES:
            done += everywhere(capture, hostile(base, answer=answer)[0])
    judge(log, capture, done)


# Classes


def unhashable() -> type:
    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            raise Raised("__eq__")

    return Meta("Unhashable", (), {})


def raising_metaclass() -> type:
    calls = {name: property(_raise) for name in ("__class__", "__module__", "__doc__", "__flags__")}

    def method(name: str) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            raise Raised(name)

        return called

    methods = {
        name: method(name)
        for name in (
            "__hash__", "__eq__", "__instancecheck__", "__subclasscheck__", "__getattribute__",
            "__repr__", "__dir__", "__call__", "__len__", "__bool__", "__iter__", "mro2",
        )
    }  # fmt: skip
    meta = type("Meta", (type,), methods | {k: v for k, v in calls.items() if k != "__class__"})
    return type.__call__(meta, "Hostile", (), {})  # type: ignore[no-any-return]


def equal_to_all() -> type:
    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            return True

        def __hash__(cls) -> int:
            return type.__hash__(int)

    return Meta("Equal", (), {})


def _raise(self: Any) -> Any:
    raise Raised("property")


@pytest.mark.parametrize("made", [unhashable, raising_metaclass, equal_to_all])
def test_classes_of_odd_classes(make: Make, log: Path, made: Callable[[], type]) -> None:
    capture = make(definitions())
    kind = made()
    done = everywhere(capture, object.__new__(kind)) + everywhere(capture, kind)
    judge(log, capture, done)


@pytest.mark.parametrize("made", [unhashable, raising_metaclass, equal_to_all])
def test_what_is_beside_a_class_that_cannot_be_known_is_recorded(
    capture: Capture, graph: Any, made: Callable[[], type]
) -> None:
    @capture.trace
    def function(before: int, odd: Any, after: int) -> Any:
        return odd

    function(1, object.__new__(made()), 2)
    one = activity(graph(), "function")
    assert parameters(one)["before"] == 1
    assert parameters(one)["after"] == 2


def test_methods_of_an_odd_class_are_traced(capture: Capture, graph: Any) -> None:
    for made in (unhashable, equal_to_all, raising_metaclass):
        kind = made()

        def run(self: Any, x: int) -> int:
            return x

        type.__setattr__(kind, "run", capture.trace(run))
        assert type.__getattribute__(kind, "run")(object.__new__(kind), 5) == 5
    assert [parameters(one)["x"] for one in activities(graph(), "run")] == [5, 5, 5]


def test_methods_of_an_analysis_with_an_odd_class(make: Make, log: Path) -> None:
    capture = make(definitions())
    done = 0
    for made in (unhashable, equal_to_all, raising_metaclass):
        kind = made()

        def by_value(self: Any, x: int) -> int:
            return x

        # In place, as trace_methods does: a class may refuse to be looked at.
        traced = capture._traced(by_value, None, is_method=True)
        type.__setattr__(kind, "by_value", traced)
        owner = object.__new__(kind)
        object.__setattr__(owner, "thing", owner)
        object.__setattr__(owner, "things", [owner, 5])
        assert traced(owner, 5) == 5
        done += 1
    found = judge(log, capture, done)
    assert [parameters(one)["x"] for one in activities(found, "by_value")] == [5, 5, 5]
