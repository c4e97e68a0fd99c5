"""Prepare functions and methods for wrapping: their keys, kinds, and methods of base classes."""

from __future__ import annotations

from collections.abc import Callable
from functools import _lru_cache_wrapper, partialmethod, singledispatchmethod
from types import FunctionType
from typing import Any, Protocol

from msgspec import Struct

from provlog.capture.calls.inside import traced_inside
from provlog.errors import UsageError
from provlog.objects.classes import bases_of

__all__ = [
    "Inherited", "Wrap", "class_attribute", "definition_keys", "is_compiled", "is_method",
    "traced_method",
]  # fmt: skip

# Bits of `__flags__`: created by a class statement; immutable.
_HEAP_TYPE = 1 << 9
_IMMUTABLE = 1 << 8


class Wrap(Protocol):
    """Return the wrapper of a function."""

    def __call__(self, function: Any, *, is_method: bool) -> Any:
        """Return the wrapper; ``is_method`` if the first argument is the object."""


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
    """Return an attribute of a class or its bases, unbound; ``None`` if there is none."""
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name]
    return None


class Inherited(Struct, frozen=True, eq=False):
    """Call the method that a class inherits.

    It looks the method up in each call: for an instance of a subclass, another base class
    may come first in the method resolution order.

    Parameters
    ----------
    cls : type
        The class.
    name : str
        The name of the method.
    function : callable
        The method's function, to call for objects of other classes.
    is_getter : bool
        Whether it is the getter of a property.
    """

    cls: type
    name: str
    function: Callable[..., Any]
    is_getter: bool

    def __call__(self, owner: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call the method of an object, or of a class."""
        is_class = issubclass(type(owner), type) and self.cls in bases_of(owner)
        if not is_class and self.cls not in bases_of(type(owner)):
            return self.function(owner, *args, **kwargs)
        found = getattr(super(self.cls, owner), self.name)
        return found if self.is_getter else found(*args, **kwargs)


def is_method(attribute: Any) -> bool:
    """Return whether an attribute of a class is a method of any kind."""
    kind = _kind(attribute)
    if kind in _KINDS:
        return kind is not property
    is_object = callable(attribute) and kind.__module__ != "builtins"
    is_descriptor = issubclass(kind, (classmethod, staticmethod))
    return (is_object or is_descriptor) and not issubclass(kind, type)


def traced_method(attribute: Any, wrap: Wrap, what: str = "it") -> Any:
    """Return an attribute of a class with its calls recorded.

    Parameters
    ----------
    attribute : object
        The attribute, unbound.
    wrap : Wrap
        Returns the wrapper of a function.
    what : str
        What the error calls it.

    Raises
    ------
    UsageError
        If it is not a method, or if its calls cannot be recorded.
    """
    trace = _KINDS.get(_kind(attribute))
    if trace is None:
        raise UsageError(f"{what} is a {type(attribute).__name__!r} object, not a method")
    return trace(attribute, wrap)


def _kind(attribute: Any) -> type:
    """Return the class of an attribute; a traced function counts as a function."""
    return FunctionType if isinstance(attribute, FunctionType) else type(attribute)


def _bound(function: Any, wrap: Wrap) -> Any:
    return traced_inside(function, lambda one: wrap(one, is_method=True))


def _unbound(function: Any, wrap: Wrap) -> Any:
    return traced_inside(function, lambda one: wrap(one, is_method=False))


def _property(attribute: Any, wrap: Wrap) -> Any:
    if attribute.fget is None:
        raise UsageError("it has no getter")
    return attribute.getter(_bound(attribute.fget, wrap))


def _partial_method(attribute: Any, wrap: Wrap) -> Any:
    function = traced_method(attribute.func, wrap)
    return partialmethod(function, *attribute.args, **attribute.keywords)


def _dispatching_method(attribute: Any, wrap: Wrap) -> Any:
    made = singledispatchmethod(traced_method(attribute.func, wrap))
    for kind, function in attribute.dispatcher.registry.items():
        if kind is not object:
            made.register(kind, traced_method(function, wrap))
    return made


_KINDS: dict[type, Callable[[Any, Wrap], Any]] = {
    FunctionType: _bound,
    _lru_cache_wrapper: _bound,
    classmethod: lambda attribute, wrap: classmethod(_bound(attribute.__func__, wrap)),
    staticmethod: lambda attribute, wrap: staticmethod(_unbound(attribute.__func__, wrap)),
    property: _property,
    partialmethod: _partial_method,
    singledispatchmethod: _dispatching_method,
}
