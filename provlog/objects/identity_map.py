"""A mapping from objects, told apart by which they are, that lets them go."""

from __future__ import annotations

import weakref
from collections import OrderedDict
from contextlib import suppress
from gc import get_referents
from itertools import islice
from sys import getrefcount, getsizeof
from types import FrameType, FunctionType, TracebackType
from typing import Any, Generic, TypeVar

from provlog.objects.classes import bases_of, defining, remembered, variables_of_class

__all__ = ["ObjectMap"]

T = TypeVar("T")

# So many objects that cannot be referred to weakly are held, to know them again.
_MOST_HELD = 1000
# So many of them are looked at each time, whether the program still has them; all, if they
# have more bytes than that.
_LOOKED_AT = 8
_MOST_BYTES = 16 * 1024 * 1024
# Of what one of them refers to so much is looked at.
_MOST_PARTS = 1000
# So many entries are kept, whether their objects are gone or not.
_FEW = 1000
# In them are all the variables of a function.
_RUNNING = (FrameType, TracebackType)


class ObjectMap(Generic[T]):
    """What is known of objects, for as long as they live.

    An address alone would not do: Python gives that of an object that is gone to
    the next one. An object that cannot be referred to weakly (a list, or one of a class
    with ``__slots__``) is kept alive instead until :meth:`let_go` finds that nobody else
    refers to it. Only where that could be noticed it is not, and is another one whenever it is
    asked for: if it, or what it refers to, has a finalizer (``__del__``), which may close a
    file, or is all that a function holds. To hold none would be worse: what one call
    makes and the next one uses would not be the same.

    Attributes
    ----------
    held : OrderedDict
        By address the objects that are kept alive, each with its size in bytes.

    Examples
    --------
    >>> known = ObjectMap()
    >>> known.put(lists := [1, 2], "mine")
    >>> known.get(lists), known.get([1, 2])
    ('mine', None)
    """

    def __init__(self) -> None:
        self._entries: dict[int, tuple[Any, T]] = {}
        self.held: OrderedDict[int, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
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
            self._entries[address] = weakref.ref(value), known
        except TypeError:
            self.let_go()
            # In this order: another thread may let go of it at once.
            self._entries[address] = None, known
            if not self._hold(address, value):
                self._entries.pop(address, None)
        if len(self._entries) > self._most:
            self._forget_gone()

    def _hold(self, address: int, value: Any) -> bool:
        """Keep an object alive, unless that could be noticed."""
        parts = [value, *islice(get_referents(value), _MOST_PARTS)]
        kinds = {*map(type, parts)}
        if any(map(_is_noticed, kinds)):
            return False
        if address not in self.held:
            size = sum(map(getsizeof, parts)) if all(map(_is_measured, kinds)) else 0
            self.held[address] = value, size
            self._bytes += size
        return True

    def _forget_gone(self) -> None:
        # Now and then: to be called by each object that goes takes longer. Another thread
        # may put one in its place meanwhile.
        for address, entry in self._entries.copy().items():
            is_gone = entry[0] is not None and entry[0]() is None
            if is_gone and self._entries.get(address) is entry:
                self._entries.pop(address, None)
        self._most = max(_FEW, 2 * len(self._entries))

    def let_go(self) -> None:
        """Let go of some objects that nobody else refers to; of all of these, if they are large."""
        many = len(self.held) if self._bytes > _MOST_BYTES else min(_LOOKED_AT, len(self.held))
        # Another thread may take the last one.
        with suppress(KeyError):
            for _ in range(many):
                self._look_at_first()

    def _look_at_first(self) -> None:
        address, value, size, references = _first(self.held)
        if references > _OUR_REFERENCES and len(self.held) < _MOST_HELD:
            self.held[address] = value, size
        else:
            self._forget(address, (value, size))

    def _forget(self, address: int, held: tuple[Any, int]) -> None:
        self._bytes -= held[1]
        self._entries.pop(address, None)


def _first(held: OrderedDict[int, tuple[Any, int]]) -> tuple[int, Any, int, int]:
    """Take out the object that was looked at first, with how many references there are to it."""
    address, (value, size) = held.popitem(last=False)
    return address, value, size, getrefcount(value)


_OUR_REFERENCES = _first(OrderedDict({0: (object(), 0)}))[3]


@remembered
def _is_noticed(kind: type) -> bool:
    """Tell whether a program may notice when an object of a class goes."""
    return kind in _RUNNING or any("__del__" in variables_of_class(base) for base in bases_of(kind))


@remembered
def _is_measured(kind: type) -> bool:
    """Tell whether to ask objects of a class for their size calls no method of the program."""
    return type(variables_of_class(defining(kind, "__sizeof__"))["__sizeof__"]) is not FunctionType
