"""``provlog definitions``."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING

import click

from provlog.cli.messages import format_option, print_diagnostics, print_message, print_text
from provlog.errors import InputError

if TYPE_CHECKING:
    from provlog.definitions.classes import Definitions
    from provlog.diagnostics.diagnostic import Diagnostic

__all__ = ["definitions"]

FOUND = 1


@click.group()
def definitions() -> None:
    """Check or draft definition files.

    A definition file describes the activities of a program: their parameters, and the
    entities that they use and generate.

    \b
    provlog definitions check definition.yaml
    provlog definitions draft mypackage.analysis:Analysis > definition.yaml
    """


@definitions.command()
@click.argument("files", nargs=-1, required=True, type=click.Path())
@format_option
def check(files: tuple[str, ...], format_name: str) -> None:
    """Report all faults in definition FILES, each with its line and code.

    \b
    provlog definitions check definition.yaml
    provlog definitions check definitions/*.yaml --format github
    provlog check --explain PL6

    Exit codes: 0 no errors, 1 errors, 3 a file cannot be read.
    """
    from provlog.definitions.load import examine

    findings: list[Diagnostic] = []
    sums: list[str] = []
    has_errors = is_unreadable = False
    for file in files:
        try:
            found, of_file = examine(file, with_review=True)
        except InputError as error:
            sums.append(str(error))
            is_unreadable = True
        else:
            findings += of_file
            sums.append(f"{file}: {', '.join(_counts(found, of_file))}")
            has_errors |= found is None
    print_diagnostics(findings, format_name)
    if format_name == "text" or is_unreadable:
        for line in sums:
            print_message(f"provlog: {line}")
    if is_unreadable or has_errors:
        raise click.exceptions.Exit(InputError.exit_code if is_unreadable else FOUND)


def _counts(found: Definitions | None, findings: list[Diagnostic]) -> Iterator[str]:
    """Yield the numbers of definitions, errors and warnings."""
    if found is not None:
        yield _number(len(found.activities), "activity")
        yield _number(len(found.entities), "entity")
    severities = Counter(str(item.severity) for item in findings)
    for severity in ("error", "warning"):
        if severities[severity]:
            yield _number(severities[severity], severity)


def _number(count: int, noun: str) -> str:
    return f"{count} {noun if count == 1 else _PLURALS[noun]}"


_PLURALS = {
    "activity": "activities", "entity": "entities", "error": "errors", "warning": "warnings",
}  # fmt: skip


@definitions.command()
@click.argument("targets", metavar="TARGETS...", nargs=-1, required=True)
def draft(targets: tuple[str, ...]) -> None:
    """Print the draft of a definition file for the modules, classes and functions in TARGETS.

    The draft describes the functions of a module and the public methods of its classes:
    their parameters, and what they use and generate, guessed from annotations, docstrings
    and names. Docstrings may be in numpydoc, Google or Sphinx style. provlog imports the
    modules, also from the current folder.

    A log of provlog is a target, too: its draft describes the functions that were recorded,
    with the types, files and members that they had.

    \b
    provlog definitions draft mypackage.analysis:Analysis > definition.yaml
    provlog definitions draft mypackage.io > definition.yaml
    provlog definitions draft run.log > definition.yaml
    """
    if all(map(os.path.isfile, targets)):
        print_text(_draft_of_logs(targets), nl=False)
        return
    from provlog.definitions.draft import draft as drafted

    # Modules may print during their import: the draft alone goes to standard output.
    with _importing(), redirect_stdout(sys.stderr):
        text = drafted(targets)
    print_text(text, nl=False)


def _draft_of_logs(logs: tuple[str, ...]) -> str:
    from provlog.api import read
    from provlog.definitions.draft_run import draft_of_run
    from provlog.run.places import places_of_steps

    graph = read(*logs)
    return draft_of_run(graph, places_of_steps(graph))


@contextmanager
def _importing() -> Iterator[None]:
    """Search modules in the current folder first, and hide the arguments of provlog from them."""
    before, arguments = sys.path[:], sys.argv
    sys.path.insert(0, os.getcwd())
    sys.argv = [""]
    try:
        yield
    finally:
        sys.path[:] = before
        sys.argv = arguments
