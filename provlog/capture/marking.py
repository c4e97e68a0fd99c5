"""The code of a program in which functions and classes are handed out when they are defined.

The program's syntax tree gets decorators; lines and tracebacks stay as they are.
"""

from __future__ import annotations

import ast
from collections.abc import Container
from types import CodeType

__all__ = ["MARK", "compiled"]

MARK = "provlog mark"
"""The name of the decorator; not one that a program can use."""


def compiled(text: str | bytes, file: str, functions: Container[str] | None) -> CodeType:
    """Compile a program.

    Parameters
    ----------
    text : str or bytes
        Its text; bytes may say their encoding.
    file : str
        Where it is.
    functions : container of str, optional
        The functions at its top level that get the decorator ``MARK(name)``, before all
        that they have; all its classes get it, too. If ``None``, nothing does.

    Raises
    ------
    SyntaxError
        If it is no program.
    """
    if functions is None:
        return compile(text, file, "exec", dont_inherit=True)
    tree = compile(text, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    _Marker(functions).visit(tree)
    return compile(tree, file, "exec", dont_inherit=True)


class _Marker(ast.NodeVisitor):
    """Adds the decorators; what is defined within a function has none."""

    def __init__(self, functions: Container[str]) -> None:
        self._functions = functions
        self._outer: tuple[str, ...] = ()

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        # Methods are traced with their class: only there it is known what they are.
        if not self._outer and node.name in self._functions:
            node.decorator_list.append(_mark(node, node.name))

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        outer = self._outer
        self._outer = (*outer, node.name)
        node.decorator_list.append(_mark(node, ".".join(self._outer)))
        self.generic_visit(node)
        self._outer = outer


def _mark(node: ast.stmt, name: str) -> ast.expr:
    call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(name)], [])
    return ast.fix_missing_locations(ast.copy_location(call, node))
