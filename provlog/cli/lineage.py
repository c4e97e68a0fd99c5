"""``provlog lineage``."""

from __future__ import annotations

import click

from provlog.cli.documents import check_output, chosen_format, output_options, write_output
from provlog.cli.logs import Inputs, log_options, store_option
from provlog.cli.messages import is_encodable, print_json, print_text
from provlog.cli.selection import Period, depth_option, lineage_in_store, period_options
from provlog.errors import UsageError
from provlog.writers.pictures.options import Drawing

__all__ = ["lineage"]


@click.command()
@log_options
@store_option
@click.argument("name")
@output_options(default="a tree")
@click.option(
    "--upstream/--downstream",
    default=True,
    help="Show what NAME comes from, or what comes from it.  [default: upstream]",
)
@depth_option
@period_options
@click.option("--json", "as_json", is_flag=True, help="Print the tree as JSON.")
def lineage(
    inputs: Inputs,
    name: str,
    format_name: str | None,
    output: str,
    upstream: bool,
    depth: int | None,
    period: Period,
    as_json: bool,
) -> None:
    """Show what NAME comes from, or what comes from it.

    NAME is an entity or activity in the LOGS: its id, label, path, file name or role,
    or a pattern such as '*.fits'. Without -f or -o, the lineage is printed as a
    tree; with them, it is written as a document or drawn.

    \b
    provlog lineage run.log dl2_LST-1.Run01809.h5
    provlog lineage run.log stacked --downstream --depth 4
    provlog lineage night/*.log flux.fits -o flux.provn
    provlog lineage night/*.log flux.fits -o flux.svg
    """
    format = chosen_format(format_name, output)
    if format is not None and as_json:
        raise UsageError("--json prints the tree; use it without -f and -o")
    check_output(output, inputs.paths)

    from provlog.graphs.lineage import lineage as lineage_of
    from provlog.graphs.lookup import find_one
    from provlog.graphs.tree import ASCII_GUIDES, GUIDES, as_row, lines, walk

    # The tree marks where it could go on.
    further = depth + 1 if depth is not None else None
    stored = lineage_in_store(inputs, period, name, upstream, not upstream, further)
    graph = stored[0] if stored is not None else period.read(inputs)
    start = find_one(graph, name if stored is None else stored[1])
    if format is not None:
        part = lineage_of(graph, [start], upstream=upstream, downstream=not upstream, depth=depth)
        drawing = Drawing(focus=start.id) if format.is_picture else None
        write_output(part, output, format, drawing)
        return
    steps = walk(graph, start, downstream=not upstream, depth=depth)
    if as_json:
        print_json([as_row(step) for step in steps])
    else:
        guides = GUIDES if is_encodable("".join(GUIDES)) else ASCII_GUIDES
        for line in lines(steps, graph, guides):
            print_text(line)
