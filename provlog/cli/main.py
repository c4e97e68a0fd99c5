"""The ``provlog`` command, and how it ends."""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

from provlog.cli.batch import batch
from provlog.cli.check import check
from provlog.cli.convert import convert
from provlog.cli.definitions import definitions
from provlog.cli.formats import formats
from provlog.cli.graph import graph
from provlog.cli.lineage import lineage
from provlog.cli.messages import tell
from provlog.cli.nest import nest
from provlog.cli.run import run
from provlog.cli.show import show
from provlog.errors import InputError, OutputError, ProvlogError
from provlog.redaction import masked_text
from provlog.version import __version__

__all__ = ["main"]

DONE = 0
INTERRUPTED = 130
TERMINATED = 143

# Former names of commands, which scripts may still use.
_ALIASES = {"trace": "lineage"}


class _Provlog(click.Group):
    """A group that turns every error that a user can make into one line and an exit code."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, _ALIASES.get(cmd_name, cmd_name))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # Who reads our output has seen enough.
            _abandon_stdout()
            return DONE

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs["standalone_mode"] = False
        # What a termination does to a program that is run.
        kwargs.setdefault("obj", _end_in_order())
        if sys.stderr is None:
            sys.stderr = open(os.devnull, "w")  # noqa: SIM115
        try:
            code = super().main(*args, **kwargs)
            if sys.stdout is not None:
                sys.stdout.flush()
        except ProvlogError as error:
            # Whatever raised it, no secret of a URL is shown.
            tell(f"provlog: {masked_text(str(error))}")
            code = error.exit_code
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            tell("provlog: interrupted")
            code = INTERRUPTED
        except BrokenPipeError:
            _abandon_stdout()
            code = DONE
        except MemoryError:
            tell("provlog: the memory does not suffice")
            code = InputError.exit_code
        except OSError as error:
            _abandon_stdout()
            what = f"{error.filename}:" if error.filename else "standard output"
            tell(f"provlog: {what} cannot be written: {error.strerror}")
            code = OutputError.exit_code
        sys.exit(code or DONE)


def _end_in_order() -> Any:
    """Let a termination clean up as an interruption does; return what it did before."""

    def end(number: int, frame: object) -> NoReturn:
        sys.exit(TERMINATED)

    # Only the main thread of a process may say so.
    with suppress(ValueError):
        return signal.signal(signal.SIGTERM, end)
    return None


def _abandon_stdout() -> None:
    """Keep the interpreter from trying to write what is left, and to complain, at its exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=_Provlog,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="provlog")
def main() -> None:
    """Make W3C PROV documents and pictures of the provenance that analysis programs log.

    \b
    provlog convert run.log -f provn         show what a log says
    provlog convert run.log -o run.json      keep it
    provlog graph run.log -o run.svg         see it
    provlog show run.log                     what is in it, in numbers
    provlog check logs/                      what is wrong with it
    provlog lineage run.log flux.fits        where a result comes from
    provlog batch logs/ -d out/              many logs, each by itself
    provlog formats                          what can be written
    provlog run -d d.yaml analysis.py        record what a program does
    provlog definitions check run.yaml       what is wrong with a definition file

    Exit codes: 0 done, 1 problems with --strict, in a batch or found by check,
    2 wrong usage, 3 an input cannot be read or holds no record, 4 an output
    cannot be written, 130 interrupted, 143 terminated.
    """


main.add_command(batch)
main.add_command(check)
main.add_command(convert)
main.add_command(definitions)
main.add_command(formats)
main.add_command(graph)
main.add_command(lineage)
main.add_command(nest)
main.add_command(run)
main.add_command(show)
