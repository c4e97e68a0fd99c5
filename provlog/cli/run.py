"""``provlog run``."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from provlog.cli.messages import tell
from provlog.errors import DefinitionError

if TYPE_CHECKING:
    from provlog.run.script import Run
    from provlog.run.tracer import Tracer

__all__ = ["run"]

FAILED = 1
INTERRUPTED = 130

_Parts = tuple[type[BaseException], BaseException, TracebackType | None]


# What stands behind the program is the program's.
@click.command(context_settings={"allow_interspersed_args": False})
@click.option(
    "-d",
    "--definitions",
    metavar="FILE",
    type=click.Path(),
    help="YAML file of the activities to trace, with what they use and generate.",
)
@click.option(
    "--log",
    metavar="FILE",
    type=click.Path(),
    default="prov.log",
    show_default=True,
    help="Where the records go; they are added to what is there.",
)
@click.option(
    "-t",
    "--trace",
    "places",
    metavar="PLACE",
    multiple=True,
    help="Trace this, too: package.module:Class (its public methods), package.module:function; "
    "without package.module:, in the program itself; can be repeated.",
)
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module, as with python -m.")
@click.argument("program", type=click.Path())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def run(
    terminated: Any,
    definitions: str | None,
    log: str,
    places: tuple[str, ...],
    is_module: bool,
    program: str,
    arguments: tuple[str, ...],
) -> None:
    """Run a Python PROGRAM as it is, and record the provenance of what it does.

    It runs as `python PROGRAM ARGUMENTS` does, and ends with the same exit code
    (2 if there is no such program, 130 if interrupted). Each call of a function or
    method that the definitions name, or a -t, is recorded in the log, also in
    processes that the program starts with multiprocessing.

    \b
    provlog run -d definition.yaml --log run.log analysis.py --config crab.yaml
    provlog run -d definition.yaml -m package.module --verbose
    provlog run -t gammapy.analysis:Analysis analysis.py
    provlog run -t make_spectrum analysis.py
    """
    if not (definitions or places):
        raise click.UsageError("nothing is to be traced: -d or -t is missing")
    from provlog.run.script import Run

    wanted = Run(program, is_module, definitions, log, places)
    try:
        tracer = wanted.prepared()
    except DefinitionError as error:
        assert definitions
        raise DefinitionError(_told_in_full(definitions)) from error
    _leave_termination_to_it(terminated)
    _end_as_python_does(wanted, tracer, arguments)


def _told_in_full(definitions: str) -> str:
    """Tell what is wrong with a definition file as its check does; return the sum."""
    from provlog.definitions.load import examine
    from provlog.diagnostics.codes import Severity

    _, problems = examine(definitions)
    for problem in problems:
        tell(str(problem))
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    count = "1 error" if errors == 1 else f"{errors} errors"
    return f"{definitions}: {count}; see provlog definitions check {definitions}"


def _leave_termination_to_it(handler: Any) -> None:
    """Let a termination do again what it did before provlog began."""
    # A handler that is not Python's, or not the main thread's to set, is none.
    if handler is not None:
        signal.signal(signal.SIGTERM, handler)


def _end_as_python_does(wanted: Run, tracer: Tracer, arguments: tuple[str, ...]) -> NoReturn:
    """Run the program; nothing that it raises is provlog's own error."""
    from provlog.run.program import NoProgramError

    failure: BaseException | None = None
    try:
        wanted.execute(tracer, list(arguments))
    except NoProgramError:
        raise
    except SystemExit:
        _tell_missing(wanted, tracer)
        raise
    except BaseException as error:  # noqa: BLE001
        failure = error
    if failure is None:
        _tell_missing(wanted, tracer)
        sys.exit()
    # The program's hook finds no exception that is being handled.
    _show(failure)
    sys.exit(INTERRUPTED if isinstance(failure, KeyboardInterrupt) else FAILED)


def _show(error: BaseException) -> None:
    """Show what ended the program, from its own frames on."""
    sys.last_type, sys.last_value, sys.last_traceback = shown = _parts(error)
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    if not hasattr(sys, "excepthook"):
        _tell("sys.excepthook is missing")
        sys.__excepthook__(*shown)
        return
    failure = _failure_of_hook(shown)
    if failure is not None:
        _tell("Error in sys.excepthook:")
        sys.__excepthook__(*_parts(failure))
        _tell("\nOriginal exception was:")
        sys.__excepthook__(*shown)


def _failure_of_hook(shown: _Parts) -> BaseException | None:
    try:
        sys.excepthook(*shown)
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001
        return error
    return None


def _parts(error: BaseException) -> _Parts:
    frames = error.__traceback__
    while frames and str(frames.tb_frame.f_globals.get("__name__")).startswith("provlog."):
        frames = frames.tb_next
    return type(error), error.with_traceback(frames), frames


def _tell_missing(wanted: Run, tracer: Tracer) -> None:
    """Tell in a line for each reason what was to be traced and was not."""
    for (by, why), missing in groupby(
        tracer.missing(), key=lambda each: (each[0].activity is not None, each[1])
    ):
        places = ", ".join(target.place for target, _ in missing)
        who = f"{wanted.definitions} names" if by else "-t names"
        _tell(f"provlog: {who} {places}, but {why}")


def _tell(line: str) -> None:
    # The program may have closed standard error.
    with suppress(ValueError):
        tell(line)
