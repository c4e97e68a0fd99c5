"""Calls of all kinds of functions, and what tracing preserves."""

from __future__ import annotations

import asyncio
import gc
import inspect
import pickle
import re
import sys
import threading
import weakref
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from provlog.capture import Capture
from provlog.capture.records.activity import current
from provlog.errors import UsageError
from provlog.model.graph import Activity, ProvGraph
from tests.capture.fixtures import Make
from tests.capture.reading import activities, activity, generated, parameters, used

Graph = Callable[[], ProvGraph]


def parents(graph: ProvGraph) -> dict[str, str]:
    return {
        relation.source.label: relation.target.label
        for relation in graph.relations["wasInfluencedBy"]
        if isinstance(relation.target, Activity) and relation.target.session is not None
    }


def test_a_call_has_parameters_a_result_and_an_end(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def excess(on: int, off: int, *, alpha: float = 0.1) -> float:
        return on - alpha * off

    assert excess(20, off=30) == 17.0
    found = graph()
    one = activity(found, "excess")
    assert parameters(one) == {"on": 20, "off": 30, "alpha": 0.1}
    assert one.start is not None
    assert one.end is not None
    assert one.end >= one.start
    assert generated(found, one)["result"].values("prov:value") == [17.0]


def test_the_same_object_is_one_entity(capture: Capture, graph: Graph) -> None:
    class Spectrum:
        pass

    @capture.trace
    def make() -> Spectrum:
        return Spectrum()

    @capture.trace
    def fit(spectrum: Spectrum, *, tolerance: float) -> None:
        pass

    fit(make(), tolerance=0.1)
    found = graph()
    made = generated(found, activity(found, "make"))["result"]
    assert used(found, activity(found, "fit")) == {"spectrum": made}
    assert made.label == "Spectrum"
    assert generated(found, activity(found, "fit")) == {}


def test_an_activity_that_raises_has_failed(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def fails() -> None:
        raise KeyError("secret")

    with pytest.raises(KeyError, match="secret"):
        fails()
    one = activity(graph(), "fails")
    assert one.end is not None
    assert one.values("log:status") == ["failed"]
    assert one.values("log:exception") == ["KeyError"]


@pytest.mark.parametrize(("code", "status"), [(None, []), (0, []), (3, ["failed"])])
def test_exiting_is_a_failure_with_a_nonzero_status(
    capture: Capture, graph: Graph, code: int | None, status: list[str]
) -> None:
    @capture.trace
    def main() -> None:
        raise SystemExit(code)

    with pytest.raises(SystemExit):
        main()
    assert activity(graph(), "main").values("log:status") == status


def test_nested_and_recursive_calls_have_parents(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def factorial(n: int) -> int:
        return 1 if n == 0 else n * factorial(n - 1)

    assert factorial(3) == 6
    found = graph()
    calls = {parameters(one)["n"]: one for one in activities(found, "factorial")}
    assert sorted(calls) == [0, 1, 2, 3]
    within = {
        relation.source: relation.target
        for relation in found.relations["wasInfluencedBy"]
        if relation.target in calls.values()
    }
    assert within == {calls[n]: calls[n + 1] for n in range(3)}


def test_threads_do_not_confuse_parents(capture: Capture, graph: Graph) -> None:
    barrier = threading.Barrier(2)

    @capture.trace
    def inner(name: str) -> None:
        barrier.wait(10)

    @capture.trace
    def outer(name: str) -> None:
        barrier.wait(10)
        inner(name)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(outer, ["a", "b"]))
    found = graph()
    outers = {parameters(one)["name"]: one for one in activities(found, "outer")}
    for one in activities(found, "inner"):
        [parent] = [
            relation.target
            for relation in found.relations["wasInfluencedBy"]
            if relation.source is one and relation.target is not one.session
        ]
        assert parent is outers[parameters(one)["name"]]


def test_coroutines_keep_their_parents(capture: Capture, graph: Graph) -> None:
    @capture.trace
    async def inner(name: str) -> str:
        await asyncio.sleep(0)
        return name

    @capture.trace
    async def outer(name: str) -> str:
        await asyncio.sleep(0)
        return await inner(name) + await inner(name + "2")

    async def main() -> list[str]:
        return list(await asyncio.gather(outer("a"), outer("b")))

    assert asyncio.run(main()) == ["aa2", "bb2"]
    found = graph()
    outers = {parameters(one)["name"]: one for one in activities(found, "outer")}
    inners = activities(found, "inner")
    assert len(inners) == 4
    for one in inners:
        name = parameters(one)["name"]
        targets = {
            relation.target
            for relation in found.relations["wasInfluencedBy"]
            if relation.source is one
        }
        assert targets == {one.session, outers[name[0]]}
        assert generated(found, one)["result"].values("prov:value") == [name]


def test_a_generator_is_a_parent_only_while_it_runs(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def within() -> None:
        pass

    @capture.trace
    def between() -> None:
        pass

    @capture.trace
    def items(n: int) -> Iterator[int]:
        for item in range(n):
            within()
            yield item

    found = []
    for item in items(2):
        between()
        found.append(item)
    assert found == [0, 1]
    assert parents(graph()) == {"within": "items"}
    one = activity(graph(), "items")
    assert one.end is not None
    assert one.end >= max(other.end or "" for other in activities(graph(), "between"))


def test_values_and_exceptions_reach_a_generator(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def echo() -> Iterator[Any]:
        got: Any = None
        while True:
            try:
                got = yield got
            except ValueError as error:
                got = str(error)

    running: Any = echo()
    assert next(running) is None
    assert running.send(5) == 5
    assert running.throw(ValueError("x")) == "x"
    with pytest.raises(KeyError):
        running.throw(KeyError("y"))
    assert activity(graph(), "echo").values("log:exception") == ["KeyError"]


def test_a_closed_or_abandoned_generator_ends(capture: Capture, graph: Graph) -> None:
    cleaned = []

    @capture.trace
    def items() -> Iterator[int]:
        try:
            yield from range(10)
        finally:
            cleaned.append(1)

    closed: Any = items()
    next(closed)
    closed.close()
    forgotten = items()
    next(forgotten)
    del forgotten
    assert cleaned == [1, 1]
    for one in activities(graph(), "items"):
        assert one.end is not None
        assert one.values("log:status") == []


def test_the_return_value_of_a_generator_is_its_result(capture: Capture, graph: Graph) -> None:
    @capture.trace
    def items() -> Generator[int, None, int]:
        yield 1
        return 7

    def outer() -> Iterator[int]:
        yield (yield from items())

    assert list(outer()) == [1, 7]
    found = graph()
    assert generated(found, activity(found, "items"))["result"].values("prov:value") == [7]


def test_asynchronous_generators_are_recorded(capture: Capture, graph: Graph) -> None:
    @capture.trace
    async def within() -> None:
        await asyncio.sleep(0)

    @capture.trace
    async def items(n: int) -> AsyncIterator[int]:
        for item in range(n):
            await within()
            yield item

    async def main() -> list[int]:
        first = items(5)
        async for _ in first:
            break
        await first.aclose()  # type: ignore[attr-defined]
        return [item async for item in items(2)]

    assert asyncio.run(main()) == [0, 1]
    assert parents(graph()) == {"within": "items"}
    assert [one.end is not None for one in activities(graph(), "items")] == [True, True]


def test_traced_functions_keep_kind_name_and_docstring(capture: Capture) -> None:
    async def coroutine(a: int, /, b: str = "x", *, c: bool) -> None:
        """Doc."""

    def generator() -> Iterator[int]:
        yield 1

    async def both() -> AsyncIterator[int]:
        yield 1

    def plain(a: int, *rest: int, b: str = "x", **more: int) -> int:
        """Doc."""
        return a

    tells = (
        inspect.isfunction, inspect.iscoroutinefunction, inspect.isgeneratorfunction,
        inspect.isasyncgenfunction, inspect.signature, inspect.getdoc, inspect.getsource,
        inspect.getmodule, lambda f: (f.__name__, f.__qualname__, f.__module__),
    )  # fmt: skip
    for function in (coroutine, generator, both, plain):
        traced = capture.trace(function)
        for tell in tells:
            assert tell(traced) == tell(function)


class Analysis:
    """An analysis."""

    limit = 3

    def __init__(self, name: str = "crab") -> None:
        self.name = name

    def run(self, n: int = 1) -> str:
        """Run it."""
        return self.name * n

    @classmethod
    def make(cls, name: str) -> Analysis:
        return cls(name)

    @staticmethod
    def helper(x: int) -> int:
        return x + 1

    @property
    def danger(self) -> int:
        raise AssertionError("read")

    def _private(self) -> None:
        pass


class Special(Analysis):
    def run(self, n: int = 1) -> str:
        return super().run(n) + "!"


def public_function(x: int) -> int:
    return x


def test_methods_of_a_class_are_traced_in_place(capture: Capture, graph: Graph) -> None:
    names = {name: value for name, value in vars(Analysis).items() if not name.startswith("__")}
    try:
        assert capture.trace_methods(Analysis) is Analysis
        analysis = Analysis.make("x")
        assert isinstance(analysis, Analysis)
        assert analysis.run(2) == "xx"
        assert Analysis.helper(1) == analysis.helper(1) == 2
        assert Special("y").run() == "y!"
        analysis._private()
        assert str(inspect.signature(analysis.run)) == "(n: 'int' = 1) -> 'str'"
        assert inspect.getdoc(Analysis.run) == "Run it."
        again = pickle.loads(pickle.dumps(analysis))
        assert vars(again) == vars(analysis)
        assert pickle.loads(pickle.dumps(analysis.run))(1) == "x"
    finally:
        for name, value in names.items():
            setattr(Analysis, name, value)
    found = graph()
    labels = sorted(one.label for one in found.activities.values() if one.session)
    assert labels == ["helper", "helper", "make", "run", "run", "run"]
    sessions = {one.session for one in activities(found, "run")}
    assert len(sessions) == 3
    assert {one.label for one in sessions if one} == {
        "tests.capture.calls.test_wrapping.Analysis", "tests.capture.calls.test_wrapping.Special",
    }  # fmt: skip


def test_tracing_twice_records_once(capture: Capture, graph: Graph) -> None:
    def function() -> int:
        return 1

    once = capture.trace(function)
    assert capture.trace(once) is once
    once()
    assert len(activities(graph(), "function")) == 1


def test_an_activity_may_have_another_name(capture: Capture, graph: Graph) -> None:
    capture.trace(lambda: 5, "five")()
    found = graph()
    assert generated(found, activity(found, "five"))["result"].values("prov:value") == [5]


@pytest.mark.parametrize("thing", [Analysis, 5, None])
def test_tracing_a_non_function_is_an_error(capture: Capture, thing: Any) -> None:
    with pytest.raises(UsageError, match="is not a function"):
        capture.trace(thing)


@pytest.mark.parametrize("cls", [int, type, np.ndarray, re.Pattern])
def test_tracing_the_methods_of_a_compiled_class_is_an_error(
    capture: Capture, cls: type[Any]
) -> None:
    with pytest.raises(UsageError, match="is a compiled class: its methods cannot be traced"):
        capture.trace_methods(cls)
    with pytest.raises(UsageError, match="is a compiled class: its methods cannot be traced"):
        capture.trace_method(cls, "__init__")


def test_tracing_the_methods_of_a_non_class_is_an_error(capture: Capture) -> None:
    with pytest.raises(UsageError, match="is not a class"):
        capture.trace_methods(len)  # type: ignore[type-var]
    with pytest.raises(UsageError, match="has no method 'gone'"):
        capture.trace_method(Analysis, "gone")


def test_functions_of_compiled_modules_are_traced(capture: Capture, graph: Graph) -> None:
    assert capture.trace(len)([1, 2]) == 2
    found = graph()
    assert generated(found, activity(found, "len"))["result"].values("prov:value") == [2]


def test_the_environment_can_disable_the_capture(
    capture: Capture, graph: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced = capture.trace(public_function)
    traced(1)
    capture.enabled = False
    assert traced(2) == 2
    with capture.activity("off") as off:
        off.used("nothing")
        off.generated(object())
    capture.enabled = True
    traced(3)
    assert [parameters(one)["x"] for one in activities(graph(), "public_function")] == [1, 3]
    assert activities(graph(), "off") == []
    for value in ("0", "false", "No", "off"):
        monkeypatch.setenv("PROVLOG_CAPTURE", value)
        assert not Capture().enabled
    for value in ("1", "", "yes"):
        monkeypatch.setenv("PROVLOG_CAPTURE", value)
        assert Capture().enabled


def test_inherited_methods_keep_their_resolution_order(capture: Capture, graph: Graph) -> None:
    class Base:
        def run(self, n: int) -> str:
            return f"base {n}"

        @classmethod
        def made(cls) -> str:
            return f"base {cls.__name__}"

        def items(self) -> Iterator[int]:
            yield 1

    class Logging(Base):
        def run(self, n: int) -> str:
            return f"logged {super().run(n)}"

        @classmethod
        def made(cls) -> str:
            return f"logged {super().made()}"

    class Analysis(Base):
        pass

    class Mine(Analysis, Logging):
        pass

    for name in ("run", "made", "items"):
        capture.trace_method(Analysis, name)
    assert Mine().run(5) == "logged base 5"
    assert Mine.made() == "logged base Mine"
    assert [*Mine().items()] == [1]
    Base.run = lambda self, n: f"patched {n}"  # type: ignore[method-assign]
    assert Analysis().run(5) == "patched 5"
    assert [one.label for one in graph().activities.values() if one.session] == [
        "run", "made", "items", "run",
    ]  # fmt: skip
    assert parameters(activities(graph(), "run")[0]) == {"n": 5}


def test_unusual_kinds_of_methods_are_unchanged(capture: Capture) -> None:
    class hybrid(classmethod):  # type: ignore[type-arg]  # noqa: N801
        def __init__(self, function: Any, extra: str) -> None:
            super().__init__(function)
            self.extra = extra

    class setting(property):  # noqa: N801
        def __init__(self, function: Any) -> None:
            super().__init__(function)

    class Odd:
        a = hybrid(lambda cls: 7, "x")
        b = setting(lambda self: 8)

        def c(self) -> int:
            return 9

    capture.trace_methods(Odd)
    assert (Odd.a(), Odd().b, Odd().c()) == (7, 8, 9)
    assert vars(Odd)["a"].extra == "x"
    for name, kind in (("a", "hybrid"), ("b", "setting")):
        with pytest.raises(
            UsageError, match=f"'{name}' of .*Odd is a '{kind}' object, not a method"
        ):
            capture.trace_method(Odd, name)


def test_trace_works_above_and_below_staticmethod(capture: Capture, graph: Graph) -> None:
    class Tools:
        @capture.trace
        @staticmethod
        def first(n: int) -> int:
            return n

        @staticmethod
        @capture.trace
        def second(n: int) -> int:
            return n

    assert Tools().first(1) + Tools.first(1) + Tools().second(1) == 3
    assert len(activities(graph(), "first")) == 2


def test_traced_functions_keep_signature_and_defaults(capture: Capture) -> None:
    def function(a: int, b: int = 2, *, c: int = 3) -> int:
        return a + b + c

    traced = capture.trace(function)
    assert inspect.getfullargspec(traced) == inspect.getfullargspec(function)
    assert traced.__defaults__ == (2,)
    assert traced.__kwdefaults__ == {"c": 3}
    assert (traced(1), traced(1, 1), traced(1, c=1)) == (6, 5, 4)


def test_a_generator_may_release_its_arguments(capture: Capture) -> None:
    class Large:
        pass

    def items(large: Large | None) -> Iterator[weakref.ref[Any]]:
        reference = weakref.ref(large)
        large = None
        yield reference

    running = capture.trace(items)(Large())
    reference = next(running)
    gc.collect()
    assert reference() is None


def test_a_function_that_wraps_itself_is_traced(capture: Capture, graph: Graph) -> None:
    def function() -> int:
        return 1

    function.__wrapped__ = function  # type: ignore[attr-defined]
    assert capture.trace(function)() == 1
    assert len(activities(graph(), "function")) == 1


class OddError(Exception):
    pass


def returns(fails: bool) -> int:
    if fails:
        raise OddError
    return 7


async def awaited(fails: bool) -> int:
    await asyncio.sleep(0)
    return returns(fails)


def generates(fails: bool) -> Iterator[int]:
    yield returns(fails)


async def generates_later(fails: bool) -> AsyncIterator[int]:
    yield returns(fails)


async def first_of(function: Any, fails: bool) -> int:
    """Return the first result of any kind of function."""
    found = function(fails)
    if inspect.isawaitable(found):
        return await found  # type: ignore[no-any-return]
    if isinstance(found, AsyncIterator):
        [found] = [item async for item in found]
    elif isinstance(found, Iterator):
        [found] = found
    return found  # type: ignore[no-any-return]


KINDS = [returns, awaited, generates, generates_later]


@pytest.mark.parametrize("function", KINDS)
@pytest.mark.parametrize("way", ["environment", "enabled", "on"])
def test_a_disabled_capture_records_no_kind_of_call(
    make: Make, log: Path, monkeypatch: pytest.MonkeyPatch, function: Any, way: str
) -> None:
    if way == "environment":
        monkeypatch.setenv("PROVLOG_CAPTURE", "0")
    capture = make()
    if way == "enabled":
        capture.enabled = False
    assert asyncio.run(first_of(capture.trace(function), fails=False)) == 7
    assert len(activities(capture.graph(), function.__name__)) == (way == "on")
    if way != "on":
        assert not log.exists() or log.read_text() == ""


@pytest.mark.parametrize("function", KINDS)
def test_no_activity_stays_current_after_a_call(capture: Capture, function: Any) -> None:
    traced = capture.trace(function)
    # Another test may have abandoned a generator.
    before = current.get()

    async def main() -> None:
        assert await first_of(traced, fails=False) == 7
        assert current.get() is before
        with pytest.raises(OddError):
            await first_of(traced, fails=True)
        assert current.get() is before

    asyncio.run(main())


def test_no_activity_stays_current_after_a_block(capture: Capture) -> None:
    before = current.get()
    with capture.activity("block"):
        assert current.get() is not before
    assert current.get() is before
    with pytest.raises(OddError), capture.activity("block"):
        returns(fails=True)
    assert current.get() is before


def test_no_activity_is_current_between_items(capture: Capture) -> None:
    before = current.get()
    running = capture.trace(generates)(False)
    assert next(running) == 7
    assert current.get() is before

    async def main() -> None:
        async for _ in capture.trace(generates_later)(False):
            assert current.get() is before

    asyncio.run(main())


def test_the_event_loop_knows_asynchronous_generators_as_without_tracing(capture: Capture) -> None:
    async def main() -> None:
        before = sys.get_asyncgen_hooks()
        assert before.firstiter is not None
        assert [item async for item in capture.trace(generates_later)(False)] == [7]
        assert sys.get_asyncgen_hooks() == before

    asyncio.run(main())
