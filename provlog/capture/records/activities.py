"""An activity while it goes on."""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provlog.capture.records.recorder import Recorder
    from provlog.capture.records.sessions import Session

__all__ = ["Activity", "Unrecorded", "current", "leave"]


class Activity:
    """An activity that goes on: what the block of :meth:`Capture.activity` is given.

    Attributes
    ----------
    id : str
        Its id in the log.
    """

    __slots__ = (
        "_recorder", "around", "has_ended", "id", "name", "parent", "session", "unwritten",
    )  # fmt: skip

    def __init__(
        self,
        recorder: Recorder,
        id: str,
        name: str,
        session: Session,
        parent: Activity | None,
        around: Activity | None,
    ) -> None:
        self._recorder = recorder
        self.id = id
        self.name = name
        self.session = session
        self.parent = parent
        # That in which it began, which may be one of another capture.
        self.around = around
        self.has_ended = False
        # What it says it generated, with role and name, where no such file was there yet.
        self.unwritten: list[tuple[str, str | None, str | None]] = []

    @property
    def recorder(self) -> Recorder:
        """Whose activity it is."""
        return self._recorder

    def used(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Record that the activity used an entity.

        Parameters
        ----------
        entity : str, path or object
            The path of a file or a folder; anything else is an object in memory.
        role : str, optional
            What it was to the activity.
        name : str, optional
            What the entity is called; if not given, as the file or the class is.
        """
        self._recorder.say("used", self, entity, role, name)

    def generated(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Record that the activity generated an entity; parameters as of :meth:`used`.

        A file that is not there yet is looked at when the activity ends.
        """
        self._recorder.say("generated", self, entity, role, name)


class Unrecorded(Activity):
    """Stands for an activity where nothing is recorded."""

    __slots__ = ()

    def __init__(self) -> None:
        self.id = ""

    def used(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Do nothing."""

    def generated(self, entity: Any, role: str | None = None, *, name: str | None = None) -> None:
        """Do nothing."""


class _Current:
    """A context variable that is still itself where a function that has it is sent by value."""

    __slots__ = ("get", "reset", "set")

    def __init__(self, variable: ContextVar[Activity | None]) -> None:
        self.get = variable.get
        self.set = variable.set
        self.reset = variable.reset

    def __reduce__(self) -> str:
        return "current"


current = _Current(ContextVar("provlog_activity", default=None))
"""The activity that goes on in this thread or task."""


def leave(token: Token[Activity | None]) -> None:
    """Make what was current before current again.

    What a coroutine or a generator began in one context may end in another one, in
    which it was never current.
    """
    with suppress(ValueError):
        current.reset(token)
