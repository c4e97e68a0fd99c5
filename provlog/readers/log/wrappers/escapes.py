"""Unwrap logs with escaped characters: mail, web pages, XML reports and rsyslog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import Line, Unwrap, holds_record, most, share
from provlog.readers.log.wrappers.widths import without_colours

__all__ = [
    "detect_carriage_returns",
    "detect_colours",
    "detect_control_escapes",
    "detect_markup",
    "detect_quoted_printable",
]

_HEADER = regex(r"Content-Transfer-Encoding:\s*quoted-printable", re.IGNORECASE)
_SOFT_BREAK = regex(r".{50,75}=\r?$", re.DOTALL)
_LONGEST_LINE = 1 << 20


def detect_quoted_printable(sample: Sequence[str]) -> Unwrap | None:
    """Recognise quoted-printable text by its header or by its soft line breaks."""
    if any(map(_HEADER.match, sample)):
        return _unwrap_quoted_printable
    breaks = [line for line in sample if _SOFT_BREAK.fullmatch(line)]
    longest = max(map(len, sample), default=0)
    is_sure = len(breaks) > 1 and longest <= 77 and len(breaks) >= 0.2 * len(sample)
    return _unwrap_quoted_printable if is_sure else None


def _unwrap_quoted_printable(lines: Iterator[Line]) -> Iterator[Line]:
    first: Line | None = None
    text = ""
    for line in lines:
        first = first or line
        part = line.text.rstrip()
        if part.endswith("=") and len(text) < _LONGEST_LINE:
            text += part[:-1]
            continue
        yield first._replace(text=_decoded(text + line.text))
        first, text = None, ""
    if first is not None:
        yield first._replace(text=_decoded(text))


def _decoded(text: str) -> str:
    import quopri

    return quopri.decodestring(text.encode()).decode("utf-8", "replace") if "=" in text else text


_DOCUMENT = regex(r"\s*<(?:\?xml|!doctype|html|body|pre|div|span|testsuites?|log)\b", re.IGNORECASE)
_QUOTE = regex(r"&(?:#0*39|#x0*27|apos|quot|#0*34|#x0*22);", re.IGNORECASE)
_TAG = regex(r"<!\[CDATA\[|\]\]>|</?[A-Za-z!?][^<>]*>|</?[A-Za-z][^<>]*$|^[^<>]*(?<=[\"'/])>")
_BREAK = regex(r"<(?:br|/p|/div|/li|/tr)\b[^<>]*>", re.IGNORECASE)


def detect_markup(sample: Sequence[str]) -> Unwrap | None:
    """Recognise HTML or XML by its beginning, or by quotes of records as entities."""
    is_document = any(map(_DOCUMENT.match, [line for line in sample if line.strip()][:3]))
    marked = [line for line in sample if holds_record(line)]
    is_escaped = share(marked, _QUOTE.search) > 0.5
    if is_document and "<![CDATA[" in "\n".join(sample) and not is_escaped:
        return partial(_unwrap_markup, has_tags=True, has_entities=False)
    if is_document or is_escaped:
        return partial(_unwrap_markup, has_tags=is_document, has_entities=True)
    return None


def _unwrap_markup(lines: Iterator[Line], has_tags: bool, has_entities: bool) -> Iterator[Line]:
    # Most logs are plain text, and its table of entities is large.
    import html

    for line in lines:
        text = line.text
        if has_tags and "<" in text:
            if has_entities:
                text = _BREAK.sub("\n", text)
                text = _TAG.sub("", text)
            else:
                text = text.rpartition("<![CDATA[")[2].partition("]]>")[0]
        if has_entities and "&" in text:
            text = html.unescape(text).replace("\xa0", " ")
        for part in text.split("\n"):
            yield line._replace(text=part)


# rsyslog's escape of a control character, but not a colour such as #012345, before which a
# quote or a blank stands.
_NO_COLOUR = r"(?:(?<=\w#\d{3})|(?![0-9A-Fa-f]{3}\b))"
_CONTROL = regex(rf"#(0[0-3][0-7]|177){_NO_COLOUR}")
_BROKEN = regex(rf"#012{_NO_COLOUR}")


def detect_control_escapes(sample: Sequence[str]) -> Unwrap | None:
    """Recognise line feeds that rsyslog wrote as ``#012``, in a record or at the end of a line."""
    found = sum(
        1
        for line in sample
        if _BROKEN.search(line) and (holds_record(line) or line.endswith("#012"))
    )
    return _unwrap_controls if found else None


def _unwrap_controls(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        if "#" not in line.text:
            yield line
            continue
        text = _CONTROL.sub(lambda match: chr(int(match[1], 8)), line.text)
        for part in text.removesuffix("\n").split("\n"):
            yield line._replace(text=part)


def detect_carriage_returns(sample: Sequence[str]) -> Unwrap | None:
    """Recognise lines that a terminal overwrites, such as progress bars."""
    return _unwrap_overwritten if any("\r" in line.rstrip("\r") for line in sample) else None


def _unwrap_overwritten(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the parts of a line that hold records, otherwise the last one."""
    for line in lines:
        parts = line.text.split("\r")
        for part in list(filter(holds_record, parts)) or parts[-1:]:
            yield line._replace(text=part)


_COLOUR = regex(r"\x1b\[[0-9;]*m")


def detect_colours(sample: Sequence[str]) -> Unwrap | None:
    """Recognise colours before nearly all lines, or in records without markers."""
    if not any("\x1b" in line for line in sample):
        return None
    is_bare = not any("PROV" in line for line in sample) and any(map(holds_record, sample))
    return _unwrap_colours if is_bare or most(sample, _COLOUR.match) else None


def _unwrap_colours(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        yield line._replace(text=without_colours(line.text))
