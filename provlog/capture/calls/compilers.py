"""Recognise compilers of Python functions, which must get the function itself, not a wrapper."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from textwrap import dedent
from types import FrameType, FunctionType, ModuleType
from typing import Any, ClassVar, Self

from provlog.capture.log.warnings import warn
from provlog.errors import UsageError
from provlog.objects.classes import bases_of, module_of

__all__ = ["NumbaAttribute", "is_compiler", "is_known_to_numba", "refuse_below_compiler"]

_COMPILERS = frozenset({
    "cupy", "cupyx", "jax", "jaxlib", "numba", "numexpr", "pythran", "taichi", "tensorflow",
    "torch", "triton",
})  # fmt: skip
# The other decorators of these packages take any function.
_COMPILING_NAMES = {
    "tensorflow": frozenset({"function"}),
    "torch": frozenset({"compile", "script", "trace"}),
}


def is_compiler(kind: type) -> bool:
    """Return whether the instances of a class are compiled functions."""
    return not _COMPILERS.isdisjoint(map(_package, map(module_of, bases_of(kind))))


def is_known_to_numba(function: Any) -> bool:
    """Return whether compiled functions may call a function, as with ``register_jitable``."""
    # numba has versions of its own of built-in functions.
    if not isinstance(function, FunctionType):
        return False
    registry = getattr(sys.modules.get("numba.core.typing.templates"), "builtin_registry", None)
    return any(entry[0] is function for entry in getattr(registry, "globals", ()))


def refuse_below_compiler(function: Any, frame: FrameType) -> None:
    """Check that no decorator above the one that a frame calls now compiles the function.

    Parameters
    ----------
    function : object
        The decorated function.
    frame : FrameType
        The frame of its definition.

    Raises
    ------
    UsageError
        If one compiles it.
    """
    if not isinstance(function, FunctionType) or _COMPILERS.isdisjoint(sys.modules):
        return
    code = function.__code__
    # While Python calls a decorator, the frame is at its line.
    line = frame.f_lineno - code.co_firstlineno
    if line > 0 and frame.f_code.co_filename == code.co_filename:
        compiler = None
        # Without its source, numba still finds the function by `__numba__`.
        with suppress(Exception):
            compiler = next(_compilers(_decorators(function), line, frame), None)
        if compiler is not None:
            raise UsageError(f"the decorator {compiler} compiles the function itself")


def _compilers(decorators: Iterable[ast.expr], line: int, frame: FrameType) -> Iterator[str]:
    for decorator in decorators:
        if decorator.lineno <= line:
            called = decorator.func if isinstance(decorator, ast.Call) else decorator
            if any(map(_compiles, _named(called, frame))):
                yield ast.unparse(called)


def _decorators(function: FunctionType) -> list[ast.expr]:
    """Return the decorators of a function, with line numbers that start at the first one."""
    [definition] = ast.parse(dedent(inspect.getsource(function))).body
    assert isinstance(definition, (ast.FunctionDef, ast.AsyncFunctionDef))
    return definition.decorator_list


def _compiles(decorator: Any) -> bool:
    package = _package(getattr(decorator, "__module__", None) or "")
    names = _COMPILING_NAMES.get(package)
    return package in _COMPILERS and (names is None or decorator.__name__ in names)


def _named(expression: ast.expr, frame: FrameType) -> Iterator[Any]:
    """Yield what a name, or the name of a member of a module, denotes."""
    if isinstance(expression, ast.Name):
        for names in (frame.f_locals, frame.f_globals):
            if expression.id in names:
                yield names[expression.id]
                return
    elif isinstance(expression, ast.Attribute):
        for module in _named(expression.value, frame):
            if isinstance(module, ModuleType):
                yield getattr(module, expression.attr)


def _package(module: str) -> str:
    return module.partition(".")[0]


class NumbaAttribute(str):
    """The attribute ``__numba__`` of wrappers: where numba finds the function that it compiles.

    numba checks that the text is not empty before it uses it. Then provlog warns, once for each
    function, that compiled calls are not recorded.
    """

    __slots__ = ("_function",)

    _function: str
    _warned: ClassVar[set[str]] = set()

    def __new__(cls, function: str) -> Self:
        """Return the attribute for the wrapper of a function with this name."""
        made = super().__new__(cls, "__wrapped__")
        made._function = function
        return made

    def __bool__(self) -> bool:
        if self._function not in self._warned:
            self._warned.add(self._function)
            warn("calls of %s from code that numba compiles are not recorded", self._function)
        return True

    def __reduce__(self) -> tuple[type[NumbaAttribute], tuple[str]]:
        return NumbaAttribute, (self._function,)
