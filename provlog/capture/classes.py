"""Classes by name, without importing where they come from."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeVar, cast

__all__ = ["base_named", "class_name", "defining", "remembered", "type_names"]

T = TypeVar("T")

_MOST_CLASSES = 10_000


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
    module = type.__getattribute__(kind, "__module__")
    name = type.__getattribute__(kind, "__qualname__")
    return name if module == "builtins" else f"{module}.{name}"


@remembered
def type_names(kind: type) -> tuple[str, ...]:
    """Return the full names of a class and of its bases, the class first."""
    return tuple(map(class_name, type.__getattribute__(kind, "__mro__")))


def base_named(kind: type, name: str) -> Any:
    """Return the class of that full name, which is a class or one of its bases."""
    return type.__getattribute__(kind, "__mro__")[type_names(kind).index(name)]


def defining(kind: type, name: str) -> type:
    """Return the class, of a class and its bases, in which an attribute is defined.

    Raises
    ------
    AttributeError
        If there is none.
    """
    for base in type.__getattribute__(kind, "__mro__"):
        if name in type.__getattribute__(base, "__dict__"):
            return base  # type: ignore[no-any-return]
    raise AttributeError(name)
