"""Find the source of a script or module, and the attributes of its ``__main__``, as Python does."""

from __future__ import annotations

import os
import sys
from importlib.machinery import BuiltinImporter, ModuleSpec, SourceFileLoader
from importlib.util import MAGIC_NUMBER, find_spec
from pkgutil import get_importer
from typing import Any

from msgspec import Struct

from provlog.errors import UsageError
from provlog.run.imports import WatchedLoader

__all__ = [
    "STANDARD_INPUT", "NoProgramError", "Program", "code_program", "input_program", "is_folder",
    "module_program", "own_names", "script_program",
]  # fmt: skip

STANDARD_INPUT = "-"
"""The path that stands for standard input."""

_MAIN = ".__main__"


class NoProgramError(UsageError):
    """The script or module does not exist or cannot be run."""


class Program(Struct, frozen=True):
    """The source code of a program.

    Parameters
    ----------
    text : str or bytes
        The source; bytes may declare their encoding (PEP 263).
    file : str
        Its path.
    attributes : dict
        The attributes of its module: ``__file__``, ``__spec__`` and so on.
    """

    text: str | bytes
    file: str
    attributes: dict[str, Any]

    @property
    def is_package(self) -> bool:
        """Whether it is a ``__main__`` module, which spawned processes do not run again."""
        spec = self.attributes["__spec__"]
        # In a folder or an archive the name is "__main__" without a package.
        return spec is not None and f".{spec.name}".endswith(_MAIN)


def own_names(program: str, is_module: bool) -> frozenset[str]:
    """Return the module names that refer to the program itself.

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
    """Return whether Python can import modules from a path: a folder or a zip archive."""
    return get_importer(path) is not None


def script_program(path: str) -> Program:
    """Return the program in a file, or in the ``__main__`` of a folder or a zip archive.

    Raises
    ------
    NoProgramError
        If the file cannot be read or holds compiled code.
    """
    if is_folder(path):
        return _folder_program(path)
    file = os.path.abspath(path)
    try:
        with open(file, "rb") as stream:
            text = stream.read()
    except OSError as error:
        raise NoProgramError(f"{path}: cannot read it: {error.strerror or error}") from error
    if text.startswith(MAGIC_NUMBER):
        raise NoProgramError(f"{path}: cannot run compiled code; run its source file instead")
    loader = SourceFileLoader("__main__", file)
    attributes = {"__file__": file, "__loader__": loader, "__package__": None, "__spec__": None}
    return Program(text, file, {**attributes, "__cached__": None})


def code_program(code: str, file: str = "<string>") -> Program:
    """Return the program whose source is given, as for ``python -c``."""
    return Program(
        code, file, {"__loader__": BuiltinImporter, "__package__": None, "__spec__": None}
    )


def input_program() -> Program:
    """Return the program that standard input holds, as for ``python -``."""
    program = code_program(sys.stdin.read(), "<stdin>")
    program.attributes.update(__file__=program.file, __cached__=None)
    return program


def _folder_program(path: str) -> Program:
    finder = get_importer(os.path.join(os.getcwd(), path))
    spec = finder.find_spec("__main__", None) if finder else None
    if spec is None:
        raise NoProgramError(f"{path}: cannot run it: it has no __main__.py")
    return _program(spec, f"{path}:")


def module_program(name: str) -> Program:
    """Return the program in a module, or in the ``__main__`` of a package.

    This imports the parent packages, as ``python -m`` does.

    Raises
    ------
    NoProgramError
        If the module does not exist or has no Python source.
    """
    spec = _spec(name)
    if spec.submodule_search_locations is not None:
        spec = _spec(name + _MAIN)
    loader: Any = spec.loader
    if isinstance(loader, WatchedLoader):
        spec.loader = loader.loader
    return _program(spec, f"module {name}")


def _program(spec: ModuleSpec, what: str) -> Program:
    get_source = getattr(spec.loader, "get_source", None)
    text = get_source(spec.name) if get_source else None
    if text is None:
        raise NoProgramError(f"{what}: cannot run it: it has no Python source")
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
        # find_spec() would resolve a relative name against a package.
        spec = None if name.startswith(".") else find_spec(name)
    except ModuleNotFoundError as error:
        # A missing parent package is our error; a failing import inside one is the program's.
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        spec = None
    except ValueError:
        # The module has no spec, as __main__.
        spec = None
    if spec is None:
        raise NoProgramError(f"module {name} not found")
    return spec
