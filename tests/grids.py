"""Parameters of which ``make test`` runs a selection, and ``make slow`` the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.mark.structures import ParameterSet


def _slow_unless(is_selected: bool, values: tuple[Any, ...]) -> ParameterSet:
    name = "-".join(str(getattr(value, "name", value)) for value in values)
    marks = () if is_selected else (pytest.mark.slow,)
    return pytest.param(*values, marks=marks, id=name.encode("unicode_escape").decode())


def grid(
    first: Iterable[Any], *others: Iterable[Any], also: Callable[..., bool] = lambda *values: False
) -> list[ParameterSet]:
    """Return all combinations of values; all but a selection are slow.

    The selection holds each value of the first parameter and each combination of the others at
    least once, and what ``also`` selects.
    """
    head, rest = list(first), list(product(*others))
    selected = {
        (number % len(head), number % len(rest)) for number in range(max(len(head), len(rest)))
    }
    return [
        _slow_unless((row, column) in selected or also(value, *values), (value, *values))
        for row, value in enumerate(head)
        for column, values in enumerate(rest)
    ]


def some(values: Iterable[Any], step: int) -> list[ParameterSet]:
    """Return values, of which all but every ``step``-th are slow."""
    return [_slow_unless(place % step == 0, (value,)) for place, value in enumerate(values)]
