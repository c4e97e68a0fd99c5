"""The output options of commands, and functions that write documents and pictures."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from provlog.cli.logs import STDIN, Inputs
from provlog.cli.messages import print_message
from provlog.errors import OutputError, UsageError
from provlog.urls import shown
from provlog.writers import ATTRIBUTES, FORMATS, PARAMETERS, Format, format_for_path, format_named
from provlog.writers.pictures.options import Drawing

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = [
    "bundles_option", "check_output", "chosen_format", "completing", "json_option",
    "output_options", "page_title", "parameters_option", "write_output",
]  # fmt: skip

STDOUT = "-"

Command = TypeVar("Command", bound=Callable[..., Any])


def completing(
    formats: Collection[Format],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Return a function that completes the names of formats in a shell."""

    def complete(
        context: click.Context, parameter: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [
            CompletionItem(format.name, help=format.title)
            for format in formats
            if format.name.startswith(incomplete)
        ]

    return complete


def output_options(default: str, *, pictures: bool = False) -> Callable[[Command], Command]:
    """Add ``--format`` and ``--output`` to a command.

    Parameters
    ----------
    default : str
        The default format for standard output, for the help text.
    pictures : bool, optional
        Whether the command writes only pictures.
    """
    formats = [format for format in FORMATS.values() if format.is_picture or not pictures]

    def decorate(command: Command) -> Command:
        command = click.option(
            "-o",
            "--output",
            default=STDOUT,
            type=click.Path(),
            help="Output file, written completely or not at all.  [default: standard output]",
        )(command)
        return click.option(
            "-f",
            "--format",
            "format_name",
            metavar="NAME",
            shell_complete=completing(formats),
            help=f"Output format: {', '.join(format.name for format in formats)}.  "
            f"[default: by the output's suffix; to standard output {default}]",
        )(command)

    return decorate


bundles_option = click.option(
    "--bundles", is_flag=True, help="Put each session into a bundle that it generated."
)

json_option = click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")

parameters_option = click.option(
    "--parameters",
    type=click.Choice(PARAMETERS),
    default=ATTRIBUTES,
    show_default=True,
    help="State parameters as attributes of activities or as entities.",
)


def chosen_format(name: str | None, output: str) -> Format | None:
    """Return the format by its name or by the suffix of the output; ``None`` without either.

    Raises
    ------
    UsageError
        If the format does not exist, if the suffix stands for a picture and the name
        for a document or vice versa, or if binary data would go to a terminal.
    """
    if name is None:
        format = None if output == STDOUT else format_for_path(output)
    else:
        format = format_named(name)
        _check_suffix(output, format)
    if format is not None and format.is_binary:
        _check_terminal(output, format)
    return format


def _check_suffix(output: str, format: Format) -> None:
    """Raise if an output's suffix stands for another kind of output; warn of another format."""
    try:
        usual = format_for_path(output)
    except UsageError:
        return
    if usual is format or output == STDOUT:
        return
    if usual.is_picture != format.is_picture:
        raise UsageError(
            f"{shown(output)}: the suffix stands for {usual.name}, but -f for {format.name}; "
            "change one of them"
        )
    print_message(f"provlog: warning: {shown(output)} will hold {format.name}, not {usual.name}")


def _check_terminal(output: str, format: Format) -> None:
    """Raise if binary data would go to a terminal."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    if output == STDOUT and is_terminal:
        raise UsageError(
            f"{format.name} is binary: write it to a file, -o run{format.suffixes[0]}, or a pipe"
        )


def check_output(output: str, inputs: Iterable[str]) -> None:
    """Raise if the output is one of the inputs."""
    if output == STDOUT or not os.path.exists(output):
        return
    place = os.stat(output)
    for name in inputs:
        with suppress(OSError, ValueError):
            # Standard input may be a file, too.
            source = os.fstat(0) if name == STDIN else os.stat(name)
            if stat.S_ISREG(source.st_mode) and os.path.samestat(source, place):
                raise UsageError(f"{shown(output)}: is an input; name another output")


def page_title(inputs: Inputs) -> str:
    """Return the title of a page: the names of the logs, or their number, or the store."""
    from pathlib import PurePath

    names = [PurePath(shown(log)).name for log in inputs.logs or (inputs.store or "",)]
    return ", ".join(names) if len(names) < 4 else f"{len(names)} logs, from {names[0]}"


def write_output(
    graph: ProvGraph,
    output: str,
    format: Format,
    drawing: Drawing | None = None,
    parameters: str = ATTRIBUTES,
) -> None:
    """Write a document or a picture to a file or to standard output."""
    from provlog.api import write

    def report(message: str) -> None:
        print_message(f"provlog: {message}")

    if output != STDOUT:
        write(graph, output, format.name, drawing=drawing, parameters=parameters, report=report)
        return
    if sys.stdout is None:
        raise OutputError("standard output is closed")
    write(
        graph, sys.stdout.buffer, format.name, drawing=drawing, parameters=parameters, report=report
    )
    sys.stdout.buffer.flush()
