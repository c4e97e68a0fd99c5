"""A mapping from objects, told apart by which they are, that lets them go."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from typing import Any, Generic, TypeVar

__all__ = ["ObjectMap"]

T = TypeVar("T")

# So many objects that cannot be referred to weakly are kept alive, to know them again;
# large ones are not.
_MOST_HELD = 1000
_LARGEST_HELD = 100
_SIZED = (list, dict, set, bytearray)


class ObjectMap(Generic[T]):
    """What is known of objects, for as long as they live.

    An address alone would not do: Python gives that of an object that is gone to
    the next one.

    Examples
    --------
    >>> known = ObjectMap()
    >>> known.put(lists := [1, 2], "mine")
    True
    >>> known.get(lists), known.get([1, 2])
    ('mine', None)
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Any, T]] = {}
        self._held: OrderedDict[int, Any] = OrderedDict()

    def get(self, value: Any) -> T | None:
        """Return what is known of an object."""
        entry = self._entries.get(id(value))
        if entry is None:
            return None
        reference, known = entry
        return known if reference is None or reference() is value else None

    def put(self, value: Any, known: T) -> bool:
        """Remember something of an object; tell whether that is possible."""
        address = id(value)
        try:
            reference = weakref.ref(value, lambda gone: self._forget(address, gone))
        except TypeError:
            if not self._hold(address, value):
                return False
            reference = None
        self._entries[address] = reference, known
        return True

    def _forget(self, address: int, gone: object) -> None:
        entry = self._entries.get(address)
        # Another object may have the address by now.
        if entry is not None and entry[0] is gone:
            del self._entries[address]

    def _hold(self, address: int, value: Any) -> bool:
        if issubclass(type(value), _SIZED) and len(value) > _LARGEST_HELD:
            return False
        self._held[address] = value
        if len(self._held) > _MOST_HELD:
            oldest, _ = self._held.popitem(last=False)
            self._entries.pop(oldest, None)
        return True
