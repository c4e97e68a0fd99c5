"""The ``provlog`` command, and how it ends."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import Any, NoReturn

import click

import provlog
from provlog.cli.convert import convert
from provlog.cli.formats import formats
from provlog.errors import ProvlogError

__all__ = ["main"]

INTERRUPTED = 130


class _Provlog(click.Group):
    """A group that turns every error that a user can make into one line and an exit code."""

    def main(self, *args: Any, **kwargs: Any) -> NoReturn:
        kwargs["standalone_mode"] = False
        try:
            code = super().main(*args, **kwargs)
            sys.stdout.flush()
        except ProvlogError as error:
            click.echo(f"provlog: {error}", err=True)
            code = error.exit_code
        except click.ClickException as error:
            error.show()
            code = error.exit_code
        except (KeyboardInterrupt, click.Abort):
            click.echo("provlog: interrupted", err=True)
            code = INTERRUPTED
        except BrokenPipeError:
            # Who reads our output has seen enough.
            _abandon_stdout()
            code = 0
        except OSError as error:
            _abandon_stdout()
            click.echo(f"provlog: standard output cannot be written: {error.strerror}", err=True)
            code = 4
        sys.exit(code or 0)


def _abandon_stdout() -> None:
    """Keep the interpreter from trying to write what is left, and to complain, at its exit."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(
    cls=_Provlog,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(provlog.__version__, prog_name="provlog")
def main() -> None:
    """Make W3C PROV documents of the provenance that analysis programs leave in their logs.

    \b
    provlog convert run.log -f provn         show what a log says
    provlog convert run.log -o run.json      keep it
    provlog formats                          what can be written

    Exit codes: 0 done, 1 problems with --strict, 2 wrong usage, 3 an input
    cannot be read or holds no record, 4 an output cannot be written,
    130 interrupted.
    """


main.add_command(convert)
main.add_command(formats)
