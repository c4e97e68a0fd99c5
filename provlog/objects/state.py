"""The state of an object: its instance variables, read where they are stored.

No property and no method of the object is called. What its class computes from the
state and keeps beside it (``functools.cached_property`` and the like, and what calls
itself a cache) is left out: reading an object does not change it.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

from msgspec import Struct

from provlog.objects.classes import (
    bases_of,
    class_name,
    remembered,
    variables_of_class,
    weakref_offset_of,
)

__all__ = ["fields_of", "has_state", "has_variables", "is_opaque", "state_of"]

# Of one class.
_MOST_SHAPES = 1000
_ABSENT = "(absent)"
_dict_offset = vars(type)["__dictoffset__"].__get__
_size = vars(type)["__basicsize__"].__get__
_POINTER = _size(type("", (), {"__slots__": ("one",)})) - _size(object)
_STORES = (GetSetDescriptorType, MemberDescriptorType)


class _Shape(Struct, frozen=True):
    """Which variables count, in order, and what tells this class with these apart."""

    # None if all do, in this order.
    names: tuple[str, ...] | None
    mark: bytes


class _Layout(Struct, frozen=True):
    """Where the objects of a class keep their variables."""

    slots: tuple[MemberDescriptorType, ...]
    is_opaque: bool
    # Names for which the class has a descriptor: a variable of that name is a copy.
    computed: frozenset[str]
    # Returns the variables of an object that are not in slots.
    stored: Callable[[Any], Any] | None
    # By the names of variables.
    shapes: dict[tuple[str, ...], _Shape]


def is_opaque(kind: type) -> bool:
    """Tell whether there is more to objects of a class, or may be, than their variables.

    So it is if they have none, or if a compiled class keeps something in them besides.

    Examples
    --------
    >>> is_opaque(object), is_opaque(type("Point", (), {}))
    (True, False)
    """
    return _layout(kind).is_opaque


def has_state(kind: type) -> bool:
    """Tell whether objects of a class have variables, and show them."""
    layout = _layout(kind)
    return layout.stored is not None or bool(layout.slots)


def has_variables(kind: type) -> bool:
    """Tell whether objects of a class have variables that are not in slots, and show them."""
    return _layout(kind).stored is not None


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
    variables = _variables(value, layout)
    names = tuple(variables)
    shape = layout.shapes.get(names) or _shape(kind, layout, names)
    wanted = shape.names
    values = [*variables.values()] if wanted is None else [*map(variables.__getitem__, wanted)]
    for slot in layout.slots:
        try:
            values.append(slot.__get__(value, kind))
        except AttributeError:
            values.append(_ABSENT)
    return shape.mark, values


def fields_of(value: Any) -> dict[str, Any]:
    """Return the instance variables of an object, those in slots, too.

    Examples
    --------
    >>> class Point:
    ...     __slots__ = ("x", "y")
    >>> point = Point()
    >>> point.x = 1
    >>> fields_of(point)
    {'x': 1}
    """
    kind = type(value)
    layout = _layout(kind)
    found: dict[str, Any] = {}
    for slot in layout.slots:
        with suppress(AttributeError):
            found[slot.__name__] = slot.__get__(value, kind)
    # In some classes of C the store of variables is a slot itself.
    found.pop("__dict__", None)
    return found | _variables(value, layout)


def _variables(value: Any, layout: _Layout) -> dict[str, Any]:
    if layout.stored is None:
        return {}
    variables = layout.stored(value)
    # A copy: another thread may change it. A class may give anything this name.
    return variables.copy() if type(variables) is dict else {}


@remembered
def _layout(kind: type) -> _Layout:
    held = [item for base in bases_of(kind) for item in variables_of_class(base).items()]
    members = [(name, slot) for name, slot in held if type(slot) is MemberDescriptorType]
    # Those with such names are not for us: compiled classes say there how they are laid out.
    slots = tuple(slot for name, slot in members if not name.startswith("__"))
    stored = _stored(kind, held)
    is_opaque = not (stored or slots) or _extent(kind, len(members)) < _size(kind)
    computed = frozenset(
        name
        for name, attribute in held
        if hasattr(type(attribute), "__get__") and type(attribute) is not FunctionType
    )
    return _Layout(slots, is_opaque, computed, stored, {})


def _extent(kind: type, members: int) -> int:
    """Return how much of an object is accounted for; where Python puts a dict may be elsewhere."""
    own = (_dict_offset(kind) > 0) + (weakref_offset_of(kind) > 0)
    extent: int = _size(object) + _POINTER * (members + own)
    return extent


def _stored(kind: type, held: list[tuple[str, Any]]) -> Callable[[Any], Any] | None:
    # A class may have a property of that name, which is not ours to call.
    stores = [attribute for name, attribute in held if name == "__dict__"]
    if _dict_offset(kind) and stores and type(stores[0]) in _STORES:
        stored: Callable[[Any], Any] = stores[0].__get__
        return stored
    return None


def _shape(kind: type, layout: _Layout, variables: tuple[str, ...]) -> _Shape:
    names = sorted(
        name for name in variables if name not in layout.computed and "cache" not in name
    )
    text = f"{class_name(kind)} {names}".encode("utf-8", "surrogatepass")
    wanted = None if tuple(names) == variables else tuple(names)
    shape = _Shape(wanted, blake2b(text, digest_size=16).digest())
    if len(layout.shapes) < _MOST_SHAPES:
        layout.shapes[variables] = shape
    return shape
