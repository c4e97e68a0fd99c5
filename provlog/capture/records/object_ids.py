"""Ids of Python objects in memory.

Values (numbers, lists, arrays, tables) are identified by content: equal values have the same
id, also in another run. Any other object is identified by identity and, since it may change,
gets an id for each of its states. These ids are numbered in order of appearance, after the
id of the run, so that two runs of a program give the same ids except for that of the run. A
value that contains such objects gets the id of the run and a digest. An id is 32
hexadecimal digits and means the same in all processes of a run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from xxhash import xxh3_64_hexdigest, xxh3_128_hexdigest

from provlog.capture.process.workers import next_object
from provlog.objects.classes import cached_by_class, short_name
from provlog.objects.data import is_data
from provlog.objects.fingerprints.converters import is_identified_by_value
from provlog.objects.fingerprints.fingerprint import (
    fingerprint,
    fingerprint_of_start,
    simple_fingerprint,
)
from provlog.objects.fingerprints.walk import Identify, TooLargeError
from provlog.objects.identity_map import IdentityMap
from provlog.objects.signals import reraise_from_signal

__all__ = ["ObjectId", "ObjectIds", "TrackedObject"]

_NO_CONTENT = "not identified by content: {}"
_TOO_LARGE = "too large to compare: changes are not detected"
# A container identified by content is tracked, to detect changes, if it has at most this number of
# items and they are all of these types.
_MAX_TRACKED = 100
_MAX_TRACKED_BYTES = 10_000
_SMALL = frozenset({int, float, bool, type(None), complex, str})
_CONTAINERS = frozenset({list, dict})
# The number of earlier states of an object, and of secrets, that are remembered.
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
        The parts that could not be examined.
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
    run : str
        The id of the run: 16 hexadecimal digits.

    Attributes
    ----------
    held : tuple
        Objects that may have to be released.
    states : dict
        The fingerprints of the states that tasks have seen, by id.
    keeps_states : bool
        Whether to keep these.
    run : str
        The id of the run.
    """

    def __init__(self, run: str) -> None:
        self.run = run
        self._tracked: IdentityMap[TrackedObject] = IdentityMap()
        # Ids of parts of other objects whose state cannot be read.
        self._parts: IdentityMap[str] = IdentityMap()
        self.held = self._tracked.held, self._parts.held
        # The ids of secrets, by the ids of their content.
        self._secrets: dict[str, str] = {}
        self.states: dict[str, bytes] = {}

    def enter_process(self, token: str) -> None:
        """Start, or continue in a forked process.

        Parameters
        ----------
        token : str
            16 hexadecimal digits that no other process has; those of the run in its main
            process.
        """
        self._token = token
        # A digest of the number must not depend on the id of the run.
        self.keeps_states = False
        self._part_prefix = "" if token == self.run else token
        self._lock = threading.RLock()

    def next_id(self) -> str:
        """Return an id that nothing else in this run has."""
        return f"{self._token}{next_object():016d}"

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
            Whether to treat the object as changed, even if no change can be detected.
        """
        note = None
        is_value = is_identified_by_value(type(value))
        found = None if is_value else simple_fingerprint(value)
        if found is None:
            parts = _Parts(self._identify)
            found, note = _fingerprint_of(value, parts)
            if is_value and found is not None:
                return self._by_value(value, self._id_of_content(found, parts), note)
        with self._lock:
            tracked = self._tracked.get(value)
            if tracked is None and latest is not None and found == latest.fingerprint is not None:
                tracked = latest
                self._tracked.put(value, tracked)
            if tracked is None:
                tracked = TrackedObject(f"{self._token}{next_object():016d}", found)
                self._tracked.put(value, tracked)
            elif tracked.fingerprint != found or is_new_state:
                return self._of_new_state(tracked, found, is_new_state, note)
            if self.keeps_states and found is not None:
                self._add_state(tracked.id, found)
            return ObjectId(tracked.id, tracked.previous, note, tracked)

    def _add_state(self, id: str, found: bytes) -> None:
        if len(self.states) >= _MAX_STATES:
            self.states.clear()
        self.states[id] = found

    def _of_new_state(
        self, tracked: TrackedObject, found: bytes | None, is_new_state: bool, note: str | None
    ) -> ObjectId:
        seen, earlier = tracked.id, self._earlier_id(tracked, found)
        if earlier is None or is_new_state:
            tracked.id, tracked.previous = self.next_id(), tracked.previous or seen
        else:
            # The object has changed back: an earlier state does not derive from a later one.
            tracked.id, tracked.previous = earlier, None
        tracked.fingerprint = found
        if self.keeps_states and found is not None:
            self._add_state(tracked.id, found)
        return ObjectId(tracked.id, tracked.previous or seen, note, tracked)

    def has_content(self, value: Any, id: str) -> bool:
        """Return whether an object is identified by its content, and has this id."""
        parts = _Parts(self._identify)
        found, _ = _fingerprint_of(value, parts)
        return found is not None and self._id_of_content(found, parts) == id

    def may_know(self, value: Any) -> bool:
        """Return whether an object may have been identified before."""
        if self._tracked.get(value) is not None:
            return True
        # Values that cannot change have no entry there.
        kind = type(value)
        return is_identified_by_value(kind) and not _may_change(kind) and is_data(value)

    def of_result(self, value: Any, place: str) -> ObjectId:
        """Return the id of a number or text that an activity made.

        Two activities that make equal numbers do not make the same entity.

        Parameters
        ----------
        value : object
            The number or text.
        place : str
            What tells the activity from others.
        """
        found, note = _fingerprint_of(value, self._identify)
        return ObjectId(xxh3_128_hexdigest((found or b"") + f" {place}".encode()), None, note)

    def secret(self, identified: ObjectId) -> ObjectId:
        """Return an id from which a secret value cannot be guessed."""
        with self._lock:
            # Neither from those of numbers that its state would be a part of.
            self.states.pop(identified.id, None)
            if len(self._secrets) > _MAX_STATES:
                self._secrets.clear()
            id, previous = self._hidden(identified.id), identified.previous
            return replace(identified, id=id, previous=previous and self._hidden(previous))

    def _hidden(self, id: str) -> str:
        if id.startswith((self.run, self._token)):
            # A number reveals nothing about the value.
            return id
        return self._secrets.get(id) or self._secrets.setdefault(id, self.next_id())

    def mark_recorded(self, entity: str, tracked: TrackedObject | None) -> None:
        """Note that the log contains the previous state of an object with an id."""
        if tracked is not None:
            with self._lock:
                # Another thread may have detected the next change.
                if tracked.id == entity:
                    tracked.previous = None

    def release(self) -> None:
        """Release objects that only these ids keep alive."""
        if any(self.held):
            with self._lock:
                self._tracked.release()
                self._parts.release()

    def _identify(self, part: Any) -> str:
        """Return a text that no other object of the run has or had."""
        with self._lock:
            id = self._parts.get(part)
            if id is None:
                id = f"{self._part_prefix}{next_object()}"
                self._parts.put(part, id)
            return id

    def _id_of_content(self, found: bytes, parts: _Parts) -> str:
        if parts.are_identified:
            return self.run + xxh3_64_hexdigest(found)
        return xxh3_128_hexdigest(found)

    def _earlier_id(self, tracked: TrackedObject, found: bytes | None) -> str | None:
        """Return the id of an earlier state with the same fingerprint."""
        if tracked.states is None or len(tracked.states) > _MAX_STATES:
            tracked.states = {}
        if tracked.fingerprint is not None:
            tracked.states[tracked.fingerprint] = tracked.id
        return None if found is None else tracked.states.get(found)

    def _by_value(self, value: Any, id: str, note: str | None) -> ObjectId:
        """Return the id of a value; if it may change, with that of its previous content."""
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


class _Parts:
    """Identify parts of one value by identity; note whether it has any."""

    __slots__ = ("_identify", "are_identified")

    def __init__(self, identify: Callable[[Any], str]) -> None:
        self._identify = identify
        self.are_identified = False

    def __call__(self, part: Any) -> str:
        self.are_identified = True
        return self._identify(part)


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
