"""Describe codes in Markdown, for ``provlog check --explain`` and ``docs/diagnostics.md``."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator

from provlog.diagnostics.codes import CODES

__all__ = ["code_table", "explained"]

_WIDTH = 96


def code_table() -> str:
    """Return a Markdown table with the severity and title of every code."""
    rows = (f"| {name} | {code.severity} | {code.title} |\n" for name, code in CODES.items())
    return f"| code | severity | title |\n|---|---|---|\n{''.join(rows)}"


def explained(names: Iterable[str]) -> Iterator[str]:
    """Yield the explanation of each code, in Markdown that is readable in a terminal.

    Parameters
    ----------
    names : iterable of str
        Keys of :data:`~provlog.diagnostics.codes.CODES`.

    Yields
    ------
    str
        A section with a heading.

    Examples
    --------
    >>> print(next(explained(["PL103"])))
    ### PL103: record lost except for its timestamp
    <BLANKLINE>
        _PROV_2020-01-01T00:00:01_PROV_{'entity_id': 'e1', 'name': 'Events'}
        _PROV_2020-01-01T00:00:02_PROV_
    <BLANKLINE>
    A warning. The marker and the time of a record are present, but its payload is missing.
    <BLANKLINE>
    *What to do:* Find out what cut the log: a crash, a full disk, a console or an export that
    breaks lines.
    <BLANKLINE>
    """
    for name in names:
        code = CODES[name]
        article = "An" if code.severity.value == "error" else "A"
        yield "\n".join(
            [
                f"### {name}: {code.title}",
                "",
                *(f"    {line}" for line in code.example),
                "",
                textwrap.fill(f"{article} {code.severity}. {code.meaning}", _WIDTH),
                "",
                textwrap.fill(f"*What to do:* {code.remedy}", _WIDTH),
                "",
            ]
        )
