"""Read names, bases and variables of classes without running their metaclasses.

Classes of other packages are found by name, so that numpy, pandas or astropy need not
be imported.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

__all__ = [
    "PATHS", "base_by_name", "base_names", "bases_of", "cached_by_class", "class_name",
    "class_variables", "defining_class", "module_of", "qualname_of", "short_name",
    "weakref_offset_of",
]  # fmt: skip

PATHS = frozenset({"pathlib.PurePath", "pathlib._local.PurePath"})
"""The names of the base class of paths; the second is that of Python 3.13."""

T = TypeVar("T")

_MAX_CLASSES = 10_000


# The descriptors of `type` itself: a metaclass may override the attributes.
module_of: Callable[[type], str] = vars(type)["__module__"].__get__
"""Return the name of the module that defines a class."""
qualname_of: Callable[[type], str] = vars(type)["__qualname__"].__get__
"""Return the qualified name of a class in its module."""
short_name: Callable[[type], str] = vars(type)["__name__"].__get__
"""Return the name of a class without the names of enclosing classes."""
bases_of: Callable[[type], tuple[type, ...]] = vars(type)["__mro__"].__get__
"""Return a class and all its bases, in method resolution order."""
class_variables: Callable[[type], Mapping[str, Any]] = vars(type)["__dict__"].__get__
"""Return the namespace of a class, without its bases."""


weakref_offset_of: Callable[[type], int] = vars(type)["__weakrefoffset__"].__get__
"""Return the offset of weak references in instances; 0 if they are not supported."""


class _Cache(dict[type, T]):
    """The results of a function by class; a lookup takes half the time of ``lru_cache``."""

    def __init__(self, function: Callable[[type], T]) -> None:
        self._function = function
        # What lives longer than the program's modules must not keep its classes, and with them
        # its variables, whose __del__ would come too late.
        atexit.register(self.clear)

    def __missing__(self, kind: type) -> T:
        result = self._function(kind)
        # Do not cache for a class that compares equal to other classes.
        if _is_compared_by_identity(kind):
            if len(self) >= _MAX_CLASSES:
                self.clear()
            self[kind] = result
        return result


def _is_compared_by_identity(kind: type) -> bool:
    """Return whether a class has the comparison of ``object``, not one of its metaclass."""
    metaclass = type(kind)
    return all(defining_class(metaclass, name) is object for name in ("__eq__", "__hash__"))


def cached_by_class(function: Callable[[type], T]) -> Callable[[type], T]:
    """Cache the results of a function of a class."""
    return _Cache(function).__getitem__


def class_name(kind: type) -> str:
    """Return the full name of a class; built-in classes have no module in it.

    Examples
    --------
    >>> class_name(dict), class_name(TypeVar)
    ('dict', 'typing.TypeVar')
    """
    module, name = module_of(kind), qualname_of(kind)
    return name if module == "builtins" else f"{module}.{name}"


@cached_by_class
def base_names(kind: type) -> tuple[str, ...]:
    """Return the full names of a class and of its bases, the class first."""
    return tuple(map(class_name, bases_of(kind)))


def base_by_name(kind: type, name: str) -> Any:
    """Return the class with a full name among a class and its bases."""
    return bases_of(kind)[base_names(kind).index(name)]


def defining_class(kind: type, name: str) -> type:
    """Return the first of a class and its bases that defines an attribute.

    Raises
    ------
    AttributeError
        If none of them defines it.
    """
    for base in bases_of(kind):
        if name in class_variables(base):
            return base
    raise AttributeError(name)
