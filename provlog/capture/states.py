"""The state of an object: its instance variables, read where they are stored.

No property and no method of the object is called. What its class computes from the
state and keeps beside it (``functools.cached_property`` and the like, and what calls
itself a cache) is left out: reading an object does not change it.
"""

from __future__ import annotations

from hashlib import blake2b
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from msgspec import Struct

from provlog.capture.classes import bases_of, class_name, remembered, variables_of_class

__all__ = ["has_state", "has_variables", "state_of", "variables_of"]

_MOST_SHAPES = 10_000
_ABSENT = "(absent)"
_dict_offset = vars(type)["__dictoffset__"].__get__
_STORES = (GetSetDescriptorType, MemberDescriptorType)


class _Layout(Struct, frozen=True):
    """Where the objects of a class keep their variables."""

    slots: tuple[MemberDescriptorType, ...]
    # Names for which the class has a descriptor: a variable of that name is a copy.
    computed: frozenset[str]
    has_variables: bool


class _Shape(Struct, frozen=True):
    """Which variables count, in order, and what tells this class with these apart."""

    names: tuple[str, ...]
    mark: bytes


_shapes: dict[tuple[type, tuple[str, ...]], _Shape] = {}


def has_state(kind: type) -> bool:
    """Tell whether the variables of objects of a class can be seen."""
    layout = _layout(kind)
    return layout.has_variables or bool(layout.slots)


def has_variables(kind: type) -> bool:
    """Tell whether objects of a class have variables that are not in slots, and show them."""
    return _layout(kind).has_variables


def state_of(value: Any) -> tuple[bytes, list[Any]]:
    """Return the class and the names of variables of an object, as 16 bytes, and their values.

    Examples
    --------
    >>> class Point:
    ...     def __init__(self, x, y):
    ...         self.y, self.x = y, x
    >>> state_of(Point(1, 2))[1]
    [1, 2]
    """
    kind = type(value)
    layout = _layout(kind)
    variables = variables_of(value)
    shape = _shapes.get((kind, tuple(variables)))
    if shape is None:
        shape = _shape(kind, layout, variables)
    values = [variables[name] for name in shape.names]
    for slot in layout.slots:
        try:
            values.append(slot.__get__(value, kind))
        except AttributeError:
            values.append(_ABSENT)
    return shape.mark, values


def variables_of(value: Any) -> dict[str, Any]:
    """Return the instance variables of an object, but those in slots; none of one that hides them.

    Examples
    --------
    >>> variables_of(3j), variables_of(type("Point", (), {})())
    ({}, {})
    """
    if not has_variables(type(value)):
        return {}
    variables = object.__getattribute__(value, "__dict__")
    # A copy: another thread may change it. A class may give anything this name.
    return variables.copy() if type(variables) is dict else {}


@remembered
def _layout(kind: type) -> _Layout:
    held = [item for base in bases_of(kind) for item in variables_of_class(base).items()]
    slots = [slot for _, slot in held if type(slot) is MemberDescriptorType]
    computed = frozenset(
        name
        for name, attribute in held
        if hasattr(type(attribute), "__get__") and type(attribute) is not FunctionType
    )
    return _Layout(tuple(slots), computed, _has_variables(kind, held))


def _has_variables(kind: type, held: list[tuple[str, Any]]) -> bool:
    # A class may have a property of that name, which is not ours to call.
    stores = [type(attribute) for name, attribute in held if name == "__dict__"]
    return bool(_dict_offset(kind) and stores and stores[0] in _STORES)


def _shape(kind: type, layout: _Layout, variables: dict[str, Any]) -> _Shape:
    names = sorted(
        name for name in variables if name not in layout.computed and "cache" not in name
    )
    text = f"{class_name(kind)} {names}".encode("utf-8", "surrogatepass")
    shape = _Shape(tuple(names), blake2b(text, digest_size=16).digest())
    if len(_shapes) < _MOST_SHAPES:
        _shapes[kind, tuple(variables)] = shape
    return shape
