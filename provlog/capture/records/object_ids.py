"""Ids of Python objects in memory.

Values (numbers, lists, arrays, tables) are identified by content. Any other object is
identified by identity and, since it may change, gets an id for each of its states. An id
is 32 hexadecimal digits. It means the same in all processes of a run, and is different in
each run, so that two runs are not connected because both made the number 5.
"""

from __future__ import annotations

import threading
from hashlib import blake2b
from itertools import count
from typing import Any

from msgspec import Struct

from provlog.objects.classes import cached_by_class, short_name
from provlog.objects.fingerprints.converters import is_identified_by_value
from provlog.objects.fingerprints.fingerprint import fingerprint, fingerprint_of_start
from provlog.objects.fingerprints.walk import Identify, TooLargeError
from provlog.objects.identity_map import IdentityMap
from provlog.objects.signals import reraise_from_signal

__all__ = ["ObjectId", "ObjectIds", "TrackedObject"]

_NO_CONTENT = "not identified by content: {}"
_TOO_LARGE = "too large to compare: changes are not detected"
# A container identified by content is tracked, to detect changes, if it has at most so many
# items and they are all of these types.
_MAX_TRACKED = 100
_MAX_TRACKED_BYTES = 10_000
_SMALL = frozenset({int, float, bool, type(None), complex, str})
_CONTAINERS = frozenset({list, dict})
# How many earlier states of an object are remembered.
_MAX_STATES = 1000


class TrackedObject(Struct, eq=False, gc=False):
    """The last known state of an object that may change, and its earlier states."""

    id: str
    fingerprint: bytes | None
    # The id of the state from which the current one was derived, until that is recorded.
    previous: str | None = None
    # The ids of earlier states, by fingerprint.
    states: dict[bytes, str] | None = None


class ObjectId(Struct, frozen=True, gc=False):
    """The id of an object in its current state.

    Parameters
    ----------
    id : str
        32 hexadecimal digits.
    previous : str, optional
        The id of the object's previous state, if it has changed. Each call returns it
        until :meth:`ObjectIds.mark_recorded`.
    note : str, optional
        What could not be examined.
    tracked : TrackedObject, optional
        The object, if it may change.
    """

    id: str
    previous: str | None = None
    note: str | None = None
    tracked: TrackedObject | None = None


