"""Distinguish data, which an earlier step made, from settings, which configure a call.

Without a definition, the capture records data as entities and settings as parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

from provlog.objects.classes import PATHS, base_by_name, base_names, cached_by_class

__all__ = ["CONTAINERS", "SCALARS", "is_data", "is_data_class", "is_number"]

SCALARS = frozenset({int, float, str, bool, type(None), complex, bytes})
"""Types whose values are settings and fit in a few characters."""

CONTAINERS = frozenset({list, tuple, dict, set, frozenset})
"""Types whose values are settings unless they contain data."""

_SETTINGS = (
    SCALARS | CONTAINERS | {FunctionType, BuiltinFunctionType, MethodType, ModuleType, range, slice}
)
_SETTING_BASES = frozenset({
    *PATHS, "enum.Enum", "datetime.date", "datetime.time", "datetime.timedelta",
    "decimal.Decimal", "fractions.Fraction", "uuid.UUID", "type", "numpy.generic", "numpy.dtype",
    "numpy.ufunc", "numpy._ArrayFunctionDispatcher", "astropy.units.core.UnitBase",
})  # fmt: skip


def is_data(value: Any) -> bool:
    """Return whether a value is data, as opposed to a setting.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> [is_data(value) for value in (3, "x", [object()], PurePath("x.fits"), object())]
    [False, False, False, False, True]
    """
    kind = type(value)
    return not _is_setting(kind) and not is_number(value)


def is_number(value: Any) -> bool:
    """Return whether a value is a numpy scalar, or an array or a quantity of dimension 0."""
    dimensions = _dimensions(type(value))
    return dimensions is not None and dimensions(value) == 0


@cached_by_class
def is_data_class(kind: type) -> bool:
    """Return whether all instances of a class are data.

    Examples
    --------
    >>> is_data_class(object), is_data_class(int)
    (True, False)
    """
    return not _is_setting(kind) and _dimensions(kind) is None


@cached_by_class
def _dimensions(kind: type) -> Callable[[Any], int] | None:
    """Return the getter of the number of dimensions, for arrays and scalars of numpy."""
    for name in ("numpy.generic", "numpy.ndarray"):
        if name in base_names(kind):
            getter: Callable[[Any], int] = base_by_name(kind, name).ndim.__get__
            return getter
    return None


@cached_by_class
def _is_setting(kind: type) -> bool:
    if issubclass(kind, FunctionType):
        # Also a traced function.
        return True
    return kind in _SETTINGS or not _SETTING_BASES.isdisjoint(base_names(kind))
