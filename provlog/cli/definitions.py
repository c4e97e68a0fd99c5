"""``provlog definitions``."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sized
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

import click

from provlog.cli.messages import tell
from provlog.errors import InputError

if TYPE_CHECKING:
    from provlog.definitions.problems import Problem

__all__ = ["definitions"]

FOUND = 1


@click.group()
def definitions() -> None:
    """Check definition files, or draft one.

    A definition file says what the activities of a program are, with their parameters,
    and what they use and generate.

    \b
    provlog definitions check definition.yaml
    provlog definitions draft mypackage.analysis:Analysis > definition.yaml
    """


@definitions.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
def check(files: tuple[str, ...]) -> None:
    """Check definition FILES: all that is wrong with them, with its line.

    \b
    provlog definitions check definition.yaml
    provlog definitions check definitions/*.yaml

    Exit codes: 0 no errors, 1 errors, 3 a file cannot be read.
    """
    has_errors = is_unreadable = False
    for file in files:
        try:
            has_errors |= not _is_valid(file)
        except InputError as error:
            tell(f"provlog: {error}")
            is_unreadable = True
    if is_unreadable or has_errors:
        raise click.exceptions.Exit(InputError.exit_code if is_unreadable else FOUND)


def _is_valid(file: str) -> bool:
    """Print what is wrong with a file, and tell how much it defines, or how much is wrong."""
    from provlog.definitions.load import examine

    found, problems = examine(file)
    for problem in problems:
        click.echo(str(problem))
    if found is None:
        tell(f"provlog: {file}: {', '.join(_counted(problems))}")
        return False
    sums = [_number(found.activities, "activity"), _number(found.entities, "entity")]
    tell(f"provlog: {file}: {', '.join([*sums, *_counted(problems)])}")
    return True


def _counted(problems: list[Problem]) -> list[str]:
    """Return how many errors and how many warnings there are, if any."""
    from provlog.diagnostics.codes import Severity

    of_kind = {
        word: [problem for problem in problems if problem.severity is severity]
        for word, severity in {"error": Severity.ERROR, "warning": Severity.WARNING}.items()
    }
    return [_number(found, word) for word, found in of_kind.items() if found]


def _number(found: Sized, what: str) -> str:
    return f"{len(found)} {what if len(found) == 1 else _PLURALS[what]}"


_PLURALS = {
    "activity": "activities", "entity": "entities", "error": "errors", "warning": "warnings",
}  # fmt: skip


@definitions.command()
@click.argument("targets", metavar="TARGETS...", nargs=-1, required=True)
def draft(targets: tuple[str, ...]) -> None:
    """Print the draft of a definition file for the classes and functions in TARGETS.

    The draft describes the public methods of a class: their parameters, and what they
    use and generate, guessed from annotations, docstrings and names. Docstrings may be
    in numpydoc, Google or Sphinx style. provlog imports the modules, also from the
    current folder.

    \b
    provlog definitions draft mypackage.analysis:Analysis > definition.yaml
    provlog definitions draft mypackage.io:read_events mypackage.io:write_events
    """
    from provlog.definitions.draft import draft as drafted

    # Modules may print during their import: the draft alone goes to standard output.
    with _current_folder_first(), redirect_stdout(sys.stderr):
        text = drafted(targets)
    click.echo(text, nl=False)


@contextmanager
def _current_folder_first() -> Iterator[None]:
    """Search modules in the current folder first, as ``python -m`` does."""
    before = sys.path[:]
    sys.path.insert(0, os.getcwd())
    try:
        yield
    finally:
        sys.path[:] = before
