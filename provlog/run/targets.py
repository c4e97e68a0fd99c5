"""Targets of tracing: functions, methods and classes in modules or in the program itself."""

from __future__ import annotations

import sys
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from provlog.capture.calls.inside import traced_inside
from provlog.errors import UsageError
from provlog.run.patterns import (
    is_pattern,
    matches,
    matching_methods,
    trace_class_matching,
    trace_matching,
)
from provlog.run.suggestions import did_you_mean, names_in

if TYPE_CHECKING:
    from provlog.capture.capture import Capture

__all__ = ["Target", "is_in_class", "parse_target", "trace_in_class", "trace_in_module"]


_WILD = str.maketrans("*?", "xx")


class Target(NamedTuple):
    """A function, a method or a class to trace.

    Parameters
    ----------
    module : str
        Its module; empty for the program itself.
    path : str
        Its qualified name in the module: ``function``, ``Class.method`` or ``Class``.
    activity : str, optional
        The key of its activity in the definitions.
    """

    module: str
    path: str
    activity: str | None = None

    def __str__(self) -> str:
        """Return the target as a user writes it.

        Examples
        --------
        >>> print(Target("package.module", "Class.method"), Target("", "function"))
        package.module:Class.method function
        """
        return f"{self.module}:{self.path}" if self.module else self.path


def parse_target(text: str, activity: str | None = None) -> Target:
    """Parse a target.

    Parameters
    ----------
    text : str
        ``package.module:Class.method``, ``package.module:Class`` or
        ``package.module:function``; without ``package.module:``, a name in the program itself,
        or a module. Names may contain ``*`` and ``?``.
    activity : str, optional
        The key of its activity in the definitions.

    Raises
    ------
    UsageError
        If the text is not a target.

    Examples
    --------
    >>> parse_target("package.module:Class.method")
    Target(module='package.module', path='Class.method', activity=None)
    """
    module, colon, path = text.rpartition(":")
    names = [*module.split("."), *path.split(".")] if colon else path.split(".")
    # A `*` or `?` stands for letters, so a pattern is checked as a name with letters there.
    if not all(name.translate(_WILD).isidentifier() for name in names):
        raise UsageError(
            f"{text!r} is not a target: write package.module:Class, package.module:function "
            "or package.module:Class.method"
        )
    return Target(module, path, activity)


def trace_in_module(capture: Capture, module: ModuleType, target: Target) -> None:
    """Trace a target in its module, in place.

    Raises
    ------
    UsageError
        If the module has no such name, or it is neither a function nor a class.
    """
    if is_pattern(target.path):
        trace_matching(capture, module, target.path, partial(_trace_function, capture))
        return
    *outer, name = target.path.split(".")
    owner: object = module
    try:
        for step in outer:
            owner = _attribute(owner, step)
        found = _attribute(owner, name)
    except AttributeError as error:
        hint = _lazy_hint(owner) or did_you_mean(target.path, names_in(module))
        raise UsageError(f"{target.module} has no {target.path}{hint}") from error
    if isinstance(owner, type):
        capture.trace_method(owner, name, target.activity)
    elif isinstance(found, type):
        capture.trace_methods(found)
    else:
        _replace(owner, name, _traced(capture, found, target))


def _trace_function(capture: Capture, module: ModuleType, name: str) -> None:
    target = Target(module.__name__, name)
    _replace(module, name, _traced(capture, vars(module)[name], target))


def _replace(owner: object, name: str, traced: object) -> None:
    found = getattr(owner, name)
    setattr(owner, name, traced)
    _replace_in_defining_module(found, traced)


def _attribute(owner: object, name: str) -> Any:
    """Return an attribute; of a module, only if it is already in its namespace.

    A module's ``__getattr__`` (PEP 562) would import other modules.
    """
    if type(owner) is ModuleType and name not in vars(owner):
        raise AttributeError(name)
    return getattr(owner, name)


def _lazy_hint(owner: object) -> str:
    if type(owner) is not ModuleType or "__getattr__" not in vars(owner):
        return ""
    return (
        " right after its import, because it loads names lazily: write the module that defines it"
    )


def _traced(capture: Capture, function: Any, target: Target) -> Any:
    """Trace a function, or the one inside an ``lru_cache``; refuse other callables.

    Wrapping another callable would hide its own attributes and methods.
    """
    return traced_inside(function, lambda one: capture.trace(one, target.activity))


def _replace_in_defining_module(function: object, traced: object) -> None:
    """Replace the function also in the module that defines it, for callers there."""
    module = sys.modules.get(getattr(function, "__module__", None) or "")
    name = getattr(function, "__name__", "")
    if module is not None and vars(module).get(name) is function:
        setattr(module, name, traced)


def is_in_class(target: Target, cls: type, qualified: str) -> bool:
    """Return whether a target denotes a class of the program or one of its methods.

    Parameters
    ----------
    target : Target
        The target; a name without a class may be a method of any class.
    cls : type
        The class.
    qualified : str
        The qualified name of the class.
    """
    if is_pattern(target.path):
        is_whole = matches(target.path, qualified)
        return is_whole or bool(matching_methods(target.path, cls, qualified))
    if target.path == qualified:
        return True
    owner, _, name = target.path.rpartition(".")
    # `Class.method` may be inherited; a bare name means methods that the class defines.
    bases = cls.__mro__ if owner == qualified else (cls,)
    # Only descriptors are methods: a plain attribute may have the name of another class's method.
    return owner in ("", qualified) and any(
        hasattr(type(vars(base).get(name)), "__get__") for base in bases
    )


def trace_in_class(capture: Capture, target: Target, cls: type, qualified: str) -> None:
    """Trace a class of the program or one of its methods, in place.

    Parameters
    ----------
    capture : Capture
        The capture that records the calls.
    target, cls, qualified
        As for `is_in_class`.
    """
    if is_pattern(target.path):
        trace_class_matching(capture, cls, qualified, target.path)
    elif target.path == qualified:
        capture.trace_methods(cls)
    else:
        capture.trace_method(cls, target.path.rpartition(".")[2], target.activity)
