"""``provlog convert``."""

from __future__ import annotations

import click

from provlog.cli.documents import (
    bundles_option,
    check_output,
    chosen_format,
    output_options,
    parameters_option,
    write_output,
)
from provlog.cli.logs import Inputs, log_options, store_option
from provlog.cli.selection import Selection, selection_options
from provlog.writers import FORMATS

__all__ = ["convert"]


@click.command()
@log_options
@store_option
@output_options(default="provjson")
@selection_options
@bundles_option
@parameters_option
def convert(
    inputs: Inputs,
    format_name: str | None,
    output: str,
    selection: Selection,
    bundles: bool,
    parameters: str,
) -> None:
    """Convert one or several LOGS to one PROV document.

    provlog recovers what it can and reports problems on standard error, with file,
    line and column. A LOG may be compressed (gzip, bzip2, xz, zstd) or still growing;
    - is standard input.

    \b
    provlog convert run.log -f provn
    provlog convert night/*.log -o night.xml
    zcat run.log.gz | provlog convert - -f turtle
    provlog convert run.log -o fit.json --activity run_fit --since 2019-10-07T11:00
    provlog convert run.log -o fit.provn --focus fit_result --upstream --depth 3
    """
    format = chosen_format(format_name, output) or FORMATS["provjson"]
    check_output(output, inputs.paths)
    graph, _ = selection.read(inputs, as_stated=True)
    if bundles:
        from provlog.graphs.bundles import in_bundles

        graph = in_bundles(graph)
    write_output(graph, output, format, parameters=parameters)
