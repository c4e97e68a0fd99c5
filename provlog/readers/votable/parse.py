"""Parse a VOTable into its tables, with memory only for their cells.

The parser reads TABLEDATA, BINARY and BINARY2, and reports tables whose rows are elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any
from xml.parsers import expat

from msgspec import Struct, field

from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.origin import Origin
from provlog.readers.votable.binary import Field, InvalidBinaryError, rows_in
from provlog.readers.xml import is_unknown_encoding

__all__ = ["Parsed", "ParsedTable", "Resource", "parse_votable"]

_MAX_DEPTH = 200
_SEPARATOR = "}"


class ParsedTable(Struct):
    """A table.

    Parameters
    ----------
    name, utype : str
        The name and utype; empty if missing.
    line, column : int
        The place of its start tag.
    fields : list of Field
        Its columns.
    rows : list of tuple
        The line of each row, and the texts of its cells.
    """

    name: str
    utype: str
    line: int
    column: int
    fields: list[Field] = field(default_factory=list)
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


class Resource(Struct):
    """A resource with its tables.

    Parameters
    ----------
    name : str
        The name; empty if missing.
    tables : list of ParsedTable
        The tables.
    """

    name: str
    tables: list[ParsedTable] = field(default_factory=list)


class Parsed(Struct):
    """A VOTable.

    Parameters
    ----------
    resources : list of Resource
        All resources, including nested ones.
    namespaces : dict
        The XML namespaces of the root element, which in drafts are also those of ids.
    """

    resources: list[Resource] = field(default_factory=list)
    namespaces: dict[str, str] = field(default_factory=dict)


class _RefusedError(Exception):
    """The document contains something that provlog refuses."""


def parse_votable(chunks: Iterable[bytes], name: str, report: Report) -> Parsed:
    """Return the tables of a VOTable; of a damaged one, those before the first error.

    Parameters
    ----------
    chunks : iterable of bytes
        The document.
    name : str
        The name of the document in diagnostics.
    report : callable
        Receives the diagnostics.
    """
    handler = _Handler(name, report)
    parser = handler.parser
    try:
        for chunk in chunks:
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except LookupError as error:
        if not is_unknown_encoding(error):
            raise
        handler.report("PL801", f"{error}: provlog reads nothing")
    except _RefusedError as error:
        handler.report("PL801", f"{error}: provlog reads no further")
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        origin = Origin(name, error.lineno, error.offset + 1)
        report(Diagnostic("PL801", origin, f"{reason}: the rows before are kept"))
    return handler.found


class _Handler:
    """Handler of the parser's events: collects resources, tables and rows."""

    def __init__(self, name: str, report: Report) -> None:
        self.found = Parsed()
        self.parser = parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartDoctypeDeclHandler = self._refuse
        self._name = name
        self._report = report
        self._depth = 0
        self._open: list[Resource] = []
        self._table: ParsedTable | None = None
        self._row: list[str] | None = None
        self._line = 0
        self._cell: list[str] = []
        self._stream: list[str] | None = None
        self._has_nulls = self._was_read = False
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "RESOURCE": self._start_resource,
            "TABLE": self._start_table,
            "FIELD": self._field,
            "TR": self._start_row,
            "TD": self._start_cell,
            "BINARY": self._start_binary,
            "BINARY2": partial(self._start_binary, has_nulls=True),
            "FITS": self._start_binary,
            "STREAM": self._start_stream,
        }
        self._ends: dict[str, Callable[[], None]] = {
            "RESOURCE": self._end_resource,
            "TABLE": self._end_table,
            "TR": self._end_row,
            "TD": self._end_cell,
            "BINARY": self._end_binary,
            "BINARY2": self._end_binary,
            "FITS": self._end_binary,
            "STREAM": self._end_stream,
        }

    def report(self, code: str, message: str) -> None:
        """Report a finding at the current place."""
        line, column = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber
        self._report(Diagnostic(code, Origin(self._name, line, column + 1), message))

    def _declare(self, prefix: str | None, iri: str) -> None:
        if prefix is not None and prefix != "xsi":
            self.found.namespaces.setdefault(prefix, iri)

    def _refuse(self, *_: Any) -> None:
        raise _RefusedError("a document type declaration is refused, as it can declare entities")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _RefusedError(f"elements are nested deeper than {_MAX_DEPTH}")
        start = self._starts.get(tag.rpartition(_SEPARATOR)[2])
        if start is not None:
            start(attributes)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        end = self._ends.get(tag.rpartition(_SEPARATOR)[2])
        if end is not None:
            end()

    def _start_resource(self, attributes: dict[str, str]) -> None:
        resource = Resource(attributes.get("name", ""))
        self.found.resources.append(resource)
        self._open.append(resource)

    def _end_resource(self) -> None:
        self._open.pop()

    def _start_table(self, attributes: dict[str, str]) -> None:
        place = self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1
        name, utype = attributes.get("name", ""), attributes.get("utype", "")
        self._table = ParsedTable(name, utype, *place)
        if self._open:
            self._open[-1].tables.append(self._table)

    def _end_table(self) -> None:
        self._table = None

    def _field(self, attributes: dict[str, str]) -> None:
        if self._table is not None:
            self._table.fields.append(
                Field(
                    attributes.get("name", ""),
                    attributes.get("utype", ""),
                    attributes.get("datatype", "char"),
                    attributes.get("arraysize", ""),
                )
            )

    def _start_binary(self, _: dict[str, str], *, has_nulls: bool = False) -> None:
        self._has_nulls = has_nulls
        self._was_read = False

    def _end_binary(self) -> None:
        if self._table is not None and not self._was_read:
            self.report(
                "PL802",
                f"table {self._table.name!r} has its rows in FITS or in another file, which "
                "provlog does not read: they are lost",
            )

    def _start_stream(self, attributes: dict[str, str]) -> None:
        if "href" not in attributes and attributes.get("encoding") == "base64":
            self._line = self.parser.CurrentLineNumber
            self._stream = []
            self.parser.CharacterDataHandler = self._stream.append

    def _end_stream(self) -> None:
        stream, self._stream = self._stream, None
        self.parser.CharacterDataHandler = None
        if stream is None or self._table is None:
            return
        self._was_read = True
        rows = self._table.rows
        try:
            for cells in rows_in("".join(stream), self._table.fields, has_nulls=self._has_nulls):
                rows.append((self._line, cells))
        except InvalidBinaryError as error:
            message = f"table {self._table.name!r}: {error}: the {len(rows)} rows before are kept"
            self.report("PL802", message)

    def _start_row(self, _: dict[str, str]) -> None:
        self._row = []
        self._line = self.parser.CurrentLineNumber

    def _end_row(self) -> None:
        if self._table is not None and self._row is not None:
            self._table.rows.append((self._line, self._row))
        self._row = None

    def _start_cell(self, _: dict[str, str]) -> None:
        self._cell = []
        self.parser.CharacterDataHandler = self._cell.append

    def _end_cell(self) -> None:
        self.parser.CharacterDataHandler = None
        if self._row is not None:
            self._row.append("".join(self._cell))
