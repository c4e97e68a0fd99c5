"""The ``provlog`` command: its subcommands, errors and exit codes."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

from provlog.cli.messages import print_message
from provlog.collector import collector_paused
from provlog.errors import InputError, OutputError, ProvlogError
from provlog.redaction import masked_text
from provlog.version import __version__

__all__ = ["main"]

DONE = 0
INTERRUPTED = 130
TERMINATED = 143

# Where each command is; a command is imported when it is called or listed.
_COMMANDS = {
    "batch": "provlog.cli.batch",
    "check": "provlog.cli.check",
    "convert": "provlog.cli.convert",
    "definitions": "provlog.cli.definitions",
    "explore": "provlog.cli.pictures.explore",
    "formats": "provlog.cli.formats",
    "graph": "provlog.cli.pictures.graph",
    "lineage": "provlog.cli.lineage",
    "nest": "provlog.cli.nest",
    "run": "provlog.cli.run",
    "show": "provlog.cli.show",
    "store": "provlog.cli.store",
}
# Former names of commands, which scripts may still use.
_ALIASES = {"trace": "lineage"}


class _Provlog(click.Group):
    """A group that turns errors into a one-line message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = _ALIASES.get(cmd_name, cmd_name)
        if name not in _COMMANDS:
            return None
        with collector_paused():
            command: click.Command = getattr(importlib.import_module(_COMMANDS[name]), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader of the output has closed it, as head does.
            _abandon_stdout()
            return DONE

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs["standalone_mode"] = False
        # The previous handler of SIGTERM, which a program that is run gets back.
        kwargs.setdefault("obj", _end_in_order())
        if sys.stderr is None:
            sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        try:
            code = super().main(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()
        except ProvlogError as error:
            # No message may show a secret of a URL.
            print_message(f"provlog: {masked_text(str(error))}")
            code = error.exit_code
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            print_message("provlog: interrupted")
            code = INTERRUPTED
        except BrokenPipeError:
            _abandon_stdout()
            code = DONE
        except MemoryError:
            print_message("provlog: out of memory")
            code = InputError.exit_code
        except OSError as error:
            _abandon_stdout()
            what = f"{error.filename}:" if error.filename else "standard output"
            print_message(f"provlog: {what} cannot be written: {error.strerror}")
            code = OutputError.exit_code
        sys.exit(code or DONE)


def _end_in_order() -> Any:
    """Let a termination clean up as an interruption does; return the previous handler."""

    def end(number: int, frame: object) -> NoReturn:
        sys.exit(TERMINATED)

    # Only the main thread of a process may set a handler.
    with suppress(ValueError):
        return signal.signal(signal.SIGTERM, end)
    return None


def _abandon_stdout() -> None:
    """Discard buffered output, so that the interpreter does not fail to write it at exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(context: click.Context, _: click.Parameter, is_wanted: bool) -> None:
    if is_wanted and not context.resilient_parsing:
        from provlog.compiled import running

        click.echo(f"provlog, version {__version__} ({running()})")
        context.exit()


@click.group(
    cls=_Provlog,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Show the version, and whether compiled modules are used, and exit.",
)
def main() -> None:
    """Turn provenance logs into W3C PROV documents and pictures.

    \b
    provlog convert run.log -o run.json      convert a log to PROV-JSON
    provlog graph run.log -o run.svg         draw it
    provlog explore run.log                  explore it in the browser
    provlog show run.log                     summarise it
    provlog lineage run.log flux.fits        show where a result comes from
    provlog check logs/                      find problems
    provlog batch logs/ -d out/              convert many logs
    provlog store add night/*.log            add logs to a database
    provlog run -d d.yaml analysis.py        run a program and record it
    provlog definitions check d.yaml         check a definition file
    provlog formats                          list sources and formats

    Exit codes: 0 success, 1 problems found (by check, in a batch, or with --strict),
    2 wrong usage, 3 unreadable input or no provenance in it, 4 output that cannot be
    written, 130 interrupted, 143 terminated.
    """
