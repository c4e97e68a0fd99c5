"""The traversal of a value and its parts, within limits of size and depth."""

from __future__ import annotations

import marshal
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

from xxhash import xxh3_128_digest

from provlog.objects.classes import class_name, weakref_offset_of
from provlog.objects.signals import reraise_from_signal

__all__ = [
    "MAX_BYTES", "PRIMITIVES", "TEXTS", "Convert", "Identify", "TooLargeError", "Walk",
    "name_bytes",
]  # fmt: skip

MAX_BYTES = 1024 * 1024 * 1024
"""The number of bytes of one value that are hashed."""
TEXTS = frozenset({str, bytes})
"""Types whose values have a length that counts."""
PRIMITIVES: frozenset[type] = frozenset({int, float, str, bool, type(None), bytes, complex})
"""Types whose values ``marshal`` serializes by value."""

# The types of the rows of a table, beside dict.
_ROWS: frozenset[type] = frozenset({tuple, list})
_MAX_VALUES = 100_000
_MAX_DEPTH = 50
# The total length of texts in a list that is serialized in one call.
_MAX_TEXT = 16 * 1024 * 1024
# The number of objects without weak references that are identified, which is the number that
# the identity map keeps alive.
_MAX_IDENTIFIED = 500
# Longer fingerprints of a part are replaced by their digest.
_MAX_INLINE = 64

Identify = Callable[[Any], object]
"""Returns a number or text that no other object of this run has had."""


class TooLargeError(Exception):
    """A value is too large to be examined at every call."""


class Walk:
    """One traversal of a value.

    Parameters
    ----------
    identify : callable
        Identifies an object whose state cannot be read.
    converter_of : callable
        Returns the function that gives the fingerprint of the instances of a class.
    """

    def __init__(self, identify: Identify, converter_of: Callable[[type], Convert]) -> None:
        self._identify = identify
        self._converter_of = converter_of
        self._identities_left = _MAX_IDENTIFIED
        self._values_left = _MAX_VALUES
        self._bytes_left = MAX_BYTES
        # The enclosing values with their depths, and the values already visited.
        self._open: dict[int, int] = {}
        self._done: dict[int, tuple[Any, bytes]] = {}

    def fingerprint(self, value: Any) -> bytes:
        """Return the fingerprint of a value or of a part of it."""
        kind = type(value)
        if kind in PRIMITIVES:
            return self.primitive(value)
        address = id(value)
        if address in self._open:
            return b"@%d" % (len(self._open) - self._open[address])
        if address in self._done:
            return self._done[address][1]
        self.count(1)
        if len(self._open) > _MAX_DEPTH:
            raise TooLargeError
        self._open[address] = len(self._open)
        try:
            data = self._converter_of(kind)(self, value)
        except (TooLargeError, RecursionError):
            raise
        except Exception as error:
            reraise_from_signal(error)
            if len(self._open) == 1:
                raise
            # A part that cannot be examined counts by its identity.
            data = b"!" + self.identity(value)
        del self._open[address]
        # Keep the value, so that its address is not reused during the traversal.
        self._done[address] = value, data
        return data

    def primitive(self, value: Any) -> bytes:
        """Return the fingerprint of a number or text, or of a list of such."""
        if type(value) in TEXTS and len(value) > MAX_BYTES:
            raise TooLargeError
        data = marshal.dumps(value, 2)
        return data if len(data) < _MAX_INLINE else self.digest(data)

    def identity(self, value: Any) -> bytes:
        """Return the fingerprint of an object that is identified by identity."""
        if not weakref_offset_of(type(value)):
            self._identities_left -= 1
            if self._identities_left < 0:
                raise TooLargeError
        return b"%b %b" % (name_bytes(type(value)), str(self._identify(value)).encode())

    def digest(self, data: Any) -> bytes:
        """Return the digest of bytes, or of anything with a buffer."""
        self._bytes_left -= memoryview(data).nbytes
        if self._bytes_left < 0:
            raise TooLargeError
        # At the speed of memory, about 25 times as fast as a cryptographic hash.
        return xxh3_128_digest(data)

    def count(self, values: int) -> None:
        """Count values; raise an error beyond the limit."""
        self._values_left -= values
        if self._values_left < 0:
            raise TooLargeError

    def sequence(self, mark: bytes, values: list[Any]) -> bytes:
        """Return the fingerprint of values in order; the mark identifies their type."""
        if _are_primitive(values):
            return mark + self.primitive(values)
        table = _table_of(values)
        if table is not None:
            self.count(len(values))
            return mark + table.mark + self.primitive(table.rows)
        return self.joined(mark, map(self.fingerprint, values))

    def joined(self, mark: bytes, parts: Iterable[bytes]) -> bytes:
        """Return the fingerprint that is made of those of the parts."""
        data = b"".join([b"%d:%b" % (len(part), part) for part in parts])
        return mark + (data if len(data) < _MAX_INLINE else self.digest(data))

    def pairs(self, mark: bytes, items: Iterable[tuple[Any, Any]]) -> bytes:
        """Return the fingerprint of keys and values in any order."""
        # A list first, since another thread may change the mapping.
        pairs = sorted(
            [(self.fingerprint(key), self.fingerprint(value)) for key, value in list(items)]
        )
        return self.joined(mark, [part for pair in pairs for part in pair])


Convert = Callable[[Walk, Any], bytes]
"""Returns the fingerprint of a value of certain types."""


def name_bytes(kind: type) -> bytes:
    """Return the full name of a class as bytes."""
    return class_name(kind).encode("utf-8", "surrogatepass")


class _Table(NamedTuple):
    """The rows of a list that is a table, and a mark of their form."""

    mark: bytes
    rows: list[Any]


def _table_of(values: list[Any]) -> _Table | None:
    """Return the rows of a table of numbers and texts, or ``None``."""
    kinds = {*map(type, values)}
    if kinds <= _ROWS:
        return _Table(b"r", values) if _are_primitive([*chain.from_iterable(values)]) else None
    return _table_of_dicts(values) if kinds == {dict} else None


def _table_of_dicts(values: list[dict[Any, Any]]) -> _Table | None:
    """Return the rows of a table of dicts, whatever the order of their keys, or ``None``."""
    if not _are_primitive([*chain.from_iterable(map(dict.values, values))]):
        return None
    columns = sorted(values[0]) if {*map(type, values[0])} == {str} else []
    if columns and {*map(len, values)} == {len(columns)}:
        with suppress(KeyError):
            return _Table(b"c", [columns, *map(itemgetter(*columns), values)])
    keys = [*chain.from_iterable(values)]
    if not ({*map(type, keys)} <= {str} and _are_primitive(keys)):
        return None
    # The keys of a row differ, so that no values are compared.
    return _Table(b"d", [sorted(row.items()) for row in values])


def _are_primitive(values: Collection[Any]) -> bool:
    """Return whether all values are numbers or texts of limited length."""
    kinds = {*map(type, values)}
    if not kinds <= PRIMITIVES:
        return False
    if kinds.isdisjoint(TEXTS):
        return True
    if kinds <= TEXTS:
        # Long lists of texts are columns of tables, for which a loop would take too long.
        return sum(map(len, values)) <= _MAX_TEXT
    return sum(len(value) for value in values if type(value) in TEXTS) <= _MAX_TEXT
