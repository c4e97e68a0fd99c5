"""Sessions and activities in progress, and the current activity of a thread or task."""

from __future__ import annotations

from contextlib import suppress
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

if TYPE_CHECKING:
    from provlog.capture.files.unseen import FolderState, Stamp
    from provlog.capture.log.record_log import RecordLog
    from provlog.capture.records.object_ids import TrackedObject

__all__ = [
    "Activity", "LatestEntities", "NamedFile", "Session", "current", "innermost",
    "leave",
]  # fmt: skip

LatestEntities = dict[str, tuple[str, "TrackedObject | None"]]
"""The last known entity of each variable, by the expression that names the variable: its id,
and the object if it may change."""


class Session(Struct, eq=False):
    """A session.

    Parameters
    ----------
    id : str
        The id: 16 hexadecimal digits.
    latest : LatestEntities
        The last known entities of global variables.
    described : dict
        The last description of each entity, by its id.
    related : set, optional
        The recorded members and progenitors.
    """

    id: str
    latest: LatestEntities = field(default_factory=dict)
    described: dict[str, str] = field(default_factory=dict)
    related: set[tuple[object, ...]] = field(default_factory=set)


class Activity(Struct, eq=False):
    """An activity in progress.

    Parameters
    ----------
    id : str
        The id in the log.
    name : str
        The name.
    session : Session
        The session that it belongs to.
    log : RecordLog
        The log of its records.
    parent : Activity, optional
        The enclosing activity of the same log.
    enclosing : Activity, optional
        The enclosing activity of any log.
    is_program : bool
        Whether it is the run of a program, in which objects have sessions of their own.
    depth : int
        The number of enclosing activities.

    Attributes
    ----------
    has_ended : bool
        Whether the activity has ended.
    expected_files : list, optional
        Generated files that did not exist yet: path, the text that named it, role and name.
    read_files : dict, optional
        The stamps of the files that it is known to use, by path.
    named_files : dict, optional
        The files that arguments name, by path.
    folders : FolderState, optional
        The folders in which programs that it started may write.
    related : set
        The recorded usages and generations: relation and id of the entity.
    tallies : dict
        The numbers of calls in it, by the recorder of their function.
    inputs : str, optional
        Its parameters as literals, if it is a task or a part of one (see `places`).
    task : Activity, optional
        The task of which it is a part.
    part : int
        Its number in the task.
    parts : int
        The number of parts of this task.
    """

    id: str
    name: str
    session: Session
    log: RecordLog
    parent: Activity | None
    enclosing: Activity | None
    is_program: bool = False
    depth: int = 0
    has_ended: bool = False
    expected_files: list[tuple[str, str | None, str | None, str | None]] | None = None
    read_files: dict[str, Stamp] | None = None
    named_files: dict[str, NamedFile] | None = None
    folders: FolderState | None = None
    related: set[tuple[str, str]] = field(default_factory=set)
    tallies: dict[object, Any] = field(default_factory=dict)
    inputs: str | None = None
    task: Activity | None = None
    part: int = 0
    parts: int = 0


class NamedFile(Struct, eq=False):
    """A file that an argument of an activity names."""

    role: str | None
    # Its stamp at the start; None if it did not exist.
    before: Stamp | None
    # Python has seen that the activity or a part of it opened the file.
    is_opened: bool = False
    # The activity received it open, and the id of the state that it received.
    is_received: bool = False
    state: str | None = None
    # The connection to a database, and the number of changes through it at the start.
    connection: Any = None
    changes: int | None = None


class _Current:
    """A context variable that pickles by name, so that functions that refer to it can be sent."""

    __slots__ = ("get", "reset", "set")

    def __init__(self, variable: ContextVar[Activity | None]) -> None:
        self.get = variable.get
        self.set = variable.set
        self.reset = variable.reset

    def __reduce__(self) -> str:
        return "current"


current = _Current(ContextVar("provlog_activity", default=None))
"""The activity in progress in this thread or task."""


def innermost() -> Activity | None:
    """Return the innermost activity in progress in this thread or task."""
    found = current.get()
    # A task may outlive the activity that started it.
    while found is not None and found.has_ended:
        found = found.enclosing
    return found


def leave(token: Token[Activity | None]) -> None:
    """Restore the activity that was current before.

    A coroutine or generator that started in one context may end in another one, where its
    activity was never current.
    """
    with suppress(ValueError):
        current.reset(token)
