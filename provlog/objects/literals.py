"""Any Python value as a plain literal: what a record can hold.

Numbers, text, ``None``, lists and dicts stay what they are. Of anything else is
written what says most of it: the fields of a configuration object, the text of a
path or a quantity, else its ``repr``. Nothing that is long, deep, slow, broken or
secret gets into the log; the record says so in its place.
"""

from __future__ import annotations

import gc
import math
import os
import re
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from functools import partial
from pathlib import PurePath
from time import perf_counter
from types import MappingProxyType
from typing import Any
from uuid import UUID

from provlog.objects.classes import (
    base_named,
    bases_of,
    class_name,
    defining,
    own_name,
    remembered,
    type_names,
    variables_of_class,
)
from provlog.objects.interrupts import hand_on
from provlog.objects.state import fields_of, has_state
from provlog.redaction import WITHHELD, is_secret_name, masked_text

__all__ = ["as_name", "plain", "plain_items", "text_of"]

_LONGEST_TEXT = 10_000
# A text that is cut is masked up to here: half a login is not known as one.
_LONGEST_MASKED = _LONGEST_TEXT + 1000
_MOST_BYTES = 2500
_MOST_MASKED_BYTES = _MOST_BYTES + 1000
_MOST_DIGITS = 1000
_SMALL = 2**63
_DEEPEST = 20
_MOST_ITEMS = 1000
# Characters that are written of one value, about.
_MOST_TEXT = 100_000
# What any value takes, whatever it is.
_LEAST_TEXT = 10
_LARGEST_ARRAY = 100
# A repr that takes longer than this, in seconds, is not asked for again.
_SLOW = 0.1
_ADDRESS = re.compile(r" at 0x[0-9A-Fa-f]+")

# Classes whose repr failed or was slow, and what is written instead.
_mute: dict[type, str] = {}


def plain(value: Any) -> Any:
    """Return a value as a literal.

    Examples
    --------
    >>> plain({"lon": Decimal("83.63"), "on": (1, float("nan")), "token": "abc"})
    {'lon': '83.63', 'on': [1, 'nan'], 'token': '(withheld)'}
    """
    kind = type(value)
    # What most parameters are.
    if kind is bool or value is None or (kind is int and -_SMALL < value < _SMALL):
        return value
    return _Walk().plain(value)


