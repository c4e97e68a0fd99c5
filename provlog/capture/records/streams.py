"""Generators that activities take as inputs: the activities that run later generate them."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Iterator
from itertools import islice
from types import AsyncGeneratorType, FrameType, GeneratorType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provlog.capture.records.syntax import ActivityRecords

__all__ = ["Streams", "is_stream"]

_FRAMES = {GeneratorType: "gi_frame", AsyncGeneratorType: "ag_frame"}
_MAX_TAKEN = 10_000
# The number of frames of the recording between the generator and this module.
_MAX_DEPTH = 12


class Streams:
    """The generators that activities have used before they run."""

    def __init__(self) -> None:
        # A weak reference to each one and its entity, by the address of its frame.
        self._taken: dict[int, tuple[weakref.ref[Any], str]] = {}

    def take(self, value: Any, entity: str) -> None:
        """Remember the entity of an object that an activity uses, if it is a generator."""
        if is_stream(value) and (frame := _frame_of(value)) is not None:
            if len(self._taken) >= _MAX_TAKEN:
                self._taken.clear()
            self._taken[id(frame)] = weakref.ref(value), entity

    def start(self, records: ActivityRecords) -> None:
        """Record that the activity of the generator that starts now generates its entity."""
        if self._taken:
            for frame in islice(_running_frames(), _MAX_DEPTH):
                generator, entity = self._taken.pop(id(frame), (None, ""))
                if generator is not None and _frame_of(generator()) is frame:
                    records.relate("generated", entity, "result")
                    return


def is_stream(value: Any) -> bool:
    """Return whether an object is a generator, asynchronous or not."""
    return type(value) in _FRAMES


def _frame_of(generator: Any) -> FrameType | None:
    name = _FRAMES.get(type(generator))
    return None if name is None else getattr(generator, name)


def _running_frames() -> Iterator[FrameType]:
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        yield frame
        frame = frame.f_back
