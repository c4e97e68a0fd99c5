"""The recorder of activities: their starts, parameters, entities and ends."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from threading import get_ident, main_thread
from typing import TYPE_CHECKING, Any

from provlog.capture.files.paths import absolute_path, check_path, check_text, path_of, paths_in
from provlog.capture.process.endings import Finishing, finish_at_exit
from provlog.capture.process.workers import current_program, next_activity, process_token
from provlog.capture.records.activity import Activity, Session, innermost
from provlog.capture.records.entities import Entities
from provlog.capture.records.guard import Guard
from provlog.capture.records.object_ids import ObjectIds
from provlog.capture.records.opened_files import OpenedFiles
from provlog.capture.records.passed import passed_on
from provlog.capture.records.places import join_task
from provlog.capture.records.returned import exchange_results
from provlog.capture.records.sessions import Sessions
from provlog.capture.records.streams import Streams
from provlog.capture.records.syntax import ActivityRecords, statement
from provlog.objects.literals import to_name
from provlog.redaction import is_secret_name

if TYPE_CHECKING:
    from provlog.capture.files.file_ids import FileIds
    from provlog.capture.files.ignored import FileRules
    from provlog.capture.log.record_log import RecordLog
    from provlog.definitions.load import Definitions

__all__ = ["Recorder"]


class Recorder:
    """Write the records of activities.

    Parameters
    ----------
    log : RecordLog
        The log of the records.
    definitions : Definitions
        The definitions of activities.
    files : FileIds
        Identifies files.
    rules : FileRules
        Which of the files that the program opens are recorded.
    configuration : mapping
        The configuration of the program.
    each : int
        How many calls of a function in one activity are recorded each by itself.

    Attributes
    ----------
    token : str
        The beginning of the ids of all activities of this process.
    main_thread : int
        The main thread of this process.
    tallies : dict
        The numbers of calls outside of activities, by the recorder of their function.
    guard : Guard
        Runs recording steps so that their failures do not reach the program.
    entities : Entities
        Writes the records of entities.
    opened_files : OpenedFiles
        Records the files that the program opens.
    streams : Streams
        Links generators with the activities that use them.
    write : callable
        Writes records to the log, and removes them from their list.
    recording : object
        The state of the compiled recording of calls, if there is one.
    """

    def __init__(
        self,
        log: RecordLog,
        definitions: Definitions,
        files: FileIds,
        rules: FileRules,
        configuration: Mapping[str, Any],
        each: int,
    ) -> None:
        self._log = log
        self.write = log.write
        self.each = each
        program = current_program()
        self.guard = Guard()
        self._objects = ObjectIds(program.id)
        self.entities = Entities(files, self._objects)
        self.opened_files = OpenedFiles(log, self.guard, self.entities, files, rules)
        self._sessions = Sessions(log, program, definitions, configuration)
        self._agent = repr(self._sessions.agent)
        self.recording: Any = None
        self.tallies: dict[object, Any] = {}
        self.streams = Streams()
        self._unfinished: list[Finishing] = []
        self._begun = 0
        self._enter_process()

    def after_fork(self) -> None:
        """Continue in a process that was forked from the one that made this recorder."""
        self._log.reset()
        self._sessions.enter_process(current_program())
        self.guard.enter_process()
        self._enter_process()

    def _enter_process(self) -> None:
        self._is_worker = current_program().is_worker
        # The ids of all activities of this process start with the token.
        self.token = process_token()
        self.main_thread = main_thread().ident
        self._objects.enter_process(self.token)
        exchange_results(self.entities, self._log.path, self._is_worker)
        self.tallies = {}
        self._unfinished = []

    def begin(
        self,
        name: str,
        enclosing: Activity | None,
        owner: object | None = None,
        numbers: str | None = None,
        is_program: bool = False,
    ) -> ActivityRecords:
        """Start an activity; a step of the :class:`Guard`.

        Parameters
        ----------
        name : str
            The activity's name.
        enclosing : Activity, optional
            The innermost activity in progress.
        owner : object, optional
            The object whose method is called.
        numbers : str, optional
            The parameters as a literal, if all are numbers.
        is_program : bool
            Whether it is the run of a program.

        Returns
        -------
        ActivityRecords
            The first record, which the caller writes.
        """
        parent = enclosing
        while parent is not None and parent.log is not self._log:
            parent = parent.enclosing
        is_inner = parent is not None and parent.id.startswith(self.token)
        if self._is_worker and not is_inner:
            # Which tasks of a pool share a worker is a coincidence: do not link their values.
            self.entities.forget()
        if owner is None:
            known = self._sessions.process if parent is None else parent.session
            session = known or self._sessions.of_process()
        else:
            session = self._session(owner, parent)
        # Before the activity creates objects of its own.
        if any(self._objects.held):
            self._objects.release()
        depth = 0 if enclosing is None else enclosing.depth + 1
        activity = Activity(
            f"{self.token}{next_activity():04d}", name, session, self._log, parent, enclosing,
            is_program, depth,
        )  # fmt: skip
        if is_inner:
            if parent.inputs is not None:  # type: ignore[union-attr]
                join_task(activity, parent)  # type: ignore[arg-type]
        elif self._is_worker or (parent is None and get_ident() != self.main_thread):
            # The start of a task.
            activity.inputs = ""
            self._objects.keeps_states = True
        records = ActivityRecords(activity)
        records.start(self._agent, numbers)
        return records

    def add_tally(self, enclosing: Activity | None, tally: Finishing) -> None:
        """Finish the summary of calls at the end of their activity, or of the process."""
        # The end of an activity of another process is not known here.
        if enclosing is None or not enclosing.id.startswith(self.token):
            finish_at_exit(self)
            self._unfinished.append(tally)

    def finish(self) -> None:
        """End the summaries of calls outside of activities of this process."""
        unfinished, self._unfinished = self._unfinished, []
        for tally in unfinished:
            tally.finish()

    def begin_block(
        self, name: str, parameters: Mapping[str, Any] | None, is_program: bool = False
    ) -> Activity:
        """Start the activity of a ``with`` block and write its first records."""
        if is_program:
            # Where its records begin in the log file.
            self._begun = self._log.position()
        records = self.begin(name, innermost(), is_program=is_program)
        if is_program:
            self.opened_files.program = records.activity
        if parameters is not None:
            try:
                self.guard.attempt(name, self.opened_files.name, records.activity, parameters)
                self.guard.attempt(name, records.parameters, parameters)
            except BaseException as interruption:
                self.write(records)
                self.end(records.activity, interruption)
                raise
        self.write(records)
        return records.activity

    def _session(self, owner: object, parent: Activity | None) -> Session:
        """Return the session of the owner, else of the parent, else of the process."""
        if issubclass(type(owner), type):
            return self._sessions.of_process() if parent is None else parent.session
        session = self._sessions.existing_of(owner)
        if session is not None:
            return session
        if parent is None or parent.is_program:
            return self._sessions.of_object(owner)
        return parent.session

    def end(
        self,
        activity: Activity,
        error: BaseException | None,
        outputs: Callable[[ActivityRecords, Any], None] | None = None,
        result: Any = None,
    ) -> None:
        """End an activity and write its last records.

        Parameters
        ----------
        activity : Activity
            The activity. One that started in another process ends there.
        error : exception or None
            The exception that it raised.
        outputs : callable, optional
            Records the outputs of the activity; not called after an error.
        result : object
            The second argument of the callable.
        """
        if not activity.id.startswith(self.token):
            return
        for tally in activity.tallies.values():
            tally.finish()
        guard, records = self.guard, ActivityRecords(activity)
        busy, thread = guard.busy, get_ident()
        # Not `guard.run`: a generator may be finalized while a step runs, and must end.
        was_busy = thread in busy
        busy.add(thread)
        try:
            if not was_busy:
                if error is None:
                    if outputs is not None:
                        outputs(records, result)
                    if activity.expected_files is not None:
                        self._record_expected_files(records)
                self._settle(activity, records)
        except Exception as failure:  # noqa: BLE001  (as in `Guard.run`)
            guard.failed(activity.name, failure)
        finally:
            activity.has_ended = True
            try:
                records.end(error)
                self.write(records)
            except Exception as failure:  # noqa: BLE001
                guard.failed(activity.name, failure)
            finally:
                self._objects.release()
                if not was_busy:
                    busy.discard(thread)

    def _settle(self, activity: Activity, records: ActivityRecords) -> None:
        """Record the files of an activity, and what the code of a program has passed on."""
        names_files = activity.named_files is not None or activity.folders is not None
        if names_files or self.opened_files.writing:
            self.write(records)
            self.opened_files.settle(activity)
        if activity.is_program:
            self.write(records)
            found = passed_on(self._log.since(self._begun), activity.id, records.time)
            records.lines += [statement(*one) for one in found]

    # Statements of the block of an activity

    def parameter(self, activity: Activity, name: str, value: Any) -> None:
        """Record a parameter of an activity."""
        self.guard.run(activity.name, self._parameter, activity, to_name(name), value)

    def _parameter(self, activity: Activity, name: str, value: Any) -> None:
        records = ActivityRecords(activity)
        records.parameters({name: value})
        self.write(records)

    def describe(self, activity: Activity, attributes: Mapping[str, Any]) -> None:
        """Record other attributes of an activity that started in this process."""
        if attributes and activity.id.startswith(self.token):
            self.guard.run(activity.name, self._describe, activity, attributes)

    def _describe(self, activity: Activity, attributes: Mapping[str, Any]) -> None:
        records = ActivityRecords(activity)
        records.attributes(attributes)
        self.write(records)

    def relate(
        self, relation: str, activity: Activity, entity: Any, role: str | None, name: str | None
    ) -> None:
        """Record that an activity ``used`` or ``generated`` files or an object."""
        self.guard.run(activity.name, self._relate_each, relation, activity, entity, role, name)

    def _relate_each(
        self, relation: str, activity: Activity, entity: Any, role: str | None, name: str | None
    ) -> None:
        if entity is None:
            raise ValueError(f"{relation}(None): None is neither a file nor an object")
        several = None if _is_secret(role, name) else paths_in(entity)
        text = entity if issubclass(type(entity), str) else None
        for one in [entity] if several is None else several:
            self.guard.attempt(
                activity.name, self._relate, relation, activity, one, text, role, name
            )

    def _relate(
        self,
        relation: str,
        activity: Activity,
        entity: Any,
        text: str | None,
        role: str | None,
        name: str | None,
    ) -> None:
        role = None if role is None else to_name(role)
        name = None if name is None else to_name(name)
        is_secret = _is_secret(role, name)
        # A secret text is not a path.
        path = None if is_secret and text is not None else path_of(entity)
        if path is None and not is_secret and text is not None:
            raise ValueError("the path of a file is empty")
        is_generated = relation == "generated"
        if path is not None:
            check_path(path)
            # Now, since the program may change its working directory before the end.
            path = absolute_path(path)
            is_own = activity.id.startswith(self.token)
            is_expected = is_generated and not activity.has_ended and is_own
            if is_expected and not os.path.lexists(path):
                activity.expected_files = activity.expected_files or []
                activity.expected_files.append((path, text, role, name))
                return
            if text is not None:
                check_text(text, path)
        records = ActivityRecords(activity)
        if path is not None:
            id = self.entities.file(path, records, name, is_generated)
        else:
            id = self.entities.object(entity, records, name, is_secret=is_secret)
            if not is_generated:
                self.streams.take(entity, id)
        records.relate(relation, id, role)
        self.write(records)

    def _record_expected_files(self, records: ActivityRecords) -> None:
        name = records.activity.name
        for file in records.activity.expected_files or ():
            self.guard.attempt(name, self._record_expected_file, records, *file)

    def _record_expected_file(
        self,
        records: ActivityRecords,
        path: str,
        text: str | None,
        role: str | None,
        name: str | None,
    ) -> None:
        if text is not None:
            check_text(text, path)
        entity = self.entities.file(path, records, name, is_generated=True)
        records.relate("generated", entity, role)


def _is_secret(*names: str | None) -> bool:
    return any(is_secret_name(to_name(name)) for name in names if name is not None)
