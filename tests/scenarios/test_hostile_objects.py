"""Hostile objects: the program continues, and the log notes what it lacks."""

# The code in this module is wrong on purpose.
# mypy: disable-error-code="arg-type,call-overload,func-returns-value,no-any-return,no-untyped-call"
# ruff: noqa: PLW0108, PLW1641

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
from provlog.definitions.load import Definitions, definitions_of
from provlog.model.graph import ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, parameters, used, written

# Inspection of an object without its own code.
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


class RaisedError(Exception):
    """The exception that hostile objects raise."""


def definitions(text: str = DEFINITIONS) -> Definitions:
    import yaml

    return definitions_of(yaml.safe_load(text))


def hostile(
    base: type = object, *names: str, answer: Any = RaisedError
) -> tuple[Any, Counter[str]]:
    """An object whose methods raise, with a count of their calls."""
    calls: Counter[str] = Counter()

    def method(name: str) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            calls[name] += 1
            if answer is RaisedError:
                raise RaisedError(name)
            return answer

        return called

    kind = type("Hostile", (base,), {name: method(name) for name in names or SPECIAL})
    return base.__new__(kind), calls


class Analysis:
    """An analysis that ignores its arguments; its definition records all that is possible."""

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
    """Return a traced copy of a class, which the tests share."""
    namespace = {name: value for name, value in vars(cls).items() if name != "__dict__"}
    namespace.pop("__weakref__", None)
    return capture.trace_methods(type(cls.__name__, cls.__bases__, namespace))


def everywhere(capture: Capture, value: Any) -> int:
    """Record a value in all ways; the program gets the same results as without."""

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
    """Check that the log has all calls with their ends, and no diagnostics."""
    found = provlog.read(log)
    assert found.diagnostics == []
    assert written(found) == written(capture.graph())
    recorded = [one for one in found.activities.values() if one.session]
    assert len(recorded) == calls
    assert all(one.end is not None for one in recorded)
    return found


# Methods


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.__name__)
def test_objects_that_raise_everywhere(make: Make, log: Path, base: type) -> None:
    capture = make(definitions())
    value, calls = hostile(base)
    judge(log, capture, everywhere(capture, value))
    # Only to write a parameter, and to find a path.
    assert set(calls) <= {"__repr__", "__fspath__", "__str__"}
    # A repr that raised is not called again.
    assert calls["__repr__"] <= 1


@pytest.mark.parametrize("name", SPECIAL)
def test_objects_with_one_method_that_raises(make: Make, log: Path, name: str) -> None:
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
        raise RaisedError(name)

    capture = make(definitions())
    value = type("Hostile", (), {name: property(get)} if name != "__slots__" else {name: ()})()
    judge(log, capture, everywhere(capture, value))
    assert read == []


def test_getattr_is_not_called(make: Make, log: Path) -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            asked.append(name)
            raise RaisedError(name)

    asked: list[str] = []
    capture = make(definitions())
    judge(log, capture, everywhere(capture, Hostile()))
    assert asked == []


def test_methods_that_return_the_wrong_type(make: Make, log: Path) -> None:
    """An object whose methods return values of the wrong type."""
    capture = make(definitions())
    done = 0
    for answer in (None, 5, object(), "", [], NotImplemented):
        for base in (object, list, str, dict):
            done += everywhere(capture, hostile(base, answer=answer)[0])
    judge(log, capture, done)


# Classes


def unhashable() -> type:
    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            raise RaisedError("__eq__")

    return Meta("Unhashable", (), {})


def raising_metaclass() -> type:
    calls = {name: property(_raise) for name in ("__class__", "__module__", "__doc__", "__flags__")}

    def method(name: str) -> Callable[..., Any]:
        def called(*args: Any, **kwargs: Any) -> Any:
            raise RaisedError(name)

        return called

    methods = {
        name: method(name)
        for name in (
            "__hash__", "__eq__", "__instancecheck__", "__subclasscheck__", "__getattribute__",
            "__repr__", "__dir__", "__call__", "__len__", "__bool__", "__iter__", "mro2",
        )
    }  # fmt: skip
    meta = type("Meta", (type,), methods | {k: v for k, v in calls.items() if k != "__class__"})
    return type.__call__(meta, "Hostile", (), {})


def equal_to_all() -> type:
    class Meta(type):
        def __eq__(cls, other: object) -> bool:
            return True

        def __hash__(cls) -> int:
            return type.__hash__(int)

    return Meta("Equal", (), {})


def _raise(self: Any) -> Any:
    raise RaisedError("property")


@pytest.mark.parametrize("made", [unhashable, raising_metaclass, equal_to_all])
def test_classes_with_unusual_metaclasses(make: Make, log: Path, made: Callable[[], type]) -> None:
    capture = make(definitions())
    kind = made()
    done = everywhere(capture, object.__new__(kind)) + everywhere(capture, kind)
    judge(log, capture, done)


