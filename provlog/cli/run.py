"""``provlog run``."""

from __future__ import annotations

import signal
import sys
from contextlib import suppress
from itertools import groupby
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from provlog.cli.messages import print_message
from provlog.errors import DefinitionError

if TYPE_CHECKING:
    from provlog.run.script import Run
    from provlog.run.tracer import Tracer

__all__ = ["run"]

FAILED = 1
INTERRUPTED = 130

# As in provlog.capture.files, whose modules take long to import.
_FILES = ("data", "all", "none")
_METHODS = ("sha256", "sha1", "md5")

_NOTEBOOK = ".ipynb"
_IS_SEPARATED = "provlog.run.is_separated"
_Parts = tuple[type[BaseException], BaseException, TracebackType | None]


class _Run(click.Command):
    """A command that notes whether ``--`` comes before its first argument."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.meta[_IS_SEPARATED] = "--" in args and self._has_options_only(ctx, args)
        return super().parse_args(ctx, args)

    def _has_options_only(self, ctx: click.Context, args: list[str]) -> bool:
        with suppress(click.UsageError):
            before, _, _ = self.make_parser(ctx).parse_args(args[: args.index("--")])
            return not isinstance(before.get("program"), str)
        return False


# Options after PROGRAM belong to the program.
@click.command(cls=_Run, context_settings={"allow_interspersed_args": False})
@click.option(
    "-d",
    "--definitions",
    metavar="FILE",
    type=click.Path(),
    help="YAML file of the activities to trace, with their inputs and outputs.",
)
@click.option(
    "--log",
    metavar="FILE",
    type=click.Path(),
    default="prov.log",
    show_default=True,
    help="The log; records are appended to it.",
)
@click.option(
    "-t",
    "--trace",
    "targets",
    metavar="TARGET",
    multiple=True,
    help="Trace package.module:function, package.module:Class (its public methods), "
    "package.module (all of it) or a pattern such as 'package.module:load_*'. "
    "Omit package.module: for a name in the program itself. auto, the default without "
    "definitions, traces the functions that the top level or the main function calls. Repeatable.",
)
@click.option(
    "--files",
    type=click.Choice(_FILES),
    default="data",
    show_default=True,
    help="Which of the files that the program opens are recorded; data leaves out those of the "
    "system, packages and caches.",
)
@click.option(
    "--ignore",
    metavar="PATTERN",
    multiple=True,
    help="Ignore files and folders, such as '*.tmp' or scratch. Repeatable.",
)
@click.option(
    "--each",
    metavar="N",
    type=click.IntRange(min=0),
    default=1000,
    show_default=True,
    help="Record the first N calls of a function in an activity one by one, later ones together.",
)
@click.option(
    "--hash",
    metavar="METHOD",
    type=click.Choice(_METHODS),
    multiple=True,
    default=("sha256",),
    show_default=True,
    help="The hash that identifies files: sha256, sha1 or md5. Repeatable: the first one "
    "identifies files, further ones are recorded, too (OPUS needs sha1).",
)
@click.option("-m", "is_module", is_flag=True, help="PROGRAM is a module, as for python -m.")
@click.option("-c", "is_code", is_flag=True, help="PROGRAM is Python code, as for python -c.")
@click.argument("program", type=click.Path())
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_obj
def run(
    terminated: Any,
    definitions: str | None,
    log: str,
    targets: tuple[str, ...],
    files: str,
    ignore: tuple[str, ...],
    each: int,
    hash: tuple[str, ...],
    is_module: bool,
    is_code: bool,
    program: str,
    arguments: tuple[str, ...],
) -> None:
    """Run a Python PROGRAM unchanged and record its provenance; - is standard input.

    The program runs as with `python PROGRAM ARGUMENTS` and ends with the same exit
    code (2 if it does not exist, 130 if interrupted). The log records the run itself
    (script, arguments, git commit, exit status, versions of packages), the calls of its
    steps or of the targets in the definitions and -t, and the files that it reads and
    writes, also in processes that the program starts with multiprocessing.

    \b
    provlog run analysis.py --config crab.yaml
    provlog run -d definition.yaml --log run.log analysis.py --config crab.yaml
    provlog run -d definition.yaml -m package.module --verbose
    provlog run -t gammapy.analysis:Analysis analysis.py
    provlog run -t make_spectrum analysis.py
    provlog run -- sort -o sorted.txt events.txt

    PROGRAM may be a notebook (.ipynb): each of its cells is an activity. With a second
    path, the executed notebook is written there.

    After `--`, PROGRAM may be any program. provlog finds its inputs and outputs by the
    files that its arguments name and by the changes in their folders.
    """
    from provlog.run.automatic import STEPS
    from provlog.run.script import Run

    if click.get_current_context().meta[_IS_SEPARATED] and _is_other(program):
        if definitions or targets or is_module:
            raise click.UsageError("-d, -t and -m are for Python programs")
        _restore_termination(terminated)
        _run_other(program, arguments, log, files, ignore, hash)
    if not definitions and not targets:
        targets = (STEPS,)
    wanted = Run(program, is_module, definitions, log, targets, files, ignore, is_code, each, hash)
    if program.endswith(_NOTEBOOK) and wanted.is_file:
        _restore_termination(terminated)
        _run_notebook(wanted, arguments)
    try:
        tracer = wanted.prepared()
    except DefinitionError as error:
        assert definitions
        raise DefinitionError(_report_problems(definitions)) from error
    _restore_termination(terminated)
    _end_as_python_does(wanted, tracer, arguments)


def _is_other(program: str) -> bool:
    from provlog.run.command import executable

    return executable(program) is not None


def _run_other(
    program: str,
    arguments: tuple[str, ...],
    log: str,
    files: str,
    ignore: tuple[str, ...],
    hash: tuple[str, ...],
) -> NoReturn:
    from provlog.capture.capture import Capture
    from provlog.run.command import run_command

    capture = Capture(log=log, files=files, ignore=ignore, hash=hash)
    sys.exit(run_command(capture, program, arguments))


def _run_notebook(wanted: Run, arguments: tuple[str, ...]) -> NoReturn:
    from provlog.run.notebook import run_notebook

    if len(arguments) > 1:
        raise click.UsageError("a notebook takes one argument: the path for the executed notebook")
    run_notebook(wanted, *arguments)
    sys.exit()


def _report_problems(definitions: str) -> str:
    """Print the problems of a definition file as its check does; return a summary."""
    from provlog.definitions.load import examine
    from provlog.diagnostics.severity import Severity

    _, findings = examine(definitions)
    for found in findings:
        print_message(str(found))
    errors = sum(found.severity is Severity.ERROR for found in findings)
    count = "1 error" if errors == 1 else f"{errors} errors"
    return f"{definitions}: {count}; see provlog definitions check {definitions}"


def _restore_termination(handler: Any) -> None:
    """Restore the handler of SIGTERM that was set before provlog started."""
    # None means that it was not set from Python, or that this is not the main thread.
    if handler is not None:
        signal.signal(signal.SIGTERM, handler)


def _end_as_python_does(wanted: Run, tracer: Tracer, arguments: tuple[str, ...]) -> NoReturn:
    """Run the program; show its exceptions as Python does, not as errors of provlog."""
    from provlog.run.program import NoProgramError

    failure: BaseException | None = None
    try:
        wanted.execute(tracer, list(arguments))
    except NoProgramError:
        raise
    except SystemExit:
        _report_missing(wanted, tracer)
        raise
    except BaseException as error:  # noqa: BLE001
        failure = error
    if failure is None:
        _report_missing(wanted, tracer)
        sys.exit()
    # Outside the `except` block, so that sys.exc_info() is empty in the program's hook.
    _show(failure)
    sys.exit(INTERRUPTED if isinstance(failure, KeyboardInterrupt) else FAILED)


def _show(error: BaseException) -> None:
    """Show the exception that ended the program, without provlog's frames."""
    sys.last_type, sys.last_value, sys.last_traceback = shown = _parts(error)
    if sys.version_info >= (3, 12):
        sys.last_exc = error
    if not hasattr(sys, "excepthook"):
        _report("sys.excepthook is missing")
        sys.__excepthook__(*shown)
        return
    failure = _failure_of_hook(shown)
    if failure is not None:
        _report("Error in sys.excepthook:")
        sys.__excepthook__(*_parts(failure))
        _report("\nOriginal exception was:")
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


def _report_missing(wanted: Run, tracer: Tracer) -> None:
    """Report the targets that were never traced, with one line per reason; then those left out."""
    for (is_defined, why), missing in groupby(
        tracer.missing(), key=lambda each: (each[0].activity is not None, each[1])
    ):
        targets = ", ".join(str(target) for target, _ in missing)
        source = wanted.definitions if is_defined else "-t"
        _report(f"provlog: {source} names {targets}, but {why}")
    if names := list(dict.fromkeys(tracer.left_out)):
        options = " ".join(f"-t {name}" for name in names)
        _report(f"provlog: not traced because of decorators: {', '.join(names)}; try {options}")


def _report(line: str) -> None:
    # The program may have closed standard error.
    with suppress(ValueError):
        print_message(line)
