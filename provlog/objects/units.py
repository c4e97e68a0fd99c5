"""Find the units of values that are quantities of astropy."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

__all__ = ["units_of"]


def units_of(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the unit of each value that is a Quantity with one, by name.

    Examples
    --------
    >>> import astropy.units as u
    >>> units_of({"energy_min": 1 * u.TeV, "n": 3})
    {'energy_min': 'TeV'}
    """
    module = sys.modules.get("astropy.units")
    if module is None:
        # A program that has not imported astropy has no quantities.
        return {}
    quantity = getattr(module, "Quantity", None)
    if not isinstance(quantity, type):
        return {}
    units = {
        name: str(value.unit) for name, value in values.items() if issubclass(type(value), quantity)
    }
    return {name: unit for name, unit in units.items() if unit}
