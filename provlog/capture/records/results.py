"""Numbers and texts that recorded calls returned, to link the calls that receive them.

Equal numbers are often a coincidence. Therefore a number counts as the result of a call only
if it is the same object and nothing else referred to this object when the call returned.
Constants, cached small numbers and attributes do not count.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from contextlib import suppress
from sys import getrefcount
from typing import Any

from provlog.objects.classes import cached_by_class, class_variables
from provlog.objects.fingerprints.walk import TEXTS

__all__ = ["OWN_REFERENCES", "Found", "Results", "own_references", "unshared_items"]

# The number of results that are kept alive to recognise them, and the maximal length of texts.
_MAX_RESULTS = 1000
_MAX_TEXT = 10_000
_MAX_CONTAINERS = 100_000
# The number of items of a worker's result, and of its items, that are examined.
_MAX_ITEMS = 10_000, 100

Found = str | dict[int, "Found"]
"""The entity of a number or text, or those of the items of a container by position."""


class Results:
    """The entities of numbers and texts that recorded calls returned.

    Attributes
    ----------
    known : OrderedDict
        These values and the ids of their entities, by address.
    containers : set of int
        The addresses of the containers that activities used or generated. Other objects may
        have these addresses now.
    log : str, optional
        The path of the log that describes the entities.
    is_sent : bool
        Whether this process is a worker that sends its results to the program.
    at_first : callable, optional
        A function to call before the first result is added.
    """

    def __init__(self) -> None:
        self.known: OrderedDict[int, tuple[Any, str]] = OrderedDict()
        self.containers: set[int] = set()
        self.log: str | None = None
        self.is_sent = False
        self.at_first: Callable[[Results], None] | None = None

    def add_container(self, value: Any) -> None:
        """Remember the address of a container."""
        if len(self.containers) >= _MAX_CONTAINERS:
            self.containers.clear()
        self.containers.add(id(value))

    def may_know(self, value: Any) -> bool:
        """Return whether a value may be a result or one of the containers."""
        return self.entity_of(value) is not None or id(value) in self.containers

    def add(self, value: Any, entity: str) -> None:
        """Add a result and the id of its entity."""
        if type(value) in TEXTS and len(value) > _MAX_TEXT:
            return
        if self.at_first is not None:
            at_first, self.at_first = self.at_first, None
            at_first(self)
        # Another thread may remove the oldest one.
        with suppress(KeyError):
            if len(self.known) >= _MAX_RESULTS:
                self.known.popitem(last=False)
        self.known[id(value)] = value, entity

    def has(self, values: Iterable[Any]) -> bool:
        """Return whether one of some values may be a known result."""
        return bool(self.known) and not self.known.keys().isdisjoint(map(id, values))

    def entity_of(self, value: Any) -> str | None:
        """Return the id of a value's entity if a call returned this very object."""
        known = self.known.get(id(value))
        return known[1] if known is not None and known[0] is value else None

    def found_in(self, value: Any, depth: int = 0) -> Found | None:
        """Return the entities of a value, or of its items and theirs, that calls returned."""
        if not self.known:
            return None
        kind = type(value)
        if not _has_places(kind):
            return self.entity_of(value)
        if depth == len(_MAX_ITEMS) or len(value) > _MAX_ITEMS[depth]:
            return None
        items = _items(value)
        is_deep = depth + 1 < len(_MAX_ITEMS) and any(map(_has_places, {*map(type, items)}))
        if not is_deep and not self.has(items):
            return None
        found = {
            place: one
            for place, item in enumerate(items)
            if (one := self.found_in(item, depth + 1)) is not None
        }
        return found or None

    def receive(self, value: Any, found: Found) -> None:
        """Add what `found_in` has found in the value before it was pickled."""
        if type(found) is dict:
            items = _items(value)
            for place, one in found.items():
                self.receive(items[place], one)
        elif not _is_shared(value):
            self.add(value, found)  # type: ignore[arg-type]


@cached_by_class
def _has_places(kind: type) -> bool:
    """Return whether pickling keeps the positions of the items of a class."""
    if kind in (list, tuple, dict):
        return True
    own = class_variables(kind)
    is_named = kind.__bases__ == (tuple,) and type(own.get("_fields")) is tuple
    return is_named and "__reduce__" not in own and "__reduce_ex__" not in own


def _items(value: Any) -> list[Any]:
    if type(value) is dict:
        return [*value.values()]
    return [*value] if type(value) is list else [*tuple.__iter__(value)]


def _is_shared(value: Any) -> bool:
    """Return whether Python has only one object of a number or text."""
    if type(value) is int:
        return value + 0 is value
    return type(value) in TEXTS and len(value) < 2


def unshared_items(result: tuple[Any, ...]) -> list[bool]:
    """Return, for each item of a tuple, whether only the tuple refers to it."""
    return [count <= _ITEM_REFERENCES for count in _references_of_items(result)]


def _references_of_items(result: tuple[Any, ...]) -> list[int]:
    return [getrefcount(item) for item in tuple.__iter__(result)]


# The number of references to an otherwise unreferenced object depends on the version of
# Python. As in the wrappers, a local variable is passed on.


def own_references(count: Callable[[Any], int]) -> int:
    """Return how many references to an otherwise unreferenced argument a function counts."""
    result = float("2.5")
    return count(result)


def _references(result: Any) -> int:
    return getrefcount(result)


OWN_REFERENCES = own_references(_references)
"""The references to the result of a call that nothing else refers to, in a function that a
wrapper calls with it."""
_ITEM_REFERENCES = _references_of_items((float("2.5"),))[0]
