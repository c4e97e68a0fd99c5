"""VOTable 1.4, with one table for each class of the IVOA Provenance Data Model.

https://www.ivoa.net/documents/VOTable/20191021/

No standard defines how to write provenance as VOTable. This is a proposal;
:mod:`provlog.model.tables` lists its tables and columns. The first RESOURCE holds the
document, and each further one a bundle. Only tables with rows are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from provlog.graphs.tables.rows import TableRows, table_rows
from provlog.model.descriptions import Descriptions
from provlog.model.graph import ProvGraph, Statements

__all__ = ["write_votable"]

_HEAD = """\
<?xml version="1.0" encoding="UTF-8"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"\
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
"""
_PROPOSAL = (
    "Provenance in one table for each class of the IVOA Provenance Data Model 1.0; "
    "a proposal of provlog, as no standard defines this serialisation"
)
_ROWS = 1000
_MARKUP = re.compile("[&<>\r]")
# A carriage return would be read as a line feed (XML 1.0, section 2.11).
_REFERENCES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


def write_votable(graph: ProvGraph) -> Iterator[str]:
    """Yield the graph as VOTable, in pieces of text."""
    yield _HEAD
    yield f' <DESCRIPTION>{_PROPOSAL}</DESCRIPTION>\n <RESOURCE type="results" name="provenance">\n'
    yield '  <INFO name="QUERY_STATUS" value="OK"/>\n'
    yield from _tables(graph, graph.descriptions, graph.namespaces)
    yield " </RESOURCE>\n"
    for bundle in graph.bundles.values():
        yield f' <RESOURCE type="results" name="{_attribute(bundle.id)}">\n'
        yield '  <INFO name="QUERY_STATUS" value="OK"/>\n'
        described = Descriptions(described=graph.descriptions.described)
        yield from _tables(bundle, described, bundle.namespaces)
        yield " </RESOURCE>\n"
    yield "</VOTABLE>\n"


def _tables(
    part: Statements, descriptions: Descriptions, namespaces: dict[str, str]
) -> Iterator[str]:
    for rows in table_rows(part, descriptions, namespaces):
        features = [_features(cells) for cells in rows.columns]
        yield "".join(_head(rows, features))
        yield from _data(rows.columns, features)
        yield "   </TABLEDATA></DATA>\n  </TABLE>\n"


class _Features(NamedTuple):
    """Properties of the texts in a column."""

    is_ascii: bool
    has_markup: bool


def _features(cells: Sequence[str]) -> _Features:
    if cells.count(cells[0]) == len(cells):
        cells = cells[:1]
    # Long texts are quicker to search than many short ones; values hold no character that
    # XML cannot hold.
    is_ascii, has_markup = True, False
    for start in range(0, len(cells), _ROWS):
        text = "".join(cells[start : start + _ROWS])
        is_ascii = is_ascii and text.isascii()
        has_markup = has_markup or any(map(text.__contains__, _REFERENCES))
    return _Features(is_ascii, has_markup)


def _head(rows: TableRows, features: Sequence[_Features]) -> Iterator[str]:
    table = rows.table
    yield f'  <TABLE name="{table.name}"{_utype(table.utype)}>\n'
    for column, cells, (is_ascii, _) in zip(table.columns, rows.columns, features, strict=True):
        # In VOTable 1.4, char is ASCII.
        datatype = "char" if is_ascii else "unicodeChar"
        xtype = f' xtype="{column.xtype}"' if column.xtype and _are_timestamps(cells) else ""
        yield (
            f'   <FIELD name="{column.name}" datatype="{datatype}" arraysize="*"{xtype}'
            f' ucd="{column.ucd}"{_utype(column.utype)}/>\n'
        )
    yield "   <DATA><TABLEDATA>\n"


def _utype(utype: str) -> str:
    return f' utype="{utype}"' if utype else ""


_TIMESTAMPS = re.compile(r"(?:(?:\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z?)?\n)*+", re.ASCII)


def _are_timestamps(cells: Sequence[str]) -> bool:
    """Return whether all times have the form of DALI, which allows only UTC."""
    for start in range(0, len(cells), _ROWS):
        part = cells[start : start + _ROWS]
        lines = "\n".join([*part, ""])
        if lines.count("\n") > len(part) or _TIMESTAMPS.fullmatch(lines) is None:
            return False
    return True


def _data(columns: Sequence[Sequence[str]], features: Sequence[_Features]) -> Iterator[str]:
    for start in range(0, len(columns[0]), _ROWS):
        part = [column[start : start + _ROWS] for column in columns]
        for number, (_, has_markup) in enumerate(features):
            if has_markup:
                part[number] = list(map(_text, part[number]))
        lines = "</TD></TR>\n    <TR><TD>".join(map("</TD><TD>".join, zip(*part, strict=True)))
        yield f"    <TR><TD>{lines}</TD></TR>\n"


def _text(text: str) -> str:
    return _MARKUP.sub(lambda match: _REFERENCES[match[0]], text)


def _attribute(text: str) -> str:
    return _text(text).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")