@pytest.mark.parametrize("made", [unhashable, raising_metaclass, equal_to_all])
def test_other_arguments_are_recorded_beside_an_unhashable_class(
    capture: Capture, graph: Any, made: Callable[[], type]
) -> None:
    @capture.trace
    def function(before: int, odd: Any, after: int) -> Any:
        return odd

    function(1, object.__new__(made()), 2)
    one = activity(graph(), "function")
    assert parameters(one)["before"] == 1
    assert parameters(one)["after"] == 2


def test_methods_of_a_hostile_class_are_traced(capture: Capture, graph: Any) -> None:
    for made in (unhashable, equal_to_all, raising_metaclass):
        kind = made()

        def run(self: Any, x: int) -> int:
            return x

        type.__setattr__(kind, "run", capture.trace(run))
        assert type.__getattribute__(kind, "run")(object.__new__(kind), 5) == 5
    assert [parameters(one)["x"] for one in activities(graph(), "run")] == [5, 5, 5]


def test_methods_of_an_analysis_with_an_unusual_metaclass(make: Make, log: Path) -> None:
    capture = make(definitions())
    done = 0
    for made in (unhashable, equal_to_all, raising_metaclass):
        kind = made()

        def by_value(self: Any, x: int) -> int:
            return x

        # In place, as trace_methods does it: a class may refuse access to its attributes.
        traced = capture._wrapped(by_value, None, is_method=True)
        type.__setattr__(kind, "by_value", traced)
        owner: Any = object.__new__(kind)
        object.__setattr__(owner, "thing", owner)
        object.__setattr__(owner, "things", [owner, 5])
        assert traced(owner, 5) == 5
        done += 1
    found = judge(log, capture, done)
    assert [parameters(one)["x"] for one in activities(found, "by_value")] == [5, 5, 5]


# Long, deep, endless and shared values


def cyclic() -> list[Any]:
    found: list[Any] = [1]
    found += [found, {"self": found}, (found,)]
    return found


def deep() -> list[Any]:
    found: list[Any] = []
    for _ in range(100_000):
        found = [found]
    return found


def knot() -> Any:
    one, other = types.SimpleNamespace(), types.SimpleNamespace()
    one.other, other.one, one.self = other, one, one
    return one


LARGE: dict[str, Callable[[], Any]] = {
    "text": lambda: "x" * 100_000_000,
    "bytes": lambda: bytes(100_000_000),
    "bytearray": lambda: bytearray(100_000_000),
    "list": lambda: list(range(1_000_000)),
    "texts": lambda: ["y" * 200] * 100_000,
    "tuples": lambda: [(i, str(i)) for i in range(60_000)],
    "dict": lambda: dict.fromkeys(range(1_000_000)),
    "set": lambda: set(range(1_000_000)),
    "integer": lambda: 10**100_000,
    "cyclic": cyclic,
    "deep": deep,
    "knot": knot,
    "shared": lambda: [[[["a"] * 100] * 100] * 100] * 100,
}


@pytest.mark.parametrize("name", LARGE)
def test_large_values_leave_little_in_the_log(
    capture: Capture, log: Path, graph: Any, name: str
) -> None:
    @capture.trace
    def function(x: Any, *, y: Any) -> Any:
        return x

    value = LARGE[name]()
    for _ in range(2):
        assert function(value, y=[value]) is value
    found = graph()
    assert len(activities(found, "function")) == 2
    for one in activities(found, "function"):
        assert set(generated(found, one)) == {"result"}
        assert set(used(found, one)) | set(parameters(one)) == {"x", "y"}
    assert log.stat().st_size < 2_000_000


def test_the_same_large_value_is_the_same_entity(capture: Capture, graph: Any) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    for make_value in (LARGE["text"], LARGE["list"], LARGE["dict"], LARGE["set"], cyclic):
        value = make_value()
        function(value)
        function(value)
    found = graph()
    entities = [generated(found, one)["result"] for one in activities(found, "function")]
    assert entities[::2] == entities[1::2]
    assert len(set(entities)) == 5


def endless() -> Iterator[int]:
    while True:
        consumed.append(1)
        yield 1


consumed: list[int] = []


