"""The variables outside a function that its code reads or sets.

These are global variables, variables of enclosing functions, and attributes of ``self``.
provlog finds their names in the byte code of the function, once for all calls.
"""

from __future__ import annotations

import builtins
import dis
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from msgspec import Struct

from provlog.definitions.scope import NOTHING
from provlog.objects.state import instance_variable

__all__ = ["Variable", "variables_of"]

# Methods whose names begin like this change their object.
_CHANGING = (
    "add", "append", "clear", "discard", "extend", "fill", "fit", "insert", "partial_fit", "pop",
    "put", "remove", "reverse", "set", "sort", "train", "update",
)  # fmt: skip
# These are between the reading of a variable and that of its attribute.
_BETWEEN = frozenset({"CACHE", "COPY", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL"})
_SUBSCRIPTS = frozenset({"STORE_SUBSCR", "DELETE_SUBSCR", "STORE_SLICE"})


class Variable(Struct, eq=False):
    """A variable from outside.

    Attributes
    ----------
    role : str
        Its role in activities: ``DATA`` or ``self.data``.
    value : callable
        Returns its value for the object whose method is called, or ``NOTHING``.
    is_attribute : bool
        Whether it is an attribute of the object whose method is called.
    is_read, is_set : bool
        Whether the code reads it, and whether it sets it.
    is_changed : bool
        Whether the code may change its value in place.
    """

    role: str
    value: Callable[[Any], Any]
    is_attribute: bool = False
    is_read: bool = False
    is_set: bool = False
    is_changed: bool = False


def variables_of(function: Any, is_method: bool) -> list[Variable]:
    """Return the variables from outside that a function reads or sets.

    Parameters
    ----------
    function : object
        The function; any other object has none.
    is_method : bool
        Whether its first argument is the object whose method it is.

    Examples
    --------
    >>> limit = 2
    >>> def count(values):
    ...     return len([one for one in values if one > limit])
    >>> [(one.role, one.is_read, one.is_set) for one in variables_of(count, is_method=False)]
    [('limit', True, False)]
    """
    if not isinstance(function, FunctionType):
        return []
    code = function.__code__
    owner = code.co_varnames[0] if is_method and code.co_argcount else None
    found = _Finder(function, owner)
    found.add(code)
    if found.sets_items:
        for one in found.variables.values():
            one.is_changed = True
    return [*found.variables.values()]


# What an instruction has read: a variable, the name of ``self``, or neither.
_Held = Variable | str | None


class _Finder:
    def __init__(self, function: FunctionType, owner: str | None) -> None:
        self.variables: dict[str, Variable] = {}
        self.sets_items = False
        self._owner = owner
        self._globals = function.__globals__
        self._cells = dict(
            zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        )

    def add(self, code: CodeType) -> None:
        """Add the variables in a code object and in those of its inner functions."""
        held: _Held = None
        for one in dis.get_instructions(code):
            if one.opname not in _BETWEEN:
                held = self._next(one.opname, one.argval, held)
        for inner in code.co_consts:
            if isinstance(inner, CodeType):
                self.add(inner)

    def _next(self, operation: str, name: Any, held: _Held) -> _Held:
        if operation in _SUBSCRIPTS:
            self.sets_items = True
        elif operation in ("LOAD_ATTR", "LOAD_METHOD"):
            return self._attribute(name, held)
        elif operation == "STORE_ATTR":
            if isinstance(held, Variable):
                held.is_changed = True
            # An augmented assignment has read it before.
            elif held is not None or f"{self._owner}.{name}" in self.variables:
                self._attribute_of_owner(name).is_set = True
        elif operation.startswith("LOAD_FAST"):
            # Some instructions read two variables.
            last = name[-1] if isinstance(name, tuple) else name
            return self._owner if last == self._owner else None
        elif operation.endswith(("_GLOBAL", "_DEREF")) and not name.startswith("__"):
            return self._outer(operation, name)
        return None

    def _attribute(self, name: str, held: _Held) -> _Held:
        if isinstance(held, Variable):
            held.is_changed |= name.startswith(_CHANGING)
        elif held is not None and not name.startswith("__"):
            variable = self._attribute_of_owner(name)
            variable.is_read = True
            return variable
        return None

    def _attribute_of_owner(self, name: str) -> Variable:
        variable = self._variable(f"{self._owner}.{name}", _attribute_getter(name))
        variable.is_attribute = True
        return variable

    def _outer(self, operation: str, name: str) -> _Held:
        if operation.endswith("_DEREF"):
            if name == self._owner:
                return name
            if name not in self._cells:
                return None
            variable = self._variable(name, _cell_getter(self._cells[name]))
        else:
            if name in vars(builtins) and name not in self._globals:
                return None
            variable = self._variable(name, _global_getter(self._globals, name))
        if operation.startswith("LOAD"):
            variable.is_read = True
            return variable
        variable.is_set = True
        return None

    def _variable(self, role: str, value: Callable[[Any], Any]) -> Variable:
        # As in the state of objects, the content of a cache is not data.
        if "cache" in role.lower():
            return Variable(role, value)
        return self.variables.setdefault(role, Variable(role, value))


def _global_getter(variables: dict[str, Any], name: str) -> Callable[[Any], Any]:
    return lambda _: variables.get(name, NOTHING)


def _cell_getter(cell: Any) -> Callable[[Any], Any]:
    def value(_: Any) -> Any:
        try:
            return cell.cell_contents
        except ValueError:
            return NOTHING

    return value


def _attribute_getter(name: str) -> Callable[[Any], Any]:
    return lambda owner: instance_variable(owner, name, NOTHING)
