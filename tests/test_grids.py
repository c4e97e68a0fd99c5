"""The selections of parameters in ``make test`` hold what they should."""

from __future__ import annotations

from itertools import product

import pytest

from tests.grids import grid, some

SIZES = [(1, 1), (13, 8), (7, 8), (62, 3), (12, 7), (3, 2), (2, 2, 2), (5, 2, 3)]


@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_a_selection_holds_each_value_and_each_combination_of_the_others(
    sizes: tuple[int, ...],
) -> None:
    first, *others = (range(size) for size in sizes)
    found = grid(first, *others)
    assert [one.values for one in found] == list(product(first, *others))
    selected = [one.values for one in found if not one.marks]
    assert {values[0] for values in selected} == set(first)
    assert {values[1:] for values in selected} == set(product(*others))
    # It is no larger than necessary.
    assert len(selected) == max(len(first), len(list(product(*others))))


def test_others_can_be_selected_too() -> None:
    found = grid("abc", "xyz", also=lambda one, other: one == "c")
    assert [one.id for one in found if not one.marks] == ["a-x", "b-y", "c-x", "c-y", "c-z"]


def test_every_third_value_is_selected() -> None:
    assert [bool(one.marks) for one in some("abcdefg", 3)] == [
        False, True, True, False, True, True, False,
    ]  # fmt: skip
