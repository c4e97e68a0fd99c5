"""What all commands that read logs share: arguments, options, reading."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from provlog.cli.messages import show_diagnostics, tell
from provlog.cli.progress import progress_bar

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["PROBLEMS", "STDIN", "declared", "log_options", "namespace_option", "read_logs"]

PROBLEMS = 1
STDIN = "-"

Command = TypeVar("Command", bound=Callable[..., Any])


namespace_option = click.option(
    "--namespace",
    "namespaces",
    metavar="[PREFIX=]IRI",
    multiple=True,
    help="IRI of a prefix of the log's ids; without PREFIX, of 'log'.",
)


def log_options(command: Command) -> Command:
    """Add ``LOGS``, ``--namespace`` and ``--strict`` to a command."""
    for decorate in (
        click.option("--strict", is_flag=True, help="Write nothing if anything in a log is wrong."),
        namespace_option,
        click.argument("logs", nargs=-1, required=True, type=click.Path()),
    ):
        command = decorate(command)
    return command


def read_logs(logs: tuple[str, ...], namespaces: tuple[str, ...], strict: bool) -> ProvGraph:
    """Return the graph of the logs, after telling what was odd in them."""
    from provlog.api import read

    with progress_bar(logs) as progress:
        graph = read(*logs, namespaces=declared(namespaces), progress=progress)
    # The graph lives as long as the process: no collection has to go through it.
    gc.freeze()
    problems = show_diagnostics(graph.diagnostics)
    if strict and problems:
        tell("provlog: nothing is written, because of --strict")
        raise click.exceptions.Exit(PROBLEMS)
    return graph


def declared(namespaces: tuple[str, ...]) -> dict[str, str]:
    """Return the IRIs by prefix that were given as options."""
    return dict(map(_namespace, namespaces))


def _namespace(text: str) -> tuple[str, str]:
    prefix, equals, iri = text.partition("=")
    # An IRI may have an equals sign of its own.
    return (prefix, iri) if equals and ":" not in prefix else ("log", text)
