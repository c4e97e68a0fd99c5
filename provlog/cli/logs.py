"""The input arguments and options of commands, and functions that read the inputs."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from provlog.cli.messages import print_message, progress_bar, show_diagnostics
from provlog.collector import collector_paused
from provlog.errors import UsageError
from provlog.readers import READERS

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph
    from provlog.store.store import Store

__all__ = [
    "PROBLEMS", "STDIN", "Inputs", "declared", "definitions_option", "log_options",
    "namespace_option", "no_descriptions_option", "open_store", "read_logs", "reader_option",
    "report_problems", "store_option",
]  # fmt: skip

PROBLEMS = 1
STDIN = "-"


class Inputs(NamedTuple):
    """The logs of a command with the options for reading them, or the store that has them."""

    logs: tuple[str, ...]
    namespaces: tuple[str, ...]
    reader: str | None
    definitions: str | None
    no_descriptions: bool
    strict: bool
    store: str | None = None

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths and URLs of the logs and the store."""
        if self.store is None:
            return self.logs
        from provlog.store.database.connection import shown_url, url_of

        return (*self.logs, shown_url(url_of(self.store)))


namespace_option = click.option(
    "--namespace",
    "namespaces",
    metavar="[PREFIX=]IRI",
    multiple=True,
    help="IRI of a prefix in the ids of LOGS; without PREFIX, that of 'log'.",
)


def _completed(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    return [
        CompletionItem(reader.name, help=reader.title)
        for reader in READERS.values()
        if reader.name.startswith(incomplete)
    ]


reader_option = click.option(
    "--from",
    "reader",
    metavar="NAME",
    shell_complete=_completed,
    help="Kind of source of all LOGS; see 'provlog formats'.  [default: detect it]",
)


class _Logs(click.Argument):
    """The argument ``LOGS``, which a store makes optional.

    A single argument goes to the NAME that follows LOGS. Then NAME is missing, not LOGS.
    """

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        has_some = isinstance(value, (list, tuple)) and bool(value)
        if isinstance(ctx.params.get("store"), str) and not has_some:
            return ()
        try:
            return super().process_value(ctx, value)
        except click.MissingParameter as error:
            *_, error.param = (one for one in ctx.command.params if isinstance(one, click.Argument))
            raise


definitions_option = click.option(
    "--definitions",
    type=click.Path(),
    metavar="FILE",
    help="Describe activities and entities by this definition file.  "
    "[default: by the definitions in the LOGS]",
)

store_option = click.option(
    "--store",
    metavar="FILE|URL",
    is_eager=True,
    help="Take the provenance from this store; LOGS are then some of its logs.",
)

no_descriptions_option = click.option(
    "--no-descriptions",
    is_flag=True,
    help="Omit descriptions, both from definitions and in documents.",
)

_OPTIONS = (
    click.argument("logs", cls=_Logs, nargs=-1, required=True, type=click.Path()),
    namespace_option,
    reader_option,
    definitions_option,
    no_descriptions_option,
    click.option("--strict", is_flag=True, help="Write nothing if there is an error or a warning."),
)


def log_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add ``LOGS`` and their options; the command receives ``inputs``."""

    @wraps(command)
    def with_inputs(**given: Any) -> Any:
        inputs = Inputs(**{name: given.pop(name) for name in Inputs._fields if name in given})
        return command(inputs=inputs, **given)

    for option in _OPTIONS:
        with_inputs = option(with_inputs)
    return with_inputs


def read_logs(inputs: Inputs) -> ProvGraph:
    """Read logs into a graph and report their problems."""
    # Otherwise the garbage collector would visit the whole graph before it is frozen.
    with collector_paused():
        graph = _stored(inputs) if inputs.store is not None else _read(inputs)
        return report_problems(inputs, graph)


def _stored(inputs: Inputs) -> ProvGraph:
    with open_store(inputs) as store:
        return store.graph(*inputs.logs)


def open_store(inputs: Inputs) -> Store:
    """Open the store of a command.

    Raises
    ------
    UsageError
        If the command has options for reading logs.
    """
    from provlog.store.store import Store

    assert inputs.store is not None
    if inputs.namespaces or inputs.reader or inputs.definitions or inputs.no_descriptions:
        raise UsageError(
            "--namespace, --from, --definitions and --no-descriptions are for reading logs; "
            "give them to provlog store add"
        )
    return Store(inputs.store, create=False)


def _read(inputs: Inputs) -> ProvGraph:
    from provlog.api import read

    with progress_bar(inputs.logs) as progress:
        return read(
            *inputs.logs,
            namespaces=declared(inputs.namespaces),
            reader=inputs.reader,
            definitions=inputs.definitions,
            descriptions=not inputs.no_descriptions,
            progress=progress,
        )


def report_problems(inputs: Inputs, graph: ProvGraph) -> ProvGraph:
    """Report the problems of a graph, and return it.

    Raises
    ------
    click.exceptions.Exit
        If there are any and the command is strict.
    """
    # The graph lives as long as the process, so the garbage collector need not visit it.
    gc.freeze()
    problems = show_diagnostics(graph.diagnostics)
    if inputs.strict and problems:
        print_message("provlog: nothing written, because of --strict")
        raise click.exceptions.Exit(PROBLEMS)
    return graph


def declared(namespaces: tuple[str, ...]) -> dict[str, str]:
    """Return the IRIs by prefix, from the options."""
    return dict(map(_namespace, namespaces))


def _namespace(text: str) -> tuple[str, str]:
    prefix, equals, iri = text.partition("=")
    # An IRI may have an equals sign of its own.
    return (prefix, iri) if equals and ":" not in prefix else ("log", text)
