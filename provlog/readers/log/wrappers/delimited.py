"""Unwrap logs that were exported as CSV, or as values delimited by semicolons or tabs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import islice

from provlog.patterns import regex
from provlog.readers.log.wrappers.json_lines import MESSAGE_KEYS
from provlog.readers.log.wrappers.lines import Line, Unwrap, as_one, holds_record, unfit

__all__ = ["detect_delimited"]

_DELIMITERS = (",", ";", "\t")
_CELLS = {
    delimiter: regex(
        rf'(?:"((?:[^"]|"")*+)"|((?:[^{delimiter}"][^{delimiter}]*+)?))({delimiter}|\Z)'
    )
    for delimiter in _DELIMITERS
}
# Most logs have no such text.
_CELL_BEGINS = tuple(f'{before}"' for before in (*_DELIMITERS, "\n"))
_MOST_ROWS = 50
# The maximal length of a cell with line breaks; a longer one lacks its closing quote.
_LONGEST_ROW = 1 << 20

Cell = tuple[str, bool]
"""The text of a cell, and whether it is in quotes."""


def detect_delimited(sample: Sequence[str]) -> Unwrap | None:
    """Recognise rows with the same number of cells, one of which is quoted and holds a record."""
    text = "\n".join(("", *sample))
    if not any(mark in text for mark in _CELL_BEGINS):
        return None
    rows = [row.text for row in islice(_rows(Line(0, line) for line in sample), _MOST_ROWS)]
    for delimiter in _DELIMITERS:
        column = _message_column(rows, delimiter)
        if column is not None:
            return partial(_unwrap, delimiter=delimiter, column=column)
    return None


def _message_column(rows: list[str], delimiter: str) -> int | None:
    if not any(row.startswith('"') or f'{delimiter}"' in row for row in rows):
        # No cell is quoted. Most logs end here, without a look at each cell.
        return None
    found = [cells for row in rows if row.strip() and (cells := _cells(row, delimiter))]
    if len(found) < 2:
        return None
    width, count = Counter(map(len, found)).most_common(1)[0]
    if count < 0.9 * len([row for row in rows if row.strip()]):
        return None
    marks = Counter(
        column
        for cells in found
        for column, (text, is_quoted) in enumerate(cells)
        if is_quoted and holds_record(text)
    )
    if marks:
        return marks.most_common(1)[0][0]
    quoted = {column for cells in found for column, (_, is_quoted) in enumerate(cells) if is_quoted}
    usual = (column for column, (head, _) in enumerate(found[0]) if head in MESSAGE_KEYS)
    return next((column for column in usual if column in quoted and width > 1), None)


def _cells(row: str, delimiter: str) -> list[Cell]:
    """Return the cells of a row; an empty list if its quotes are not valid in a row."""
    cells: list[Cell] = []
    row = row.rstrip("\r")
    position = 0
    while (match := _CELLS[delimiter].match(row, position)) is not None:
        text = match[1].replace('""', '"') if match[1] is not None else match[2]
        cells.append((text, match[1] is not None))
        if not match[3]:
            return cells
        position = match.end()
    return []


def _rows(lines: Iterator[Line]) -> Iterator[Line]:
    """Join lines until the quotes of a row are closed."""
    held: list[Line] = []
    size = quotes = 0
    for line in lines:
        held.append(line)
        size += len(line.text) + 1
        quotes += line.text.count('"')
        if quotes % 2 == 0 or size > _LONGEST_ROW:
            yield as_one(held, "\n")
            held, size, quotes = [], 0, 0
    if held:
        yield as_one(held, "\n")


def _unwrap(lines: Iterator[Line], delimiter: str, column: int) -> Iterator[Line]:
    for index, row in enumerate(_rows(lines)):
        cells = _cells(row.text, delimiter)
        text = cells[column][0] if column < len(cells) else row.text
        if index == 0 and text in MESSAGE_KEYS:
            # The header would hide the beginning of another wrapper.
            continue
        if column >= len(cells):
            row = unfit(row)
        for offset, part in enumerate(text.removesuffix("\n").split("\n")):
            yield row._replace(number=row.number + offset, text=part.removesuffix("\r"))
