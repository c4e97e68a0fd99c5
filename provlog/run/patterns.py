"""Targets with ``*`` and ``?``: all functions and classes of a module or program that match."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from provlog.capture.calls.compilers import is_compiler
from provlog.capture.calls.methods import is_method
from provlog.capture.log.warnings import warn
from provlog.errors import ProvlogError, UsageError

if TYPE_CHECKING:
    from provlog.capture.capture import Capture

__all__ = [
    "COMPILED",
    "compiled_members",
    "is_pattern",
    "matches",
    "matching_methods",
    "members_of",
    "trace_class_matching",
    "trace_matching",
]


COMPILED = "not traced because they are compiled: %s"
"""The warning of functions that no wrapper can replace."""


def is_pattern(path: str) -> bool:
    """Return whether the qualified name of a target is a pattern."""
    return "*" in path or "?" in path


def matches(pattern: str, qualified: str) -> bool:
    """Return whether a name matches a pattern; a private name needs a pattern with an underscore.

    Examples
    --------
    >>> [matches("load_*", name) for name in ("load_all", "save")], matches("*", "_private")
    ([True, False], False)
    >>> matches("_*", "_private"), matches("Class.get_*", "Class.get_x")
    (True, True)
    """
    is_private = qualified.rpartition(".")[2].startswith("_")
    is_asked_for = pattern.rpartition(".")[2].startswith("_")
    return is_private <= is_asked_for and fnmatchcase(qualified, pattern)


def matching_methods(pattern: str, cls: type, qualified: str) -> list[str]:
    """Return the names of the methods of a class that a pattern such as ``Class.get_*`` matches."""
    if not pattern.rpartition(".")[0]:
        return []
    names = [name for name, value in vars(cls).items() if is_method(value)]
    return [name for name in names if matches(pattern, f"{qualified}.{name}")]


def members_of(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield the functions and classes that a module itself defines, by their names in it."""
    for name, thing in [*vars(module).items()]:
        # `isinstance` would ask for `__class__`, at which a lazy proxy loads its object.
        is_definition = issubclass(type(thing), (type, FunctionType))
        if is_definition and getattr(thing, "__module__", None) == module.__name__:
            yield name, thing


def compiled_members(module: ModuleType) -> list[str]:
    """Return the names of the compiled functions of a module, such as those of numba."""
    return [
        name
        for name, thing in [*vars(module).items()]
        if is_compiler(type(thing)) and getattr(thing, "__module__", None) == module.__name__
    ]


def trace_matching(
    capture: Capture,
    module: ModuleType,
    pattern: str,
    trace_function: Callable[[ModuleType, str], None],
) -> None:
    """Trace, in place, all functions, classes and methods of a module that match a pattern.

    Raises
    ------
    UsageError
        If none matches, or none of them can be traced.
    """
    failures: list[str] = []
    count = 0
    for name, thing in members_of(module):
        try:
            if not isinstance(thing, type):
                if not matches(pattern, name):
                    continue
                trace_function(module, name)
            elif not trace_class_matching(capture, thing, name, pattern):
                continue
        except ProvlogError as error:
            failures.append(str(error))
        else:
            count += 1
    if compiled := [name for name in compiled_members(module) if matches(pattern, name)]:
        warn(COMPILED, ", ".join(f"{module.__name__}:{name}" for name in compiled))
    elif not count:
        reason = failures[0] if failures else "it has no such function, class or method"
        raise UsageError(f"{module.__name__}: {reason}")


def trace_class_matching(capture: Capture, cls: type, qualified: str, pattern: str) -> bool:
    """Trace a class whose name matches a pattern, or matching methods; return if any match."""
    if matches(pattern, qualified):
        capture.trace_methods(cls)
        return True
    methods = matching_methods(pattern, cls, qualified)
    for name in methods:
        capture.trace_method(cls, name)
    return bool(methods)
