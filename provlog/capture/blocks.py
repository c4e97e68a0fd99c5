"""Activities of ``with`` blocks: the object that ``Capture.activity`` gives to the block."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from provlog.capture.records.activity import current, leave
from provlog.objects.literals import to_name

if TYPE_CHECKING:
    from provlog.capture.records.activity import Activity
    from provlog.capture.records.recorder import Recorder

__all__ = ["ActivityBlock", "UnrecordedBlock", "recorded_block"]


class ActivityBlock:
    """An activity that a ``with`` block records.

    Attributes
    ----------
    id : str
        The id of the activity in the log.
    """

    def __init__(self, recorder: Recorder, activity: Activity) -> None:
        self._recorder = recorder
        self._activity = activity
        self.id = activity.id

    def parameter(self, name: str, value: Any) -> None:
        """Record a parameter of the activity that is known only now."""
        self._recorder.parameter(self._activity, name, value)

    def describe(self, attributes: Mapping[str, Any]) -> None:
        """Record other attributes of the activity, by key."""
        self._recorder.describe(self._activity, attributes)

    def used(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Record that the activity used an entity, or several files.

        Parameters
        ----------
        entity : str, path or object
            The path of a file or folder, or a list of paths; any other object is an entity
            in memory. ``None`` causes a warning, and so does a text without folder and
            suffix that is not the name of a file.
        role : str, optional
            The role of the entity in the activity.
        name : str, optional
            The name of the entity; by default that of the file or class.
        """
        self._recorder.relate("used", self._activity, entity, role, name)

    def generated(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Record that the activity generated an entity; with the parameters of :meth:`used`.

        A file that does not exist yet is recorded when the activity ends.
        """
        self._recorder.relate("generated", self._activity, entity, role, name)


class UnrecordedBlock(ActivityBlock):
    """An activity that is not recorded."""

    def __init__(self) -> None:
        self.id = ""

    def parameter(self, name: str, value: Any) -> None:
        """Do nothing."""

    def describe(self, attributes: Mapping[str, Any]) -> None:
        """Do nothing."""

    def used(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Do nothing."""

    def generated(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Do nothing."""


@contextmanager
def recorded_block(
    recorder: Recorder | None,
    name: str,
    parameters: Mapping[str, Any] | None,
    is_program: bool = False,
) -> Iterator[ActivityBlock]:
    """Record a ``with`` block as an activity, or as the run of a program.

    Parameters
    ----------
    recorder : Recorder, optional
        Writes the records; without it, the block is not recorded.
    name : str
        The name of the activity.
    parameters : mapping, optional
        The parameters of the activity.
    is_program : bool
        Whether it is the run of a program.
    """
    name = to_name(name)
    activity = None
    if recorder is not None:
        activity = recorder.guard.run(name, recorder.begin_block, name, parameters, is_program)
    if recorder is None or activity is None:
        yield UnrecordedBlock()
        return
    token = current.set(activity)
    try:
        yield ActivityBlock(recorder, activity)
    except BaseException as error:
        leave(token)
        recorder.end(activity, error)
        raise
    leave(token)
    recorder.end(activity, None)
