"""Decode usual PROV-JSON documents in less time than others.

In such a document, a relation has at most a role and a type besides its formal attributes, and
every value is a text or has a datatype. Anything else makes the decoder give up.
"""

from __future__ import annotations

from itertools import chain
from operator import attrgetter
from typing import Any, Protocol

import msgspec
from msgspec import Struct, field

from provlog.model.relations import RELATIONS, RelationKind
from provlog.model.values import Literal, Value

__all__ = ["ELEMENTS", "OTHERS", "Ends", "Part", "decoded"]

ELEMENTS = ("entity", "activity", "agent")

Attributes = dict[str, "Value | list[Value]"]


class Ends(Protocol):
    """A relation. Its formal attributes besides source and target are further attributes of it."""

    source: str | None
    target: str | None
    role: str | None
    type: Literal | None


class Part(Protocol):
    """A document, or a bundle in it; it also has an attribute for each kind of statement.

    Sections that are not there are ``None``.
    """

    prefix: dict[str, str] | None
    entity: dict[str, Attributes] | None
    activity: dict[str, Attributes] | None
    agent: dict[str, Attributes] | None
    bundle: dict[str, Part] | None


OTHERS: dict[str, dict[str, str]] = {
    kind.name: {f"formal{number}": formal.name for number, formal in enumerate(kind.formals[2:])}
    for kind in RELATIONS.values()
}
"""The formal attributes of each kind besides source and target, by attribute of :class:`Ends`."""


def _relation(kind: RelationKind) -> Any:
    formals = {"source": kind.source.name, "target": kind.target.name, **OTHERS[kind.name]}
    fields: list[tuple[str, Any, Any]] = [
        (name, str | None, field(name=formal, default=None)) for name, formal in formals.items()
    ]
    fields.append(("role", str | None, field(name="prov:role", default=None)))
    fields.append(("type", Literal | None, field(name="prov:type", default=None)))
    return msgspec.defstruct(kind.name, fields, gc=False, forbid_unknown_fields=True)


def _part(name: str, bundle: Any) -> type[Struct]:
    values = str | Literal | list[str | Literal]
    sections: dict[str, Any] = {
        "prefix": str,
        **dict.fromkeys(ELEMENTS, dict[str, values]),
        **{kind.name: _relation(kind) for kind in RELATIONS.values()},
        "bundle": bundle,
    }
    fields = [(key, dict[str, type] | None, None) for key, type in sections.items()]  # type: ignore[valid-type]
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True)


_decode = msgspec.json.Decoder(_part("Document", _part("Bundle", str))).decode


def decoded(data: bytes) -> Any:
    """Return a document with all of its keys, or ``None`` if it is not a usual one.

    The keys are counted against the colons after quotation marks: an object may repeat a key.
    """
    try:
        document = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    colons, count = data.count(b'":'), _keys(document)
    # Texts that hold JSON have colons, too, behind a backslash.
    return document if count in {colons, colons - data.count(b'\\":')} else None


def _keys(part: Any) -> int:
    """Return the number of keys in all objects of a document or bundle."""
    count = 0
    for name in part.__struct_fields__:
        section = getattr(part, name)
        if section is None:
            continue
        count += 1 + len(section)
        if name in ELEMENTS:
            records = section.values()
            values = chain.from_iterable(map(dict.values, records))
            others = [held for held in values if type(held) is not str]
            lists = [held for held in others if type(held) is list]
            others += [one for held in lists for one in held if type(one) is not str]
            count += sum(map(len, records)) + 2 * (len(others) - len(lists))
        elif name in RELATIONS:
            relations = section.values()
            for formal in ("source", "target", "role", *OTHERS[name]):
                get = attrgetter(formal)
                count += len(section) - list(map(get, relations)).count(None)
            count += 3 * (len(section) - [one.type for one in relations].count(None))
        elif name == "bundle":
            count += sum(map(_keys, section.values()))
    return count