def plain_items(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return named values as literals; those whose names are secret are withheld."""
    return {
        name: WITHHELD if is_secret_name(name) else plain(value) for name, value in values.items()
    }


def as_name(value: Any) -> str:
    """Return a value as a text that is a literal: an enumeration's may only look like one.

    Examples
    --------
    >>> as_name("events"), as_name(PurePath("a/b")), as_name(5)
    ('events', 'a/b', '5')
    """
    return value if type(value) is str else str(plain(value))


def text_of(value: Any) -> str:
    """Return the ``repr`` of an object, without its address; never raises.

    Examples
    --------
    >>> text_of(object())
    '<object>'
    """
    kind = type(value)
    if kind in _mute:
        return _mute[kind]
    if defining(kind, "__repr__") is object:
        return f"<{class_name(kind)}>"
    begun = perf_counter()
    try:
        text = str.__str__(repr(value))
    except Exception as error:  # noqa: BLE001  (whatever somebody else's code raises)
        hand_on(error)
        _mute[kind] = f"<{class_name(kind)}: its repr raised {own_name(type(error))}>"
        return _mute[kind]
    if perf_counter() - begun > _SLOW:
        _mute[kind] = f"<{class_name(kind)}: its repr takes too long>"
    return _told(_ADDRESS.sub("", text) if " at 0x" in text else text)


def _told(text: str) -> str:
    """Return a text as it may stand in a log: not too long, and without secrets."""
    if len(text) <= _LONGEST_TEXT:
        return masked_text(text)
    beginning = masked_text(text[:_LONGEST_MASKED])[:_LONGEST_TEXT]
    return f"{beginning}... ({len(text)} characters)"


class _Walk:
    """One value with all that is in it."""

    def __init__(self) -> None:
        self._left = _MOST_TEXT
        self._open: set[int] = set()

    def plain(self, value: Any) -> Any:
        self._left -= _LEAST_TEXT
        kind = type(value)
        try:
            found = (_CONVERTERS.get(kind) or _converter(kind))(self, value)
        except Exception as error:  # noqa: BLE001  (whatever somebody else's code raises)
            hand_on(error)
            found = f"<{class_name(kind)}: it raised {own_name(type(error))}>"
        if type(found) is str:
            self._left -= len(found)
        elif type(found) is int:
            self._left -= found.bit_length() // 3
        return found

    def inside(self, value: Any, content: Callable[[], Any]) -> Any:
        """Return the content of a container, unless it is too deep or within itself."""
        if id(value) in self._open:
            return "(contains itself)"
        if len(self._open) >= _DEEPEST:
            return "(nested too deep)"
        self._open.add(id(value))
        try:
            return content()
        finally:
            self._open.discard(id(value))

    def mapping(self, owner: Any, held: dict[Any, Any]) -> Any:
        """Return what an object holds by name."""
        size = dict.__len__(held)
        return self.inside(owner, lambda: self.fields(dict.items(held), size))

    def items(self, values: Iterable[Any], size: int) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if len(found) >= _MOST_ITEMS or self._left <= 0:
                found.append(f"... ({size} items)")
                break
            found.append(self.plain(value))
        return found

    def fields(self, fields: Iterable[tuple[Any, Any]], size: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in fields:
            if len(found) >= _MOST_ITEMS or self._left <= 0:
                found["..."] = f"({size} items)"
                break
            name = key if type(key) is str else str(self.plain(key))
            told = _told(name)
            self._left -= len(told)
            found[told] = WITHHELD if is_secret_name(name) else self.plain(value)
        return found


_Converter = Callable[[_Walk, Any], Any]


def _text(walk: _Walk, value: str) -> str:
    # As a str itself: a subclass may do anything in its methods.
    return _told(str.__str__(value))


def _integer(walk: _Walk, value: int) -> Any:
    if int.bit_length(value) > _MOST_DIGITS * math.log2(10):
        return f"(an integer of {int.bit_length(value)} bits)"
    return int.__int__(value)


def _float(walk: _Walk, value: float) -> Any:
    number = float.__float__(value)
    return number if math.isfinite(number) else repr(number)


def _sequence(base: Any) -> _Converter:
    """What converts sequences; of a subclass, read where they are stored: no method is called."""

    def convert(walk: _Walk, value: Any) -> Any:
        return walk.inside(value, lambda: walk.items(base.__iter__(value), base.__len__(value)))

    return convert


def _set(base: Any) -> _Converter:
    convert = _sequence(base)

    def convert_sorted(walk: _Walk, value: Any) -> Any:
        found = convert(walk, value)
        return sorted(found, key=repr) if type(found) is list else found

    return convert_sorted


def _tuple(walk: _Walk, value: Any) -> Any:
    if tuple.__len__(value) == 2:
        # It may be a name and its value, as in the items of a mapping.
        name, _ = tuple.__iter__(value)
        if type(name) is str and is_secret_name(name):
            return [walk.plain(name), WITHHELD]
    return _plain_tuple(walk, value)


_plain_tuple = _sequence(tuple)


def _named_tuple(walk: _Walk, value: Any) -> Any:
    names = _names_of(type(value)) or ()
    return walk.mapping(value, dict(zip(names, tuple.__iter__(value), strict=True)))


def _mapping(walk: _Walk, value: Any) -> Any:
    return walk.mapping(value, value)


def _pairs(walk: _Walk, value: Any) -> Any:
    pairs, size = _Items.__iter__(value), _Items.__len__(value)
    return walk.inside(value, lambda: walk.fields(pairs, size))


def _state(walk: _Walk, value: Any) -> Any:
    """The fields of a configuration object, without a call of its methods."""
    return walk.mapping(value, fields_of(value))


def _field(name: str) -> _Converter:
    """What converts objects that are no more than what one of their fields is."""

    def convert(walk: _Walk, value: Any) -> Any:
        return walk.inside(value, lambda: walk.plain(fields_of(value)[name]))

    return convert


def _proxy(walk: _Walk, value: Any) -> Any:
    # To ask it is to ask its mapping, which may be of any class.
    (mapping,) = gc.get_referents(value)
    return walk.plain(mapping)


def _partial(walk: _Walk, value: Any) -> Any:
    parts = {name: vars(partial)[name].__get__(value) for name in ("func", "args", "keywords")}
    return walk.mapping(value, parts)


def _url(name: str) -> _Converter:
    """What converts the parts of a URL: apart they would not be known to have a login."""
    return lambda walk, value: walk.plain(base_named(type(value), name).geturl(value))


def _array(walk: _Walk, value: Any) -> Any:
    array = base_named(type(value), "numpy.ndarray")
    size, shape = array.size.__get__(value), array.shape.__get__(value)
    if size > _LARGEST_ARRAY:
        return f"<{own_name(type(value))} of {array.dtype.__get__(value)}, shape {shape}>"
    names = array.dtype.__get__(value).names
    if names is not None:
        columns = {name: array.__getitem__(value, name) for name in names}
        return walk.mapping(value, columns)
    if array is not type(value):
        # A quantity: its text has the unit.
        return _as_text(walk, value)
    return walk.plain(array.tolist(value))


def _scalar(walk: _Walk, value: Any) -> Any:
    names = value.dtype.names
    if names is not None:
        return walk.mapping(value, {name: value[name] for name in names})
    item = value.item()
    # A long double is its own item.
    return _as_text(walk, value) if type(item) is type(value) else walk.plain(item)


def _as_text(walk: _Walk, value: Any) -> str:
    # What is returned may be a subclass of str.
    return _text(walk, str(value))


def _bytes(walk: _Walk, value: bytes) -> str:
    text = masked_text(repr(bytes(value[:_MOST_MASKED_BYTES]))[2:-1])
    return text if len(value) <= _MOST_BYTES else f"{text[:_MOST_BYTES]}... ({len(value)} bytes)"


_Items: Any = type({}.items())

_SEQUENCES: dict[type, _Converter] = {
    list: _sequence(list),
    tuple: _tuple,
    deque: _sequence(deque),
    set: _set(set),
    frozenset: _set(frozenset),
    dict: _mapping,
}

_CONVERTERS: dict[type, _Converter] = {
    str: _text,
    int: _integer,
    float: _float,
    bool: lambda walk, value: value,
    type(None): lambda walk, value: value,
    **_SEQUENCES,
    bytes: _bytes,
    bytearray: _bytes,
    _Items: _pairs,
    **{kind: _sequence(kind) for kind in map(type, ({}.keys(), {}.values()))},
    MappingProxyType: _proxy,
}

# For subclasses, the first that fits.
_BASES: tuple[tuple[type, _Converter], ...] = (
    (Enum, lambda walk, value: walk.plain(vars(value).get("_value_"))),
    (str, _text),
    (int, _integer),
    (float, _float),
    (PurePath, lambda walk, value: _text(walk, os.fspath(value))),
    (datetime, lambda walk, value: datetime.isoformat(value)),
    *((kind, _as_text) for kind in (date, time, timedelta, Decimal, Fraction, UUID, complex)),
    *_SEQUENCES.items(),
    (_Items, _pairs),
    (ChainMap, _field("maps")),
    *((kind, _field("data")) for kind in (UserDict, UserList)),
    (partial, _partial),
)  # fmt: skip

# The same for classes that only who has them imported knows.
_NAMED_BASES: dict[str, _Converter] = {
    "numpy.ndarray": _array,
    "numpy.generic": _scalar,
    "pydantic.main.BaseModel": _state,
    "argparse.Namespace": _state,
    "types.SimpleNamespace": _state,
    **{
        name: _url(name)
        for name in (
            "urllib.parse.ParseResult", "urllib.parse.ParseResultBytes",
            "urllib.parse.SplitResult", "urllib.parse.SplitResultBytes",
        )
    },
}  # fmt: skip

# What classes have whose objects are their fields: those of dataclasses and of attrs.
_MARKS = ("__dataclass_fields__", "__attrs_attrs__")


@remembered
def _converter(kind: type) -> _Converter:
    for name in type_names(kind):
        if name in _NAMED_BASES:
            return _NAMED_BASES[name]
    if _names_of(kind):
        return _named_tuple
    for base, convert in _BASES:
        if issubclass(kind, base):
            return convert
    if not variables_of_class(kind).keys().isdisjoint(_MARKS) and has_state(kind):
        return _state
    return lambda walk, value: text_of(value)


def _names_of(kind: type) -> tuple[str, ...] | None:
    """Return the names of the items, of a named tuple."""
    found = (variables_of_class(base).get("_fields") for base in bases_of(kind))
    names = next(filter(None, found), None) if issubclass(kind, tuple) else None
    is_named = type(names) is tuple and all(type(name) is str for name in names)
    return names if is_named else None
