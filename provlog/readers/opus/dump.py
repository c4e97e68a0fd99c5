"""Read the rows of tables from a dump as SQL text, without executing anything.

Supported are the statements that SQLite's ``.dump`` and PostgreSQL's ``pg_dump`` write:
``CREATE TABLE``, ``INSERT INTO ... VALUES``, and ``COPY ... FROM stdin`` with its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

__all__ = ["Row", "read_dump"]

Row = dict[str, "str | None"]
"""Values by column."""

_NAME = r'(?:"?\w+"?\.)?"?(\w+)"?'
# Commands of psql, such as \restrict, begin with a backslash.
_TOKEN = re.compile(
    r"""(?P<space>\s+|(?:--|\\)[^\n]*|/\*.*?(?:\*/|\Z))|E?'(?P<text>(?:[^']|'')*)(?:'|\Z)|"(?P<name>[^"]*)(?:"|\Z)"""
    r"""|(?P<word>[\w.+-]+)|(?P<sign>.)""",
    re.DOTALL,
)
_COPY = re.compile(rf"COPY\s+{_NAME}\s*\(([^)]{{0,9999}})\)\s*FROM\s+stdin;[^\n]*\n", re.IGNORECASE)
_BEGINNING, _END = "-- PostgreSQL database dump\n", "-- PostgreSQL database dump complete\n"
_COPY_ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)")

_Token = tuple[str, str]
_Cut = Callable[[int], None]
_NOT_COLUMNS = frozenset({"PRIMARY", "FOREIGN", "UNIQUE", "CONSTRAINT", "CHECK"})


class _Statement(NamedTuple):
    """A statement: its tokens, its start, its end, and whether it has one."""

    tokens: list[_Token]
    start: int
    end: int
    is_whole: bool


def read_dump(
    text: str, tables: Mapping[str, tuple[str, ...]], cut: _Cut = lambda _: None
) -> dict[str, list[Row]]:
    """Return the complete rows of some tables.

    Parameters
    ----------
    text : str
        The dump.
    tables : mapping
        The columns to read, by table.
    cut : callable, optional
        Receives the position from which on a truncated dump is incomplete.
    """
    rows: dict[str, list[Row]] = {name: [] for name in tables}
    columns: dict[str, list[str]] = {}
    for table, names, values in _found(text, columns, cut):
        wanted = tables.get(table, ())
        row = dict(zip(names, values, strict=False))
        if wanted:
            rows[table].append({name: row[name] for name in wanted if name in row})
    return rows


def _found(
    text: str, columns: dict[str, list[str]], cut: _Cut
) -> Iterator[tuple[str, list[str], list[str | None]]]:
    position = 0
    is_open = _BEGINNING in text[:1000] and _END not in text[-1000:]
    while position < len(text):
        copy = _COPY.match(text, position)
        if copy is not None:
            names = [name.strip().strip('"') for name in copy[2].split(",")]
            end = text.find("\n\\.", copy.end() - 1)
            is_whole = end >= 0
            # The last line of a truncated dump may be incomplete.
            end = end if is_whole else text.rfind("\n")
            for line in text[copy.end() : end].split("\n"):
                if line:
                    yield copy[1], names, [*map(_copied, line.split("\t"))]
            if not is_whole:
                cut(end + 1)
                return
            position = text.find("\n", end + 1) + 1 or len(text)
            continue
        statement = _statement(text, position)
        tokens, position = statement.tokens, statement.end
        words = [value.upper() for kind, value in tokens[:2]]
        if words == ["CREATE", "TABLE"]:
            table, names = _created(tokens[2:])
            columns[table] = names
        elif words == ["INSERT", "INTO"]:
            yield from _inserted(tokens[2:], columns)
        elif words[:1] in (["BEGIN"], ["COMMIT"]):
            is_open = words[0] == "BEGIN"
        if not statement.is_whole:
            cut(statement.start)
            return
    if is_open:
        cut(len(text))


def _statement(text: str, position: int) -> _Statement:
    """Return a statement, which ends before the next line or statement."""
    tokens: list[_Token] = []
    start = position
    while (match := _TOKEN.match(text, position)) is not None:
        position = match.end()
        kind, value = match.lastgroup or "text", match[0]
        if kind == "sign" and value == ";":
            return _Statement(tokens, start, position, is_whole=True)
        if kind != "space":
            start = start if tokens else match.start()
            tokens.append((kind, match[kind] or ""))
        elif not tokens and "\n" in value:
            # The next line may begin with COPY.
            break
    return _Statement(tokens, start, position, is_whole=not tokens)


def _table(tokens: list[_Token]) -> tuple[str, int]:
    """Return the name of a table, without its schema, and the number of tokens in it."""
    end = next((at for at, token in enumerate(tokens) if token == ("sign", "(")), len(tokens))
    names = [value for kind, value in tokens[:end] if kind in ("word", "name")]
    names = [name for name in names if name.upper() not in ("IF", "NOT", "EXISTS")]
    return (names[0].rpartition(".")[2] if len(names) == 1 else names[-1] if names else ""), end


def _created(tokens: list[_Token]) -> tuple[str, list[str]]:
    table, start = _table(tokens)
    names: list[str] = []
    depth, is_first = 0, True
    for kind, value in tokens[start:]:
        if kind == "sign" and value in "()":
            depth += 1 if value == "(" else -1
            is_first = (is_first and depth == 1) or (value == "(" and depth == 1)
        elif kind == "sign" and value == "," and depth == 1:
            is_first = True
        elif is_first and kind in ("word", "name"):
            is_first = False
            if kind == "name" or value.upper() not in _NOT_COLUMNS:
                names.append(value)
    return table, names


def _inserted(
    tokens: list[_Token], columns: Mapping[str, list[str]]
) -> Iterator[tuple[str, list[str], list[str | None]]]:
    at = next(
        (at for at, (kind, value) in enumerate(tokens)
         if kind == "word" and value.upper() == "VALUES"),
        len(tokens),
    )  # fmt: skip
    head = tokens[:at]
    table, start = _table(head)
    listed = [value for kind, value in head[start:] if kind in ("word", "name")]
    names = listed or columns.get(table, [])
    values: list[str | None] = []
    for kind, value in tokens[at + 1 :]:
        if kind == "sign":
            if value == ")":
                yield table, names, values
                values = []
            continue
        is_null = kind == "word" and value.upper() == "NULL"
        values.append(None if is_null else value.replace("''", "'") if kind == "text" else value)


def _copied(field: str) -> str | None:
    """Decode a field of COPY, with backslash escapes."""
    if field == r"\N":
        return None
    return _ESCAPED.sub(lambda match: _COPY_ESCAPES.get(match[1], match[1]), field)
