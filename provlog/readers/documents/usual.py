"""Decode common PROV-JSON documents fast.

In a common document, every value is a text, or a text with a datatype, or a list of these. Anything
else makes the decoder give up.
"""

from __future__ import annotations

import sys
from functools import cache
from itertools import chain, repeat
from typing import Any, NamedTuple, Protocol

import msgspec
from msgspec import Struct

from provlog.compiled import compiled
from provlog.model.relations import RELATIONS
from provlog.model.values import Literal, Value, are_safe

__all__ = [
    "ELEMENTS", "Columns", "Elements", "Part", "colons", "columns_of", "decoded", "elements_of",
]  # fmt: skip

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


class Elements(NamedTuple):
    """The elements of one kind, and what their attributes hold.

    Parameters
    ----------
    records : dict
        The attributes by name of the element.
    names : set of str
        The names of all attributes.
    literals : list of Literal
        All values with a datatype.
    are_texts_safe : bool
        Whether :func:`~provlog.model.values.safe_text` keeps all other values.
    shortest : int
        The length of the shortest list of values; 2 if there is none.
    keys : int
        The number of keys in all of these objects.
    """

    records: dict[str, Attributes]
    names: set[str]
    literals: list[Literal]
    are_texts_safe: bool
    shortest: int
    keys: int


class Columns(NamedTuple):
    """The relations of one kind: for each of their usual fields the values of all of them.

    Parameters
    ----------
    records : dict
        The attributes, also the formal ones, by name of the relation.
    sources, targets, roles, types : list
        The values; some may be ``None``, or of the wrong type.
    others : dict
        What some relations have besides, by the numbers of these.
    keys : int
        The number of keys in all of these objects.
    """

    records: dict[str, Attributes]
    sources: list[Any]
    targets: list[Any]
    roles: list[Any]
    types: list[Any]
    others: dict[int, Attributes]
    keys: int


def colons(data: bytes) -> tuple[int, int]:
    """Return how many colons follow a quotation mark, and how many of these marks are escaped."""
    return data.count(b'":'), data.count(b'\\":')


def elements_of(records: dict[str, Attributes]) -> Elements:
    """Return elements, and what their attributes hold.

    Parameters
    ----------
    records : dict
        The attributes by name of the element.
    """
    held = list(chain.from_iterable(map(dict.values, records.values())))
    lists = [value for value in held if type(value) is list]
    values = [*held, *chain.from_iterable(lists)]
    literals = [value for value in values if type(value) is Literal]
    return Elements(
        records,
        set(chain.from_iterable(records.values())),
        literals,
        are_safe([value for value in values if type(value) is str]),
        min(map(len, lists), default=2),
        # An object has one key for each attribute, and a literal two.
        len(records) + len(held) + 2 * len(literals),
    )


def columns_of(records: dict[str, Attributes], names: tuple[str, str, str, str]) -> Columns:
    """Return relations of one kind as columns.

    Parameters
    ----------
    records : dict
        The attributes, also the formal ones, by name of the relation.
    names : tuple of str
        The names of source, target, role and type.
    """
    sources, targets, roles, types = (
        list(map(dict.get, records.values(), repeat(name))) for name in names
    )
    known = frozenset(names)
    others = {
        number: {name: record[name] for name in record if name not in known}
        for number, record in enumerate(records.values())
        if not record.keys() <= known
    }
    keys = elements_of(records).keys
    return Columns(records, sources, targets, roles, types, others, keys)


def decoded(data: bytes) -> Any:
    """Return a document with all of its keys, or ``None`` if it is not a usual one.

    The sections are :class:`Elements` and :class:`Columns`. The keys are counted against the
    colons after quotation marks: an object may repeat a key.
    """
    try:
        document = _decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    survey = _compiled() or sys.modules[__name__]
    found, escaped = survey.colons(data)
    # Texts that hold JSON have colons, too, behind a backslash.
    is_whole = _keys(document, survey) in {found, found - escaped}
    return document if is_whole else None


@cache
def _compiled() -> Any:
    return compiled("provlog.readers.documents._fast")


def _keys(part: Any, survey: Any) -> int:
    """Return the number of keys in all objects of a document or bundle; survey its sections."""
    count = 0
    for name in part.__struct_fields__:
        section = getattr(part, name)
        if section is None:
            continue
        count += 1
        if name in RELATIONS or name in ELEMENTS:
            if name in ELEMENTS:
                found: Any = survey.elements_of(section)
            else:
                source, target, *_ = RELATIONS[name].formals
                found = survey.columns_of(
                    section, (source.name, target.name, "prov:role", "prov:type")
                )
            setattr(part, name, found)
            count += found.keys
            continue
        count += len(section)
        if name == "bundle":
            count += sum(_keys(inner, survey) for inner in section.values())
    return count
