"""Python values as literals that a record can hold.

Numbers, text, ``None``, lists and dicts keep their form. A configuration object becomes
its fields, a path or a quantity its text, any other object its ``repr``. A short note
replaces any value that is too long, too deeply nested, slow, broken or secret.
"""

from __future__ import annotations

import gc
import math
import os
from collections import ChainMap, UserDict, UserList, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from enum import Enum
from functools import partial
from types import MappingProxyType
from typing import Any

from provlog.objects.classes import (
    PATHS,
    base_by_name,
    base_names,
    bases_of,
    cached_by_class,
    class_name,
    class_variables,
    short_name,
)
from provlog.objects.data import SCALARS
from provlog.objects.signals import reraise_from_signal
from provlog.objects.state import has_state, instance_variables
from provlog.objects.texts import bytes_text, log_text, repr_text
from provlog.redaction import WITHHELD, is_secret_name

__all__ = ["to_literal", "to_literals", "to_name"]

_MAX_DIGITS = 1000
_SMALL = 2**63
_MAX_DEPTH = 20
_MAX_ITEMS = 1000
# The approximate number of characters written for one value, and the least for each part.
_MAX_TEXT = 100_000
_MIN_TEXT = 10
_MAX_ARRAY = 100


def to_literal(value: Any) -> Any:
    """Return a value as a literal.

    Examples
    --------
    >>> from decimal import Decimal
    >>> to_literal({"lon": Decimal("83.63"), "on": (1, float("nan")), "token": "abc"})
    {'lon': '83.63', 'on': [1, 'nan'], 'token': '(withheld)'}
    """
    kind = type(value)
    # Most parameters are one of these.
    if kind is bool or value is None or (kind is int and -_SMALL < value < _SMALL):
        return value
    return _Walk().literal(value)


