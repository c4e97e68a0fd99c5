"""Functions below decorators and inside callable objects."""

from __future__ import annotations

import functools
import inspect
import logging
from collections.abc import Callable
from types import FunctionType
from typing import Any
from unittest.mock import Mock

import click
import numba
import pytest
from numba.extending import register_jitable

from provlog.capture import Capture
from provlog.capture.calls.inside import traced_inside
from provlog.errors import UsageError
from tests.capture.reading import activities, activity, parameters


def area(width: float, height: float = 2.0) -> float:
    """Return an area."""
    return width * height


def inject(function: Any) -> Callable[..., Any]:
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    return lambda **values: function(*[values[name] for name in names])


def retry(function: Any) -> Callable[..., Any]:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    call.attempts = 3  # type: ignore[attr-defined]
    return call


class Task:
    def __init__(self, function: Any) -> None:
        self.function = function
        self.__wrapped__ = function

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


DECORATORS: dict[str, Callable[[Any], Any]] = {
    "looks at the code": inject,
    "wraps": retry,
    "twice": lambda function: retry(inject(function)),
    "cache": functools.lru_cache(maxsize=3),
    "cache below": lambda function: retry(functools.cache(function)),
    "cache above": lambda function: functools.cache(retry(function)),
    "object": Task,
    "dispatch": functools.singledispatch,
    "itself": lambda function: function,
}


@pytest.mark.parametrize("name", DECORATORS)
def test_a_decorator_gets_the_function_and_its_calls_are_recorded(
    capture: Capture, name: str
) -> None:
    got = DECORATORS[name](area)
    attributes = {one: held for one, held in vars(got).items() if one != "__wrapped__"}
    traced = traced_inside(got, capture.trace, area)
    assert isinstance(traced, type(got))
    if "code" in name or name == "twice":
        assert traced(width=3.0, height=4.0) == 12
    else:
        assert traced(3.0, 4.0) == 12
    assert parameters(activity(capture.graph(), "area")) == {"width": 3.0, "height": 4.0}
    assert vars(traced).keys() - {"__wrapped__", "__numba__"} == attributes.keys()


def main(width: float) -> float:
    return area(width)


def test_a_command_stays_a_command(capture: Capture) -> None:
    command = click.command()(click.option("--width", type=float)(main))
    function = command.callback
    assert function is not None
    assert traced_inside(command, lambda one: capture.trace(one, "main"), function) is command
    assert command.main(["--width", "3"], standalone_mode=False) == 6
    assert parameters(activity(capture.graph(), "main")) == {"width": 3.0}


COMPILED: dict[str, Callable[[Any], Any]] = {
    "njit": numba.njit,
    "vectorize": numba.vectorize(["float64(float64, float64)"]),  # type: ignore[no-untyped-call]
    "cfunc": numba.cfunc("float64(float64, float64)"),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COMPILED)
def test_what_a_compiler_made_is_left_alone(capture: Capture, name: str) -> None:
    compiled = COMPILED[name](area)
    with pytest.raises(UsageError, match=r"it is a numba.*, not a function"):
        traced_inside(compiled, capture.trace, area)
    assert compiled.__wrapped__ is area or compiled.py_func is area


@pytest.mark.slow
def test_a_function_for_compiled_ones_is_left_alone(capture: Capture) -> None:
    def double(x: float) -> float:
        return x * 2

    assert register_jitable(double) is double
    with pytest.raises(UsageError, match="numba compiles it"):
        traced_inside(double, capture.trace, double)


class Hook:
    limit = 5

    def __call__(self) -> int:
        return 6


class Unhashable:  # noqa: PLW1641
    def __eq__(self, other: object) -> bool:
        raise AssertionError("compared")

    def __call__(self) -> int:
        return 7


def test_a_partial_function_stays_partial(capture: Capture) -> None:
    part = functools.partial(area, 3.0, height=4.0)
    traced = capture.trace(part)
    assert (type(traced), traced.args, traced.keywords) == (type(part), part.args, part.keywords)
    assert traced() == 12
    assert parameters(activity(capture.graph(), "area")) == {"width": 3.0, "height": 4.0}


@pytest.mark.parametrize("thing", [Hook(), Mock(return_value=7), Unhashable()])
def test_other_callable_objects_are_returned_with_a_warning(
    capture: Capture, caplog: pytest.LogCaptureFixture, thing: Any
) -> None:
    assert capture.trace(thing) is thing
    [warning] = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert warning.endswith(f".{type(thing).__name__}, not a function")


class Frozen:
    """Its functions are out of reach."""

    def __init__(self, function: Any) -> None:
        self.functions = (function,)

    def __call__(self, *args: Any) -> Any:
        return self.functions[0](*args)


