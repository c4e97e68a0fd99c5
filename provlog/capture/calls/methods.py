"""Prepare functions and methods for wrapping: their keys, and methods of base classes."""

from __future__ import annotations

from types import FunctionType
from typing import Any

__all__ = [
    "METHODS", "class_attribute", "definition_keys", "inherited_method", "is_compiled",
]  # fmt: skip

METHODS = frozenset({FunctionType, staticmethod, classmethod})
"""The types of methods in the namespace of a class."""

# Bits of `__flags__`: created by a class statement; immutable.
_HEAP_TYPE = 1 << 9
_IMMUTABLE = 1 << 8


def is_compiled(cls: type) -> bool:
    """Return whether a class is built in or compiled, so that its methods cannot be replaced.

    Examples
    --------
    >>> is_compiled(int), is_compiled(type("Thing", (), {}))
    (True, False)
    """
    flags: int = vars(type)["__flags__"].__get__(cls)
    return not flags & _HEAP_TYPE or bool(flags & _IMMUTABLE)


def definition_keys(function: Any) -> list[str]:
    """Return the keys of a function's definition; the last one is the activity's default name."""
    # A callable object may have no name.
    own = getattr(function, "__name__", None) or type(function).__name__
    qualified = getattr(function, "__qualname__", None) or own
    return [f"{getattr(function, '__module__', None)}:{qualified}", qualified, own]


def class_attribute(cls: type, name: str) -> Any:
    """Return an attribute of a class or its bases, unbound; ``None`` without one."""
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


def inherited_method(cls: type, name: str) -> Any:
    """Return a function that calls the method that a class inherits.

    It looks the method up in each call: for an instance of a subclass, another base class
    may come first in the method resolution order.
    """

    def call(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(super(cls, self), name)(*args, **kwargs)

    return call
