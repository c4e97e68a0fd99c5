"""Withhold the secrets in Python code, such as that of a notebook's cell."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from provlog.redaction import WITHHELD, is_secret_name, masked_text

__all__ = ["masked_code"]


def masked_code(source: str) -> str:
    """Return code without the values that it gives to secret names.

    Examples
    --------
    >>> masked_code("os.environ['API_TOKEN'] = 'hun' 'ter2'")
    "os.environ['API_TOKEN'] = (withheld)"
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return masked_text(source)
    values = [value for node in ast.walk(tree) for value in _secret_values(node)]
    return masked_text(_without(source, values))


def _without(source: str, nodes: Iterable[ast.expr]) -> str:
    """Replace the text of nodes; the offsets of a syntax tree are those of UTF-8."""
    text = source.encode()
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    spans = sorted(
        (starts[node.lineno - 1] + node.col_offset, starts[end - 1] + column)
        for node in nodes
        if (end := node.end_lineno) is not None and (column := node.end_col_offset) is not None
    )
    pieces, done = [], 0
    for start, stop in spans:
        # A value may hold another one.
        if start >= done:
            pieces += [text[done:start], WITHHELD.encode()]
            done = stop
    return b"".join([*pieces, text[done:]]).decode()


def _secret_values(node: ast.AST) -> Iterator[ast.expr]:
    """Yield the values that a statement or an expression gives to secret names."""
    match node:
        case ast.Assign():
            for target in node.targets:
                yield from _assigned(target, node.value)
        case ast.AnnAssign(value=ast.expr() as value) | ast.AugAssign(value=value):
            yield from _assigned(node.target, value)
        case ast.NamedExpr():
            yield from _assigned(node.target, node.value)
        case ast.keyword(arg=str(name)) if is_secret_name(name):
            yield node.value
        case ast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            yield from (value for key, value in pairs if key is not None and _is_secret_text(key))
        case ast.Call():
            yield from _after_a_secret_name(node.args)
        case ast.Tuple() | ast.List():
            yield from _after_a_secret_name(node.elts)
        case ast.arguments():
            yield from _defaults(node)
        case ast.Compare():
            sides = [node.left, *node.comparators]
            if any(map(_is_secret, sides)):
                yield from (side for side in sides if not _is_secret(side))


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts of an assigned value that secret names get."""
    if not isinstance(target, ast.Tuple | ast.List):
        if _is_secret(target):
            yield value
    elif isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        for one, part in zip(target.elts, value.elts, strict=True):
            yield from _assigned(one, part)
    elif any(map(_is_secret, ast.walk(target))):
        yield value


def _after_a_secret_name(nodes: list[ast.expr]) -> list[ast.expr]:
    """Return what follows a secret name, as in ``setdefault("TOKEN", value)``."""
    found = next((number for number, node in enumerate(nodes) if _is_secret_text(node)), len(nodes))
    return nodes[found + 1 :]


def _defaults(node: ast.arguments) -> Iterator[ast.expr]:
    positional = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
    parameters = [*positional, *node.kwonlyargs]
    for one, default in zip(parameters, [*node.defaults, *node.kw_defaults], strict=True):
        if default is not None and is_secret_name(one.arg):
            yield default


def _is_secret(node: ast.AST) -> bool:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return is_secret_name(name)
        case ast.Subscript(slice=ast.expr() as key):
            return _is_secret_text(key)
        case ast.Starred():
            return _is_secret(node.value)
    return False


def _is_secret_text(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=str(text)):
            return is_secret_name(text)
    return False
