"""A mapping from objects, compared by identity, that does not keep them alive for long."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from contextlib import suppress
from gc import get_referents
from itertools import islice
from sys import getrefcount, getsizeof
from types import FrameType, FunctionType, TracebackType
from typing import Any, Generic, TypeVar

from provlog.objects.classes import bases_of, cached_by_class, class_variables, defining_class

__all__ = ["IdentityMap"]

T = TypeVar("T")

# The number of objects without weak references that are kept alive.
_MAX_HELD = 1000
# How many of them each release checks for other references; all of them if they are larger
# than this in total.
_CHECKED_AT_ONCE = 8
_MAX_BYTES = 16 * 1024 * 1024
# The number of referents of an object that are examined.
_MAX_REFERENTS = 1000
# The number of entries after which those of dead objects are removed.
_MIN_ENTRIES = 1000
# Objects that refer to all the variables of a function.
_RUNNING = (FrameType, TracebackType)


class IdentityMap(Generic[T]):
    """Values attached to objects for as long as the objects live.

    Python reuses the address of a dead object, so the address alone cannot be the key.
    Objects are referred to weakly. An object without weak references (a list, an instance
    of a class with ``__slots__``) is kept alive until :meth:`release` finds no other
    reference to it. The exception is an object whose longer life the program could
    notice, because the object or a part of it has a finalizer (``__del__``) or is a
    frame: it is never kept, so each lookup treats it as a new object.

    Attributes
    ----------
    held : OrderedDict
        The objects kept alive, by address, each with its size in bytes.

    Examples
    --------
    >>> names = IdentityMap()
    >>> names.put(values := [1, 2], "mine")
    >>> names.get(values), names.get([1, 2])
    ('mine', None)
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Any, T]] = {}
        self.held: OrderedDict[int, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._max_entries = _MIN_ENTRIES

    def get(self, key: Any) -> T | None:
        """Return the value attached to an object, or ``None``."""
        entry = self._entries.get(id(key))
        if entry is None:
            return None
        reference, value = entry
        return value if reference is None or reference() is key else None

    def put(self, key: Any, value: T) -> None:
        """Attach a value to an object."""
        address = id(key)
        try:
            self._entries[address] = weakref.ref(key), value
        except TypeError:
            self.release()
            # Keep this order, because another thread may release the object at once.
            self._entries[address] = None, value
            if not self._hold(address, key):
                self._entries.pop(address, None)
        if len(self._entries) > self._max_entries:
            self._remove_dead()

    def _hold(self, address: int, key: Any) -> bool:
        """Keep an object alive unless the program could notice that."""
        parts = [key, *islice(get_referents(key), _MAX_REFERENTS)]
        kinds = {*map(type, parts)}
        if any(map(_has_noticeable_life, kinds)):
            return False
        if address not in self.held:
            size = sum(map(getsizeof, parts)) if all(map(_has_builtin_size, kinds)) else 0
            self.held[address] = key, size
            self._bytes += size
        return True

    def _remove_dead(self) -> None:
        # From time to time, because a callback for each dead object takes longer. Another
        # thread may attach a new value at the same address meanwhile.
        for address, entry in self._entries.copy().items():
            is_dead = entry[0] is not None and entry[0]() is None
            if is_dead and self._entries.get(address) is entry:
                self._entries.pop(address, None)
        self._max_entries = max(_MIN_ENTRIES, 2 * len(self._entries))

    def release(self) -> None:
        """Release objects without other references: a few, or all if they are large."""
        if not self.held:
            # Every call comes here several times.
            return
        is_large = self._bytes > _MAX_BYTES
        count = len(self.held) if is_large else min(_CHECKED_AT_ONCE, len(self.held))
        # Another thread may take the last one.
        with suppress(KeyError):
            for _ in range(count):
                self._check_oldest()

    def _check_oldest(self) -> None:
        address, key, size, references = _pop_oldest(self.held)
        if references > _OWN_REFERENCES and len(self.held) < _MAX_HELD:
            self.held[address] = key, size
        else:
            self._bytes -= size
            self._entries.pop(address, None)


def _pop_oldest(held: OrderedDict[int, tuple[Any, int]]) -> tuple[int, Any, int, int]:
    """Remove the object that was checked longest ago; return it with its reference count."""
    address, (key, size) = held.popitem(last=False)
    return address, key, size, getrefcount(key)


_OWN_REFERENCES = _pop_oldest(OrderedDict({0: (object(), 0)}))[3]


@cached_by_class
def _has_noticeable_life(kind: type) -> bool:
    """Return whether a program may notice when an instance of a class is released."""
    return kind in _RUNNING or any("__del__" in class_variables(base) for base in bases_of(kind))


@cached_by_class
def _has_builtin_size(kind: type) -> bool:
    """Return whether ``getsizeof`` of an instance calls no method of the program."""
    method = class_variables(defining_class(kind, "__sizeof__"))["__sizeof__"]
    return not isinstance(method, FunctionType)
