"""The records of activities: what a capture writes when one begins and ends.

Nothing that goes wrong in here reaches the program: it is told once, and the
activity goes on without what could not be recorded. While the recorder looks at the
program's objects, calls of what is traced are not recorded: they are its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from threading import get_ident
from typing import TYPE_CHECKING, Any, TypeVar

from provlog.capture.files.ids import located
from provlog.capture.files.paths import path_of
from provlog.capture.log.warnings import complain
from provlog.capture.process.workers import family
from provlog.capture.records.activities import Activity, current
from provlog.capture.records.entities import Entities
from provlog.capture.records.object_ids import Identities
from provlog.capture.records.sessions import Session, Sessions
from provlog.capture.records.syntax import Burst
from provlog.objects.classes import short_name
from provlog.objects.literals import to_name
from provlog.objects.signals import is_from_signal
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.files.ids import FileIds
    from provlog.capture.log.record_log import RecordLog
    from provlog.definitions.load import Definitions

__all__ = ["Recorder"]

T = TypeVar("T")


class Recorder:
    """Writes the records of activities.

    Parameters
    ----------
    log : RecordLog
        Takes the records.
    definitions : Definitions
        The descriptions of activities.
    files : FileIds
        Gives the ids of files.
    configuration : mapping
        What the program says of its configuration.
    """

    def __init__(
        self,
        log: RecordLog,
        definitions: Definitions,
        files: FileIds,
        configuration: Mapping[str, Any],
    ) -> None:
        self._log = log
        kin = family()
        self._identities = Identities(kin.name.encode())
        self.entities = Entities(files, self._identities)
        self._sessions = Sessions(log, kin, definitions, configuration)
        self._agent = repr(self._sessions.agent)
        self._told: set[tuple[str, str]] = set()
        self._enter_process()

    def after_fork(self) -> None:
        """Go on in a process that was forked from the one that made this."""
        self._log.forget()
        self._sessions.enter_process(family())
        self._enter_process()

    def _enter_process(self) -> None:
        self._token = token = os.urandom(5).hex()
        self._identities.enter_process(token)
        self._next_id = map(f"{token}%04d".__mod__, count(1)).__next__
        # The threads in which the recorder is at work.
        self._busy: set[int] = set()

    # Activities

    def begin(self, name: str, owner: object | None = None) -> Burst:
        """Begin an activity; within :meth:`guarded`.

        Parameters
        ----------
        name : str
            Its name.
        owner : object, optional
            The object whose method it is.

        Returns
        -------
        Burst
            With the first record.
        """
        around = current.get()
        # A task may outlive the activity that began it.
        while around is not None and around.has_ended:
            around = around.around
        parent = around
        while parent is not None and parent.recorder is not self:
            parent = parent.around
        session = self._session(owner, parent)
        # Now, so that there is room for what the activity makes.
        self._identities.release()
        burst = Burst(Activity(self, self._next_id(), name, session, parent, around))
        burst.start(self._agent)
        return burst

    def begin_block(self, name: str, parameters: Mapping[str, Any] | None) -> Activity:
        """Begin an activity that is no call, and write what is said of that."""
        burst = self.begin(name)
        if parameters is not None:
            try:
                self.attempt(name, burst.parameters, parameters)
            except BaseException as interruption:
                self.write(burst)
                self.end(burst.activity, interruption)
                raise
        self.write(burst)
        return burst.activity

    def write(self, burst: Burst) -> None:
        """Write the records of a burst, which is empty then."""
        lines, burst.lines = burst.lines, []
        self._log.write(lines, burst.moment)

    def _session(self, owner: object | None, parent: Activity | None) -> Session:
        """The session of the object; else of the activity around; else a new one."""
        if owner is None or issubclass(type(owner), type):
            return self._sessions.of_process() if parent is None else parent.session
        known = self._sessions.known(owner)
        if known is None:
            return self._sessions.of_object(owner) if parent is None else parent.session
        return known

    def end(
        self,
        activity: Activity,
        error: BaseException | None,
        outputs: Callable[[Burst, Any], None] | None = None,
        result: Any = None,
    ) -> None:
        """End an activity, and write what is said of that.

        Parameters
        ----------
        activity : Activity
            The activity; one that began in another process is left to that.
        error : exception or None
            What it raised.
        outputs : callable, optional
            Says, in a burst, what was generated, unless it raised.
        result : object
            What the callable is given besides.
        """
        if not activity.id.startswith(self._token):
            return
        burst = Burst(activity)
        busy, thread = self._busy, get_ident()
        # In any case: a generator may be finalised while the recorder is at work.
        was_busy = thread in busy
        busy.add(thread)
        try:
            if error is None and not was_busy:
                if outputs is not None:
                    outputs(burst, result)
                if activity.unwritten:
                    self._look_again(burst)
        except Exception as failure:  # noqa: BLE001  (as in `guarded`)
            self.failed(activity.name, failure)
        finally:
            activity.has_ended = True
            try:
                burst.end(error)
                self.write(burst)
            except Exception as failure:  # noqa: BLE001
                self.failed(activity.name, failure)
            finally:
                self._identities.release()
                if not was_busy:
                    busy.discard(thread)

    # What an activity says itself

    def say(
        self, relation: str, activity: Activity, entity: Any, role: str | None, name: str | None
    ) -> None:
        """Record that an activity says that it ``used`` or ``generated`` a file or an object."""
        self.guarded(activity.name, self._say, relation, activity, entity, role, name)

    def _say(
        self, relation: str, activity: Activity, entity: Any, role: str | None, name: str | None
    ) -> None:
        role = None if role is None else to_name(role)
        name = None if name is None else to_name(name)
        is_secret = any(is_secret_name(one) for one in (role, name) if one is not None)
        # A text that is a secret is no path.
        path = None if is_secret and type(entity) is str else path_of(entity)
        if path is None and not is_secret and issubclass(type(entity), str):
            raise ValueError("an empty path is no file")
        is_generated = relation == "generated"
        if path is not None:
            # The program may go into another folder before the activity ends.
            path = located(path)
            is_own = activity.id.startswith(self._token)
            is_to_come = is_generated and not activity.has_ended and is_own
            if is_to_come and not os.path.lexists(path):
                activity.unwritten.append((path, role, name))
                return
        burst = Burst(activity)
        if path is not None:
            described = self.entities.file(path, burst, name, is_generated)
        else:
            described = self.entities.object(entity, burst, name, is_secret=is_secret)
        burst.relate(relation, described, role)
        self.write(burst)

    def _look_again(self, burst: Burst) -> None:
        for path, role, name in burst.activity.unwritten:
            self.attempt(burst.activity.name, self._look_again_at, burst, path, role, name)

    def _look_again_at(self, burst: Burst, path: str, role: str | None, name: str | None) -> None:
        burst.relate("generated", self.entities.file(path, burst, name, is_generated=True), role)

    # What goes wrong

    def guarded(self, name: str, work: Callable[..., T], *arguments: Any) -> T | None:
        """Do some of the recorder's work, so that the program does not notice.

        Parameters
        ----------
        name : str
            The activity that is recorded.
        work : callable
            The work.
        *arguments
            Its arguments.

        Returns
        -------
        object
            What it returns; ``None`` if it failed, or if the recorder is at work already.
        """
        busy, thread = self._busy, get_ident()
        if thread in busy:
            return None
        busy.add(thread)
        try:
            return work(*arguments)
        except Exception as failure:  # noqa: BLE001  (whatever it is, it is not the program's)
            self.failed(name, failure)
            return None
        finally:
            busy.discard(thread)

    def attempt(self, name: str, work: Callable[..., object], *arguments: Any) -> None:
        """Do a part of such work without which the rest makes sense."""
        try:
            work(*arguments)
        except Exception as failure:  # noqa: BLE001
            self.failed(name, failure)

    def complain(self, name: str, expression: str, reason: str) -> None:
        """Tell, once, that an expression of a definition leads nowhere."""
        self._tell(name, expression, f"activity {name!r}: {expression!r} leads nowhere: {reason}")

    def failed(self, name: str, failure: Exception) -> None:
        """Tell, once, what went wrong with the record of an activity."""
        is_programs = False
        # If that fails, too, there is nobody left to tell; so does a call where
        # the stack is full, even that of `suppress`.
        try:
            is_programs = is_from_signal(failure)
            if not is_programs:
                self._tell_failure(name, short_name(type(failure)), failure)
        except Exception:  # noqa: BLE001, S110
            pass
        if is_programs:
            raise failure

    def _tell_failure(self, name: str, kind: str, failure: Exception) -> None:
        reason = kind
        # It may be one of the program's, with code of its own.
        with suppress(Exception):
            reason = f"{kind}: {failure}"
        self._tell(name, kind, f"activity {name!r} is not recorded in full: {reason}")

    def _tell(self, name: str, what: str, message: str) -> None:
        if (name, what) in self._told:
            return
        self._told.add((name, what))
        complain("%s", message)
