"""Any Python value as a plain literal: what a record can hold.

Numbers, text, ``None``, lists and dicts stay what they are. Of anything else is
written what says most of it: the fields of a configuration object, the text of a
path or a quantity, else its ``repr``. Nothing that is long, deep, slow, broken or
secret gets into the log; the record says so in its place.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from time import perf_counter
from typing import Any
from uuid import UUID

from provlog.capture.classes import (
    base_named,
    class_name,
    defining,
    own_name,
    remembered,
    type_names,
    variables_of_class,
)
from provlog.capture.secrets import WITHHELD, is_secret_name, masked_text
from provlog.capture.signals import hand_on
from provlog.capture.states import has_variables, variables_of

__all__ = ["as_name", "plain", "plain_items", "text_of"]

_LONGEST_TEXT = 10_000
_MOST_BYTES = 2500
_MOST_DIGITS = 1000
_SMALL = 2**63
_DEEPEST = 20
_MOST_ITEMS = 1000
_MOST_VALUES = 10_000
# So many characters count as one value more.
_TEXT_OF_A_VALUE = 50
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
    return _shortened(_ADDRESS.sub("", text) if " at 0x" in text else text)


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST_TEXT:
        return text
    return f"{text[:_LONGEST_TEXT]}... ({len(text)} characters)"


class _Walk:
    """One value with all that is in it."""

    def __init__(self) -> None:
        self._left = _MOST_VALUES
        self._open: set[int] = set()

    def plain(self, value: Any) -> Any:
        self._left -= 1
        kind = type(value)
        try:
            found = (_CONVERTERS.get(kind) or _converter(kind))(self, value)
        except Exception as error:  # noqa: BLE001  (whatever somebody else's code raises)
            hand_on(error)
            found = f"<{class_name(kind)}: it raised {own_name(type(error))}>"
        if type(found) is str:
            self._left -= len(found) // _TEXT_OF_A_VALUE
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

    def items(self, values: Iterable[Any], size: int) -> list[Any]:
        found: list[Any] = []
        for value in values:
            if len(found) >= _MOST_ITEMS or self._left <= 0:
                found.append(f"... ({size} items)")
                break
            found.append(self.plain(value))
        return found

    def fields(self, fields: dict[Any, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in dict.items(fields):
            if len(found) >= _MOST_ITEMS or self._left <= 0:
                found["..."] = f"({dict.__len__(fields)} items)"
                break
            name = key if type(key) is str else str(self.plain(key))
            found[_shortened(name)] = WITHHELD if is_secret_name(name) else self.plain(value)
        return found


_Converter = Callable[[_Walk, Any], Any]


def _text(walk: _Walk, value: str) -> str:
    # As a str itself: a subclass may do anything in its methods.
    text = _shortened(str.__str__(value))
    return masked_text(text) if "://" in text else text


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


def _mapping(walk: _Walk, value: Any) -> Any:
    return walk.inside(value, lambda: walk.fields(value))


def _state(walk: _Walk, value: Any) -> Any:
    """The fields of a configuration object, without a call of its methods."""
    return walk.inside(value, lambda: walk.fields(variables_of(value)))


def _array(walk: _Walk, value: Any) -> Any:
    array = base_named(type(value), "numpy.ndarray")
    size, shape = array.size.__get__(value), array.shape.__get__(value)
    if size > _LARGEST_ARRAY:
        return f"<{own_name(type(value))} of {array.dtype.__get__(value)}, shape {shape}>"
    if array is not type(value):
        # A quantity: its text has the unit.
        return _as_text(walk, value)
    return walk.plain(array.tolist(value))


def _scalar(walk: _Walk, value: Any) -> Any:
    item = value.item()
    # A long double is its own item.
    return _as_text(walk, value) if type(item) is type(value) else walk.plain(item)


def _as_text(walk: _Walk, value: Any) -> str:
    # What is returned may be a subclass of str.
    return _text(walk, str(value))


def _bytes(walk: _Walk, value: bytes) -> str:
    text = repr(bytes(value[:_MOST_BYTES]))[2:-1]
    return text if len(value) <= _MOST_BYTES else f"{text}... ({len(value)} bytes)"


_SEQUENCES: dict[type, _Converter] = {
    list: _sequence(list),
    tuple: _sequence(tuple),
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
)  # fmt: skip

# The same for classes that only who has them imported knows.
_NAMED_BASES: dict[str, _Converter] = {
    "numpy.ndarray": _array,
    "numpy.generic": _scalar,
    "pydantic.main.BaseModel": _state,
}


@remembered
def _converter(kind: type) -> _Converter:
    for name in type_names(kind):
        if name in _NAMED_BASES:
            return _NAMED_BASES[name]
    for base, convert in _BASES:
        if issubclass(kind, base):
            return convert
    if "__dataclass_fields__" in variables_of_class(kind) and has_variables(kind):
        return _state
    return lambda walk, value: text_of(value)
