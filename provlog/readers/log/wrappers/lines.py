"""Lines on their way through wrappers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

__all__ = ["Line", "Unwrap", "Wrapper", "holds_record", "share", "split"]

_RECORD = re.compile(r"PROV_|['\"](?:session|activity|entity)_id\\*['\"]")


class Line(NamedTuple):
    """A line of a log.

    Parameters
    ----------
    number : int
        The number of the line of the file that it comes from, counted from 1.
    text : str
        Its text without the line end.
    stream : str
        The process, container or output that wrote it, if the wrapper tells. Lines
        of a record belong to one stream, whatever other streams write between them.
    """

    number: int
    text: str
    stream: str = ""


Unwrap = Callable[[Iterator[Line]], Iterator[Line]]
"""Takes a wrapper off lines."""


class Wrapper(NamedTuple):
    """A way in which another program wraps the lines of a log.

    Parameters
    ----------
    title : str
        What diagnostics call it.
    detect : callable
        Takes the first lines; returns the function that unwraps, or ``None`` if these
        lines have no such wrapper.
    nests : bool, optional
        Whether it occurs within another one of its kind.
    """

    title: str
    detect: Callable[[Sequence[str]], Unwrap | None]
    nests: bool = False


def holds_record(text: str) -> bool:
    """Return whether a text holds a record, or part of one."""
    return _RECORD.search(text) is not None


def split(line: Line) -> Iterator[Line]:
    """Yield the lines of a text with line breaks in it, all with its number."""
    for part in line.text.removesuffix("\n").split("\n"):
        yield line._replace(text=part.removesuffix("\r"))


def share(lines: Iterable[str], matches: Callable[[str], object]) -> float:
    """Return which share of the lines that are not blank match; 0 if there is none."""
    found = [matches(line) for line in lines if line.strip()]
    return (
        sum(item is not None and item is not False for item in found) / len(found) if found else 0
    )
