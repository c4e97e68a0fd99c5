"""Classes by name, without importing where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

__all__ = [
    "base_named", "bases_of", "class_name", "defining", "module_of", "name_of", "own_name",
    "remembered", "type_names", "variables_of_class", "weakref_offset_of",
]  # fmt: skip

T = TypeVar("T")

_MOST_CLASSES = 10_000


# Of a class itself, whatever its own class makes of that.
module_of: Callable[[type], str] = vars(type)["__module__"].__get__
"""Returns the name of a class's module."""
name_of: Callable[[type], str] = vars(type)["__qualname__"].__get__
"""Returns the name of a class in its module."""
own_name: Callable[[type], str] = vars(type)["__name__"].__get__
"""Returns the name of a class without those of the classes around it."""
bases_of: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
"""Returns a class and all its bases, in order."""
variables_of_class: Callable[[type], Mapping[str, Any]] = vars(type)["__dict__"].__get__
"""Returns what is defined in a class."""


weakref_offset_of: Callable[[type], int] = vars(type)["__weakrefoffset__"].__get__
"""Returns where objects of a class keep weak references to them; 0 if there can be none."""


def remembered(function: Callable[[type], T]) -> Callable[[type], T]:
    """Return a function of a class that works out its result once."""
    return cast("Callable[[type], T]", lru_cache(maxsize=_MOST_CLASSES)(function))


def class_name(kind: type) -> str:
    """Return the full name of a class; a built-in one has no module.

    Examples
    --------
    >>> class_name(dict), class_name(TypeVar)
    ('dict', 'typing.TypeVar')
    """
    module, name = module_of(kind), name_of(kind)
    return name if module == "builtins" else f"{module}.{name}"


@remembered
def type_names(kind: type) -> tuple[str, ...]:
    """Return the full names of a class and of its bases, the class first."""
    return tuple(map(class_name, bases_of(kind)))


def base_named(kind: type, name: str) -> Any:
    """Return the class of that full name, which is a class or one of its bases."""
    return bases_of(kind)[type_names(kind).index(name)]


def defining(kind: type, name: str) -> type:
    """Return the class, of a class and its bases, in which an attribute is defined.

    Raises
    ------
    AttributeError
        If there is none.
    """
    for base in bases_of(kind):
        if name in variables_of_class(base):
            return base
    raise AttributeError(name)
