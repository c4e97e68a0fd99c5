"""``provlog convert``."""

from __future__ import annotations

import click

from provlog.cli.documents import check_output, chosen_format, document_options, write_document
from provlog.cli.logs import log_options, read_logs
from provlog.writers import FORMATS

__all__ = ["convert"]


@click.command()
@log_options
@document_options(default="provjson")
@click.option("--since", metavar="TIME", help="Only activities that ran at this time or later.")
@click.option("--until", metavar="TIME", help="Only activities that ran at this time or earlier.")
@click.option(
    "--session", "sessions", metavar="ID", multiple=True, help="Only this session; can be repeated."
)
@click.option(
    "--activity",
    "activities",
    metavar="NAME|ID",
    multiple=True,
    help="Only these activities; can be repeated.",
)
@click.option("--bundles", is_flag=True, help="Put each session into a bundle that it generated.")
def convert(
    logs: tuple[str, ...],
    namespaces: tuple[str, ...],
    strict: bool,
    format_name: str | None,
    output: str,
    since: str | None,
    until: str | None,
    sessions: tuple[str, ...],
    activities: tuple[str, ...],
    bundles: bool,
) -> None:
    """Make one PROV document of one or several LOGS.

    What is wrong with a log goes to standard error, with file, line and column;
    all that can be recovered is recovered. A LOG may be compressed (gzip, bzip2,
    xz, zstd) and may still be growing; - is standard input.

    \b
    provlog convert run.log -f provn
    provlog convert night/*.log -o night.xml
    zcat run.log.gz | provlog convert - -f turtle
    provlog convert run.log -o fit.json --activity run_fit --since 2019-10-07T11:00
    """
    format = chosen_format(format_name, output) or FORMATS["provjson"]
    check_output(output, logs)
    graph = read_logs(logs, namespaces, strict)
    if since is not None or until is not None or sessions or activities:
        from provlog.select import select

        graph = select(graph, since=since, until=until, sessions=sessions, activities=activities)
    if bundles:
        from provlog.bundles import in_bundles

        graph = in_bundles(graph)
    write_document(graph, output, format)
