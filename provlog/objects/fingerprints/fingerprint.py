"""The fingerprint of a Python value: bytes that are equal for equal values."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Any

from provlog.objects.classes import class_name
from provlog.objects.fingerprints.converters import converter_of, of_state
from provlog.objects.fingerprints.walk import PRIMITIVES, TEXTS, Identify, TooLargeError, Walk
from provlog.objects.signals import reraise_from_signal
from provlog.objects.state import state_of

__all__ = ["fingerprint", "fingerprint_of_start", "simple_fingerprint"]

# The total length of texts in a fingerprint that contains them, not their digest.
_MAX_TEXT = 10_000
_FIRST_ITEMS = 1000


def fingerprint(value: Any, identify: Identify = id) -> bytes:
    """Return the fingerprint of a value.

    Parameters
    ----------
    value : object
        The value.
    identify : callable
        Returns a number or text that no other object of this run has had, for a part of
        the value whose state cannot be read.

    Raises
    ------
    TooLargeError
        If the value is too large.
    Exception
        Any exception that a method of the value raises.

    Examples
    --------
    >>> fingerprint({"a": 1, "b": [2.5]}) == fingerprint({"b": [2.5], "a": 1})
    True
    >>> fingerprint(1) == fingerprint(True)
    False
    """
    return simple_fingerprint(value) or Walk(identify, converter_of).fingerprint(value)


def simple_fingerprint(value: Any) -> bytes | None:
    """Return the fingerprint of an object whose variables are numbers and short texts.

    Returns
    -------
    bytes or None
        ``None`` for any other value, and for one that cannot be examined.
    """
    try:
        if converter_of(type(value)) is not of_state:
            return None
        # Nearly all objects are small: serialize their state in one call.
        digest, variables = state_of(value)
        kinds = {*map(type, variables)}
        if not (kinds <= PRIMITIVES and (kinds.isdisjoint(TEXTS) or _are_short(variables))):
            return None
    except Exception as error:  # noqa: BLE001  (a metaclass may define any hash)
        reraise_from_signal(error)
        return None
    return b"o" + digest + marshal.dumps(variables, 2)


def fingerprint_of_start(value: Any, identify: Identify = id) -> bytes | None:
    """Return a fingerprint of the length and the first items of a large container.

    Returns
    -------
    bytes or None
        ``None`` if the value is not a container, or its first items are too large, too.
    """
    kind = type(value)
    for base, items in _CONTAINERS.items():
        if issubclass(kind, base):
            first = list(islice(items(value), _FIRST_ITEMS))
            try:
                start = fingerprint([class_name(kind), base.__len__(value), first], identify)
            except TooLargeError:
                return None
            return b"..." + start
    return None


def _are_short(values: list[Any]) -> bool:
    """Return whether the texts among some values are short."""
    return sum([len(value) for value in values if type(value) in TEXTS]) <= _MAX_TEXT


_CONTAINERS: dict[Any, Callable[[Any], Iterable[Any]]] = {
    **{base: base.__iter__ for base in (list, tuple, set, frozenset, bytearray)},
    dict: dict.items,
}
