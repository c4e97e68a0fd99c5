"""Print messages and progress on standard error, and diagnostics on either stream."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, TextIO

import click

from provlog.diagnostics.listings import LISTINGS
from provlog.errors import OutputError
from provlog.text import duration, printable

if TYPE_CHECKING:
    from provlog.batch.totals import Totals
    from provlog.diagnostics.diagnostic import Diagnostic

__all__ = [
    "counted",
    "format_option",
    "is_encodable",
    "print_diagnostics",
    "print_json",
    "print_message",
    "print_table",
    "print_text",
    "progress_bar",
    "progress_of",
    "show_diagnostics",
]  # fmt: skip

_MOST_LINES = 20
_PATIENCE = 1.0
# The time between two lines without a terminal, in seconds.
_EVERY = 10.0


def print_message(message: str) -> None:
    """Print a line on standard error unless it is closed."""
    with suppress(OSError):
        click.echo(_encodable(message, sys.stderr), err=True)


def print_json(value: object) -> None:
    """Print a value as JSON."""
    import json

    print_text(json.dumps(value, indent=1))


def print_text(text: str = "", *, nl: bool = True) -> None:
    """Print a text on standard output; escape characters that its encoding lacks."""
    click.echo(_encodable(text, sys.stdout), nl=nl)


def print_table(rows: Sequence[Sequence[str]]) -> None:
    """Print rows on standard output, in columns as wide as their widest cell."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print_text(printable("  ".join(cells).rstrip()))


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


@contextmanager
def progress_bar(paths: Sequence[str]) -> Iterator[Callable[[str, int], None] | None]:
    """Yield a function that shows the progress of reading, ``None`` without a terminal.

    A bar appears after a second if all sizes are known.
    """
    sizes = [os.path.getsize(path) for path in paths if os.path.isfile(path)]
    if not sys.stderr.isatty() or len(sizes) < len(paths):
        yield None
        return
    begun = time.monotonic()
    done: dict[str, int] = {}
    with ExitStack() as stack:
        update: Callable[[int], None] | None = None

        def show(path: str, size: int) -> None:
            nonlocal update
            done[path] = size
            if update is None and time.monotonic() - begun >= _PATIENCE:
                # rich is imported only when there is something to show.
                update = stack.enter_context(_bar(sum(sizes)))
            if update is not None:
                update(sum(done.values()))

        yield show


@contextmanager
def _bar(size: int) -> Iterator[Callable[[int], None]]:
    """Show a bar, and yield a function that takes the number of bytes read so far."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=size)
        yield lambda read: progress.update(task, completed=read)


Shown = tuple[Callable[[int], None], Callable[[str], None]]


@contextmanager
def progress_of(totals: Totals, logs: int) -> Iterator[Shown]:
    """Show the progress of a batch: a live line on a terminal, plain lines elsewhere.

    Parameters
    ----------
    totals : Totals
        The results so far.
    logs : int
        The number of logs.

    Yields
    ------
    advance, say : callable
        The first takes the number of finished logs, the second prints a line.
    """
    show = _live if sys.stderr.isatty() else _plain
    with show(totals, logs) as shown:
        yield shown


@contextmanager
def _live(totals: Totals, logs: int) -> Iterator[Shown]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    columns = (
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} logs"),
        TextColumn("{task.fields[rate]}"),
        TextColumn("{task.fields[failed]}", style="red"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    begun = time.monotonic()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=logs, rate="", failed="")

        def advance(done: int) -> None:
            rate = _rate(done / max(time.monotonic() - begun, 1e-3))
            failed = f"{totals.failed:,} failed" if totals.failed else ""
            with suppress(OSError):
                progress.update(task, completed=done, rate=rate, failed=failed)

        def say(line: str) -> None:
            # Lines may contain text that looks like rich's markup.
            with suppress(OSError):
                progress.console.print(Text(line), soft_wrap=True)

        yield advance, say


@contextmanager
def _plain(totals: Totals, logs: int) -> Iterator[Shown]:
    begun = last = time.monotonic()

    def advance(done: int) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < _EVERY:
            return
        last = now
        rate = max(done, 1) / (now - begun)
        failed = f"{totals.failed:,} failed, " if totals.failed else ""
        left = duration((logs - done) / rate)
        print_message(f"provlog: {done:,} of {logs:,} logs, {_rate(rate)}, {failed}{left} left")

    yield advance, print_message


def _rate(a_second: float) -> str:
    return f"{a_second:,.0f}/s" if a_second >= 1 else f"{a_second * 60:,.0f}/min"