@pytest.mark.parametrize(
    "make_value",
    [
        endless,
        lambda: map(consumed.append, itertools.count()),
        lambda: filter(lambda item: consumed.append(item) is None, itertools.count()),
        lambda: itertools.count(),
        lambda: itertools.cycle([1]),
        lambda: iter([1, 2]),
        lambda: zip(itertools.count(), itertools.count(), strict=True),
        lambda: iter(lambda: consumed.append(1), 0),
        lambda: itertools.chain.from_iterable(endless() for _ in itertools.count()),
        lambda: (consumed.append(1) for _ in itertools.count()),
        lambda: enumerate(endless()),
        lambda: open(__file__, encoding="utf-8"),  # noqa: SIM115
        lambda: io.StringIO("line\n" * 9),
    ],
)
def test_iterators_are_not_consumed(make: Make, log: Path, make_value: Callable[[], Any]) -> None:
    capture = make(definitions())
    consumed.clear()
    value = make_value()
    fresh = make_value()
    if isinstance(value, io.IOBase):
        everywhere(capture, value)
        assert value.tell() == 0
        value.close()
        fresh.close()
        return
    done = everywhere(capture, value)
    assert consumed == []
    assert [next(value) for _ in range(2)] == [next(fresh) for _ in range(2)]
    judge(log, capture, done)


class EndlessList(list):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[int]:
        return endless()

    def __len__(self) -> int:
        return 10**18


