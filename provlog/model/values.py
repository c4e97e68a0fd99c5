"""Convert attribute values of a log to values that every PROV format can hold.

A value is a string or a :class:`Literal`, a text with an XSD datatype (XML
Schema Part 2). PROV-JSON, PROV-XML, PROV-N and RDF all write both unchanged.
Characters that XML 1.0 cannot hold (section 2.2, production [2] Char) become
Python escapes, so that the documents of one graph are equal in all formats.
"""

from __future__ import annotations

import math
import re
from collections import deque
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeGuard

import msgspec
from msgspec import Struct

from provlog.patterns import regex

__all__ = [
    "INTERNATIONALIZED_STRING",
    "QUALIFIED_NAME",
    "InternationalizedString",
    "Literal",
    "Value",
    "are_date_times",
    "are_safe",
    "date_time",
    "held_text",
    "integer",
    "is_qualified_name",
    "json_text",
    "literal",
    "moment",
    "qname",
    "safe_text",
    "value_of",
]


class Literal(Struct, frozen=True, gc=False):
    """A typed value: its lexical form and its datatype.

    Parameters
    ----------
    text : str
        The lexical form.
    datatype : str
        The datatype as a qualified name, such as ``xsd:int``. It is
        ``prov:QUALIFIED_NAME`` for a text that is a qualified name.
    """

    # Encoded, the fields have the names of a PROV-JSON typed literal (section 2.2.2 of
    # the submission), so that the PROV-JSON writer only encodes.
    text: str = msgspec.field(name="$")
    datatype: str = msgspec.field(name="type")


INTERNATIONALIZED_STRING = "prov:InternationalizedString"


# PROV-JSON writes no type beside a language, so the default is omitted.
class InternationalizedString(Literal, frozen=True, gc=False, omit_defaults=True):
    """A text in a natural language.

    Parameters
    ----------
    text : str
        The text.
    datatype : str
        ``prov:InternationalizedString``.
    lang : str
        The language tag (BCP 47), such as ``en``.

    Examples
    --------
    >>> msgspec.json.encode(InternationalizedString("Hallo", lang="de"))
    b'{"$":"Hallo","lang":"de"}'
    """

    datatype: str = msgspec.field(name="type", default=INTERNATIONALIZED_STRING)
    lang: str = ""


Value = str | Literal

QUALIFIED_NAME = "prov:QUALIFIED_NAME"

_CONTROLS = bytes({*range(0x20)} - {*b"\t\n\r"})
_NOT_XML = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe_text(text: str) -> str:
    r"""Return ``text`` with escapes for the characters that XML cannot hold.

    Examples
    --------
    >>> safe_text("bell\a, tab\t")
    'bell\\x07, tab\t'
    """
    if text.isprintable():
        return text
    return _NOT_XML.sub(_escape, text)


def are_safe(texts: Sequence[str]) -> bool:
    r"""Return whether :func:`safe_text` keeps all texts, in less time than one by one.

    Examples
    --------
    >>> are_safe(["a\tb", "c"]), are_safe(["a", "bell\a"])
    (True, False)
    """
    # Small pieces stay in the processor's cache.
    for start in range(0, len(texts), 256):
        text = "".join(texts[start : start + 256])
        if text.isascii():
            data = text.encode()
            if len(data.translate(None, _CONTROLS)) < len(data):
                return False
        elif not text.isprintable() and _NOT_XML.search(text):
            return False
    return True


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def json_text(value: Any) -> str:
    """Return ``value`` as compact JSON, keys in the order of the log.

    Raises
    ------
    RecursionError
        If the value is nested more deeply than the interpreter's stack allows.
    """
    try:
        return msgspec.json.encode(value).decode()
    except (TypeError, UnicodeEncodeError, OverflowError):
        # Keys other than strings and lone surrogates are rare, so this path may be slow.
        import json

        return json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), default=str, skipkeys=False
        )


def qname(name: str) -> Literal:
    """Return the qualified name ``name`` as a value, for attributes such as ``prov:type``."""
    return Literal(name, QUALIFIED_NAME)


@lru_cache(maxsize=4096)
def integer(value: int) -> Literal:
    """Return an integer as the value of an attribute.

    Examples
    --------
    >>> integer(23592)
    Literal(text='23592', datatype='xsd:int')
    """
    if -0x80000000 <= value <= 0x7FFFFFFF:
        return Literal(str(value), "xsd:int")
    if -0x8000000000000000 <= value <= 0x7FFFFFFFFFFFFFFF:
        return Literal(str(value), "xsd:long")
    return Literal(str(value), "xsd:integer")


def _double(value: float) -> Value:
    # inf and nan stay text, as in a repr: then a run gives the same document from its log
    # and from its process, and nan equals nan.
    return Literal(repr(value), "xsd:double") if math.isfinite(value) else repr(value)


