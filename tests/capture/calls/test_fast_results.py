"""The compiled recording of what calls return, beside the code in Python that does the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
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


class Column(np.ndarray[Any, Any]):
    """An array with a class of its own."""


class Text(str):
    """A text with a class of its own."""

    __slots__ = ()


def in_itself() -> list[Any]:
    found: list[Any] = [1]
    found.append(found)
    return found


def new_number(value: Any) -> Any:
    """Return a number with the type and the value of another one."""
    return value + type(value)(0)


def returned(value: Any) -> Any:
    return value


NUMBERS = np.arange(12.0)
# Made anew in each call.
MADE: dict[str, Callable[[], Any]] = {
    # Arrays
    **{f"array of {kind}": partial(np.ones, 3, kind) for kind in (
        "f8", ">f8", "f4", "f2", "g", "i4", "u1", "?", "c16", "M8[s]", "S3", "U3", "O", "V4",
    )},
    "structured": lambda: np.zeros(2, [("a", "i4"), ("b", "f8")]),
    "dimensions": lambda: np.ones((1, 2, 3, 1, 1, 2, 1, 1, 1, 1, 2, 2, 1, 1, 1)),
    "by columns": lambda: np.asfortranarray(NUMBERS.reshape(3, 4)),
    "every second": lambda: NUMBERS[::2],
    "backwards": lambda: NUMBERS[::-1],
    "no items": lambda: np.ones((0, 3)),
    "no dimension": lambda: np.array(2.5),
    "masked": lambda: np.ma.masked_array([1.0, 2.0], [True, False]),
    "subclass": lambda: NUMBERS[:3].view(Column),
    "read-only": lambda: np.broadcast_to(np.float64(1), (2, 2)),
    # Numbers
    **{f"number {one!r}": partial(new_number, one) for one in (
        np.float64(2.5), np.float64(-0.0), np.float64("nan"), np.float64("inf"), np.float64(1e300), np.float32(2.5),
        np.int64(-7), np.uint8(7), np.bool_(True), np.complex128(2j), np.str_("crab"), 2.5, 2**70, True,
    )},
    "date": lambda: np.datetime64("2026-01-01"),
    # Texts
    **{f"text {one[:20]!r} of {len(one)}": partial("".join, [one[:1], one[1:]]) for one in (
        "crab", "", "a.csv", "password=abc", "https://a:b@c.d", "it's", "ü", "\ud800x", "x\ny", "x" * 70, "x" * 20_000,
    )},
    "bytes": lambda: b"x" * 70,
    "text of a subclass": lambda: Text("crab"),
    # Lists, tuples and dicts
    "empty": list,
    "numbers": lambda: [1, 2.5, True, None, 2j, 2**70, float("nan")],
    "texts": lambda: ["a", "ü", "\ud800", b"x", ""],
    "long": lambda: [*range(1000)],
    "longer": lambda: [*range(1001)],
    "long text": lambda: ["x" * 20_000],
    "subclasses": lambda: [np.float64(1), Text("a")],
    "pairs": lambda: [(1, 2.5), (3, 4.5)],
    "lists": lambda: [["a", 1], ["b", 2]],
    "ragged": lambda: [(), [1], (1, "x", None)],
    "rows of nothing": lambda: [(), ()],
    "row and number": lambda: [(1, 2), 3],
    "rows in rows": lambda: [([1], 2)],
    "dicts": lambda: [{"a": 1, "b": 2}, {"b": 3, "a": 4}],
    "different dicts": lambda: [{"a": 1}, {"b": 3, "a": 4}],
    "objects": lambda: [NUMBERS[:2], object()],
    "in itself": in_itself,
    "dict": lambda: {"a": 1, "b": [1, 2]},
    "empty dict": dict,
    "tuple": lambda: (1, 2.5),
    "tuple of arrays": lambda: (NUMBERS[:2], 1.5),
    "set": lambda: {1, 2},
    # Numbers and texts to which others refer.
    **{f"constant {one!r}": partial(returned, one) for one in (
        1.5, 7, True, False, "crab", b"x", 2j, 2**70, float("inf"), np.float64(2.5), np.float64("nan"), np.int64(7),
    )},
}  # fmt: skip


def program(capture: Capture, steps: list[tuple[str, Any]]) -> None:
    """Call functions that return new values, earlier ones, and lists of them."""
    known: list[Any] = [1.5]
    made = [*MADE.values()]
    # Names with dots or brackets would be unusual arguments, for the code in Python.
    numbers = {name: number for number, name in enumerate(MADE)}

    def make(number: int) -> Any:
        return made[number]()

    def again(number: int) -> Any:
        return known[number]

    def wrap(number: int) -> Any:
        return [known[number]]

    def rows(number: int) -> Any:
        return [(1, known[number]), (2, known[number])]

    def table(number: int) -> Any:
        return {"column": known[number]}

    def change(number: int) -> Any:
        value = known[number]
        if type(value) is list:
            value.append(len(value))
        elif type(value) is np.ndarray and value.dtype.kind == "f" and value.size:
            value.flat[0] += 1
        return value

    def take(number: int, value: Any) -> float:
        return number + 0.25

    functions = {
        one.__name__: capture.trace(one) for one in (make, again, wrap, rows, table, change)
    }
    taking = capture.trace(take)
    for how, what in steps:
        if how == "make":
            known.append(functions[how](numbers[what]))
        elif how == "take":
            known.append(taking(what, known[what % len(known)]))
        else:
            known.append(functions[how](what % len(known)))


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("make"), st.sampled_from([*MADE])),
        st.tuples(
            st.sampled_from(["again", "wrap", "rows", "table", "change", "take"]),
            st.integers(0, 9),
        ),
    ),
    max_size=12,
)


@settings(max_examples=examples(60), deadline=None)
@given(STEPS)
@example([("make", name) for name in MADE])
@example([(how, name) for name in MADE for how in ("make",) * 2])
@example([
    one for number, name in enumerate(MADE, 1)
    for one in [("make", name), ("again", 2 * number - 1)]
])  # fmt: skip
@example([("make", "array of f8"), ("change", 1), ("take", 1), ("change", 1)])
@example([("make", "numbers"), ("change", 1), ("take", 1), ("rows", 1), ("wrap", 1)])
@example([("make", "pairs"), ("take", 1), ("wrap", 1), ("table", 1), ("change", 1)])
def test_both_record_results_alike(steps: list[tuple[str, Any]]) -> None:
    (fast, _), (pure, _) = both_logs(lambda capture: program(capture, steps))
    assert fast == pure
