"""Which values are settings, and which are data: what is recorded where no definition says it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from provlog.objects.classes import base_named, remembered, type_names

__all__ = ["CONTAINERS", "SCALARS", "data_in", "is_data", "is_number"]

SCALARS = frozenset({int, float, str, bool, type(None), complex, bytes})
"""Types of values that are settings, and say what they are in a few characters."""

CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
"""Types of values that are settings unless there is data in them."""

_SETTINGS = (
    SCALARS | CONTAINERS | {FunctionType, BuiltinFunctionType, MethodType, ModuleType, range, slice}
)
_SETTING_BASES = frozenset({
    "enum.Enum", "pathlib.PurePath", "datetime.date", "datetime.time", "datetime.timedelta",
    "decimal.Decimal", "fractions.Fraction", "uuid.UUID", "type", "numpy.generic", "numpy.dtype",
    "numpy.ufunc", "numpy._ArrayFunctionDispatcher", "astropy.units.core.UnitBase",
})  # fmt: skip
# Of a container so many items are looked at.
_MOST_ITEMS = 1000


def is_data(value: Any) -> bool:
    """Tell whether a value is no setting but something that was made before.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> [is_data(value) for value in (3, "x", [object()], PurePath("x.fits"), object())]
    [False, False, False, False, True]
    """
    kind = type(value)
    return not _is_setting(kind) and not is_number(value)


def is_number(value: Any) -> bool:
    """Tell whether a value is a number of numpy's, or a quantity that is one."""
    dimensions = _dimensions(type(value))
    return dimensions is not None and dimensions(value) == 0


def data_in(value: Any) -> list[tuple[Any, Any]]:
    """Return what of a container is data, each with its key or its position.

    Examples
    --------
    >>> [position for position, _ in data_in(["a", object(), 3, object()])]
    [1, 3]
    """
    items = dict.items(value) if type(value) is dict else enumerate(value)
    return [(key, item) for key, item in islice(items, _MOST_ITEMS) if is_data(item)]


@remembered
def _dimensions(kind: type) -> Callable[[Any], int] | None:
    """Return what gives the number of dimensions of what a class of numpy's holds."""
    for name in ("numpy.generic", "numpy.ndarray"):
        if name in type_names(kind):
            found: Callable[[Any], int] = base_named(kind, name).ndim.__get__
            return found
    return None


@remembered
def _is_setting(kind: type) -> bool:
    return kind in _SETTINGS or not _SETTING_BASES.isdisjoint(type_names(kind))
