"""Convert an element to its columns, with other attributes as JSON, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from provlog.model.elements import Attributes, Element
from provlog.model.values import (
    INTERNATIONALIZED_STRING,
    InternationalizedString,
    Literal,
    Value,
    moment,
    safe_text,
)

__all__ = [
    "COLUMNS", "attributes_cell", "attributes_of", "content_digest", "file_name",
    "json_cell", "microseconds", "plain_attributes", "storable", "value_of_cell",
]  # fmt: skip

COLUMNS = {
    "prov:label": "name",
    "prov:location": "location",
    "dcterms:identifier": "local_id",
    "prov:value": "entity_value",
}
"""The attributes with a column of their own in ``element``, if their value is a single text."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder().decode


def attributes_cell(attributes: Attributes) -> str:
    """Return attributes as JSON, with null for those in a column.

    Examples
    --------
    >>> attributes_cell({"prov:label": "fit", "log:n": Literal("7", "xsd:int")})
    '{"prov:label":null,"log:n":{"$":"7","type":"xsd:int"}}'
    """
    held: Mapping[str, Any] = {
        name: None if name in COLUMNS and type(value) is str else value
        for name, value in attributes.items()
    }
    return json_cell(held)


def json_cell(held: Any) -> str:
    """Return values as JSON that every database can hold."""
    try:
        return _encode(held).decode()
    except UnicodeEncodeError:
        return _encode(_without_surrogates(held)).decode()


def _without_surrogates(held: Any) -> Any:
    if isinstance(held, str):
        return storable(held)
    if isinstance(held, dict):
        return {storable(name): _without_surrogates(value) for name, value in held.items()}
    if isinstance(held, (list, tuple)):
        return [*map(_without_surrogates, held)]
    return replace(held, text=storable(held.text)) if isinstance(held, Literal) else held


def attributes_of(cell: str, columns: Mapping[str, str | None]) -> Attributes:
    """Return the attributes of an element from its JSON and its columns, by attribute name."""
    held = _decode(cell)
    for name, value in held.items():
        if value is None:
            held[name] = columns[name] or ""
    return plain_attributes(held)


def plain_attributes(held: dict[str, Any]) -> Attributes:
    """Return attributes from the plain values of their JSON."""
    return {
        name: [*map(value_of_cell, value)] if isinstance(value, list) else value_of_cell(value)
        for name, value in held.items()
    }


def value_of_cell(held: Any) -> Value:
    """Return a value from its JSON."""
    if isinstance(held, str):
        return held
    if "type" in held and "lang" not in held:
        return Literal(held["$"], held["type"])
    datatype = held.get("type", INTERNATIONALIZED_STRING)
    return InternationalizedString(held["$"], datatype, held.get("lang", ""))


def file_name(element: Element) -> str | None:
    """Return the file name at the end of an element's location or id in the log."""
    for name in ("prov:location", "dcterms:identifier"):
        for path in element.values(name):
            if "/" in str(path):
                return storable(str(path).rstrip("/").rpartition("/")[2]) or None
    return None


def microseconds(time: str | None) -> int | None:
    """Return a time as microseconds since 1970; without a zone it counts as UTC."""
    if time is None:
        return None
    try:
        return (moment(time) - _EPOCH) // timedelta(microseconds=1)
    except ValueError:
        return None


def content_digest(cells: tuple[object, ...]) -> int:
    """Return a digest of the content of a row as an integer of 64 bits."""
    found = hashlib.blake2b(repr(cells).encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(found.digest(), "big", signed=True)


def storable(text: str) -> str:
    r"""Return a text that every database can hold, with escapes for NUL and surrogates.

    Examples
    --------
    >>> storable("a\0b")
    'a\\x00b'
    """
    return text if text.isprintable() else safe_text(text)
