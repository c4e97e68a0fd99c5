"""A mapping from objects, told apart by which they are, that lets them go."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from sys import getrefcount
from typing import Any, Generic, TypeVar

__all__ = ["ObjectMap"]

T = TypeVar("T")

# So many objects that cannot be referred to weakly are held, to know them again.
_MOST_HELD = 1000
# So many of them are looked at each time, whether the program still has them.
_LOOKED_AT = 8
# So many entries are kept, whether their objects are gone or not.
_FEW = 1000


class ObjectMap(Generic[T]):
    """What is known of objects, for as long as they live.

    An address alone would not do: Python gives that of an object that is gone to
    the next one.

    Attributes
    ----------
    held : OrderedDict
        By address the objects that are kept alive, since they cannot be referred to weakly.

    Examples
    --------
    >>> known = ObjectMap()
    >>> known.put(lists := [1, 2], "mine")
    >>> known.get(lists), known.get([1, 2])
    ('mine', None)
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Any, T]] = {}
        self.held: OrderedDict[int, Any] = OrderedDict()
        self._most = _FEW

    def get(self, value: Any) -> T | None:
        """Return what is known of an object."""
        entry = self._entries.get(id(value))
        if entry is None:
            return None
        reference, known = entry
        return known if reference is None or reference() is value else None

    def put(self, value: Any, known: T) -> None:
        """Remember something of an object."""
        address = id(value)
        try:
            reference = weakref.ref(value)
        except TypeError:
            self.let_go()
            self.held[address] = value
            reference = None
        self._entries[address] = reference, known
        if len(self._entries) > self._most:
            self._forget_gone()

    def _forget_gone(self) -> None:
        # Now and then: to be called by each object that goes takes longer.
        self._entries = {
            address: entry
            for address, entry in self._entries.items()
            if entry[0] is None or entry[0]() is not None
        }
        self._most = max(_FEW, 2 * len(self._entries))

    def let_go(self) -> None:
        """Let go of some objects that nobody else refers to."""
        for _ in range(min(_LOOKED_AT, len(self.held))):
            address, value, references = _first(self.held)
            if references > _OUR_REFERENCES and len(self.held) < _MOST_HELD:
                self.held[address] = value
            else:
                self._entries.pop(address, None)


def _first(held: OrderedDict[int, Any]) -> tuple[int, Any, int]:
    """Take out the object that was looked at first, with how many references there are to it."""
    address, value = held.popitem(last=False)
    return address, value, getrefcount(value)


_OUR_REFERENCES = _first(OrderedDict({0: object()}))[2]
