"""Take common PROV-XML documents apart: statements and their children, field by field.

Regular expressions do it, without a call for each element; compiled code does the same faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple

__all__ = ["BLANK", "NAME", "VALUE", "Children", "Rows", "UnusualError", "split"]

NAME = r"[A-Za-z_][A-Za-z0-9_.:-]*+"
"""The pattern of a name."""
VALUE = r'"([^"<&\x00-\x1f]*+)"'
"""The pattern of a value, without characters that XML forbids or that its parsers change."""
BLANK = r"[ \t\n]*+"
"""The pattern of blanks between elements."""

_TEXT = r"([^<>\x00-\x08\x0b-\x1f]*+)"
_REFERENCE = re.compile("&(?:(amp|lt|gt|quot|apos);|#13;)?")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'", None: "\r"}
_NOT_XML = re.compile("[\ufffe\uffff]")
# Before the first child of a statement.
_MARK = "\x00"


class UnusualError(Exception):
    """The document is not a usual one."""


class Rows(NamedTuple):
    """The statements of a document, field by field; ``None`` where a statement has no such field.

    A statement is one of four: a relation with two ends and at most a role and a type (with the
    first seven fields), another statement (with a tag, an identifier, and children), the start of
    a bundle (with its identifier), or the end of a bundle.
    """

    tags: list[Any]
    source_tags: list[Any]
    sources: list[Any]
    target_tags: list[Any]
    targets: list[Any]
    roles: list[Any]
    types: list[Any]
    other_tags: list[Any]
    ids: list[Any]
    bundles: list[Any]
    ends: list[Any]
    first_children: list[int]
    """The number of the first child of each statement, and one more number at the end."""


class Children(NamedTuple):
    """The children of statements, field by field.

    A child has a tag, perhaps one attribute with a value, and a text, which may be empty.
    """

    tags: list[str]
    names: list[Any]
    values: list[Any]
    texts: list[str]


def split(data: bytes, start: int, end: int, prov: str, type: str) -> tuple[Rows, Children]:
    """Return the statements of a document and their children.

    Parameters
    ----------
    data : bytes
        The document in UTF-8.
    start, end : int
        Where the content of its root begins, at the first statement, and where it ends.
    prov : str
        The prefix of PROV in the document.
    type : str
        The name of the attribute for datatypes; empty if there is none.

    Raises
    ------
    UnusualError
        If anything in the document is not usual.
    """
    # Without a copy of the bytes.
    text = str(memoryview(data)[start:end], "utf-8")
    if not text.isascii() and _NOT_XML.search(text):
        raise UnusualError
    statement, child = _patterns(re.escape(prov), re.escape(type) or "(?!)")
    (
        tags, source_tags, sources, target_tags, targets, roles, types,
        other_tags, ids, bodies, bundles, ends, rest,
    ) = _columns(statement, text)  # fmt: skip
    marks, child_tags, names, values, texts, more = _columns(
        child, _MARK.join(["", *filter(None, bodies)])
    )
    if any(rest) or any(more):
        raise UnusualError
    starts = [index for index, mark in enumerate(marks) if mark]
    if len(starts) != sum(map(bool, bodies)):
        raise UnusualError
    counts = map(int.__sub__, [*starts, len(marks)][1:], starts)
    first_children = [*accumulate((next(counts) if body else 0 for body in bodies), initial=0)]
    roles, types = ([held and _resolved(held) for held in column] for column in (roles, types))
    texts = ["" if held is None else _resolved(held) for held in texts]
    rows = Rows(
        tags, source_tags, sources, target_tags, targets, roles, types,
        other_tags, ids, bundles, ends, first_children,
    )  # fmt: skip
    return rows, Children(child_tags, names, values, texts)


@lru_cache(maxsize=16)
def _patterns(prov: str, type: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a statement and of a child, with a prefix and the name of types."""
    text, blank = _TEXT, BLANK
    end = rf"<({NAME}) {prov}:ref={VALUE}/>{blank}"
    statement = (
        rf"<(?!{prov}:bundleContent)({NAME})>{blank}{end}{end}(?:<{prov}:role>{text}</{prov}:role>{blank})?"
        rf'(?:<{prov}:type {type}="xsd:QName">{text}</{prov}:type>{blank})?</\1>{blank}'
        rf"|<(?!{prov}:bundleContent)({NAME})(?: {prov}:id={VALUE})?"
        rf"(?:/>|>{blank}([^<]*+(?:<(?!/\8>)[^<]*+)*+)</\8>){blank}"
        rf"|<{prov}:bundleContent {prov}:id={VALUE}>{blank}|<(/){prov}:bundleContent>{blank}"
        r"|([\s\S]+)"
    )
    child = (
        rf"({_MARK}?)<({NAME})(?: ({prov}:ref|{type}|xml:lang)={VALUE})?"
        rf"(?:/>|>{text}</\2>){blank}|([\s\S]+)"
    )
    return re.compile(statement, re.ASCII), re.compile(child, re.ASCII)


def _columns(pattern: re.Pattern[str], text: str) -> Iterable[list[Any]]:
    """Return the values of each group in all matches of a pattern that covers the text."""
    parts = pattern.split(text)
    width = pattern.groups + 1
    return [parts[index::width] for index in range(1, width)]


def _resolved(text: str) -> str:
    """Return a text with characters for their references."""
    return _REFERENCE.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    if len(match[0]) == 1:
        raise UnusualError
    return _CHARACTERS[match[1]]
