"""Where the code of a program is, and what its module says of it; as Python finds it."""

from __future__ import annotations

import os
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, find_spec
from pkgutil import get_importer
from typing import Any, NamedTuple

from provlog.errors import UsageError
from provlog.run.imports import WatchedLoader

__all__ = [
    "NoProgramError", "Program", "is_folder", "module_program", "own_names", "script_program",
]  # fmt: skip

_MAIN = ".__main__"


class NoProgramError(UsageError):
    """There is no such script or module."""


class Program(NamedTuple):
    """The code of a program.

    Parameters
    ----------
    text : str or bytes
        The code; bytes may say their encoding.
    file : str
        Where it is.
    attributes : dict
        What its module says of itself.
    """

    text: str | bytes
    file: str
    attributes: dict[str, Any]

    @property
    def is_package(self) -> bool:
        """Whether it is the ``__main__`` of modules, which the processes it spawns do not run."""
        spec = self.attributes["__spec__"]
        # That of a folder or an archive has no package around it.
        return spec is not None and f".{spec.name}".endswith(_MAIN)


def own_names(program: str, is_module: bool) -> frozenset[str]:
    """Return the names that a program has as a module.

    Examples
    --------
    >>> sorted(own_names("scripts/analysis.py", is_module=False))
    ['__main__', 'analysis']
    >>> sorted(own_names("package", is_module=True))
    ['__main__', 'package', 'package.__main__']
    """
    if is_module:
        return frozenset({"__main__", program, program + _MAIN})
    return frozenset({"__main__", os.path.splitext(os.path.basename(program))[0]})


def is_folder(path: str) -> bool:
    """Tell whether a path is one in which modules are found: a folder, or a zip archive."""
    return get_importer(path) is not None


def script_program(path: str) -> Program:
    """Return the program that is in a file, or in the ``__main__`` of a folder or a zip archive.

    Raises
    ------
    NoProgramError
        If it cannot be read, or is compiled.
    """
    if is_folder(path):
        return _folder_program(path)
    file = os.path.abspath(path)
    try:
        with open(file, "rb") as stream:
            text = stream.read()
    except OSError as error:
        raise NoProgramError(f"{path}: cannot be run: {error.strerror or error}") from error
    if text.startswith(MAGIC_NUMBER):
        raise NoProgramError(f"{path}: cannot be run: it is compiled; its source is needed")
    loader = SourceFileLoader("__main__", file)
    attributes = {"__file__": file, "__loader__": loader, "__package__": None, "__spec__": None}
    return Program(text, file, {**attributes, "__cached__": None})


def _folder_program(path: str) -> Program:
    finder = get_importer(os.path.join(os.getcwd(), path))
    spec = finder.find_spec("__main__", None) if finder else None
    if spec is None:
        raise NoProgramError(f"{path}: cannot be run: it has no __main__.py")
    return _program(spec, f"{path}:")


def module_program(name: str) -> Program:
    """Return the program that is in a module, or in the ``__main__`` of a package.

    Packages around it are imported.

    Raises
    ------
    NoProgramError
        If there is none.
    """
    spec = _spec(name)
    if spec.submodule_search_locations is not None:
        spec = _spec(name + _MAIN)
    if isinstance(spec.loader, WatchedLoader):
        spec.loader = spec.loader.loader
    return _program(spec, f"module {name}")


def _program(spec: ModuleSpec, what: str) -> Program:
    get_source = getattr(spec.loader, "get_source", None)
    text = get_source(spec.name) if get_source else None
    if text is None:
        raise NoProgramError(f"{what} cannot be run: it has no Python code")
    attributes = {
        "__file__": spec.origin,
        "__cached__": spec.cached,
        "__loader__": spec.loader,
        "__package__": spec.parent,
        "__spec__": spec,
    }
    return Program(text, spec.origin or spec.name, attributes)


def _spec(name: str) -> ModuleSpec:
    try:
        # A relative name is no module's.
        spec = None if name.startswith(".") else find_spec(name)
    except ModuleNotFoundError as error:
        # A package around it; what that imports is the program's own affair.
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        spec = None
    except ValueError:
        # What has no specification, such as __main__.
        spec = None
    if spec is None:
        raise NoProgramError(f"there is no module {name}")
    return spec
