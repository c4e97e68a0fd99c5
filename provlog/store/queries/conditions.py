"""Conditions on parameters, such as ``energy_min='>1 TeV'``."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, case, exists, or_, select

from provlog.errors import UsageError
from provlog.store.database.cells import storable
from provlog.store.database.schema import element, has_text, parameter
from provlog.store.ingest.statements import quantity
from provlog.store.queries.describing import parameter_units

__all__ = ["Condition", "condition", "fulfils"]

_OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
_CONDITION = re.compile(r"\s*(>=|<=|!=|>|<|==?)?\s*(.*?)\s*", re.DOTALL)


class Condition(Struct, frozen=True):
    """A condition on a parameter of activities.

    Parameters
    ----------
    name : str
        The name of the parameter.
    operator : str
        ``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=``.
    value : str
        A text, or a number with or without a unit.
    """

    name: str
    operator: str
    value: str


def condition(name: str, text: str) -> Condition:
    """Return a condition from a parameter's name and a text such as ``>1 TeV``.

    Raises
    ------
    UsageError
        If a value that is not a number is compared by size.

    Examples
    --------
    >>> condition("energy_min", ">1 TeV")
    Condition(name='energy_min', operator='>', value='1 TeV')
    """
    found = _CONDITION.fullmatch(text)
    assert found is not None
    sign = (found[1] or "=").replace("==", "=")
    if sign in ("<", "<=", ">", ">=") and quantity(found[2])[0] is None:
        raise UsageError(
            f"parameter {name!r}: {found[2]!r} is not a number with or without a unit, "
            f"such as {sign}1 TeV"
        )
    return Condition(name, sign, found[2])


def fulfils(connection: Connection, wanted: Condition) -> ColumnElement[bool]:
    """Return the SQL condition that the parameters of ``element`` fulfil a condition.

    Numbers are compared as numbers. If astropy is installed, they can have any unit that can
    be converted; otherwise they must have the unit of the condition.
    """
    is_named = has_text(parameter.c.name, wanted.name)
    number, unit = quantity(wanted.value)
    compare = _OPERATORS[wanted.operator]
    if number is None:
        is_met = compare(parameter.c.value, storable(wanted.value))
    else:
        stated = connection.scalars(select(parameter.c.unit).where(is_named).distinct()).all()
        defined = parameter_units(connection, wanted.name)
        own = _unit(defined)
        is_met = or_(
            False,
            *(
                (own.is_(None) if known is None else own == known)
                & compare(parameter.c.number, bound)
                for known, bound in _bounds(number, unit, {*stated, *defined.values()})
            ),
        )
    return exists().where(parameter.c.element == element.c.key, is_named, is_met)


def _unit(defined: Mapping[str, str]) -> ColumnElement[Any]:
    """Return the unit of a parameter: its own, or else that of its activity's definition."""
    own = parameter.c.unit
    if not defined:
        return own
    is_bare = own.is_(None)
    units = ((is_bare & (element.c.name == label), unit) for label, unit in defined.items())
    return case(*units, else_=own)


def _bounds(
    number: float, unit: str | None, units: Iterable[str | None]
) -> Iterable[tuple[str | None, float]]:
    """Yield each unit of stored values, with the number converted to it."""
    for known in units:
        if known == unit:
            yield known, number
        elif known is not None and unit is not None:
            converted = _converted(number, unit, known)
            if converted is not None:
                yield known, converted


def _converted(number: float, unit: str, other: str) -> float | None:
    try:
        from astropy import units

        return float(units.Quantity(number, unit).to_value(other))
    except ImportError:
        return None
    except (TypeError, ValueError):
        # Invalid units or units of other quantities; the error of astropy is one of these.
        return None
