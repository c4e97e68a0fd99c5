"""The variables from outside that a function reads, sets or changes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from provlog.capture.calls.variables import variables_of

DATA: Any = None
PARTS: list[int] = []
CACHE: dict[str, int] = {}


def reads() -> Any:
    return len(DATA)


def sets() -> None:
    global DATA  # noqa: PLW0603
    DATA = 1


def appends() -> None:
    PARTS.append(1)


def sets_item() -> None:
    PARTS[0] = 1


def reads_inside() -> Any:
    return max(range(3), key=lambda one: DATA[one])


def uses_a_cache() -> None:
    CACHE["a"] = 1


class Table:
    rows: Any = None

    def reads(self) -> Any:
        return self.rows

    def sets(self) -> None:
        self.rows = 1

    def adds(self) -> None:
        self.rows += 1

    def appends(self) -> None:
        self.rows.append(1)

    def reads_inside(self) -> Any:
        return max(range(3), key=lambda one: self.rows[one])


def enclosed() -> tuple[Callable[[], Any], Callable[[], None]]:
    data: Any = None

    def reads() -> Any:
        return data

    def sets() -> None:
        nonlocal data
        data = 1

    return reads, sets


FUNCTIONS: list[tuple[Any, tuple[str, str]]] = [
    (reads, ("DATA", "r")),
    (sets, ("DATA", "s")),
    (appends, ("PARTS", "rc")),
    (sets_item, ("PARTS", "rc")),
    (reads_inside, ("DATA", "r")),
    (enclosed()[0], ("data", "r")),
    (enclosed()[1], ("data", "s")),
    (Table.reads, ("self.rows", "r")),
    (Table.sets, ("self.rows", "s")),
    (Table.adds, ("self.rows", "rs")),
    (Table.appends, ("self.rows", "rc")),
    (Table.reads_inside, ("self.rows", "r")),
]


@pytest.mark.parametrize(
    ("function", "expected"), FUNCTIONS, ids=[one.__qualname__ for one, _ in FUNCTIONS]
)
def test_the_code_tells_what_a_function_reads_sets_and_changes(
    function: Any, expected: tuple[str, str]
) -> None:
    found = variables_of(function, is_method="Table" in function.__qualname__)
    [one] = found
    uses = "r" * one.is_read + "s" * one.is_set + "c" * one.is_changed
    assert (one.role, uses) == expected
    assert one.is_attribute == one.role.startswith("self.")


def test_caches_and_names_of_python_are_left_out() -> None:
    assert variables_of(uses_a_cache, is_method=False) == []
    assert variables_of(len, is_method=False) == []


def test_the_value_of_a_variable_is_that_of_the_moment() -> None:
    [one] = variables_of(Table.reads, is_method=True)
    table = Table()
    table.rows = [1]
    assert one.value(table) == [1]
    reads, sets = enclosed()
    [variable] = variables_of(reads, is_method=False)
    assert variable.value(None) is None
    sets()
    assert variable.value(None) == 1
