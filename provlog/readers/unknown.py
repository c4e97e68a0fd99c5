"""Identify inputs without a reader by their first bytes, and give advice."""

from __future__ import annotations

import re
from typing import NamedTuple

from provlog.patterns import regex

__all__ = ["looks_like"]


class _Kind(NamedTuple):
    """A kind of input: the beginning of its content, its name, and advice."""

    beginning: re.Pattern[bytes]
    title: str
    advice: str


def _starts(pattern: bytes) -> re.Pattern[bytes]:
    return regex(pattern, re.DOTALL | re.IGNORECASE)


def _has_line(pattern: bytes) -> re.Pattern[bytes]:
    return regex(rb"(?:[^\n]*\n){0,100}?(?:" + pattern + rb")", re.MULTILINE)


_NAME_THE_LOG = "name the log of the program that wrote it"
_NAME_ITS_LOG = "name the log that it was made from"
_NAME_THE_SOURCE = "name the log or document that holds the provenance"
_UNPACK = "unpack it and name the logs in it"
_NO_LOG = "no file in it holds provenance records"
_SAVE_AS_TEXT = "extract its text, for example with pdftotext -layout"
_SAVE_AS_UTF8 = "convert it, for example with iconv -f UTF-16 -t UTF-8"
_RAW = "download the raw log instead"
_KEPT = rb"[^\x00]{0,65536}?"

# The first match counts. Remove a kind from this table when it gets a reader.
_KINDS = (
    _Kind(_starts(rb"\s*\Z"), "an empty file", "check where the program logs"),
    _Kind(_starts(rb"\x89PNG\r\n"), "a PNG picture", _NAME_THE_LOG),
    _Kind(_starts(rb"\xff\xd8\xff"), "a JPEG picture", _NAME_THE_LOG),
    _Kind(_starts(rb"GIF8[79]a"), "a GIF picture", _NAME_THE_LOG),
    _Kind(_starts(rb"%PDF-"), "a PDF document", _SAVE_AS_TEXT),
    _Kind(_starts(rb"PK(?:\x03\x04|\x05\x06)"), "a ZIP archive", _NO_LOG),
    _Kind(_starts(rb".{257}ustar"), "a tar archive", _NO_LOG),
    _Kind(_starts(rb"7z\xbc\xaf\x27\x1c"), "a 7-Zip archive", _UNPACK),
    _Kind(_starts(rb"Rar!\x1a\x07"), "a RAR archive", _UNPACK),
    _Kind(_starts(rb"root\x00"), "a ROOT file", _NAME_THE_LOG),
    _Kind(_starts(rb"\x93NUMPY"), "a NumPy array", _NAME_THE_LOG),
    _Kind(_starts(rb"PAR1"), "a Parquet file", _NAME_THE_LOG),
    _Kind(_starts(rb"\x80[\x02-\x05]"), "a Python pickle", _NAME_THE_LOG),
    _Kind(_starts(rb"SQLite format 3\x00"), "an SQLite database", _NAME_THE_LOG),
    _Kind(
        _starts(rb"\x7fELF|MZ.{58,}PE\x00\x00|\xcf\xfa\xed\xfe"),
        "a program",
        "name the log that it writes",
    ),
    _Kind(_starts(rb"\xff\xfe|\xfe\xff"), "text in UTF-16", _SAVE_AS_UTF8),
    _Kind(
        regex(rb"(?:[\t\r\n -~]\x00){8}|(?:\x00[\t\r\n -~]){8}"),
        "text in UTF-16 without a byte order mark",
        _SAVE_AS_UTF8.replace("UTF-16", "UTF-16LE"),
    ),
    _Kind(_starts(rb"[^\x00]{0,4096}\x00"), "binary data", _NAME_THE_LOG),
    _Kind(_starts(rb"\s*<(?:!doctype\s+html|html)\b"), "a web page", _RAW),
    _Kind(
        _starts(rb"\s*<(?:svg\b|(?:\?xml|!--)" + _KEPT + rb"<svg\b)"),
        "an SVG picture",
        _NAME_THE_LOG,
    ),
    _Kind(_starts(rb"\s*<" + _KEPT + rb"http://www\.w3\.org/ns/prov#"), "PROV-XML", _NAME_ITS_LOG),
    _Kind(_starts(rb"\s*(?://[^\n]*\n\s*)*document\s"), "PROV-N", _NAME_ITS_LOG),
    _Kind(
        _starts(rb"\s*\{" + _KEPT + rb'"(?:prefix|entity|activity|agent|bundle)"\s*:\s*\{'),
        "PROV-JSON",
        _NAME_ITS_LOG,
    ),
    _Kind(_starts(rb"\s*<\?xml\b"), "an XML document that is not provenance", _NAME_THE_LOG),
    _Kind(
        _starts(rb"\s*\{" + _KEPT + rb'"(?:nbformat|cells)"\s*:'),
        "a Jupyter notebook",
        "run it and name the log that its program writes",
    ),
    _Kind(
        _starts(rb"\s*[\[{]" + _KEPT + rb'"@context"\s*:'),
        "JSON-LD without the namespace of PROV",
        _NAME_THE_SOURCE,
    ),
    _Kind(
        regex(rb'\s*(?:\{\s*"|\[\s*[\[{"])'),
        "JSON without provenance records",
        _NAME_THE_LOG,
    ),
    _Kind(
        _starts(rb"(?:\s*#[^\n]*\n)*\s*(?:@prefix|@base|prefix\s+[\w.-]*:\s*<)"),
        "Turtle or TriG without the namespace of PROV",
        _NAME_THE_SOURCE,
    ),
    _Kind(
        _has_line(rb"(?:activities|entities|agents):[ ]*(?:#[^\n]*)?$"),
        "a definition file",
        "check it with provlog definitions check, use it with provlog run -d",
    ),
    _Kind(
        _has_line(rb"#!.{0,80}python|from [\w.]+ import |import [\w.]+$|def \w+\("),
        "a Python program",
        "record it with provlog run",
    ),
)  # fmt: skip


def looks_like(head: bytes) -> str:
    """Return the likely kind of an input without provenance, with advice; empty for plain text.

    Parameters
    ----------
    head : bytes
        The first bytes of the input.

    Examples
    --------
    >>> looks_like(b"%PDF-1.7")
    'it looks like a PDF document; extract its text, for example with pdftotext -layout'
    >>> looks_like(b"2020-01-01 INFO reading events")
    ''
    """
    for kind in _KINDS:
        if kind.beginning.match(head):
            return f"it looks like {kind.title}; {kind.advice}"
    return ""
