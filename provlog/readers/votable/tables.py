"""Assign the tables of a resource to those of the model, and skip incomplete rows."""

from __future__ import annotations

import re
from collections import defaultdict
from urllib.parse import quote

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.tables import Table
from provlog.origin import Origin
from provlog.readers.votable.columns import column_of, table_of
from provlog.readers.votable.parse import Resource

__all__ = ["ResourceTables", "Row"]

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*|_", re.ASCII)
_ODD = re.compile(r"""[\s<>"{}|\\^`]""")

Row = dict[str, str]
"""The nonempty cells of a row by column, with the line of the row under ``""``."""


class ResourceTables:
    """The rows of a resource by table, with the columns of the model."""

    def __init__(self, resource: Resource, file: str, report: Report) -> None:
        self.rows: defaultdict[str, list[Row]] = defaultdict(list)
        self._file = file
        self._report = report
        for parsed in resource.tables:
            table = table_of(parsed)
            if table is None:
                origin = Origin(file, parsed.line, parsed.column)
                message = f"table {parsed.name!r} does not hold provenance: its rows are skipped"
                report(Diagnostic("PL802", origin, message))
                continue
            columns = [column_of(table, field.name, field.utype) for field in parsed.fields]
            required = _needed(table)
            ids = {column.name for column in table.columns if column.name.endswith("id")}
            for line, cells in parsed.rows:
                row = {name: cell for name, cell in zip(columns, cells, strict=False) if cell}
                for name in ids & row.keys():
                    row[name] = _qualified(row[name])
                row[""] = str(line)
                missing = [name for name in required if name not in row]
                if missing:
                    named = " and ".join(missing)
                    self.report("PL803", row, f"row of {table.name} without {named}: skipped")
                else:
                    self.rows[table.name].append(row)

    def report(self, code: str, row: Row, message: str) -> None:
        """Report a finding in a row."""
        self._report(Diagnostic(code, Origin(self._file, int(row[""]), 1), message))


def _needed(table: Table) -> list[str]:
    """Return the columns that every row needs: ids and references."""
    return [
        column.name
        for column in table.columns
        if column.is_required and (column.ucd.startswith("meta.id") or not table.utype)
    ]


def _qualified(id: str) -> str:
    """Return an id as a qualified name, with invalid characters percent-encoded.

    Examples
    --------
    >>> _qualified("ex:run 1"), _qualified("ivo://x#1"), _qualified("2020:run")
    ('ex:run%201', 'ivo://x#1', '2020%3Arun')
    """
    prefix, colon, local = id.partition(":")
    if colon and (_PREFIX.fullmatch(prefix) is None or not local):
        return _encoded(prefix) + "%3A" + _encoded(local)
    return f"{prefix}:{_encoded(local)}" if colon else _encoded(id)


def _encoded(text: str) -> str:
    return _ODD.sub(lambda match: quote(match[0], safe=""), text)
