"""``provlog convert``."""

from __future__ import annotations

import gc
import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from provlog.cli.messages import show_diagnostics, tell
from provlog.cli.progress import progress_bar
from provlog.errors import OutputError, UsageError
from provlog.writers import FORMATS, Format, format_for_path, format_named

if TYPE_CHECKING:
    from provlog.model import ProvGraph

__all__ = ["convert"]

PROBLEMS = 1
STDIN = STDOUT = "-"


def _complete_format(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [
        CompletionItem(format.name, help=format.title)
        for format in FORMATS.values()
        if format.name.startswith(incomplete)
    ]


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@click.option(
    "-f",
    "--format",
    "format_name",
    metavar="NAME",
    shell_complete=_complete_format,
    help=f"Output format: {', '.join(FORMATS)}.  [default: by the output's suffix, else provjson]",
)
@click.option(
    "-o",
    "--output",
    default=STDOUT,
    type=click.Path(),
    help="Output file, written whole or not at all.  [default: standard output]",
)
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
@click.option(
    "--namespace",
    "namespaces",
    metavar="[PREFIX=]IRI",
    multiple=True,
    help="IRI of a prefix of the log's ids; without PREFIX, of 'log'.",
)
@click.option("--strict", is_flag=True, help="Write nothing if anything in a log is wrong.")
def convert(
    logs: tuple[str, ...],
    format_name: str | None,
    output: str,
    since: str | None,
    until: str | None,
    sessions: tuple[str, ...],
    activities: tuple[str, ...],
    bundles: bool,
    namespaces: tuple[str, ...],
    strict: bool,
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
    format = _format(format_name, output)
    _check_output(output, logs)
    declared = dict(map(_namespace, namespaces))

    from provlog.api import read

    with progress_bar(logs) as progress:
        graph = read(*logs, namespaces=declared, progress=progress)
    # The graph lives as long as the process: no collection has to go through it.
    gc.freeze()
    problems = show_diagnostics(graph.diagnostics)
    if strict and problems:
        tell("provlog: nothing is written, because of --strict")
        raise click.exceptions.Exit(PROBLEMS)
    if since is not None or until is not None or sessions or activities:
        from provlog.select import select

        graph = select(graph, since=since, until=until, sessions=sessions, activities=activities)
    if bundles:
        from provlog.bundles import in_bundles

        graph = in_bundles(graph)
    _write(graph, output, format)


def _format(name: str | None, output: str) -> Format:
    if name is not None:
        return format_named(name)
    return FORMATS["provjson"] if output == STDOUT else format_for_path(output)


def _check_output(output: str, logs: tuple[str, ...]) -> None:
    if output == STDOUT or not os.path.exists(output):
        return
    place = os.stat(output)
    for log in logs:
        with suppress(OSError, ValueError):
            # Standard input may be a file, too.
            source = os.fstat(0) if log == STDIN else os.stat(log)
            if stat.S_ISREG(source.st_mode) and os.path.samestat(source, place):
                raise UsageError(f"{output}: is an input; name another output")


def _namespace(text: str) -> tuple[str, str]:
    prefix, equals, iri = text.partition("=")
    # An IRI may have an equals sign of its own.
    return (prefix, iri) if equals and ":" not in prefix else ("log", text)


def _write(graph: ProvGraph, output: str, format: Format) -> None:
    from provlog.api import write

    if output == STDOUT:
        if sys.stdout is None:
            raise OutputError("standard output is closed")
        write(graph, sys.stdout.buffer, format.name)
        sys.stdout.buffer.flush()
    else:
        write(graph, output, format.name)
