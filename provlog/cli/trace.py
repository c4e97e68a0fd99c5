"""``provlog trace``."""

from __future__ import annotations

import json

import click

from provlog.cli.documents import check_output, chosen_format, output_options, write_output
from provlog.cli.logs import Inputs, log_options, read_logs
from provlog.cli.selection import depth_option
from provlog.errors import UsageError
from provlog.writers.pictures.options import Drawing

__all__ = ["trace"]


@click.command()
@log_options
@click.argument("name")
@output_options(default="a tree")
@click.option("--downstream", is_flag=True, help="Show what came of it, not what it comes from.")
@depth_option
@click.option(
    "--json", "as_json", is_flag=True, help="Print the tree as JSON, a row for each line."
)
def trace(
    inputs: Inputs,
    name: str,
    format_name: str | None,
    output: str,
    downstream: bool,
    depth: int | None,
    as_json: bool,
) -> None:
    """Show where one thing in the LOGS comes from, or what came of it.

    NAME is an entity or an activity: its id, its label, its path, its file name,
    its role, or a pattern such as '*.fits'. With a format or an output, its lineage is
    written as a document or drawn.

    \b
    provlog trace run.log dl2_LST-1.Run01809.h5
    provlog trace run.log stacked --downstream --depth 4
    provlog trace night/*.log flux.fits -o flux.provn
    provlog trace night/*.log flux.fits -o flux.svg
    """
    format = chosen_format(format_name, output)
    if format is not None and as_json:
        raise UsageError("--json prints a tree; it does not go together with a format or an output")
    check_output(output, inputs.logs)
    graph = read_logs(inputs)

    from provlog.graphs.select import find_one, lineage
    from provlog.graphs.tree import as_row, lines, walk

    start = find_one(graph, name)
    if format is not None:
        part = lineage(graph, [start], upstream=not downstream, downstream=downstream, depth=depth)
        drawing = Drawing(focus=start.id) if format.is_picture else None
        write_output(part, output, format, drawing)
        return
    steps = walk(graph, start, downstream=downstream, depth=depth)
    if as_json:
        click.echo(json.dumps([as_row(step) for step in steps], indent=1))
    else:
        for line in lines(steps, graph):
            click.echo(line)
