"""Join the pieces into which container runtimes and CI runners split long lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import Line, Unwrap, as_one, most

__all__ = ["detect_pieces"]

_TIME = r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)"
# The Container Runtime Interface of Kubernetes: time, output, P or F (partial, full).
_CRI = regex(rf"{_TIME} (?P<stream>stdout|stderr) (?P<flag>[PF])(?::\S*)?(?: |$)")
# GitLab's runner: time, number and output (O or E), + if it continues the last line.
_GITLAB = regex(rf"{_TIME} (?P<stream>[0-9A-Fa-f]{{2}}[OE])(?P<flag>[ +]|$)")


def detect_pieces(sample: Sequence[str]) -> Unwrap | None:
    """Recognise the flags before each piece of a line."""
    for pattern, unwrap in ((_CRI, _unwrap_cri), (_GITLAB, _unwrap_gitlab)):
        if most(sample, pattern.match):
            return partial(unwrap)
    return None


def _unwrap_cri(lines: Iterator[Line]) -> Iterator[Line]:
    """Join pieces up to the one with the flag of a last piece."""
    held: dict[str, Line] = {}
    for line in lines:
        match = _CRI.match(line.text)
        if match is None:
            yield line
            continue
        stream = line.stream + match["stream"]
        before = held.pop(stream, None)
        text = line.text[match.end() :]
        if before is not None:
            before = _with_piece(before, line, text)
        found = before or line._replace(text=text, stream=stream)
        if match["flag"] == "P":
            held[stream] = found
        else:
            yield found
    yield from held.values()


def _unwrap_gitlab(lines: Iterator[Line]) -> Iterator[Line]:
    """Join pieces with those that have the flag of a continuation."""
    held: dict[str, Line] = {}
    for line in lines:
        match = _GITLAB.match(line.text)
        if match is None:
            yield from held.values()
            held.clear()
            yield line
            continue
        stream = line.stream + match["stream"]
        before = held.pop(stream, None)
        text = line.text[match.end() :]
        if match["flag"] == "+" and before is not None:
            held[stream] = _with_piece(before, line, text)
            continue
        if before is not None:
            yield before
        held[stream] = line._replace(text=text, stream=stream)
    yield from held.values()


def _with_piece(before: Line, line: Line, text: str) -> Line:
    return as_one([before, line._replace(text=text)])
