"""The code of a program in which functions and classes are handed out when they are defined.

The program's syntax tree gets decorators; lines and tracebacks stay as they are.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Container, Iterator
from contextlib import contextmanager
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
        that they have; all its classes get it, after all that they have. If ``None``,
        nothing does.

    Raises
    ------
    SyntaxError
        If it is no program.
    """
    if functions is None:
        return compile(text, file, "exec", dont_inherit=True)
    with _depth_of_a_text():
        tree = compile(text, file, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
        assert isinstance(tree, ast.Module)
        _mark_definitions(tree, functions)
        return compile(tree, file, "exec", dont_inherit=True)


@contextmanager
def _depth_of_a_text() -> Iterator[None]:
    """Let a tree be as deep as a text may be, which Python allows to be some three times deeper."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(4 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _mark_definitions(tree: ast.Module, functions: Container[str]) -> None:
    """Add the decorators; what is defined within a function has none.

    Long expressions and chains of ``elif`` are deep: nothing here calls itself.
    """
    blocks: list[tuple[list[ast.stmt], tuple[str, ...]]] = [(tree.body, ())]
    while blocks:
        block, outer = blocks.pop()
        for node in block:
            if isinstance(node, ast.ClassDef):
                names = (*outer, node.name)
                # Around the others, which may make another class of it.
                node.decorator_list.insert(0, _mark(_first(node), ".".join(names)))
                blocks.append((node.body, names))
            elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                # Methods are traced with their class: only there it is known what they are.
                if not outer and node.name in functions:
                    node.decorator_list.append(_mark(node, node.name))
            else:
                blocks.extend((inner, outer) for inner in _blocks(node))


def _blocks(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """Yield the statements within a statement, as in its branches."""
    for field in ("body", "orelse", "finalbody"):
        yield getattr(node, field, [])
    for branch in (*getattr(node, "handlers", ()), *getattr(node, "cases", ())):
        yield branch.body


def _first(node: ast.ClassDef) -> ast.expr | ast.ClassDef:
    """Where a class begins."""
    return node.decorator_list[0] if node.decorator_list else node


def _mark(node: ast.expr | ast.stmt, name: str) -> ast.expr:
    call = ast.Call(ast.Name(MARK, ast.Load()), [ast.Constant(name)], [])
    return ast.fix_missing_locations(ast.copy_location(call, node))
