"""Ids of Python objects: one and the same for as long as an object is what it is.

What is told apart by what it holds (a number, a list, an array, a table) has an id
made of its content; any other object one of its own and, since it may change, one
for each state. An id is 32 hexadecimal digits and means the same in all processes of
a run, and nothing in another run: that two runs made the number 5 does not connect
them.
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

__all__ = ["Identified", "Identities", "Known"]

_NOT_TAKEN = "not told apart by content: {}"
_TOO_LARGE = "too large to be looked at: changes of it are not seen"
# A container that is told apart by its content is held, to see it change, if it is no
# larger and holds nothing but these.
_LARGEST_HELD = 100
_LARGEST_TEXT_HELD = 10_000
_SMALL = frozenset({int, float, bool, type(None), complex, str})
_CONTAINERS = frozenset({list, dict})
# Of an object that goes back and forth so many states are cached_by_class.
_MOST_STATES = 1000


class Known(Struct, eq=False, gc=False):
    """What is cached_by_class of an object: how it was when it was seen last, and before."""

    id: str
    content: bytes | None
    # What it was made of, as long as nobody has written that.
    before: str | None = None
    states: dict[bytes, str] | None = None


class Identified(Struct, frozen=True, gc=False):
    """Identify object it is, and in which state.

    Parameters
    ----------
    id : str
        32 hexadecimal digits.
    before : str, optional
        The id of the same object when it was seen last, if it has changed since; it is
        told again until that is :meth:`~Identities.written`.
    note : str, optional
        What could not be seen of it.
    known : Known, optional
        What is cached_by_class of it, if it may change.
    """

    id: str
    before: str | None = None
    note: str | None = None
    known: Known | None = None


class Identities:
    """Knows the objects that were seen.

    Parameters
    ----------
    salt : bytes
        Makes the ids those of one run; up to 64 bytes.
    """

    def __init__(self, salt: bytes) -> None:
        self._keyed = blake2b(digest_size=16, key=salt)
        self._known: IdentityMap[Known] = IdentityMap()
        # Of objects whose state cannot be seen, in others.
        self._parts: IdentityMap[str] = IdentityMap()

    def enter_process(self, token: str) -> None:
        """Begin, or go on in a process that was forked from the one before.

        Parameters
        ----------
        token : str
            10 hexadecimal digits that make what is unique in this process unique in
            the run.
        """
        self._new_id = map(f"{token}%022d".__mod__, count(1)).__next__
        self._lock = threading.RLock()

    def of(self, value: Any, *, latest: Known | None = None, anew: bool = False) -> Identified:
        """Return the id of an object, as it is now.

        Parameters
        ----------
        value : object
            The object.
        latest : Known, optional
            What was in the same place before. Another object that is in the same state is
            taken for the same: some are made anew whenever they are asked for.
        anew : bool
            Take it for changed, although it may not look so.
        """
        found, note = _content_of(value, self._which)
        if found is not None and is_identified_by_value(type(value)):
            return self._of_content(value, found, note)
        with self._lock:
            known = self._known.get(value)
            if known is None and latest is not None and found == latest.content is not None:
                known = latest
                self._known.put(value, known)
            if known is None:
                known = Known(self._new_id(), found)
                self._known.put(value, known)
            elif known.content != found or anew:
                return self._of_new_state(known, found, anew, note)
            return Identified(known.id, known.before, note, known)

    def _of_new_state(
        self, known: Known, found: bytes | None, anew: bool, note: str | None
    ) -> Identified:
        seen, earlier = known.id, self._earlier_id(known, found)
        if earlier is None or anew:
            known.id, known.before = self._new_id(), known.before or seen
        else:
            # What it was is not made of what it became.
            known.id, known.before = earlier, None
        known.content = found
        return Identified(known.id, known.before or seen, note, known)

    def written(self, entity: str, known: Known | None) -> None:
        """Take note that it is recorded what the object with an id was before."""
        if known is not None:
            with self._lock:
                # Another thread may have seen it change again.
                if known.id == entity:
                    known.before = None

    def release(self) -> None:
        """Let go of what is held only here."""
        if self._known.held or self._parts.held:
            with self._lock:
                self._known.release()
                self._parts.release()

    def _which(self, part: Any) -> str:
        """Return a text that no other object in the run has or had."""
        with self._lock:
            known = self._parts.get(part)
            if known is None:
                known = self._new_id()
                self._parts.put(part, known)
            return known

    def _earlier_id(self, known: Known, found: bytes | None) -> str | None:
        """The id that an object had in a state before, if it has changed back."""
        if known.states is None or len(known.states) > _MOST_STATES:
            known.states = {}
        if known.content is not None:
            known.states[known.content] = known.id
        return None if found is None else known.states.get(found)

    def _of_content(self, value: Any, found: bytes, note: str | None) -> Identified:
        """The id that content gives; where it may change, with what it was before."""
        hasher = self._keyed.copy()
        hasher.update(found)
        entity = hasher.hexdigest()
        if not _may_change(type(value)):
            return Identified(entity, None, note)
        with self._lock:
            known = self._known.get(value)
            if known is None:
                if _is_small(value):
                    self._known.put(value, Known(entity, None))
                return Identified(entity, None, note)
            if known.id != entity:
                seen, known.id = known.id, entity
                known.before = known.before or seen
                if known.before == entity:
                    known.before = None
                    return Identified(entity, seen, note, known)
            return Identified(entity, known.before, note, known)


def _content_of(value: Any, which: Identify) -> tuple[bytes | None, str | None]:
    try:
        return fingerprint(value, which), None
    except TooLargeError:
        return fingerprint_of_start(value, which), _TOO_LARGE
    except RecursionError:
        return None, _NOT_TAKEN.format("nested too deep")
    except Exception as error:  # noqa: BLE001  (whatever somebody else's code raises)
        reraise_from_signal(error)
        return None, _NOT_TAKEN.format(short_name(type(error)))


def _is_small(value: Any) -> bool:
    """Tell whether it costs little to keep a container, if that is what it is, for a while."""
    if type(value) is bytearray:
        return len(value) <= _LARGEST_TEXT_HELD
    if type(value) not in _CONTAINERS:
        return True
    values = value.values() if type(value) is dict else value
    return len(value) <= _LARGEST_HELD and _SMALL.issuperset(map(type, values))


@cached_by_class
def _may_change(kind: type) -> bool:
    """Tell whether what is told apart by its content may get another one."""
    return kind.__hash__ is None
