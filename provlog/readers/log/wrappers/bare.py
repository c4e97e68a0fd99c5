"""Remove the prefix of a logger before records without markers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import Line, Unwrap

__all__ = ["detect_records_behind_prefix"]

_PREFIX = regex(
    r"""(?:[^{'"]|\{\w+\.py:\d+\}){0,200}[\s:|>\]-](?=\{['"])"""
    r"""(?=[^\n]*['"](?:activity|entity|session)_id['"]\s*:)"""
)


# The narrowest columns to the left of a message.
_NARROWEST = 8


def detect_records_behind_prefix(sample: Sequence[str]) -> Unwrap | None:
    """Recognise records after a prefix in a log without markers."""
    if any("PROV" in line for line in sample):
        return None
    return _unwrap if any(map(_PREFIX.match, sample)) else None


def _unwrap(lines: Iterator[Line]) -> Iterator[Line]:
    width = 0
    for line in lines:
        match = _PREFIX.match(line.text)
        if match is not None:
            width = match.end()
        # rich indents the further lines of a message.
        is_inside = width > _NARROWEST and not line.text[:width].strip()
        yield line._replace(text=line.text[width:]) if match is not None or is_inside else line
