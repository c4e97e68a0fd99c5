"""``provlog check``."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from provlog.cli.logs import definitions_option, reader_option
from provlog.cli.messages import (
    counted,
    format_option,
    print_diagnostics,
    print_message,
    print_text,
    progress_bar,
)
from provlog.errors import InputError, UsageError
from provlog.urls import shown

if TYPE_CHECKING:
    from provlog.diagnostics.diagnostic import Diagnostic

__all__ = ["check"]

FOUND = 1


def _explain(context: click.Context, parameter: click.Parameter, asked: tuple[str, ...]) -> None:
    if not asked:
        return
    from provlog.diagnostics.explain import explained

    print_text("\n".join(explained(_codes(asked))), nl=False)
    context.exit()


@click.command()
@click.argument("logs", nargs=-1, required=True, type=click.Path())
@reader_option
@definitions_option
@format_option
@click.option(
    "--select",
    metavar="CODES",
    multiple=True,
    help="Report only these codes or series: PL1,PL405; can be repeated.",
)
@click.option("--ignore", metavar="CODES", multiple=True, help="Do not report these codes.")
@click.option(
    "--fail-on",
    type=click.Choice(["error", "warning", "note", "never"]),
    default="warning",
    show_default=True,
    help="Exit with 1 if a finding is at least this severe.",
)
@click.option(
    "--explain",
    metavar="CODES",
    multiple=True,
    is_eager=True,
    expose_value=False,
    callback=_explain,
    help="Explain codes with examples and remedies, without LOGS.",
)
def check(
    logs: tuple[str, ...],
    reader: str | None,
    definitions: str | None,
    format_name: str,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fail_on: str,
) -> None:
    """Check the records of LOGS and the provenance in them.

    A LOG is a file, a folder with all files below it, or a pattern; - is standard
    input. All logs together are one graph, which is checked against W3C
    PROV-CONSTRAINTS and for gaps that make it less useful.

    \b
    provlog check run.log
    provlog check logs/ --format github
    provlog check 'night/**/*.log' --ignore PL504 --format sarif > provlog.sarif
    provlog check run.log --select PL7
    provlog check --explain PL405
    """
    wanted = set(_codes(select or ("PL",))) - set(_codes(ignore))
    found, paths = _findings(logs, reader, definitions, bool(select))
    findings = [diagnostic for diagnostic in found if diagnostic.code in wanted]
    print_diagnostics(findings, format_name)
    if format_name == "text" and (paths or findings):
        _sum_up(findings, len(paths))
    unreadable = {diagnostic.origin.file for diagnostic in found if diagnostic.code == "PL003"}
    if unreadable.issuperset(paths):
        names = ", ".join(map(shown, logs))
        raise InputError(f"{names}: no log {'could be read' if found else 'found'}")
    if _fails(findings, fail_on):
        raise click.exceptions.Exit(FOUND)


def _codes(asked: Iterable[str]) -> list[str]:
    """Return the codes that begin with one of the given texts."""
    from provlog.diagnostics.codes import CODES

    found: dict[str, None] = {}
    for beginning in (text.strip().upper() for item in asked for text in item.split(",")):
        fitting = [code for code in CODES if beginning and code.startswith(beginning)]
        if not fitting:
            raise UsageError(f"no code begins with {beginning!r}; there are {', '.join(CODES)}")
        found.update(dict.fromkeys(fitting))
    return list(found)


def _findings(
    logs: tuple[str, ...], reader: str | None, definitions: str | None, is_selection: bool
) -> tuple[list[Diagnostic], list[str]]:
    """Return the findings, and the names of the logs in messages."""
    from provlog.api import check as check_logs
    from provlog.files.find import find_logs
    from provlog.files.source import display_name

    found: list[Diagnostic] = []
    paths = [log.path for log in find_logs(logs, found.append)]
    if paths:
        with progress_bar(paths) as progress:
            found += check_logs(
                *paths,
                reader=reader,
                definitions=definitions,
                # Most logs are incomplete in the IVOA's terms: report it on request only.
                completeness=is_selection,
                progress=progress,
            )
    # All objects live as long as the process, so the garbage collector need not visit them.
    gc.freeze()
    return found, [display_name(path) for path in paths]


def _sum_up(findings: Iterable[Diagnostic], logs: int) -> None:
    codes = Counter(diagnostic.code for diagnostic in findings)
    nothing = f"{logs} log{'' if logs == 1 else 's'}, nothing found"
    print_message(f"provlog: {counted(codes) if codes else nothing}")


def _fails(findings: Iterable[Diagnostic], fail_on: str) -> bool:
    from provlog.diagnostics.severity import FAIL_ON

    return any(diagnostic.severity in FAIL_ON[fail_on] for diagnostic in findings)
