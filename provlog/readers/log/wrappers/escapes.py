"""Unwrap logs with escaped characters: mail, web pages, XML reports and rsyslog."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from provlog.patterns import regex
from provlog.readers.log.wrappers.lines import (
    Line,
    Unwrap,
    as_one,
    holds_record,
    most,
    nonblank,
    share,
)
from provlog.readers.log.wrappers.prefixes import SYSLOG
from provlog.readers.log.wrappers.widths import without_colours

__all__ = [
    "detect_carriage_returns",
    "detect_colours",
    "detect_control_escapes",
    "detect_entities",
    "detect_markup",
    "detect_quoted_printable",
]

_HEADER = regex(r"Content-Transfer-Encoding:\s*quoted-printable", re.IGNORECASE)
_OTHER_HEADER = regex(r"[\w-]+:(?:\s|$)|\s|From ")
_BOUNDARY = regex(r'.*\bboundary="?([^";]+)', re.IGNORECASE)
_SOFT_BREAK = regex(r".{50,75}=\r?$", re.DOTALL)
_LONGEST_ENCODED = 77
_LONGEST_LINE = 1 << 20


def detect_quoted_printable(sample: Sequence[str]) -> Unwrap | None:
    """Recognise quoted-printable text by its header or by its soft line breaks."""
    if any(line[:1] in ("C", "c") and _HEADER.match(line) for line in sample):
        return _unwrap_mail
    if max(map(len, sample), default=0) > _LONGEST_ENCODED:
        return None
    breaks = [line for line in sample if _SOFT_BREAK.fullmatch(line)]
    is_sure = len(breaks) > 1 and len(breaks) >= 0.2 * len(sample)
    return _unwrap_quoted_printable if is_sure else None


def _unwrap_mail(lines: Iterator[Line]) -> Iterator[Line]:
    return _unwrap_quoted_printable(_without_headers(lines))


def _without_headers(lines: Iterator[Line]) -> Iterator[Line]:
    """Yield the lines of a mail without its headers; a mail within it keeps its own."""
    boundary = ""
    is_header, is_encoded = True, False
    for line in lines:
        text = line.text.rstrip()
        if not is_header:
            is_header, is_encoded = text != "" and text == boundary, False
        elif (match := _BOUNDARY.match(text)) is not None:
            boundary = f"--{match[1]}"
        elif _HEADER.match(text) is not None:
            is_encoded = True
        elif not text:
            is_header = not is_encoded
        elif _OTHER_HEADER.match(line.text) is None:
            yield line
            continue
        if not is_header:
            yield line


def _unwrap_quoted_printable(lines: Iterator[Line]) -> Iterator[Line]:
    held: list[Line] = []
    size = 0
    for line in lines:
        text = line.text.rstrip()
        if text.endswith("=") and size < _LONGEST_LINE:
            held.append(line._replace(text=text[:-1]))
            size += len(text)
        else:
            yield _decoded([*held, line])
            held, size = [], 0
    if held:
        yield _decoded(held)


def _decoded(parts: list[Line]) -> Line:
    import quopri

    line = as_one(parts)
    if "=" not in line.text:
        return line
    return line._replace(text=quopri.decodestring(line.text.encode()).decode("utf-8", "replace"))


_DOCUMENT = regex(r"\s*<(?:\?xml|!doctype|html|body|pre|div|span|testsuites?|log)\b", re.IGNORECASE)
_QUOTE = regex(r"&(?:#0*39|#x0*27|apos|quot|#0*34|#x0*22);", re.IGNORECASE)
_TAG = regex(r"</?[A-Za-z!?][^<>]*>|</?[A-Za-z][^<>]*$|^[^<>]*(?<=[\"'/])>")
_BREAK = regex(r"<(?:br|/p|/div|/li|/tr)\b[^<>]*>", re.IGNORECASE)


def detect_markup(sample: Sequence[str]) -> Unwrap | None:
    """Recognise HTML or XML by its beginning."""
    is_document = any(map(_DOCUMENT.match, nonblank(sample)[:3]))
    return _unwrap_markup if is_document else None


def detect_entities(sample: Sequence[str]) -> Unwrap | None:
    """Recognise lines of a web page by entities for the quotes of records."""
    if not any("&" in line for line in sample):
        return None
    is_escaped = share(filter(holds_record, sample), _QUOTE.search) > 0.5
    return _unwrap_entities if is_escaped else None


def _unwrap_entities(lines: Iterator[Line]) -> Iterator[Line]:
    return (line._replace(text=_without_entities(line.text)) for line in lines)


def _without_entities(text: str) -> str:
    if "&" not in text:
        return text
    # Most logs are plain text, and its table of entities is large.
    import html

    return html.unescape(text).replace("\xa0", " ")


def _unwrap_markup(lines: Iterator[Line]) -> Iterator[Line]:
    """Remove tags and entities, except in sections of character data."""
    is_data = False
    for line in lines:
        text, rest = "", line.text
        while rest:
            part, end, rest = rest.partition("]]>" if is_data else "<![CDATA[")
            text += part if is_data else _without_entities(_TAG.sub("", _BREAK.sub("\n", part)))
            is_data = is_data != bool(end)
        for part in text.split("\n"):
            yield line._replace(text=part)


# rsyslog's escape of a control character, but not a colour such as #012345, before which a
# quote, a blank or another character that begins a value stands.
_NO_COLOUR = r"(?:(?<=[^\s'\"(=:,]#\d{3})|(?![0-9A-Fa-f]{3}\b))"
_COLOUR_OR_BREAK = regex(r"#012([0-9A-Fa-f]{3})\b")
_CONTROL = regex(rf"#(0[0-3][0-7]|177){_NO_COLOUR}")
_BROKEN = regex(rf"#012{_NO_COLOUR}")


def detect_control_escapes(sample: Sequence[str]) -> Unwrap | None:
    """Recognise line feeds that rsyslog wrote as ``#012``, in a record or at the end of a line."""
    found = sum(
        1
        for line in sample
        if "#012" in line and _BROKEN.search(line) and (holds_record(line) or line.endswith("#012"))
    )
    return _unwrap_controls if found else None


def _unwrap_controls(lines: Iterator[Line]) -> Iterator[Line]:
    for line in lines:
        if "#" not in line.text:
            yield line
            continue
        # The prefix of a log that is a single line.
        text = SYSLOG.sub("", line.text, count=1)
        text = _CONTROL.sub(lambda match: chr(int(match[1], 8)), text)
        for part in text.removesuffix("\n").split("\n"):
            found = line._replace(text=part)
            colour = _COLOUR_OR_BREAK.search(part)
            yield (
                found
                if colour is None
                else found.doubted(
                    f"{colour[0]!r} is kept as a colour, but may be a line break and {colour[1]!r}"
                )
            )


# A carriage return in a quoted cell, or before the end of an element, belongs to a line within
# that wrapper.
_OVERWRITTEN = regex(r'[^"\r]*+(?:"[^"]*+"[^"\r]*+)*+\r++(?!</|$)')


def detect_carriage_returns(sample: Sequence[str]) -> Unwrap | None:
    """Recognise lines that a terminal overwrites, such as progress bars."""
    return (
        _unwrap_overwritten
        if any("\r" in line and _OVERWRITTEN.match(line) for line in sample)
        else None
    )


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
