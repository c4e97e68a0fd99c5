"""Find the steps of a program: functions and classes called by its top level or main function.

They may be in the script or in modules beside it. provlog parses the source without running it.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

__all__ = ["STEPS", "Step", "module_files", "steps"]

STEPS = "auto"
"""The target that denotes all steps of a program."""

_MAINS = frozenset({"main", "_main", "cli", "app"})
# Decorators of functions that a command line calls.
_COMMANDS = frozenset({"command", "group", "callback"})
# Functions that call their arguments.
_CALLERS = frozenset({
    "Process", "Thread", "Timer", "apply_async", "delayed", "imap", "imap_unordered", "map",
    "map_async", "map_unordered", "partial", "run_in_executor", "starmap", "starmap_async",
    "submit", "to_thread",
})  # fmt: skip

_DISPLAYS = (ast.List, ast.Tuple, ast.Set, ast.Dict)
_Function = ast.FunctionDef | ast.AsyncFunctionDef
# The module (empty for the program itself) and the name in it.
Step = tuple[str, str]


def steps(text: str | bytes, folder: str, package: str = "") -> list[Step]:
    """Return the steps of a program, each as a module and a name in it.

    Parameters
    ----------
    text : str or bytes
        The source of the program.
    folder : str
        The first folder in which its imports are searched.
    package : str, optional
        The package of the program, for its relative imports.

    Returns
    -------
    list of (str, str)
        The module, empty for the program itself, and the name of a function or class.

    Examples
    --------
    >>> steps("def load(): ...\\ndef unused(): ...\\nload()", ".")
    [('', 'load')]
    """
    return list(dict.fromkeys(_Program(folder).steps(_Module("", package, text))))


class _Module:
    """The functions, classes and imports of a source."""

    def __init__(self, name: str, package: str, text: str | bytes) -> None:
        self.name = name
        self.package = package
        tree = ast.parse(text)
        self.top_level = [*_without_functions(tree.body)]
        self.functions = {one.name: one for one in self.top_level if isinstance(one, _Function)}
        self.classes = {one.name for one in self.top_level if isinstance(one, ast.ClassDef)}
        # The module, and the name in it or None, by local name.
        self.imports = dict(self._imports(tree))

    def _imports(self, tree: ast.Module) -> Iterator[tuple[str, tuple[str, str | None]]]:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    first = alias.name.partition(".")[0]
                    yield alias.asname or first, (alias.name if alias.asname else first, None)
            elif isinstance(node, ast.ImportFrom):
                module = self._absolute(node)
                for alias in node.names:
                    yield alias.asname or alias.name, (module, alias.name)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parts = self.package.split(".")
        return ".".join([*parts[: len(parts) + 1 - node.level], *filter(None, [node.module])])

    def mains(self) -> Iterator[str]:
        """Yield the main functions, whose calls count as those of the top level."""
        for name, function in self.functions.items():
            if name in _MAINS or not _COMMANDS.isdisjoint(map(_last_name, function.decorator_list)):
                yield name


def module_files(folder: str, name: str) -> tuple[str, str]:
    """Return where the source of a module may be: as a package, and as a file."""
    path = os.path.join(folder, *name.split("."))
    return os.path.join(path, "__init__.py"), f"{path}.py"


class _Program:
    """The modules of a program, which are read on demand."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._modules: dict[str, _Module | None] = {}
        self._mains: set[Step] = set()

    def steps(self, module: _Module) -> Iterator[Step]:
        """Yield the steps that the top level and the main functions of a module call."""
        self._modules[""] = module
        called = [*self._called(module, module.top_level)]
        # A single function that the top level calls is the main function, whatever its name.
        only = [step for step in dict.fromkeys(called) if step not in self._classes(called)]
        yield from called
        for name in module.mains():
            yield "", name
            yield from self._steps_of_main("", name)
        if len(only) == 1:
            yield from self._steps_of_main(*only[0])
        for name, inner in called:
            if inner in _MAINS:
                yield from self._steps_of_main(name, inner)

    def _classes(self, called: Iterable[Step]) -> set[Step]:
        return {
            step for step in called if (one := self._module(step[0])) and step[1] in one.classes
        }

    def _steps_of_main(self, name: str, main: str) -> Iterator[Step]:
        module = self._module(name)
        if module is None or (name, main) in self._mains or main not in module.functions:
            return
        self._mains.add((name, main))
        yield from self._called(module, module.functions[main].body)

    def _called(self, module: _Module, body: Iterable[ast.stmt]) -> Iterator[Step]:
        """Yield the functions and classes that a block calls, or passes to a function that does.

        Functions in a list, tuple, set or dict count as called.
        """
        for statement in _without_functions(body):
            if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
                continue
            for node in _expressions(statement):
                if isinstance(node, ast.Call):
                    yield from self._of_expression(module, node.func)
                    if _last_name(node.func) in _CALLERS:
                        for argument in (*node.args, *(one.value for one in node.keywords)):
                            yield from self._of_expression(module, argument)
                elif isinstance(node, _DISPLAYS):
                    for item in node.values if isinstance(node, ast.Dict) else node.elts:
                        found = [*self._of_expression(module, item)]
                        # Classes in a tuple are those of `isinstance`, for example.
                        yield from (one for one in found if one not in self._classes(found))

    def _of_expression(self, module: _Module, node: ast.expr) -> Iterator[Step]:
        """Yield the function or class that a name or an attribute of a module denotes."""
        names = _dotted(node)
        if not names:
            return
        first, *rest = names
        if first in module.functions or first in module.classes:
            yield module.name, first
        elif first in module.imports:
            place, name = module.imports[first]
            if name is not None:
                rest.insert(0, name)
            # The longest module that exists, then a name in it.
            while len(rest) > 1 and self._module(f"{place}.{rest[0]}") is not None:
                place = f"{place}.{rest.pop(0)}"
            beside = self._module(place)
            if beside is not None and rest:
                yield from self._exported(beside, rest[0])

    def _exported(self, module: _Module, name: str) -> Iterator[Step]:
        """Yield a function or class that a module defines, or imports from another one."""
        seen = set()
        while name not in module.functions and name not in module.classes:
            place, inner = module.imports.get(name, ("", None))
            beside = self._module(place) if place and (module.name, name) not in seen else None
            seen.add((module.name, name))
            if beside is None or inner is None:
                return
            module, name = beside, inner
        yield module.name, name

    def _module(self, name: str) -> _Module | None:
        """Return a module beside the program; ``None`` if it does not exist."""
        if name not in self._modules:
            self._modules[name] = self._read(name) if name else None
        return self._modules[name]

    def _read(self, name: str) -> _Module | None:
        packages = name, name.rpartition(".")[0]
        for file, package in zip(module_files(self._folder, name), packages, strict=True):
            # Importing it may fail in the program, too.
            with (
                suppress(OSError, SyntaxError, ValueError, RecursionError),
                open(file, "rb") as one,
            ):
                return _Module(name, package, one.read())
        return None


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _without_functions(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a block and its inner blocks, except those of functions and classes.

    A loop instead of recursion: long ``elif`` chains make deep trees.
    """
    blocks = [body]
    while blocks:
        for node in blocks.pop():
            yield node
            if not isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
                blocks.extend(getattr(node, name, ()) for name in ("body", "orelse", "finalbody"))
                for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
                    blocks.append(branch.body)  # noqa: PERF401


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Yield the expressions of a statement without those of inner statements."""
    for child in ast.iter_child_nodes(statement):
        if not isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)):
            yield from ast.walk(child)


def _dotted(node: ast.expr) -> list[str]:
    """Return the names of ``a.b.c``; an empty list for any other expression."""
    names: list[str] = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else []


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
