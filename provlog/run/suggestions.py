"""Where a name is that the program itself does not have, in the modules that it imported."""

from __future__ import annotations

import os
import sys
from collections.abc import Container, Iterator
from types import FunctionType, ModuleType

__all__ = ["elsewhere"]

_METHODS = (FunctionType, staticmethod, classmethod, property)


def elsewhere(path: str, known: Container[str]) -> list[str]:
    """Return the places of the functions, classes and methods that a name may mean.

    Parameters
    ----------
    path : str
        ``name``, of a function, a class or a method, or ``Class.method``.
    known : container of str
        Modules that are not looked into, besides those of the standard library.

    Returns
    -------
    list of str
        The program's own modules, which lie beside it, come first.
    """
    modules = [
        (name, module)
        for name, module in list(sys.modules.items())
        if type(module) is ModuleType and name not in known and not _is_others(name)
    ]
    modules.sort(key=lambda each: not _is_beside(each[1]))
    return [place for name, module in modules for place in _places(name, module, path)]


def _is_others(name: str) -> bool:
    top = name.partition(".")[0]
    return top in sys.stdlib_module_names or top in ("provlog", "__main__")


def _is_beside(module: ModuleType) -> bool:
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    file = vars(module).get("__file__")
    return bool(main and file) and str(file).startswith(os.path.dirname(str(main)) + os.sep)


def _places(name: str, module: ModuleType, path: str) -> Iterator[str]:
    owner, _, last = path.rpartition(".")
    for key, thing in list(vars(module).items()):
        # What stands for another object might load it if it were asked for its class.
        if not issubclass(type(thing), (type, FunctionType)):
            continue
        # What it imported itself is found where it was defined.
        if thing.__module__ != name:
            continue
        if key == path:
            yield f"{name}:{key}"
        elif owner in ("", key) and issubclass(type(vars(thing).get(last)), _METHODS):
            yield f"{name}:{key}.{last}"
