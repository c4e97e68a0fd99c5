"""Find the files that an SQL text names, without a parser of SQL.

The SQL of duckdb and polars names files as texts and names: ``FROM 'a.csv'``, ``FROM "a.csv"``,
``FROM a.csv``, ``read_csv('a.csv')``, ``COPY t TO 'b.csv'``. Only those at such a place count: a
text in a condition, such as ``WHERE file = 'a.csv'``, is data.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from os import PathLike
from typing import Any

from msgspec import Struct

__all__ = ["ATTACH", "READ", "READ_FOLDER", "WRITE", "files_in_sql"]

READ = "read"
READ_FOLDER = "read folder"
WRITE = "write"
ATTACH = "attach"

_TOKENS = re.compile(
    r"""
      --[^\n]* | /\*.*?(?:\*/|\Z)
    | (?P<text> '[^']*(?:''[^']*)*' )
    | (?P<quoted> "[^"]*(?:""[^"]*)*" )
    | \$(?P<tag> (?:[A-Za-z_]\w*)? )\$ (?P<dollar> .{0,4096}? ) \$(?P=tag)\$
    | (?P<parameter> \?\d* | \$\w+ )
    | (?P<word> \w+(?:\.\w+)* )
    | (?P<mark> [][(),;] )
    """,
    re.VERBOSE | re.DOTALL,
)
# What follows is usually data.
_MAX_LENGTH = 100_000
_MAX_CACHED = 10_000
# Words after which a list of tables begins or ends.
_CLAUSES = frozenset({
    "EXCEPT", "FROM", "GROUP", "HAVING", "INTERSECT", "LIMIT", "ON", "ORDER", "QUALIFY",
    "RETURNING", "SELECT", "SET", "UNION", "USING", "VALUES", "WHERE", "WINDOW",
})  # fmt: skip
_BEFORE_TABLE = frozenset({"DESCRIBE", "FROM", "JOIN", "PIVOT", "SUMMARIZE", "UNPIVOT"})
_FUNCTION = re.compile(r"READ_\w+|\w+_SCAN|PARQUET_\w+|SNIFF_CSV")
_BEFORE_ATTACHED = frozenset({"ATTACH", "DATABASE", "EXISTS"})
_HAS_FILE = re.compile(r"""['"$?]|\w\.\w""")


class _Named(Struct, frozen=True):
    """A file that a text names: by its name or by a parameter (a number or a name)."""

    access: str
    name: str = ""
    parameter: int | str | None = None


class _Level(Struct):
    """An open parenthesis or bracket: what is before it, and the clause and the argument within."""

    function: str = ""
    clause: str = ""
    argument: int = 0
    is_list: bool = False


def files_in_sql(text: Any, parameters: Any = None) -> list[tuple[str, str]]:
    """Return the files that an SQL text names, with what it does with them.

    Parameters
    ----------
    text : str
        The statements. Other objects name no files.
    parameters : sequence or mapping, optional
        The values of ``?``, ``$1`` and ``$name``.

    Examples
    --------
    >>> files_in_sql("COPY (SELECT * FROM 'a.csv' WHERE b = 'c.csv') TO 'd.csv'")
    [('read', 'a.csv'), ('write', 'd.csv')]
    >>> files_in_sql("FROM read_parquet(?)", ["a.parquet"])
    [('read', 'a.parquet')]
    """
    if not isinstance(text, str) or _HAS_FILE.search(text, 0, _MAX_LENGTH) is None:
        return []
    named = _cached(text) if len(text) <= _MAX_CACHED else tuple(_named(text))
    return [(one.access, name) for one in named for name in _values(one, parameters)]


def _values(named: _Named, parameters: Any) -> Iterator[str]:
    if named.parameter is None:
        yield named.name
        return
    value: Any = None
    if isinstance(parameters, Mapping):
        value = parameters.get(named.parameter)
    elif isinstance(parameters, Sequence) and isinstance(named.parameter, int):
        value = parameters[named.parameter - 1] if named.parameter <= len(parameters) else None
    items: Iterable[Any] = value if isinstance(value, (list, tuple)) else [value]
    yield from (str(one) for one in items if isinstance(one, (str, PathLike)))


def _named(text: str) -> Iterator[_Named]:
    levels = [_Level()]
    first, previous = "", ""
    parameters = 0
    for token in _TOKENS.finditer(text, 0, _MAX_LENGTH):
        kind = token.lastgroup
        found = token[0]
        if kind is None:
            continue
        if kind == "mark":
            if found == ";":
                levels, first, parameters = [_Level()], "", 0
            else:
                _nest(levels, found, previous)
            # The second table of a list is one like the first.
            previous = "FROM" if found == "," and levels[-1].clause == "FROM" else ""
            continue
        name, parameter = _name(kind, token), None
        if kind == "parameter":
            parameters += 1
            parameter = _parameter(found, parameters)
        access = _access(first, previous, levels[-1])
        if access and (kind != "word" or "." in found):
            yield _Named(access, name, parameter)
        previous = found.upper() if kind == "word" else ""
        first = first or previous
        if previous in _CLAUSES:
            levels[-1].clause = previous


_cached = lru_cache(maxsize=256)(lambda text: tuple(_named(text)))


def _nest(levels: list[_Level], mark: str, previous: str) -> None:
    if mark == "(":
        levels.append(_Level(previous))
    elif mark == "[":
        # A list of files is one argument.
        levels.append(_Level(levels[-1].function, argument=levels[-1].argument, is_list=True))
    elif mark == ",":
        levels[-1].argument += not levels[-1].is_list
    elif len(levels) > 1:
        levels.pop()


def _name(kind: str, token: re.Match[str]) -> str:
    if kind == "text":
        return token[0][1:-1].replace("''", "'")
    if kind == "quoted":
        return token[0][1:-1].replace('""', '"')
    return token["dollar"] if kind == "dollar" else token[0]


def _parameter(text: str, number: int) -> int | str:
    """Return the number or the name of a parameter: ``?``, ``?2``, ``$2``, ``$name``."""
    rest = text[1:]
    return int(rest) if rest.isdecimal() else rest or number


def _access(first: str, previous: str, level: _Level) -> str | None:
    """Return what a statement does with a file that is named at this place; maybe nothing."""
    if previous == "TO" and first == "COPY":
        return WRITE
    if first == "ATTACH" and previous in _BEFORE_ATTACHED:
        return ATTACH
    if previous == "DATABASE" and first in ("EXPORT", "IMPORT"):
        return WRITE if first == "EXPORT" else READ_FOLDER
    if previous in _BEFORE_TABLE:
        return READ
    is_file = level.argument == 0 and _FUNCTION.fullmatch(level.function) is not None
    # The options of a function: read_csv('a.csv', sep = ';')
    return READ if is_file else None
