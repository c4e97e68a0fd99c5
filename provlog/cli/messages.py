"""Print messages on standard error and diagnostics on either stream."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

import click

from provlog.diagnostics.listings import LISTINGS
from provlog.errors import OutputError

if TYPE_CHECKING:
    from provlog.diagnostics.diagnostic import Diagnostic

__all__ = [
    "counted",
    "format_option",
    "is_encodable",
    "print_diagnostics",
    "print_message",
    "print_text",
    "show_diagnostics",
]  # fmt: skip

_MOST_LINES = 20


def print_message(message: str) -> None:
    """Print a line on standard error, if it is open."""
    with suppress(OSError):
        click.echo(_encodable(message, sys.stderr), err=True)


def print_text(text: str = "", *, nl: bool = True) -> None:
    """Print a text on standard output; escape characters that its encoding lacks."""
    click.echo(_encodable(text, sys.stdout), nl=nl)


def is_encodable(text: str) -> bool:
    """Return whether the encoding of standard output has all characters of a text."""
    return _encodable(text, sys.stdout) == text


def _encodable(text: str, stream: TextIO | None) -> str:
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        return text.encode(encoding, "backslashreplace").decode(encoding)
    except (LookupError, UnicodeError):
        # An encoding that does not escape, such as idna.
        return text.encode("ascii", "backslashreplace").decode()


def show_diagnostics(diagnostics: Iterable[Diagnostic]) -> int:
    """Print errors and warnings with a summary, and return how many there are."""
    codes: Counter[str] = Counter()
    shown = problems = 0
    for diagnostic in diagnostics:
        codes[diagnostic.code] += 1
        if diagnostic.severity == "note":
            continue
        problems += 1
        if shown < _MOST_LINES:
            print_message(str(diagnostic))
            shown += 1
    if problems > shown:
        print_message(f"... and {problems - shown} more")
    if codes:
        print_message(f"provlog: {counted(codes)}")
    return problems


def counted(codes: Counter[str]) -> str:
    """Return one line with the number of diagnostics by severity and by code."""
    from provlog.diagnostics.diagnostic import by_severity
    from provlog.diagnostics.severity import Severity

    severities = by_severity(codes)
    counts = ", ".join(
        f"{count:,} {severity}{'s' if count > 1 else ''}"
        for severity in Severity
        if (count := severities[severity])
    )
    return f"{counts} ({', '.join(f'{code} {count:,}x' for code, count in sorted(codes.items()))})"


format_option = click.option(
    "-f",
    "--format",
    "format_name",
    type=click.Choice(list(LISTINGS)),
    default="text",
    show_default=True,
    help="Format of the findings; github annotates the lines of a pull request.",
)


def print_diagnostics(diagnostics: Sequence[Diagnostic], format_name: str) -> None:
    """Print diagnostics on standard output.

    Raises
    ------
    OutputError
        If standard output is closed.
    """
    from provlog.diagnostics.listings import listing

    if sys.stdout is None:
        raise OutputError("standard output is closed")
    for piece in listing(diagnostics, format_name):
        if format_name == "text":
            piece = _encodable(piece, sys.stdout)
            sys.stdout.buffer.write(piece.encode(sys.stdout.encoding or "utf-8"))
        else:
            # A file name may hold bytes that are not UTF-8.
            sys.stdout.buffer.write(piece.encode(errors="surrogateescape"))
    sys.stdout.buffer.flush()