class EndlessDict(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        return ((i, i) for i in endless())

    def __iter__(self) -> Iterator[int]:
        return endless()


class EndlessUser(UserDict):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[int]:
        return endless()


@pytest.mark.parametrize("kind", [EndlessList, EndlessDict, EndlessUser])
def test_endless_containers_are_not_iterated(make: Make, log: Path, kind: Any) -> None:
    consumed.clear()
    capture = make(definitions())
    judge(log, capture, everywhere(capture, kind()))
    assert consumed == []


def test_endless_members_are_abandoned(make: Make, log: Path) -> None:
    text = "activities: {run: {usage: [{role: in, value: thing, has_members: {list: things}}]}}"
    capture = make(definitions(text))

    class Run:
        thing = 5

        def __init__(self, things: Any) -> None:
            self.things = things

        def run(self) -> None:
            pass

    kind = capture.trace_methods(Run)
    consumed.clear()
    for things in (endless(), EndlessList(), itertools.repeat(3)):
        kind(things).run()
    judge(log, capture, 3)


# Objects of the operating system


def test_objects_of_the_operating_system(make: Make, log: Path, tmp_path: Path) -> None:
    capture = make(definitions())
    done = 0
    server, client = socket.socketpair()
    process = threading.Thread(target=str)
    (tmp_path / "text").write_text("line\n")

    class Referred:
        pass

    kept, gone = Referred(), Referred()
    alive, dead = weakref.proxy(kept), weakref.proxy(gone)
    alive_reference, dead_reference = weakref.ref(kept), weakref.ref(gone)
    weak: Any = weakref.WeakSet([kept, gone])
    weak_values = weakref.WeakValueDictionary({1: kept, 2: gone})
    del gone
    with (tmp_path / "text").open() as text, (tmp_path / "text").open("rb", buffering=0) as raw:
        for value in (
            text, raw, server, client, process, alive, dead, alive_reference, dead_reference, weak,
            weak_values, threading.Lock(), threading.RLock(), threading.Condition(),
            threading.local(), logging.getLogger("x"), itertools, type, object(), types,
            lambda: 1, self_made_code(), types.MappingProxyType({}), memoryview(b"abc"),
            Exception("x"), NotImplemented, ..., defaultdict(list), UserList([1]), range(10**30),
            slice(1, 2), super(Referred, kept), property(len), iter([]).__next__, "".join,
            capture, log, socket.socket,
        ):  # fmt: skip
            done += everywhere(capture, value)
        assert text.read() == "line\n"
    server.close()
    client.close()
    judge(log, capture, done)


def self_made_code() -> Any:
    return compile("1", "x", "eval")


def test_locks_and_loggers_are_distinguished(capture: Capture, graph: Any) -> None:
    @capture.trace
    def function(x: Any) -> Any:
        return x

    things = [threading.Lock(), threading.Lock(), logging.getLogger("a"), logging.getLogger("b")]
    for thing in things:
        function(thing)
        function(thing)
    found = graph()
    entities = [generated(found, one)["result"] for one in activities(found, "function")]
    assert entities[::2] == entities[1::2]
    assert len(set(entities)) == 4


def test_mocks_are_not_called(make: Make, log: Path) -> None:
    capture = make(definitions())
    mock = MagicMock()

    @capture.trace
    def function(x: Any) -> Any:
        return [x]

    for _ in range(3):
        function(mock)
        traced(capture, Analysis)(mock).by_value([mock])
    assert mock.mock_calls == []
    assert mock.method_calls == []
    judge(log, capture, 6)


def test_an_analysis_may_be_an_argument_of_another_one(make: Make, log: Path) -> None:
    capture = make(definitions())
    kind = traced(capture, Analysis)
    inner, outer = kind(1), kind(2)
    inner.thing, outer.thing = outer, inner
    inner.things.append(inner)
    assert outer.by_value(inner) is inner
    assert inner.by_value(outer) is outer
    assert inner.by_value(inner) is inner
    judge(log, capture, 3)


# Side effects


def test_a_property_is_read_once_for_each_use(make: Make, log: Path) -> None:
    read: Counter[str] = Counter()

    class Run:
        @property
        def named(self) -> int:
            read["named"] += 1
            return 5

        @property
        def other(self) -> int:
            read["other"] += 1
            return 5

        @property
        def setting(self) -> int:
            read["setting"] += 1
            return 5

        def method(self) -> int:
            read["method"] += 1
            return 5

        def run(self) -> None:
            pass

    text = """
activities:
  run:
    parameters: [{name: setting, value: setting}]
    usage: [{role: a, value: named}, {role: b, value: method()}]
    generation: [{role: c, value: named, has_members: {list: [], value: other}}]
"""
    capture = make(definitions(text.replace("list: [], ", "")))
    run = capture.trace_methods(Run)()
    run.run()
    expected = {"named": 2, "other": 1, "setting": 1, "method": 1}
    assert read.pop("other", 0) <= expected.pop("other")
    assert read == expected
    found = judge(log, capture, 1)
    assert parameters(activity(found, "run")) == {"setting": 5}


def test_a_failing_property_causes_one_warning(
    make: Make, log: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Run:
        @property
        def broken(self) -> int:
            raise RaisedError("broken")

        works = 5

        def run(self) -> str:
            return "done"

    text = """
activities:
  run:
    parameters: [{name: a, value: broken}, {name: b, value: works}]
    usage: [{role: a, value: broken.x}, {role: b, value: works}, {role: c, location: broken}]
    generation: [{role: a, value: works.gone}, {role: b, value: works}]
"""
    capture = make(definitions(text))
    run = capture.trace_methods(Run)()
    for _ in range(3):
        assert run.run() == "done"
    found = judge(log, capture, 3)
    for one in activities(found, "run"):
        assert parameters(one) == {"b": 5}
        assert set(used(found, one)) == set(generated(found, one)) == {"b"}
    warnings = [item.getMessage() for item in caplog.records if item.name == "provlog"]
    assert sorted(warnings) == [
        "provlog: activity 'run': cannot resolve 'broken': 'broken' raised RaisedError",
        "provlog: activity 'run': cannot resolve 'broken.x': 'broken' raised RaisedError",
        "provlog: activity 'run': cannot resolve 'works.gone': 'int' object has no 'gone'",
    ]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_exceptions_that_end_the_program_pass_through(
    capture: Capture, graph: Any, error: type[BaseException]
) -> None:
    """Ctrl-C, or an exit from a signal handler, may come while an object is examined."""

    class Interrupting:
        def __repr__(self) -> str:
            raise error(1)

    @capture.trace
    def function(x: Any) -> Any:
        return x

    @capture.trace
    def outer(x: Any) -> Any:
        return function([[x]])

    with pytest.raises(error):
        outer(Interrupting())
    function(1)
    found = graph()
    *interrupted, last = (one for one in found.activities.values() if one.session)
    assert parameters(last) == {"x": 1}
    for one in interrupted:
        assert one.end is not None
        assert one.values("log:exception") == [error.__name__]


def test_secrets_are_not_recorded(capture: Capture, log: Path, graph: Any) -> None:
    @capture.trace
    def connect(url: str, password: str, *, token: str = "hunter2", **more: Any) -> str:
        return url

    connect(
        "https://me:hunter2@example.org/?access_token=hunter2", "hunter2",
        config={"db": {"api_key": "hunter2"}, "user": [{"secret": "hunter2"}]}, auth="hunter2",
    )  # fmt: skip
    with capture.activity("block", parameters={"passwd": "hunter2"}) as block:
        block.used("https://me:hunter2@example.org/x.fits")
    assert parameters(activity(graph(), "block")) == {"passwd": "(withheld)"}
    assert "hunter2" not in log.read_text()


ODD = "a'b\"c\nd\re\\f\x00g\u2028h\udc80i\U0001f600{}%s_PROV_"


def test_unusual_names(make: Make, log: Path, tmp_path: Path) -> None:
    capture = make()
    kind = type(ODD.replace("\x00", "").replace("\udc80", ""), (), {})

    @capture.trace
    def function(**kwargs: Any) -> Any:
        return kind()

    named = capture.trace(lambda: kind(), ODD)
    function(**{ODD: ODD, "password'": 1})
    named()
    with capture.activity(ODD, parameters={ODD: {ODD: [ODD]}}) as block:
        block.used(str(tmp_path / ODD.replace("\x00", "")), role=ODD, name=ODD)
        block.used(ODD)
        block.generated(kind(), role=ODD)
    found = judge(log, capture, 3)
    lines = log.read_text().split("\n")
    assert lines.pop() == ""
    assert all(line.startswith("_PROV_2") and line.endswith("}") for line in lines)
    assert len({one.label for one in found.activities.values() if one.session}) == 2
