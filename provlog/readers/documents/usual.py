"""Decode common PROV-JSON documents fast.

In a common document, a relation has at most a role and a type besides its formal attributes, and
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

__all__ = ["ELEMENTS", "OTHERS", "Columns", "Elements", "Ends", "Part", "decoded"]

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
    entity: Elements | None
    activity: Elements | None
    agent: Elements | None
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


class Columns:
    """The relations of one kind: for each of their fields the values of all of them.

    Parameters
    ----------
    kind : str
        The kind of relation.
    records : dict
        The relations by identifier.
    """

    def __init__(self, kind: str, records: dict[str, Ends]) -> None:
        self.records = records

        def column(name: str) -> list[Any]:
            return list(map(attrgetter(name), records.values()))

        # Some may be None.
        self.sources: list[Any] = column("source")
        self.targets: list[Any] = column("target")
        self.roles: list[str | None] = column("role")
        self.types: list[Literal | None] = column("type")
        texts = (self.sources, self.targets, self.roles, *map(column, OTHERS[kind]))
        counts = [len(records) - held.count(None) for held in texts]
        # Whether the relations have no formal attributes besides source and target.
        self.is_bare = not any(counts[3:])
        # An object has one key for its relation, and a type three.
        types = len(records) - self.types.count(None)
        self.keys = len(records) + sum(counts) + 3 * types


class Elements:
    """The elements of one kind, with all values of their attributes.

    Parameters
    ----------
    records : dict
        The attributes by name of the element.
    """

    def __init__(self, records: dict[str, Attributes]) -> None:
        self.records = records
        values = list(chain.from_iterable(map(dict.values, records.values())))
        # The elements of lists come after the others.
        others = [held for held in values if type(held) is not str]
        self.texts = [held for held in values if type(held) is str]
        self.lists = [held for held in others if type(held) is list]
        if self.lists:
            values = list(chain.from_iterable(self.lists))
            others += [held for held in values if type(held) is not str]
            self.texts += [held for held in values if type(held) is str]
        self.literals = [held for held in others if type(held) is Literal]
        # An object has one key for each attribute, and a literal two.
        self.keys = len(records) + sum(map(len, records.values())) + 2 * len(self.literals)


def decoded(data: bytes) -> Any:
    """Return a document with all of its keys, or ``None`` if it is not a usual one.

    The sections with relations are :class:`Columns`. The keys are counted against the colons after
    quotation marks: an object may repeat a key.
    """
    try:
        document = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    colons, count = data.count(b'":'), _keys(document)
    # Texts that hold JSON have colons, too, behind a backslash.
    is_whole = count == colons or count == colons - data.count(b'\\":')
    return document if is_whole else None


def _keys(part: Any) -> int:
    """Return the number of keys in all objects of a document or bundle; arrange its relations."""
    count = 0
    for name in part.__struct_fields__:
        section = getattr(part, name)
        if section is None:
            continue
        count += 1
        if name in RELATIONS:
            columns = Columns(name, section)
            setattr(part, name, columns)
            count += columns.keys
            continue
        if name in ELEMENTS:
            elements = Elements(section)
            setattr(part, name, elements)
            count += elements.keys
            continue
        count += len(section)
        if name == "bundle":
            count += sum(map(_keys, section.values()))
    return count
