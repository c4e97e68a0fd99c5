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


def detect_records_behind_prefix(sample: Sequence[str]) -> Unwrap | None:
    """Recognise records after a prefix in a log without markers."""
    if any("PROV" in line for line in sample):
        return None
    return _unwrap if any(map(_PREFIX.match, sample)) else None


def _unwrap(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        match = _PREFIX.match(line.text)
        yield line._replace(text=line.text[match.end() :]) if match is not None else line
