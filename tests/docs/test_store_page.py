"""The page on stores: its picture of the tables and its commands."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import Table

from provlog.cli.store import store
from provlog.store.database.schema import DESCRIPTION_TABLES, METADATA
from provlog.store.database.views import views
from provlog.writers.pictures.graphviz import render
from tests.test_layout import ROOT

PAGE = (ROOT / "docs" / "store.md").read_text(encoding="utf-8")
PICTURE = ROOT / "docs" / "pictures" / "store.svg"
# What columns refer to, by the table that has them or for all tables.
REFERENCES = {
    "log": "log", "id": "identifier", "source": "identifier", "target": "identifier",
    "session": "identifier", "bundle": "identifier", "flow": "identifier",
    "description_set": "description_set", "file": "registered_file",
    "second_hand.entity": "identifier", "second_hand.activity": "identifier",
    "second_hand.element": "element", "mention.element": "element", "activity_parameter.element": "element",
    "element.description": "description",
}  # fmt: skip
TABLES = [table for table in METADATA.tables.values() if table not in DESCRIPTION_TABLES.values()]


def references(table: Table) -> list[tuple[str, str]]:
    """Return the columns of a table that refer to other tables, with those tables."""
    found = []
    for column in table.columns:
        other = REFERENCES.get(f"{table.name}.{column.name}") or REFERENCES.get(column.name)
        if other is not None and other != table.name and str(column.type) != "TEXT":
            found.append((column.name, other))
    return found


def schema_dot() -> str:
    """Return the tables as a graph in DOT."""
    lines = ['digraph { rankdir=LR; node [shape=plain fontname="DejaVu Sans" fontsize=10];']
    for table in TABLES:
        rows = "".join(
            f'<TR><TD ALIGN="LEFT" PORT="{column.name}">{column.name}</TD>'
            f'<TD ALIGN="LEFT">{str(column.type).lower()}</TD></TR>'
            for column in table.columns
        )
        head = f'<TR><TD COLSPAN="2" BGCOLOR="#9FB1FC"><B>{table.name}</B></TD></TR>'
        lines.append(
            f'{table.name} [label=<<TABLE BORDER="0" CELLBORDER="1" CELLSPACING="0">{head}{rows}</TABLE>>];'
        )
        lines += [
            f"{table.name}:{name} -> {other} [arrowsize=0.6];" for name, other in references(table)
        ]
    return "\n".join([*lines, "}"])


def test_the_picture_of_the_tables_is_up_to_date(accept: bool) -> None:
    if accept:
        PICTURE.write_bytes(render(schema_dot(), "svg"))
    shown = re.findall(r"<text [^>]*>([^<]+)</text>", PICTURE.read_text(encoding="utf-8"))
    expected = [
        text
        for table in TABLES
        for text in (
            table.name,
            *(part for one in table.columns for part in (one.name, str(one.type).lower())),
        )
    ]
    assert sorted(shown) == sorted(expected)
    assert "pictures/store.svg)" in PAGE


@pytest.mark.parametrize("command", store.commands)
def test_every_command_is_on_the_page(command: str) -> None:
    assert f"provlog store {command}" in PAGE


def test_the_further_views_are_on_the_page() -> None:
    for name in {"relation", "statement"} & {*views("sqlite")}:
        assert f"| `{name}` |" in PAGE
