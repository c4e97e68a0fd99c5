"""Remove the wrappers that other programs put around the lines of a log.

A container runtime, a CI service, a log viewer or a shell tool quotes each line, puts a
prefix before it or splits it into pieces. :func:`unwrapped` recognises such wrappers by
the first lines and removes them, one after the other. To add a wrapper, write its functions
and its line in :data:`WRAPPERS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import NamedTuple

from provlog.readers.log.wrappers.bare import detect_records_behind_prefix
from provlog.readers.log.wrappers.delimited import detect_delimited
from provlog.readers.log.wrappers.documents import detect_document
from provlog.readers.log.wrappers.escapes import (
    detect_carriage_returns,
    detect_colours,
    detect_control_escapes,
    detect_markup,
    detect_quoted_printable,
)
from provlog.readers.log.wrappers.folds import detect_folds
from provlog.readers.log.wrappers.json_lines import detect_json_lines
from provlog.readers.log.wrappers.lines import Line, Wrapper
from provlog.readers.log.wrappers.pieces import detect_pieces
from provlog.readers.log.wrappers.prefixes import PREFIXES, detect_common_prefix
from provlog.readers.log.wrappers.quotes import detect_fields, detect_quotes

__all__ = ["WRAPPERS", "Line", "Unwrapped", "Wrapper", "unwrapped", "wrapper_of"]

WRAPPERS: tuple[Wrapper, ...] = (
    Wrapper("JSON lines", detect_json_lines, nests=True),
    Wrapper("quoted-printable text", detect_quoted_printable),
    Wrapper("pieces of lines", detect_pieces),
    *(Wrapper(title, prefix.detect, nests=True) for title, prefix in PREFIXES.items()),
    Wrapper("progress bars", detect_carriage_returns),
    Wrapper("a JSON document", detect_document),
    Wrapper("lines broken at a fixed width", detect_folds),
    Wrapper("colours of a terminal", detect_colours),
    Wrapper("HTML or XML", detect_markup),
    Wrapper("lines in quotes", detect_quotes),
    Wrapper("delimited values", detect_delimited),
    Wrapper("key=value pairs", detect_fields),
    Wrapper("escaped control characters", detect_control_escapes),
    Wrapper("a prefix common to all lines", detect_common_prefix),
    Wrapper(
        "a prefix before records without markers",
        detect_records_behind_prefix,
        exposes_records=True,
    ),
)
"""All wrappers. The first one that recognises the lines is removed, then those inside it."""

_MOST_LAYERS = 6
# The first lines of a log. Parts of broken lines are short: more of them are needed.
_FEWEST_LINES, _MOST_LINES, _SAMPLE_SIZE = 400, 2000, 1 << 16


class Unwrapped(NamedTuple):
    """Lines without their wrappers, and the titles of the wrappers, the outermost first."""

    titles: tuple[str, ...]
    lines: Iterator[Line]


def wrapper_of(sample: Sequence[str]) -> Wrapper | None:
    """Return the outermost wrapper of a log with these first lines, ``None`` without a wrapper.

    Examples
    --------
    >>> wrapper_of(["app-1  | reading", "app-1  | done"]).title
    'names of containers (docker compose)'
    >>> wrapper_of(["INFO: reading", "INFO: done"]) is None
    True
    """
    return next((item for item in WRAPPERS if item.detect(sample) is not None), None)


def unwrapped(lines: Iterator[Line]) -> Unwrapped:
    """Remove all wrappers from lines."""
    titles: list[str] = []
    while len(titles) < _MOST_LAYERS:
        first = _first_lines(lines)
        lines = chain(first, lines)
        sample = [line.text for line in first]
        for wrapper in WRAPPERS:
            if wrapper.title in titles and not wrapper.nests:
                continue
            unwrap = wrapper.detect(sample)
            if unwrap is not None:
                titles.append(wrapper.title)
                lines = unwrap(lines)
                break
        else:
            break
        if wrapper.exposes_records:
            break
    return Unwrapped(tuple(titles), lines)


def _first_lines(lines: Iterator[Line]) -> list[Line]:
    first = list(islice(lines, _FEWEST_LINES))
    size = sum(len(line.text) for line in first)
    while size < _SAMPLE_SIZE and len(first) < _MOST_LINES:
        more = next(lines, None)
        if more is None:
            break
        first.append(more)
        size += len(more.text)
    return first
