"""The state of an object: its instance variables, read without calling its properties or methods.

The state excludes values that the class computes from it and stores beside it, because
computing them does not change the object: ``functools.cached_property`` and the like, and
variables with "cache" in their name.
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
    cached_by_class,
    class_name,
    class_variables,
    weakref_offset_of,
)

__all__ = [
    "has_state", "has_variables", "instance_variable", "instance_variables", "is_opaque",
    "state_of",
]  # fmt: skip

# The number of combinations of variables that are cached for each class.
_MAX_SHAPES = 1000
_ABSENT = "(absent)"
_dict_offset = vars(type)["__dictoffset__"].__get__
_size = vars(type)["__basicsize__"].__get__
_POINTER = _size(type("", (), {"__slots__": ("one",)})) - _size(object)
_DICT_DESCRIPTORS = (GetSetDescriptorType, MemberDescriptorType)


class _Shape(Struct, frozen=True):
    """The variables that belong to the state, in order, and a digest of class and names."""

    # None if all variables belong to it, in the order in which they are stored.
    names: tuple[str, ...] | None
    digest: bytes


class _Layout(Struct, frozen=True):
    """The places in which instances of a class store their variables."""

    slots: tuple[MemberDescriptorType, ...]
    is_opaque: bool
    # Names for which the class has a descriptor: a variable of that name is a cached value.
    computed: frozenset[str]
    # Returns the __dict__ of an instance.
    dict_getter: Callable[[Any], Any] | None
    # By the names of an instance's variables.
    shapes: dict[tuple[str, ...], _Shape]


def is_opaque(kind: type) -> bool:
    """Return whether instances of a class may have state besides their variables.

    They do if they have no variables, or if a compiled class stores data of its own in them.

    Examples
    --------
    >>> is_opaque(object), is_opaque(type("Point", (), {}))
    (True, False)
    """
    return _layout(kind).is_opaque


def has_state(kind: type) -> bool:
    """Return whether instances of a class have readable variables."""
    layout = _layout(kind)
    return layout.dict_getter is not None or bool(layout.slots)


def has_variables(kind: type) -> bool:
    """Return whether instances of a class have a readable ``__dict__``."""
    return _layout(kind).dict_getter is not None


def state_of(value: Any) -> tuple[bytes, list[Any]]:
    """Return a digest of the class and the variables' names, 16 bytes, and the variables' values.

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
    getter = layout.dict_getter
    # As in `_variables`, without the call.
    variables = {} if getter is None else getter(value)
    variables = variables.copy() if type(variables) is dict else {}
    names = tuple(variables)
    shape = layout.shapes.get(names) or _shape(kind, layout, names)
    wanted = shape.names
    values = [*variables.values()] if wanted is None else [*map(variables.__getitem__, wanted)]
    for slot in layout.slots:
        try:
            values.append(slot.__get__(value, kind))
        except AttributeError:
            values.append(_ABSENT)
    return shape.digest, values


def instance_variables(value: Any) -> dict[str, Any]:
    """Return the instance variables of an object, including those in slots.

    Examples
    --------
    >>> class Point:
    ...     __slots__ = ("x", "y")
    >>> point = Point()
    >>> point.x = 1
    >>> instance_variables(point)
    {'x': 1}
    """
    kind = type(value)
    layout = _layout(kind)
    variables: dict[str, Any] = {}
    for slot in layout.slots:
        with suppress(AttributeError):
            variables[slot.__name__] = slot.__get__(value, kind)
    # In some compiled classes the __dict__ is a slot itself.
    variables.pop("__dict__", None)
    return variables | _variables(value, layout)


def instance_variable(value: Any, name: str, default: Any) -> Any:
    """Return an instance variable of an object that is not in a slot, without running its code."""
    getter = _layout(type(value)).dict_getter
    variables = None if getter is None else getter(value)
    return variables.get(name, default) if type(variables) is dict else default


def _variables(value: Any, layout: _Layout) -> dict[str, Any]:
    if layout.dict_getter is None:
        return {}
    variables = layout.dict_getter(value)
    # A copy, since another thread may change it. A class may store anything under this name.
    return variables.copy() if type(variables) is dict else {}


@cached_by_class
def _layout(kind: type) -> _Layout:
    attributes = [item for base in bases_of(kind) for item in class_variables(base).items()]
    members = [(name, slot) for name, slot in attributes if type(slot) is MemberDescriptorType]
    # Compiled classes describe their memory layout in members such as __dictoffset__.
    slots = tuple(slot for name, slot in members if not name.startswith("__"))
    dict_getter = _dict_getter(kind, attributes)
    has_variables = bool(dict_getter or slots)
    is_opaque = not has_variables or _accounted_size(kind, len(members)) < _size(kind)
    computed = frozenset(
        name
        for name, attribute in attributes
        if hasattr(type(attribute), "__get__") and not issubclass(type(attribute), FunctionType)
    )
    return _Layout(slots, is_opaque, computed, dict_getter, {})


def _accounted_size(kind: type, members: int) -> int:
    """Return the size of an instance's header, slots, ``__dict__`` and weak references."""
    # Newer Pythons store the __dict__ before the object: its offset is then not positive.
    pointers = members + (_dict_offset(kind) > 0) + (weakref_offset_of(kind) > 0)
    size: int = _size(object) + _POINTER * pointers
    return size


def _dict_getter(kind: type, attributes: list[tuple[str, Any]]) -> Callable[[Any], Any] | None:
    # A class may define a property of that name: provlog must not call it.
    descriptors = [attribute for name, attribute in attributes if name == "__dict__"]
    if _dict_offset(kind) and descriptors and type(descriptors[0]) in _DICT_DESCRIPTORS:
        getter: Callable[[Any], Any] = descriptors[0].__get__
        return getter
    return None


def _shape(kind: type, layout: _Layout, variables: tuple[str, ...]) -> _Shape:
    names = sorted(
        name for name in variables if name not in layout.computed and "cache" not in name
    )
    text = f"{class_name(kind)} {names}".encode("utf-8", "surrogatepass")
    wanted = None if tuple(names) == variables else tuple(names)
    shape = _Shape(wanted, blake2b(text, digest_size=16).digest())
    if len(layout.shapes) < _MAX_SHAPES:
        layout.shapes[variables] = shape
    return shape
