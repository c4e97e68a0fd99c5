"""The compiled recording of usual calls, beside the code in Python that does the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, suppress
from copy import copy
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provlog.capture import Capture
from provlog.capture.calls import recording
from tests.capture.both import both_logs
from tests.profiles import examples

pytestmark = pytest.mark.skipif(
    recording._compiled() is None, reason="the compiled modules are not built"
)

DEFINITIONS = {
    "activities": {
        "Step.defined": {
            "parameters": [
                {"name": "x", "value": "x"},
                {"name": "plain"},
                {"name": "bins", "value": "bins"},
                {"name": "gone", "value": "nothing"},
                {"name": "first", "value": "args.x"},
            ],
            "usage": [
                {"role": "step", "entityName": "Step", "value": "self"},
                {"role": "data", "entityName": "Data", "value": "data"},
                {"role": "x", "value": "x"},
                {"role": "it's", "entityName": "Length", "value": "data.__len__()"},
                {"role": "bad", "entityName": "Bad", "value": "bad"},
                {"role": "limit", "entityName": "Limit", "value": "LIMIT"},
            ],
            "generation": [
                {"role": "result", "entityName": "Made", "value": "result"},
                {"role": "step", "value": "self", "overwrite": True},
                {"entityName": "Data", "value": "data"},
            ],
        },
        "function": {
            "parameters": [{"name": "x"}, {"name": "api_key", "value": "x"}],
            "usage": [{"role": "x", "entityName": "X", "value": "x"}],
            "generation": [{"role": "result", "entityName": "Result", "value": "result"}],
        },
        "unlisted": {"unlisted": True, "parameters": [{"name": "x"}]},
    },
}  # fmt: skip
LIMIT = [1.5]


class Plain:
    """An object of numbers and texts."""

    def __init__(self, *values: Any) -> None:
        self.number, self.text = 1, "crab"
        self.values = values[0] if len(values) == 1 else values or None


class Slotted:
    __slots__ = ("number",)

    def __init__(self) -> None:
        self.number = 5


class Odd(type):
    def __hash__(cls) -> int:
        raise ValueError("no hash")


class Step:
    """Methods of all kinds."""

    def __init__(self) -> None:
        self.bins, self.data = 3, [1, 2]

    @property
    def bad(self) -> int:
        raise ValueError("bad")

    def defined(self, x: Any = None, *, plain: Any = 4) -> Any:
        return act(x, self)

    def undefined(self, x: Any) -> Any:
        return act(x, self)


def act(x: Any, step: Any = None) -> Any:
    """Do what an argument says."""
    match x:
        case "raise":
            raise KeyError(x)
        case "exit":
            raise SystemExit(0)
        case "self":
            return step
        case "change" if step is not None:
            step.bins += 1
        case Plain() if step is not None:
            step.data = x
        case [*_]:
            if type(x) is list:
                x.append(len(x))
        case float():
            return x / 3, "text"
        case int():
            return x + 1000
    return x


def function(x: Any, y: Any = 2, *, z: Any = 0.5) -> Any:
    return act(x)


def unlisted(x: Any, y: Any = None) -> Any:
    return act(y)


def alone() -> Plain:
    return Plain()


def secret(password: Any) -> Any:
    return act(password)


def token(x: Any) -> Any:
    return Plain()


def several(*values: Any, **others: Any) -> Any:
    return Plain(len(values), len(others))


def items(x: Any) -> Iterator[Any]:
    yield x
    yield act(x)


async def later(x: Any) -> Any:
    return act(x)


async def items_later(x: Any) -> AsyncIterator[Any]:
    yield act(x)


FUNCTIONS: tuple[Callable[..., Any], ...] = (
    function, function, unlisted, secret, token, several, items, later, items_later,
)  # fmt: skip
# Made anew in each run, since a call may change them.
VALUES: dict[str, Callable[[], Any]] = {
    **{repr(one): partial(copy, one) for one in (
        0, -5, 2**63, 2**70, 1.5, float("nan"), float("-inf"), True, None, b"x", 2j, "crab", "a b-c", "info",
        "a.csv", "x/y", "it's", "password=abc", "https://a:b@c.d", "ü", "\ud800", "", "x" * 2000,
        "raise", "exit", "self", "change",
    )},
    "list": lambda: [1, 2], "empty": list, "dict": lambda: {"a": 1.5, "token": "x"}, "tuple": lambda: (1, "a"),
    "array": lambda: np.arange(3.0), "scalar": lambda: np.float64(2.5), "object": object, "plain": Plain,
    "nested": lambda: Plain(Plain()), "long": lambda: Plain("x" * 20_000), "listed": lambda: Plain([1]),
    "slotted": Slotted, "class": lambda: Plain, "path": lambda: Path("none.txt"),
    "odd": Odd("Thing", (), {}), "step": Step,
}  # fmt: skip

names = st.sampled_from(sorted(VALUES))
# A value is a new one, or an earlier one by number.
given_values = st.one_of(names, names, st.integers(0, 9))
calls = st.tuples(
    st.sampled_from(["function", "method", "defined", "alone", "block", "change"]),
    st.integers(0, len(FUNCTIONS) - 1),
    given_values,
    st.one_of(st.none(), given_values),
)
Call = tuple[str, int, Any, Any]


def perform(capture: Capture, steps: list[Call]) -> None:
    """Run a program of some calls."""
    traced = [capture.trace(one) for one in FUNCTIONS]
    single = capture.trace(alone)
    kind = capture.trace_methods(type("Step", (Step,), dict(vars(Step))))
    step = kind()
    made: list[Any] = [1]

    def value(which: Any) -> Any:
        if type(which) is int:
            return made[which % len(made)]
        made.append(VALUES[which]())
        return made[-1]

    def one(number: int, x: Any, y: Any) -> Any:
        given = traced[number](x, y) if y is not None and number < 3 else traced[number](x)
        if FUNCTIONS[number] is later:
            return asyncio.run(given)
        if FUNCTIONS[number] is items:
            return [*given]
        if FUNCTIONS[number] is items_later:
            return asyncio.run(collected(given))
        return given

    blocks = ExitStack()
    for how, number, x, y in steps:
        x, y = value(x), None if y is None else value(y)
        with suppress(KeyError, SystemExit, ValueError, TypeError):
            if how == "function":
                made.append(one(number, x, y))
            elif how == "method":
                made.append(step.undefined(x))
            elif how == "defined":
                made.append(step.defined(x) if y is None else step.defined(x, plain=y))
            elif how == "alone":
                made.append(single())
            elif how == "change":
                step.bins, step.data = number, x
            else:
                blocks.enter_context(capture.activity("block"))
    blocks.close()


async def collected(found: AsyncIterator[Any]) -> list[Any]:
    return [one async for one in found]


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(calls, max_size=12), st.booleans(), st.sampled_from([1, 3, 1000]))
@example([("defined", 0, name, None) for name in sorted(VALUES)], True, 1000)
@example([("defined", 0, "0", name) for name in sorted(VALUES)], True, 1000)
@example([("method", 0, name, None) for name in sorted(VALUES)], False, 1000)
@example([("function", 0, name, None) for name in sorted(VALUES)], False, 1000)
@example([("function", 1, "1.5", name) for name in sorted(VALUES)], False, 1000)
@example([("function", 0, name, None) for name in sorted(VALUES)], True, 1000)
@example([("function", 0, name, None) for name in sorted(VALUES)], False, 2)
@example([("method", 0, "plain", None), ("change", 1, "0", None), ("method", 0, 1, None)], False, 9)
def test_both_write_the_same_log(steps: list[Call], is_defined: bool, each: int) -> None:
    definitions = DEFINITIONS if is_defined else None
    (fast, _), (pure, _) = both_logs(
        lambda capture: perform(capture, steps), definitions, each=each
    )
    assert fast == pure
