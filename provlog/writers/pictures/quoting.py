"""Strings of DOT: Graphviz displays the text of a log literally."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["beside", "quoted", "quoted_tooltip"]

_BLANK = "\N{NO-BREAK SPACE}"


def beside(lines: Iterable[str], direction: str) -> str:
    """Return the label of an edge, with blanks as distance from the line.

    Lines that go to the left or the right pass below their label.
    """
    spaced = [f"{_BLANK * 2}{line}{_BLANK}" for line in lines]
    return quoted([*spaced, _BLANK] if direction in {"LR", "RL"} else spaced)


def quoted(lines: Iterable[str], end: str = r"\n", backslash: str = r"\\") -> str:
    r"""Return lines as a string of DOT that is displayed literally.

    A backslash begins an escape in DOT, and an ampersand an entity.

    Examples
    --------
    >>> print(quoted(['say "a & b"', "C:\\new"]))
    "say \"a &amp; b\"\nC:\\new"
    """
    escaped = (
        line.replace("&", "&amp;").replace("\\", backslash).replace('"', r"\"") for line in lines
    )
    return f'"{end.join(escaped)}"'


def quoted_tooltip(lines: Iterable[str]) -> str:
    """Return lines as a tooltip in DOT."""
    # Graphviz replaces escapes in tooltips twice.
    return quoted(lines, backslash=r"\\" * 2)