def to_literals(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return named values as literals; values with a secret name are withheld."""
    return {
        name: WITHHELD if is_secret_name(name) else to_literal(value)
        for name, value in values.items()
    }


def to_name(value: Any) -> str:
    """Return a value as a plain ``str``, even if it is a member of a text enumeration.

    Examples
    --------
    >>> from pathlib import PurePath
    >>> to_name("events"), to_name(PurePath("a/b")), to_name(5)
    ('events', 'a/b', '5')
    """
    return value if type(value) is str else str(to_literal(value))


class _Walk:
    """One traversal of a value and its parts."""

    def __init__(self) -> None:
        self._characters_left = _MAX_TEXT
        self._open: set[int] = set()

    def literal(self, value: Any) -> Any:
        """Return a value or a part of it as a literal."""
        self._characters_left -= _MIN_TEXT
        kind = type(value)
        try:
            found = (_CONVERTERS.get(kind) or _converter(kind))(self, value)
        except Exception as error:  # noqa: BLE001  (a method of the program may raise anything)
            reraise_from_signal(error)
            found = f"<{class_name(kind)}: it raised {short_name(type(error))}>"
        if type(found) is str:
            self._characters_left -= len(found)
        elif type(found) is int:
            self._characters_left -= found.bit_length() // 3
        return found

    def inside(self, value: Any, content: Callable[[], Any]) -> Any:
        """Return the content of a container, or a note if it is too deep or contains itself."""
        if id(value) in self._open:
            return "(contains itself)"
        if len(self._open) >= _MAX_DEPTH:
            return "(nested too deep)"
        self._open.add(id(value))
        try:
            return content()
        finally:
            self._open.discard(id(value))

    def mapping(self, owner: Any, parts: dict[Any, Any]) -> Any:
        """Return the named parts of an object."""
        size = dict.__len__(parts)
        return self.inside(owner, lambda: self.fields(dict.items(parts), size))

    def items(self, values: Iterable[Any], size: int) -> list[Any]:
        """Return the items of a container of a given size."""
        found: list[Any] = []
        for value in values:
            if len(found) >= _MAX_ITEMS or self._characters_left <= 0:
                found.append(f"... ({size} items)")
                break
            found.append(self.literal(value))
        return found

    def fields(self, fields: Iterable[tuple[Any, Any]], size: int) -> dict[str, Any]:
        """Return ``size`` named parts, without the values of secret ones."""
        found: dict[str, Any] = {}
        for key, value in fields:
            if len(found) >= _MAX_ITEMS or self._characters_left <= 0:
                found["..."] = f"({size} items)"
                break
            name = key if type(key) is str else str(self.literal(key))
            shown = log_text(name)
            self._characters_left -= len(shown)
            found[shown] = WITHHELD if is_secret_name(name) else self.literal(value)
        return found


_Convert = Callable[[_Walk, Any], Any]


def _text(walk: _Walk, value: str) -> str:
    # Through str itself: a subclass may override its methods.
    return log_text(str.__str__(value))


def _integer(walk: _Walk, value: int) -> Any:
    if int.bit_length(value) > _MAX_DIGITS * math.log2(10):
        return f"(an integer of {int.bit_length(value)} bits)"
    return int.__int__(value)


def _float(walk: _Walk, value: float) -> Any:
    number = float.__float__(value)
    return number if math.isfinite(number) else repr(number)


def _sequence(base: Any) -> _Convert:
    """Return the converter of a sequence type, which reads subclasses without their methods."""

    def convert(walk: _Walk, value: Any) -> Any:
        return walk.inside(value, lambda: walk.items(base.__iter__(value), base.__len__(value)))

    return convert


def _set(base: Any) -> _Convert:
    def content(walk: _Walk, value: Any) -> list[Any]:
        items = base.__iter__(value)
        if SCALARS.issuperset(map(type, base.__iter__(value))):
            # Sort before items are omitted, because the order of a set differs between runs.
            return walk.items(sorted(items, key=repr), base.__len__(value))
        return sorted(walk.items(items, base.__len__(value)), key=repr)

    def convert_sorted(walk: _Walk, value: Any) -> Any:
        return walk.inside(value, lambda: content(walk, value))

    return convert_sorted


def _tuple(walk: _Walk, value: Any) -> Any:
    if tuple.__len__(value) == 2:
        # This may be a name with its value, as in the items of a mapping.
        name, _ = tuple.__iter__(value)
        if type(name) is str and is_secret_name(name):
            return [walk.literal(name), WITHHELD]
    return _any_tuple(walk, value)


_any_tuple = _sequence(tuple)


def _named_tuple(walk: _Walk, value: Any) -> Any:
    names = _field_names(type(value)) or ()
    return walk.mapping(value, dict(zip(names, tuple.__iter__(value), strict=True)))


def _mapping(walk: _Walk, value: Any) -> Any:
    return walk.mapping(value, value)


def _pairs(walk: _Walk, value: Any) -> Any:
    pairs, size = _Items.__iter__(value), _Items.__len__(value)
    return walk.inside(value, lambda: walk.fields(pairs, size))


def _state(walk: _Walk, value: Any) -> Any:
    """Convert a configuration object to its fields, without calling its methods."""
    return walk.mapping(value, instance_variables(value))


def _field(name: str) -> _Convert:
    """Return the converter of classes that only wrap the value of one variable."""

    def convert(walk: _Walk, value: Any) -> Any:
        return walk.inside(value, lambda: walk.literal(instance_variables(value)[name]))

    return convert


def _proxy(walk: _Walk, value: Any) -> Any:
    # Its methods call those of the mapping, which may be of any class.
    (mapping,) = gc.get_referents(value)
    return walk.literal(mapping)


def _partial(walk: _Walk, value: Any) -> Any:
    parts = {name: vars(partial)[name].__get__(value) for name in ("func", "args", "keywords")}
    return walk.mapping(value, parts)


def _url(name: str) -> _Convert:
    """Return the converter of a split URL: a login is recognized only in the whole."""
    return lambda walk, value: walk.literal(base_by_name(type(value), name).geturl(value))


def _array(walk: _Walk, value: Any) -> Any:
    array = base_by_name(type(value), "numpy.ndarray")
    size, shape = array.size.__get__(value), array.shape.__get__(value)
    if size > _MAX_ARRAY:
        return f"<{short_name(type(value))} of {array.dtype.__get__(value)}, shape {shape}>"
    names = array.dtype.__get__(value).names
    if names is not None:
        columns = {name: array.__getitem__(value, name) for name in names}
        return walk.mapping(value, columns)
    if array is not type(value):
        # The text of a quantity includes its unit.
        return _as_text(walk, value)
    return walk.literal(array.tolist(value))


def _scalar(walk: _Walk, value: Any) -> Any:
    names = value.dtype.names
    if names is not None:
        return walk.mapping(value, {name: value[name] for name in names})
    item = value.item()
    # The item of a long double is a long double again.
    return _as_text(walk, value) if type(item) is type(value) else walk.literal(item)


def _as_text(walk: _Walk, value: Any) -> str:
    # The result may be an instance of a subclass of str.
    return _text(walk, str(value))


_Items: Any = type({}.items())

_SEQUENCES: dict[type, _Convert] = {
    list: _sequence(list),
    tuple: _tuple,
    deque: _sequence(deque),
    set: _set(set),
    frozenset: _set(frozenset),
    dict: _mapping,
}

_CONVERTERS: dict[type, _Convert] = {
    str: _text,
    int: _integer,
    float: _float,
    bool: lambda walk, value: value,
    type(None): lambda walk, value: value,
    **_SEQUENCES,
    **dict.fromkeys((bytes, bytearray), lambda walk, value: bytes_text(value)),
    _Items: _pairs,
    **{kind: _sequence(kind) for kind in map(type, ({}.keys(), {}.values()))},
    MappingProxyType: _proxy,
}

# For subclasses, the first match counts. Classes with a name need not be imported.
_BASES: tuple[tuple[type | str, _Convert], ...] = (
    (Enum, lambda walk, value: walk.literal(vars(value).get("_value_"))),
    (str, _text),
    (int, _integer),
    (float, _float),
    *((name, lambda walk, value: _text(walk, os.fspath(value))) for name in PATHS),
    (datetime, lambda walk, value: datetime.isoformat(value)),
    *((kind, _as_text) for kind in (date, time, timedelta, complex)),
    *((name, _as_text) for name in ("decimal.Decimal", "fractions.Fraction", "uuid.UUID")),
    *_SEQUENCES.items(),
    (_Items, _pairs),
    (ChainMap, _field("maps")),
    *((kind, _field("data")) for kind in (UserDict, UserList)),
    (partial, _partial),
)  # fmt: skip

# These come before the fields of named tuples.
_NAMED_BASES: dict[str, _Convert] = {
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

# Class variables of dataclasses and of attrs: their instances become their fields.
_FIELD_LISTS = ("__dataclass_fields__", "__attrs_attrs__")


@cached_by_class
def _converter(kind: type) -> _Convert:
    names = base_names(kind)
    for name in names:
        if name in _NAMED_BASES:
            return _NAMED_BASES[name]
    if _field_names(kind):
        return _named_tuple
    for base, convert in _BASES:
        if base in names if isinstance(base, str) else issubclass(kind, base):
            return convert
    if not class_variables(kind).keys().isdisjoint(_FIELD_LISTS) and has_state(kind):
        return _state
    return lambda walk, value: repr_text(value)


def _field_names(kind: type) -> tuple[str, ...] | None:
    """Return the names of the items of a named tuple; ``None`` for any other class."""
    found = (class_variables(base).get("_fields") for base in bases_of(kind))
    names = next(filter(None, found), None) if issubclass(kind, tuple) else None
    is_named = type(names) is tuple and all(type(name) is str for name in names)
    return names if is_named else None