class Bound:
    """A descriptor whose class has no public names, as in pytest."""

    def __init__(self, function: Any) -> None:
        self._function = function
        functools.update_wrapper(self, function)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        return self

    def __call__(self, *args: Any) -> Any:
        return self._function(*args)


@pytest.mark.parametrize("decorator", [Task, Bound, lambda one: Task(retry(functools.cache(one)))])
def test_an_object_that_a_decorator_made_records_the_function_below(
    capture: Capture, caplog: pytest.LogCaptureFixture, decorator: Any
) -> None:
    made = []

    def keep(function: Any) -> Any:
        made.append(decorator(function))
        return made[0]

    @capture.trace
    @keep
    def double(
        width: float,
    ) -> float:
        return width * 2

    assert double is made[0]
    assert double(3.0) == 6
    assert parameters(activity(capture.graph(), "double")) == {"width": 3.0}
    assert not caplog.records


def test_a_command_and_a_fixture_record_their_functions(capture: Capture) -> None:
    @capture.trace()
    @click.command()
    @click.option("--width", type=float)
    def run(width: float) -> float:
        return width * 2

    @capture.trace
    @pytest.fixture
    def data() -> float:
        return 1.5

    assert isinstance(run, click.Command)
    assert run.main(["--width", "3"], standalone_mode=False) == 6
    assert parameters(activity(capture.graph(), "run")) == {"width": 3.0}
    assert type(data) is type(pytest.fixture(area))
    assert data._get_wrapped_function()() == 1.5
    assert len(activities(capture.graph(), "data")) == 1


@pytest.mark.parametrize("kind", [Task, Frozen, Bound])
def test_an_object_of_another_function_stays_as_it_is(
    capture: Capture, caplog: pytest.LogCaptureFixture, kind: Any
) -> None:
    def double(width: float) -> float:
        return width * 2

    thing = kind(double)
    before = dict(vars(thing))
    assert capture.trace(thing) is thing
    assert vars(thing) == before
    assert f"{kind.__name__}, not a function" in caplog.text


def test_a_cached_function_is_recorded_when_it_computes(capture: Capture) -> None:
    @capture.trace
    @functools.lru_cache(maxsize=3)
    def square(n: int) -> int:
        return n * n

    assert [square(n) for n in (2, 2, 3)] == [4, 4, 9]
    assert (square.cache_info().hits, square.cache_parameters()["maxsize"]) == (1, 3)
    assert len(activities(capture.graph(), "square")) == 2
    square.cache_clear()
    assert square.__wrapped__.__wrapped__.__name__ == "square"  # type: ignore[attr-defined]


def test_a_filled_cache_stays(capture: Capture, caplog: pytest.LogCaptureFixture) -> None:
    cached = functools.cache(area)
    cached(1.0)
    assert capture.trace(cached) is cached
    assert "area is not traced: its cache is filled already" in caplog.text


class Table:
    rows = 3

    def __init__(self) -> None:
        self.state = ""

    @functools.lru_cache  # noqa: B019
    def load(self, n: int) -> int:
        return n + self.rows

    def set_state(self, state: str) -> str:
        self.state = state
        return state

    switch_on = functools.partialmethod(set_state, "on")

    @functools.singledispatchmethod
    def add(self, value: Any) -> str:
        return f"any {value}"

    @add.register
    def _(self, value: int) -> str:
        return f"int {value}"

    hook = Hook()
    join = staticmethod(functools.partial(area, 3.0))
    odd = staticmethod(Hook())

    class Inner:
        pass


def kind_of(one: object) -> type:
    """Return the class of an object; where provlog is compiled, traced functions have their own."""
    return FunctionType if inspect.isfunction(one) else type(one)


def test_methods_of_other_kinds_are_traced_or_reported(
    capture: Capture, caplog: pytest.LogCaptureFixture
) -> None:
    kinds = {name: kind_of(one) for name, one in vars(Table).items()}
    table = capture.trace_methods(Table)()
    assert (table.load(1), table.load(1)) == (4, 4)
    assert (table.switch_on(), table.state) == ("on", "on")
    assert (table.add(1), table.add("x")) == ("int 1", "any x")
    assert (Table.hook(), Table.join(2.0)) == (6, 6)
    assert {name: kind_of(one) for name, one in vars(Table).items()} == kinds
    found = capture.graph()
    names = [one.label for one in found.activities.values() if one.session]
    assert names == ["load", "switch_on", "add", "add", "area"]
    assert parameters(activities(found, "add")[0]) == {"value": 1}
    told = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    hook, odd = (text.removeprefix("provlog: ") for text in told)
    assert hook.startswith("Table.hook is not traced: 'hook' of ")
    assert hook.endswith("Table is a 'Hook' object, not a method")
    assert odd.startswith("Table.odd is not traced: it is a ")
