"""Decode common PROV-JSON documents fast.

In a common document, every value is a text, or a text with a datatype, or a list of these. Anything
else makes the decoder give up.
"""

from __future__ import annotations

from itertools import chain, repeat
from typing import Any, Protocol

import msgspec
from msgspec import Struct

from provlog.model.relations import RELATIONS
from provlog.model.values import Literal, Value

__all__ = ["ELEMENTS", "Columns", "Elements", "Part", "decoded"]

ELEMENTS = ("entity", "activity", "agent")

Attributes = dict[str, "Value | list[Value]"]


class Part(Protocol):
    """A document, or a bundle in it; it also has an attribute for each kind of statement.

    Sections that are not there are ``None``.
    """

    prefix: dict[str, str] | None
    entity: Elements | None
    activity: Elements | None
    agent: Elements | None
    bundle: dict[str, Part] | None


def _part(name: str, bundle: Any) -> type[Struct]:
    values = str | Literal | list[str | Literal]
    sections: dict[str, Any] = {
        "prefix": str,
        **dict.fromkeys((*ELEMENTS, *RELATIONS), dict[str, values]),
        "bundle": bundle,
    }
    fields = [(key, dict[str, type] | None, None) for key, type in sections.items()]  # type: ignore[valid-type]
    return msgspec.defstruct(name, fields, forbid_unknown_fields=True)


_decode = msgspec.json.Decoder(_part("Document", _part("Bundle", str))).decode


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


class Columns:
    """The relations of one kind: for each of their usual fields the values of all of them.

    Parameters
    ----------
    kind : str
        The kind of relation.
    records : dict
        The attributes, also the formal ones, by name of the relation.
    """

    def __init__(self, kind: str, records: dict[str, Attributes]) -> None:
        self.records = records
        source, target, *_ = RELATIONS[kind].formals
        usual = (source.name, target.name, "prov:role", "prov:type")
        # Some may be None, or of the wrong type.
        columns: list[list[Any]] = [
            list(map(dict.get, records.values(), repeat(name))) for name in usual
        ]
        self.sources, self.targets, self.roles, self.types = columns
        keys = sum(map(len, records.values()))
        # What some relations have besides, by the numbers of these.
        self.others: dict[int, Attributes] = {}
        if keys > sum(len(column) - column.count(None) for column in columns):
            known = frozenset(usual)
            self.others = {
                number: {name: record[name] for name in record if name not in known}
                for number, record in enumerate(records.values())
                if not record.keys() <= known
            }
        types = list(map(type, chain.from_iterable(map(dict.values, records.values()))))
        if list in types:
            self.keys = Elements(records).keys
        else:
            # An object has one key for its relation, and a literal two.
            self.keys = len(records) + keys + 2 * types.count(Literal)


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
        if name in RELATIONS or name in ELEMENTS:
            found = Elements(section) if name in ELEMENTS else Columns(name, section)
            setattr(part, name, found)
            count += found.keys
            continue
        count += len(section)
        if name == "bundle":
            count += sum(map(_keys, section.values()))
    return count
