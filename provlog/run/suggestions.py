"""Find a missing name in the modules that the program imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterable, Iterator
from types import FunctionType, ModuleType

__all__ = ["did_you_mean", "names_in", "suggested_targets"]

_METHODS = (FunctionType, staticmethod, classmethod, property)


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """Return a question with the names that are similar to a name, or an empty text.

    Examples
    --------
    >>> did_you_mean("laod", ["load", "save"])
    '; did you mean load?'
    """
    from difflib import get_close_matches

    found = get_close_matches(name, [*dict.fromkeys(names)], n=3, cutoff=0.7)
    return f"; did you mean {' or '.join(found)}?" if found else ""


def names_in(module: ModuleType) -> Iterator[str]:
    """Yield the names of the functions, classes and methods in a module."""
    for name, thing in [*vars(module).items()]:
        if issubclass(type(thing), (type, FunctionType)):
            yield name
        if issubclass(type(thing), type) and vars(thing).get("__module__") == module.__name__:
            methods = [key for key, value in vars(thing).items() if type(value) in _METHODS]
            yield from (f"{name}.{method}" for method in methods)


def suggested_targets(path: str, known: Container[str]) -> list[str]:
    """Return the functions, classes and methods that a name without a module may mean.

    Parameters
    ----------
    path : str
        The ``name`` of a function, a class or a method, or ``Class.method``.
    known : container of str
        Modules to skip, in addition to those of the standard library.

    Returns
    -------
    list of str
        Targets such as ``package.module:Class.method``; those in modules beside the
        program come first.
    """
    modules = [
        (name, module)
        for name, module in list(sys.modules.items())
        if type(module) is ModuleType and name not in known and not _is_unrelated(name)
    ]
    modules.sort(key=lambda each: not _is_beside_program(each[1]))
    return [found for name, module in modules for found in _targets_in(name, module, path)]


def _is_unrelated(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names or top in ("provlog", "__main__")


def _is_beside_program(module: ModuleType) -> bool:
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    file = vars(module).get("__file__")
    return bool(main and file) and str(file).startswith(os.path.dirname(str(main)) + os.sep)


def _targets_in(name: str, module: ModuleType, path: str) -> Iterator[str]:
    owner, _, last = path.rpartition(".")
    for key, thing in list(vars(module).items()):
        # `isinstance` would ask for `__class__`, at which a lazy proxy loads its object.
        if not issubclass(type(thing), (type, FunctionType)):
            continue
        # Imported names are suggested from the module that defines them.
        if thing.__module__ != name:
            continue
        if key == path:
            yield f"{name}:{key}"
        elif owner in ("", key) and issubclass(type(vars(thing).get(last)), _METHODS):
            yield f"{name}:{key}.{last}"