def _structure(value: Any) -> str:
    text = json_text(value)
    # JSON has already escaped the ASCII characters that XML cannot hold.
    return text if text.isascii() else safe_text(text)


_CONVERTERS: dict[type, Callable[[Any], Value]] = {
    str: safe_text,
    bool: lambda value: Literal("true" if value else "false", "xsd:boolean"),
    int: integer,
    float: _double,
    type(None): lambda value: "null",
    datetime: lambda value: Literal(date_time(value) or str(value), "xsd:dateTime"),
    dict: _structure,
    list: _structure,
    tuple: _structure,
}


def literal(value: Any) -> Value:
    """Return a Python value as an attribute value.

    Scalars keep their type, ``None`` becomes the text ``null``, lists and mappings
    become compact JSON, and other values become their ``str``.

    Examples
    --------
    >>> literal(23592)
    Literal(text='23592', datatype='xsd:int')
    >>> literal([{"name": "Crab"}, None])
    '[{"name":"Crab"},null]'
    """
    convert = _CONVERTERS.get(type(value))
    return convert(value) if convert is not None else safe_text(str(value))


_DATE_TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?"
_XSD_DATE_TIME = regex(_DATE_TIME, re.ASCII)
_ALL_DATE_TIMES = regex(rf"(?:{_DATE_TIME}\n)*+", re.ASCII)
_DATETIME_REPR = regex(r"datetime\.datetime\((\d+(?:,\s*\d+){2,6})\)", re.ASCII)


def date_time(value: Any) -> str | None:
    """Return a time as ``xsd:dateTime`` text, or ``None`` if it is invalid.

    A valid text is returned unchanged; other ISO 8601 forms, a blank instead of the
    ``T`` and the ``repr`` of a :class:`datetime.datetime` are rewritten. A time
    without a zone stays without one.

    Examples
    --------
    >>> date_time("2019-10-07T11:20:05.884419")
    '2019-10-07T11:20:05.884419'
    >>> date_time("2019-10-07 11:20")
    '2019-10-07T11:20:00'
    >>> date_time("yesterday") is None
    True
    """
    if type(value) is str:
        if _XSD_DATE_TIME.fullmatch(value):
            try:
                datetime.fromisoformat(value)
            except ValueError:
                return None
            return value
        moment = _moment(value)
    else:
        moment = value if isinstance(value, datetime) else None
    text = moment.isoformat() if moment is not None else ""
    return text if _XSD_DATE_TIME.fullmatch(text) else None


def are_date_times(texts: Collection[str]) -> bool:
    """Return whether all texts are valid ``xsd:dateTime``, in less time than one by one.

    Examples
    --------
    >>> are_date_times(["2019-10-07T11:20:05", "2019-10-07T11:20:05Z"])
    True
    >>> are_date_times(["2019-10-07T11:20:05", "2019-02-30T11:20:05"])
    False
    """
    if not _ALL_DATE_TIMES.fullmatch("\n".join((*texts, ""))):
        return False
    try:
        deque(map(datetime.fromisoformat, texts), 0)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=64)
def moment(time: str) -> datetime:
    """Return a comparable value for a valid ``xsd:dateTime``; without a zone it counts as UTC."""
    found = datetime.fromisoformat(time)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _moment(text: str) -> datetime | None:
    match = _DATETIME_REPR.fullmatch(text)
    try:
        if match is not None:
            return datetime(*map(int, match[1].split(",")))  # type: ignore[arg-type]
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


_PARSERS: dict[str, Callable[[str], Any]] = {
    "xsd:int": int,
    "xsd:long": int,
    "xsd:integer": int,
    "xsd:double": float,
    "xsd:boolean": lambda text: text == "true",
    "xsd:dateTime": datetime.fromisoformat,
}


def value_of(value: Value) -> Any:
    """Return the Python value of an attribute value, the inverse of :func:`literal`.

    Examples
    --------
    >>> value_of(Literal("23592", "xsd:int"))
    23592
    """
    if isinstance(value, str):
        return value
    return _PARSERS.get(value.datatype, str)(value.text)


def is_qualified_name(value: Value) -> TypeGuard[Literal]:
    """Return whether an attribute value is a qualified name.

    Examples
    --------
    >>> is_qualified_name(qname("prov:Plan")), is_qualified_name("prov:Plan")
    (True, False)
    """
    return isinstance(value, Literal) and value.datatype == QUALIFIED_NAME


def held_text(held: Value | list[Value] | None) -> str:
    """Return the first value of an attribute as text; an empty text without a value."""
    if isinstance(held, list):
        return held_text(held[0]) if held else ""
    if held is None:
        return ""
    return held.text if isinstance(held, Literal) else held
