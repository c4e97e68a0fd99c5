"""Units of quantities."""

from __future__ import annotations

from typing import Any

import astropy.units as u
import pytest

from provlog.objects.units import units_of


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (1 * u.TeV, "TeV"),
        ([1, 2] * u.Unit("cm-2 s-1"), "1 / (s cm2)"),
        (1 * u.dimensionless_unscaled, None),
        (3, None),
        ("1 TeV", None),
        (u.TeV, None),
        ([1 * u.TeV], None),
    ],
)
def test_only_quantities_with_a_unit_have_one(value: Any, unit: str | None) -> None:
    assert units_of({"x": value}).get("x") == unit


def test_no_code_of_an_object_runs() -> None:
    class Impostor:
        @property
        def unit(self) -> str:
            raise AssertionError

    assert units_of({"x": Impostor()}) == {}
