"""Rewrite a program's syntax tree so that its functions and classes are traced once defined.

The rewriting adds decorators; line numbers and tracebacks stay the same.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from types import CodeType

from provlog.capture.log.warnings import warn

__all__ = ["DECORATOR", "compiled", "defined_names"]

DECORATOR = "provlog decorator"
"""The name of the added decorator; no program can use it, because it holds a blank."""


# Decorators that take any function. Others, such as numba's compilers, look at its code.
_TRANSPARENT = frozenset({
    "argument", "asynccontextmanager", "cache", "callback", "command", "contextmanager", "group",
    "lru_cache", "option", "pass_context", "pass_obj", "version_option",
})  # fmt: skip


def compiled(
    text: str | bytes,
    file: str,
    functions: Container[str] | None,
    others: Container[str] = (),
    left_out: list[str] | None = None,
) -> CodeType:
    """Compile a program, with the decorator ``DECORATOR(name, is_innermost)`` added.

    Parameters
    ----------
    text : str or bytes
        The source; bytes may declare their encoding (PEP 263).
    file : str
        Its path.
    functions : container of str, optional
        The top-level functions to decorate; the decorator is applied before their own
        ones. All classes are decorated, after their own decorators. With ``None`` the
        program is compiled unchanged.
    others : container of str
        More functions, which are decorated only if their own decorators take any function.
    left_out : list of str, optional
        Gets the names of the other ones.

    Raises
    ------
    SyntaxError
        If the source is not valid Python.
    """
    if functions is None:
        return compile(text, file, "exec", dont_inherit=True)
    try:
        with _deeper_recursion():
            tree = compile(text, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
            assert isinstance(tree, ast.Module)
            _decorate_definitions(tree, functions, others, left_out)
            return compile(tree, file, "exec", dont_inherit=True)
    except RecursionError:
        # Python 3.12 and later limit the depth of a tree, whatever the recursion limit is.
        code = compile(text, file, "exec", dont_inherit=True)
        warn("%s: its functions are not traced: the program is nested too deeply", file)
        return code


@contextmanager
def _deeper_recursion() -> Iterator[None]:
    """Raise the recursion limit: Python compiles text about three times as deep as a tree."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(4 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def defined_names(text: str | bytes) -> frozenset[str]:
    """Return the names of the functions, classes and methods that a program defines.

    Methods are named with their class and without. Invalid source defines nothing.

    Examples
    --------
    >>> sorted(defined_names("class C:\\n  def m(self): ...\\ndef f(): ..."))
    ['C', 'C.m', 'f', 'm']
    """
    names = set()
    with suppress(SyntaxError, ValueError, RecursionError), _deeper_recursion():
        for node, outer in _definitions(ast.parse(text)):
            names |= {node.name, ".".join((*outer, node.name))}
    return frozenset(names)


def _decorate_definitions(
    tree: ast.Module,
    functions: Container[str],
    others: Container[str],
    left_out: list[str] | None,
) -> None:
    """Add the decorators, except to definitions inside functions."""
    for node, outer in [*_definitions(tree)]:
        if isinstance(node, ast.ClassDef):
            # Outermost, because the other decorators may return another class.
            call = _decorator_call(_first(node), ".".join((*outer, node.name)))
            node.decorator_list.insert(0, call)
        # Methods are traced with their class, which knows whether they are static.
        elif not outer and (node.name in functions or node.name in others):
            if node.name in functions or _is_transparent(node):
                _decorate_function(node)
            elif left_out is not None:
                left_out.append(node.name)


def _decorate_function(node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Add a decorator around those of a function, and one below them that gets the function."""
    outermost = _decorator_call(_first(node), node.name)
    if node.decorator_list:
        node.decorator_list.append(_decorator_call(node, node.name, is_innermost=True))
    node.decorator_list.insert(0, outermost)


_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def _definitions(tree: ast.Module) -> Iterator[tuple[_Definition, tuple[str, ...]]]:
    """Yield the definitions outside of functions, each with the names of the classes around it.

    A loop instead of recursion: long ``elif`` chains make deep trees.
    """
    blocks: list[tuple[list[ast.stmt], tuple[str, ...]]] = [(tree.body, ())]
    while blocks:
        block, outer = blocks.pop()
        for node in block:
            if isinstance(node, _Definition):
                yield node, outer
                if isinstance(node, ast.ClassDef):
                    blocks.append((node.body, (*outer, node.name)))
            else:
                blocks.extend((inner, outer) for inner in _blocks(node))


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the blocks of statements inside a statement, such as its branches."""
    for field in ("body", "orelse", "finalbody"):
        yield getattr(node, field, [])
    for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield branch.body


def _is_transparent(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    names = set()
    for decorator in node.decorator_list:
        one = decorator.func if isinstance(decorator, ast.Call) else decorator
        names.add(one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", ""))
    return names <= _TRANSPARENT


def _first(node: _Definition) -> ast.expr | _Definition:
    """Return the node at which a definition begins, for the line number of its decorator."""
    return node.decorator_list[0] if node.decorator_list else node


def _decorator_call(
    node: ast.expr | ast.stmt, name: str, *, is_innermost: bool = False
) -> ast.expr:
    arguments: list[ast.expr] = [ast.Constant(name), ast.Constant(is_innermost)]
    call = ast.Call(ast.Name(DECORATOR, ast.Load()), arguments, [])
    return ast.fix_missing_locations(ast.copy_location(call, node))
