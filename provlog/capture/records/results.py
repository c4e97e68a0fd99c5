"""Numbers and texts that recorded calls returned, to link the calls that receive them.

Equal numbers are often a coincidence. Therefore a number counts as the result of a call only
if it is the same object and nothing else referred to this object when the call returned.
Constants, cached small numbers and attributes do not count.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from sys import getrefcount
from typing import Any

from provlog.objects.fingerprints.walk import TEXTS

__all__ = ["OWN_REFERENCES", "Results", "own_references", "unshared_items"]

# The number of results after which those are forgotten that nothing else keeps alive, the number
# of those that other objects keep alive, and the maximal length of texts.
_MAX_RESULTS = 1000
_MAX_LIVING = 10_000
_MAX_TEXT = 10_000
_MAX_CONTAINERS = 100_000
_MAX_MADE = 10_000
# Longer containers count as containers of this length.
_MAX_LENGTH = 1000


class Results:
    """The entities of numbers and texts that recorded calls returned.

    Attributes
    ----------
    known : OrderedDict
        These values and the ids of their entities, by address.
    containers : set of int
        The addresses of the containers that activities used or generated. Other objects may
        have these addresses now.
    lengths : dict of type to set of int
        The lengths of the containers that are entities, by type, up to `_MAX_LENGTH`.
    made : dict, optional
        In a worker process, the entities of the containers that activities generated, by address.
    files : dict of str to set of str
        The paths of the files that activities have written, by the id of their content.
    at_first : callable, optional
        A function to call before the first result is added.
    """

    def __init__(self) -> None:
        self.known: OrderedDict[int, tuple[Any, str]] = OrderedDict()
        self.containers: set[int] = set()
        self.lengths: dict[type, set[int]] = {}
        self.files: dict[str, set[str]] = {}
        # The number of results at which to forget some.
        self._room = _MAX_RESULTS
        self.made: dict[int, str] | None = None
        self.at_first: Callable[[], None] | None = None

    def add_container(self, value: Any, entity: str | None = None) -> None:
        """Remember the address of a container, and its entity if an activity generated it."""
        if len(self.containers) >= _MAX_CONTAINERS:
            self.containers.clear()
        self.containers.add(id(value))
        if self.made is not None and entity is not None:
            self._add_first()
            if len(self.made) >= _MAX_MADE:
                self.made.clear()
            self.made[id(value)] = entity

    def add_length(self, value: Any) -> None:
        """Remember the type and the length of a container that becomes an entity."""
        self.lengths.setdefault(type(value), set()).add(min(len(value), _MAX_LENGTH))

    def may_be_entity(self, value: Any) -> bool:
        """Return whether a container may be an entity, without a look at its content."""
        lengths = self.lengths.get(type(value), ())
        return min(len(value), _MAX_LENGTH) in lengths or self.entity_of(value) is not None

    def may_hold_entities(self, kinds: Iterable[type[Any]], values: Sequence[Any]) -> bool:
        """Return whether one of some numbers, texts and containers may be an entity."""
        return self.has(values) or any(
            kind in self.lengths and self._has_length(kind, values) for kind in kinds
        )

    def _has_length(self, kind: type[Any], values: Sequence[Any]) -> bool:
        """Return whether a container of a type may be an entity, judged by its length."""
        # Most rows of a table have the same length.
        found = {len(value) for value in values if type(value) is kind}
        return not self.lengths[kind].isdisjoint(min(one, _MAX_LENGTH) for one in found)

    def add_file(self, entity: str, path: str) -> None:
        """Remember that an activity has written a file with some content."""
        if len(self.files) >= _MAX_MADE:
            self.files.clear()
        paths = self.files.setdefault(entity, set())
        if len(paths) >= _MAX_MADE:
            paths.clear()
        paths.add(path)

    def forget(self) -> None:
        """Forget the containers and files."""
        self.containers.clear()
        self.lengths.clear()
        self.files.clear()

    def may_know(self, value: Any) -> bool:
        """Return whether a value may be a result or one of the containers."""
        return self.entity_of(value) is not None or id(value) in self.containers

    def add(self, value: Any, entity: str) -> None:
        """Add a result and the id of its entity."""
        if type(value) in TEXTS and len(value) > _MAX_TEXT:
            return
        self._add_first()
        if len(self.known) >= self._room:
            self._make_room()
        self.known[id(value)] = value, entity

    def _make_room(self) -> None:
        """Forget the results that no call can take any more, and the oldest ones."""
        known = self.known
        for address in [*known]:
            found = known.get(address)
            # Another thread may be faster.
            if found is not None and _references_of_known(found) <= _KNOWN_REFERENCES:
                known.pop(address, None)
        with suppress(KeyError):
            while len(known) > _MAX_LIVING - _MAX_RESULTS:
                known.popitem(last=False)
        self._room = len(known) + _MAX_RESULTS

    def _add_first(self) -> None:
        if self.at_first is not None:
            at_first, self.at_first = self.at_first, None
            at_first()

    def has(self, values: Iterable[Any]) -> bool:
        """Return whether one of some values may be a known result."""
        return bool(self.known) and not self.known.keys().isdisjoint(map(id, values))

    def entity_of(self, value: Any) -> str | None:
        """Return the id of a value's entity if a call returned this very object."""
        known = self.known.get(id(value))
        return known[1] if known is not None and known[0] is value else None


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


def _references_of_known(known: tuple[Any, str]) -> int:
    return getrefcount(known[0])


_KNOWN_REFERENCES = _references_of_known((float("2.5"), ""))
_ITEM_REFERENCES = _references_of_items((float("2.5"),))[0]
