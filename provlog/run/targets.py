"""What is to be traced: places in modules, and names in the program itself."""

from __future__ import annotations

import sys
from functools import _lru_cache_wrapper, lru_cache
from inspect import isroutine
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from provlog.errors import UsageError

if TYPE_CHECKING:
    from provlog.capture.capture import Capture

__all__ = ["Target", "is_in_class", "target", "trace_in_class", "trace_in_module"]


class Target(NamedTuple):
    """A function, a method or a class that is to be traced.

    Parameters
    ----------
    module : str
        The module in which it is found; empty for the program itself.
    path : str
        Where it is in there: ``function``, ``Class.method`` or ``Class``.
    activity : str, optional
        The key of its activity in the definitions.
    """

    module: str
    path: str
    activity: str | None = None

    @property
    def place(self) -> str:
        """How a user writes it.

        Examples
        --------
        >>> Target("package.module", "Class.method").place, Target("", "function").place
        ('package.module:Class.method', 'function')
        """
        return f"{self.module}:{self.path}" if self.module else self.path


def target(place: str, activity: str | None = None) -> Target:
    """Return what a place means.

    Parameters
    ----------
    place : str
        ``package.module:Class.method``, ``package.module:Class``, ``package.module:function``;
        without ``package.module:``, something in the program itself.
    activity : str, optional
        The key of its activity in the definitions.

    Raises
    ------
    UsageError
        If it is none.

    Examples
    --------
    >>> target("package.module:Class.method")
    Target(module='package.module', path='Class.method', activity=None)
    """
    module, colon, path = place.rpartition(":")
    names = [*module.split("."), *path.split(".")] if colon else path.split(".")
    if not all(name.isidentifier() for name in names):
        raise UsageError(
            f"{place!r} is no place in Python code: package.module:Class, package.module:function "
            "or package.module:Class.method is expected"
        )
    return Target(module, path, activity)


def trace_in_module(capture: Capture, module: ModuleType, target: Target) -> None:
    """Trace something in a module, in place.

    Raises
    ------
    UsageError
        If the module has no such thing.
    """
    *outer, name = target.path.split(".")
    owner: object = module
    try:
        for step in outer:
            owner = _attribute(owner, step)
        found = _attribute(owner, name)
    except AttributeError as error:
        raise UsageError(f"{target.module} has no {target.path}{_later(owner)}") from error
    if isinstance(owner, type):
        capture.trace_method(owner, name, target.activity)
    elif isinstance(found, type):
        capture.trace_methods(found)
    else:
        traced = _traced(capture, found, target)
        setattr(owner, name, traced)
        _replace_at_home(found, traced)


def _attribute(owner: object, name: str) -> Any:
    """What something has under a name; of a module, what it has by now.

    It may serve more names, and would import something for them.
    """
    if type(owner) is ModuleType and name not in vars(owner):
        raise AttributeError(name)
    return getattr(owner, name)


def _later(owner: object) -> str:
    if type(owner) is not ModuleType or "__getattr__" not in vars(owner):
        return ""
    return " when it is imported, and serves names later: write the module that defines it"


def _traced(capture: Capture, function: Any, target: Target) -> Any:
    """Trace a function, also within a cache; other callables would lose what they are."""
    if isinstance(function, _lru_cache_wrapper):
        if function.cache_info().currsize:
            raise UsageError(f"its cache was in use when {target.module} had been imported")
        inner = _traced(capture, function.__wrapped__, target)
        return lru_cache(**function.cache_parameters())(inner)
    if callable(function) and not _is_mere_function(function):
        kind = type(function)
        raise UsageError(f"it is a {kind.__module__}.{kind.__qualname__}, no function")
    return capture.trace(function, target.activity)


def _is_mere_function(thing: object) -> bool:
    """Whether something is a function, of Python or not, and nothing more."""
    if isinstance(thing, FunctionType):
        return True
    # Functions of Cython have their parts as Python's had once: func_code.
    return isroutine(thing) and all(name.startswith(("_", "func_")) for name in dir(type(thing)))


def _replace_at_home(function: object, traced: object) -> None:
    """Let those see the traced function, too, who find it in the module where it is defined."""
    home = sys.modules.get(getattr(function, "__module__", None) or "")
    name = getattr(function, "__name__", "")
    if home is not None and vars(home).get(name) is function:
        setattr(home, name, traced)


def is_in_class(target: Target, cls: type, qualified: str) -> bool:
    """Tell whether a target is a class of the program, or a method of it.

    Parameters
    ----------
    target : Target
        The target; a name without a class is that of a method of any class.
    cls : type
        The class.
    qualified : str
        Its name, and those of the classes around it.
    """
    if target.path == qualified:
        return True
    owner, _, name = target.path.rpartition(".")
    # A method of this very class may be a base's.
    bases = cls.__mro__ if owner == qualified else (cls,)
    # A mere setting may be called as a method of another class is.
    return owner in ("", qualified) and any(
        hasattr(type(vars(base).get(name)), "__get__") for base in bases
    )


def trace_in_class(capture: Capture, target: Target, cls: type, qualified: str) -> None:
    """Trace a class of the program, or a method of it, in place; parameters as above."""
    if target.path == qualified:
        capture.trace_methods(cls)
    else:
        capture.trace_method(cls, target.path.rpartition(".")[2], target.activity)
