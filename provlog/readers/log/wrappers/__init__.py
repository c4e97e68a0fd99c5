"""Remove the wrappers that other programs put around the lines of a log.

A container runtime, a CI service, a log viewer or a shell tool quotes each line, puts a
prefix before it or splits it into pieces. :func:`unwrapped` recognises such wrappers by
the first lines and removes them, one after the other. To add a wrapper, write its functions
and its line in :data:`WRAPPERS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from itertools import chain, islice
from typing import NamedTuple

from provlog.patterns import regex
from provlog.readers.log.wrappers.bare import detect_records_behind_prefix
from provlog.readers.log.wrappers.columns import detect_columns
from provlog.readers.log.wrappers.delimited import detect_delimited
from provlog.readers.log.wrappers.documents import detect_document
from provlog.readers.log.wrappers.escapes import (
    detect_carriage_returns,
    detect_colours,
    detect_control_escapes,
    detect_entities,
    detect_markup,
    detect_quoted_printable,
)
from provlog.readers.log.wrappers.folds import detect_folds
from provlog.readers.log.wrappers.json_lines import detect_json_lines, detect_json_objects
from provlog.readers.log.wrappers.lines import Line, Unwrap, Wrapper, holds_record
from provlog.readers.log.wrappers.pieces import detect_pieces
from provlog.readers.log.wrappers.prefixes import PREFIXES, detect_common_prefix, may_have_prefix
from provlog.readers.log.wrappers.quotes import detect_fields, detect_quotes

__all__ = ["WRAPPERS", "Line", "Unwrapped", "Wrapper", "unwrapped", "wrapper_of"]

WRAPPERS: tuple[Wrapper, ...] = (
    Wrapper("JSON lines", detect_json_lines),
    Wrapper("JSON objects over several lines", detect_json_objects),
    Wrapper("quoted-printable text", detect_quoted_printable),
    Wrapper("pieces of lines", detect_pieces),
    *(Wrapper(title, prefix.detect) for title, prefix in PREFIXES.items()),
    Wrapper("key=value pairs", detect_fields),
    Wrapper("progress bars", detect_carriage_returns),
    Wrapper("a JSON document", detect_document),
    Wrapper("columns of rich", detect_columns, only_around=True),
    Wrapper("lines broken at a fixed width", detect_folds),
    Wrapper("colours of a terminal", detect_colours),
    Wrapper("a prefix common to all lines", detect_common_prefix),
    Wrapper("lines in quotes", detect_quotes),
    Wrapper("delimited values", detect_delimited),
    Wrapper("HTML or XML", detect_markup),
    Wrapper("escaped control characters", detect_control_escapes),
    Wrapper("entities of HTML or XML", detect_entities),
    Wrapper(
        "a prefix before records without markers",
        detect_records_behind_prefix,
        exposes_records=True,
    ),
)
"""All wrappers. The first one that recognises the lines is removed, then those inside it."""

_CUT_RECORD = regex(r"_PROV_+[\d.:T-]*\s*\Z")
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
    found = _outermost(sample)
    return found[0] if found is not None else None


def unwrapped(lines: Iterator[Line]) -> Unwrapped:
    """Remove all wrappers from lines."""
    titles: list[str] = []
    # Wrappers that changed none of the first lines.
    idle: set[str] = set()
    first = _first_lines(lines)
    while len(titles) + len(idle) < _MOST_LAYERS:
        sample = [line.text for line in first]
        found = _outermost(sample, idle)
        if found is None:
            break
        wrapper, unwrap = found
        lines = unwrap(chain(first, lines))
        first = _first_lines(lines)
        if [line.text for line in first] == sample:
            idle.add(wrapper.title)
            continue
        titles.append(wrapper.title)
        idle.clear()
        if wrapper.exposes_records:
            break
    return Unwrapped(tuple(titles), chain(first, lines))


def _outermost(
    sample: Sequence[str], excluded: AbstractSet[str] = frozenset()
) -> tuple[Wrapper, Unwrap] | None:
    """Return the first wrapper that recognises the lines, and the function that removes it."""
    if not may_have_prefix(sample):
        excluded = excluded | PREFIXES.keys()
    for wrapper in WRAPPERS:
        unwrap = wrapper.detect(sample) if wrapper.title not in excluded else None
        if unwrap is not None and not (wrapper.only_around and not _is_around(unwrap, sample)):
            return wrapper, unwrap
    return None


def _is_around(unwrap: Unwrap, sample: Sequence[str]) -> bool:
    """Return whether there are a wrapper, broken records or such without markers in a wrapper."""
    texts = [line.text for line in unwrap(Line(0, text) for text in sample)]
    if any(map(holds_record, texts)) and not any("PROV" in text for text in texts):
        return True
    # Colours that the wrapper counted as text.
    is_coloured = any("\x1b" in text for text in texts)
    return is_coloured or any(map(_CUT_RECORD.search, texts)) or _outermost(texts) is not None


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
