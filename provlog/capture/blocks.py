"""Activities of ``with`` blocks: the object that ``Capture.activity`` gives to the block."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provlog.capture.records.activity import Activity
    from provlog.capture.records.recorder import Recorder

__all__ = ["ActivityBlock", "UnrecordedBlock"]


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
            in memory. A text that cannot be a path and ``None`` cause a warning.
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
