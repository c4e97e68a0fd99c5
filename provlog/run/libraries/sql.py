"""Announce the files that the SQL texts of duckdb and polars name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial, wraps
from types import FrameType, ModuleType
from typing import Any

from msgspec import Struct

from provlog.capture.calls.wrapping import SKIPPED_FILE
from provlog.capture.files.connections import keep_locks
from provlog.run.imports import Action
from provlog.run.libraries.announcing import (
    UPDATE,
    announce,
    argument,
    files_of,
    replace,
    unnoticed,
    writing_to,
)
from provlog.run.libraries.sql_texts import ATTACH, READ, WRITE, files_in_sql

__all__ = ["SQL"]


class _Statements(Struct, frozen=True):
    """A function or method that runs SQL, whose first argument is the text.

    Parameters
    ----------
    name : str
        The name in its module.
    parameters : str
        The names of the argument with parameters; empty without one.
    position : int
        The position of that argument, without the object of a method; -1 without one.
    """

    name: str
    parameters: str = ""
    position: int = sys.maxsize


_CALL = compile("_provlog_call()", SKIPPED_FILE, "eval", dont_inherit=True)
_DUCKDB = (
    _Statements("execute", "parameters", 1),
    _Statements("executemany"),
    *(_Statements(name, "params") for name in ("from_query", "query", "sql")),
)
_CONNECTION = tuple(
    _Statements(f"DuckDBPyConnection.{one.name}", one.parameters, one.position) for one in _DUCKDB
)


def _wrap(statements: tuple[_Statements, ...], in_caller: bool, module: ModuleType) -> None:
    """Replace the functions in a module."""
    for one in statements:
        replace(module, one.name, partial(_announcing, statements=one, in_caller=in_caller))


def _announcing(
    function: Callable[..., Any], *, statements: _Statements, in_caller: bool
) -> Callable[..., Any]:
    is_method = "." in statements.name

    @unnoticed
    @wraps(function)
    def announced(*args: Any, **kwargs: Any) -> Any:
        given = args[1:] if is_method else args
        text = argument(given, kwargs, "query", 0)
        values = argument(given, kwargs, statements.parameters, statements.position)
        call = partial(function, *args, **kwargs)
        if in_caller:
            call = partial(_call_in, sys._getframe(1), call)
        # A statement of duckdb may be an object that holds its text.
        named = files_in_sql(getattr(text, "query", text), values)
        return _announced(named, call) if named else call()

    return announced


@unnoticed
def _announced(named: list[tuple[str, str]], call: Callable[[], Any]) -> Any:
    for access, name in named:
        if access == ATTACH:
            keep_locks(name)
            announce(name, UPDATE)
        elif access != WRITE and not (access == READ and os.path.isdir(name)):
            for file in files_of(name):
                # A name of a table, or of a file elsewhere.
                if os.path.isfile(file):
                    announce(file)
    written = [name for access, name in named if access == WRITE]
    return writing_to(written, call) if written else call()


@unnoticed
def _call_in(frame: FrameType, call: Callable[[], Any]) -> Any:
    """Call a function that looks at the variables of its caller, with those of a frame.

    In SQL of duckdb, a variable of the caller is a table.
    """
    return eval(_CALL, frame.f_globals, {**frame.f_locals, "_provlog_call": call})  # noqa: S307


SQL: dict[str, Action] = {
    "duckdb": partial(_wrap, (*_DUCKDB, *_CONNECTION), True),
    "polars.sql.context": partial(_wrap, (_Statements("SQLContext.execute"),), False),
}
"""The actions to run after the import of modules, by their names."""