class ObjectIds:
    """Identify objects, and detect their changes.

    Parameters
    ----------
    salt : bytes
        Makes the ids different in each run; up to 64 bytes.
    """

    def __init__(self, salt: bytes) -> None:
        self._hasher = blake2b(digest_size=16, key=salt)
        self._tracked: IdentityMap[TrackedObject] = IdentityMap()
        # Ids of parts of other objects whose state cannot be read.
        self._parts: IdentityMap[str] = IdentityMap()

    def enter_process(self, token: str) -> None:
        """Start, or continue in a forked process.

        Parameters
        ----------
        token : str
            10 hexadecimal digits that no other process of the run has.
        """
        self._next_id = map(f"{token}%022d".__mod__, count(1)).__next__
        self._lock = threading.RLock()

    def of(
        self, value: Any, *, latest: TrackedObject | None = None, is_new_state: bool = False
    ) -> ObjectId:
        """Return the id of an object in its current state.

        Parameters
        ----------
        value : object
            The object.
        latest : TrackedObject, optional
            The object that was last seen in the same place. An unknown object in the same
            state counts as this one, since some properties make a new object at each access.
        is_new_state : bool
            Treat the object as changed, even if no change can be detected.
        """
        found, note = _fingerprint_of(value, self._identify)
        if found is not None and is_identified_by_value(type(value)):
            return self._by_value(value, found, note)
        with self._lock:
            tracked = self._tracked.get(value)
            if tracked is None and latest is not None and found == latest.fingerprint is not None:
                tracked = latest
                self._tracked.put(value, tracked)
            if tracked is None:
                tracked = TrackedObject(self._next_id(), found)
                self._tracked.put(value, tracked)
            elif tracked.fingerprint != found or is_new_state:
                return self._of_new_state(tracked, found, is_new_state, note)
            return ObjectId(tracked.id, tracked.previous, note, tracked)

    def _of_new_state(
        self, tracked: TrackedObject, found: bytes | None, is_new_state: bool, note: str | None
    ) -> ObjectId:
        seen, earlier = tracked.id, self._earlier_id(tracked, found)
        if earlier is None or is_new_state:
            tracked.id, tracked.previous = self._next_id(), tracked.previous or seen
        else:
            # The object has changed back: an earlier state does not derive from a later one.
            tracked.id, tracked.previous = earlier, None
        tracked.fingerprint = found
        return ObjectId(tracked.id, tracked.previous or seen, note, tracked)

    def mark_recorded(self, entity: str, tracked: TrackedObject | None) -> None:
        """Note that the log contains the previous state of an object with an id."""
        if tracked is not None:
            with self._lock:
                # Another thread may have detected the next change.
                if tracked.id == entity:
                    tracked.previous = None

    def release(self) -> None:
        """Release objects that only these ids keep alive."""
        if self._tracked.held or self._parts.held:
            with self._lock:
                self._tracked.release()
                self._parts.release()

    def _identify(self, part: Any) -> str:
        """Return a text that no other object of the run has or had."""
        with self._lock:
            id = self._parts.get(part)
            if id is None:
                id = self._next_id()
                self._parts.put(part, id)
            return id

    def _earlier_id(self, tracked: TrackedObject, found: bytes | None) -> str | None:
        """Return the id of an earlier state with the same fingerprint."""
        if tracked.states is None or len(tracked.states) > _MAX_STATES:
            tracked.states = {}
        if tracked.fingerprint is not None:
            tracked.states[tracked.fingerprint] = tracked.id
        return None if found is None else tracked.states.get(found)

    def _by_value(self, value: Any, found: bytes, note: str | None) -> ObjectId:
        """Return the id of a value; if it may change, with that of its previous content."""
        hasher = self._hasher.copy()
        hasher.update(found)
        id = hasher.hexdigest()
        if not _may_change(type(value)):
            return ObjectId(id, None, note)
        with self._lock:
            tracked = self._tracked.get(value)
            if tracked is None:
                if _is_small(value):
                    self._tracked.put(value, TrackedObject(id, None))
                return ObjectId(id, None, note)
            if tracked.id != id:
                seen, tracked.id = tracked.id, id
                tracked.previous = tracked.previous or seen
                if tracked.previous == id:
                    tracked.previous = None
                    return ObjectId(id, seen, note, tracked)
            return ObjectId(id, tracked.previous, note, tracked)


def _fingerprint_of(value: Any, identify: Identify) -> tuple[bytes | None, str | None]:
    """Return the fingerprint of a value, or a note."""
    try:
        return fingerprint(value, identify), None
    except TooLargeError:
        return fingerprint_of_start(value, identify), _TOO_LARGE
    except RecursionError:
        return None, _NO_CONTENT.format("nested too deep")
    except Exception as error:  # noqa: BLE001  (a method of the program may raise anything)
        reraise_from_signal(error)
        return None, _NO_CONTENT.format(short_name(type(error)))


def _is_small(value: Any) -> bool:
    """Return whether a value takes little memory to keep alive, if it is a container."""
    if type(value) is bytearray:
        return len(value) <= _MAX_TRACKED_BYTES
    if type(value) not in _CONTAINERS:
        return True
    values = value.values() if type(value) is dict else value
    return len(value) <= _MAX_TRACKED and _SMALL.issuperset(map(type, values))


@cached_by_class
def _may_change(kind: type) -> bool:
    """Return whether the content of values of a class may change."""
    return kind.__hash__ is None
