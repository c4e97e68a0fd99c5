"""``provlog show``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from provlog.cli.documents import json_option
from provlog.cli.logs import Inputs, log_options, store_option
from provlog.cli.messages import is_encodable, print_json, print_text
from provlog.cli.selection import Period, period_options

if TYPE_CHECKING:
    from rich.console import RenderableType

    from provlog.model.graph import ProvGraph

__all__ = ["show"]

_MOST_ENTITIES = 20


@click.command()
@log_options
@store_option
@period_options
@json_option
@click.option(
    "--fair",
    is_flag=True,
    help="Count the elements that are findable, accessible, interoperable and reusable (FAIR).",
)
def show(inputs: Inputs, period: Period, as_json: bool, fair: bool) -> None:
    """Summarise LOGS: sessions, activities, entities, inputs, outputs, diagnostics.

    \b
    provlog show run.log
    provlog show night/*.log --json
    provlog show night/*.log --since 2019-10-07 --session 01807
    """
    graph = period.read(inputs)

    if fair:
        _show_fair(graph, as_json)
        return

    from provlog.graphs.summary import summary

    found = summary(graph)
    if as_json:
        print_json(found)
        return
    _print(_tables(found))


def _show_fair(graph: ProvGraph, as_json: bool) -> None:
    from provlog.graphs.fair import fair

    criteria = fair(graph)
    if as_json:
        print_json([item._asdict() for item in criteria])
        return
    rows = [
        (item.principle, item.criterion, f"{item.met:,} of {item.total:,}") for item in criteria
    ]
    _print([_table(("principle", "criterion", "met by"), rows)])


def _tables(found: dict[str, Any]) -> Iterable[RenderableType]:
    from provlog.diagnostics.codes import CODES
    from provlog.text import clock, duration

    def took(seconds: float | None) -> str:
        return "" if seconds is None else duration(seconds)

    yield _table(
        ("session", "id", "host", "software", "by", "start", "duration", "activities"),
        [
            (
                row["name"] or "(no session)", row["id"] if row["id"] != row["name"] else "",
                row["host"], ", ".join(row["software"]), ", ".join(row["agents"]),
                clock(row["start"]), took(row["seconds"]), row["activities"],
            )
            for row in found["sessions"]
        ],
    )  # fmt: skip
    yield _table(
        ("activity", "count", "total", "mean", "failed", "no end"),
        [
            (
                row["name"], row["count"], took(row["seconds"]), took(row["mean_seconds"]),
                row["failed"] or "", row["unfinished"] or "",
            )
            for row in found["activities"]
        ],
    )  # fmt: skip
    if found["programs"]:
        facts = [(row["name"], fact) for row in found["programs"] for fact in row["facts"]]
        yield _table(
            ("program", "fact", "value"),
            [(name, fact["name"], fact["value"]) for name, fact in facts],
        )
    if found["descriptions"]:
        yield _table(
            ("activity", "description"),
            [(row["name"], row["description"]) for row in found["descriptions"]],
        )
    described = [*found["descriptions"], *found["parameters"]]
    if lines := [(row["name"], line) for row in described for line in row["parameters"]]:
        yield _table(("activity", "parameter"), lines)
    yield _table(("entity type", "count"), found["entities"].items())
    for title in ("inputs", "outputs"):
        rows = found[title]
        if not rows:
            continue
        yield _table(
            (title[:-1], "type", "location or id"),
            [(row["label"], row["type"], _place(row)) for row in rows[:_MOST_ENTITIES]],
        )
        if len(rows) > _MOST_ENTITIES:
            yield f"... and {len(rows) - _MOST_ENTITIES} more {title}; --json shows all"
    if found["diagnostics"]:
        yield _table(
            ("diagnostic", "count", "meaning"),
            [(code, count, CODES[code].title) for code, count in found["diagnostics"].items()],
        )


def _place(row: dict[str, Any]) -> str:
    place = str(row["location"] or row["id"])
    return place if place != row["label"] else ""


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> RenderableType:
    from rich.table import Table
    from rich.text import Text

    from provlog.text import printable

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    cells = [["" if cell is None else cell for cell in row] for row in rows]
    for number, name in enumerate(header):
        is_number = any(isinstance(row[number], int) for row in cells)
        table.add_column(
            name,
            justify="right" if is_number else "left",
            no_wrap=True,
            overflow="ellipsis" if is_encodable("\N{HORIZONTAL ELLIPSIS}") else "crop",
        )
    for row in cells:
        # Labels may contain text that looks like rich's markup.
        table.add_row(*(Text(printable(str(cell))) for cell in row))
    return table


def _print(tables: Iterable[RenderableType]) -> None:
    from rich.console import Console

    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    # Lines in files and pipes are not cut.
    width = None if is_terminal else 10_000
    console = Console(width=width, highlight=False, markup=False)
    for number, table in enumerate(tables):
        with console.capture() as capture:
            console.print(table)
        if number:
            print_text()
        for line in capture.get().splitlines():
            print_text(line.rstrip())
