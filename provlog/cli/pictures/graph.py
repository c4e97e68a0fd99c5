"""``provlog graph``."""

from __future__ import annotations

import click

from provlog.cli.documents import (
    check_output,
    chosen_format,
    output_options,
    page_title,
    write_output,
)
from provlog.cli.logs import Inputs, log_options, store_option
from provlog.cli.selection import Selection, selection_options
from provlog.errors import UsageError
from provlog.writers import FORMATS
from provlog.writers.pictures.options import DIRECTIONS, MEMBERS, Drawing
from provlog.writers.pictures.themes import THEMES

__all__ = ["graph"]

_DEFAULT = Drawing()

# Edges lead from effect to cause, against time.
TIMES = {"down": "BT", "up": "TB", "right": "RL", "left": "LR"}


@click.command()
@log_options
@store_option
@output_options(default="svg", pictures=True)
@selection_options
@click.option(
    "--members",
    type=click.Choice(MEMBERS),
    default=_DEFAULT.members,
    show_default=True,
    help="Draw members of collections; auto folds many into their collection.",
)
@click.option("--parameters", is_flag=True, help="Show the parameters of activities.")
@click.option("--attributes", is_flag=True, help="Show other attributes.")
@click.option("--descriptions", is_flag=True, help="Draw descriptions.")
@click.option("--agents/--no-agents", default=True, help="Show agents.  [default: agents]")
@click.option(
    "--direction",
    type=click.Choice(DIRECTIONS),
    default=_DEFAULT.direction,
    show_default=True,
    help="Direction of edges, from effect to cause: BT is bottom to top.",
)
@click.option(
    "--time-direction",
    type=click.Choice(TIMES),
    help="Direction of time instead: right has data on the left and results on the right.",
)
@click.option(
    "--theme",
    type=click.Choice(THEMES),
    default=_DEFAULT.theme,
    show_default=True,
    help="Colours.",
)
@click.option("--title", default="", help="Title of the picture.")
@click.option("--legend", is_flag=True, help="Explain shapes and edges.")
@click.option(
    "--max-nodes",
    type=click.IntRange(min=0),
    default=_DEFAULT.max_nodes,
    show_default=True,
    metavar="N",
    help="Fold the graph until at most N nodes remain, not counting notes; 0 folds nothing.",
)
def graph(
    inputs: Inputs,
    format_name: str | None,
    output: str,
    selection: Selection,
    time_direction: str | None,
    **drawing: str | int | bool,
) -> None:
    """Draw the provenance in LOGS as SVG, PNG, PDF or DOT, or as a page to explore (HTML).

    Entities are yellow ellipses, activities blue boxes, agents orange houses, sessions
    frames. Edges lead from effect to cause. In SVG, tooltips show all attributes.

    \b
    provlog graph run.log -o run.svg
    provlog graph run.log -o fit.png --focus fit_result --upstream --depth 3
    provlog graph night/*.log -o night.pdf --direction LR --no-agents --legend
    """
    format = chosen_format(format_name, output) or FORMATS["svg"]
    if not format.is_picture:
        pictures = ", ".join(format.name for format in FORMATS.values() if format.is_picture)
        raise UsageError(f"graph draws {pictures}; write {format.name} with provlog convert")
    check_output(output, inputs.paths)
    part, focus = selection.read(inputs)
    if time_direction is not None:
        drawing["direction"] = TIMES[time_direction]
    if format.name == "html":
        drawing["title"] = drawing["title"] or page_title(inputs)
    write_output(part, output, format, Drawing(focus=focus, **drawing))  # type: ignore[arg-type]
