"""Records of the files that activities open: read files are used, written ones generated.

A file counts for the innermost recorded activity. A read file is identified when it is
opened, a written one when the activity ends, or before another activity reads it.
"""

from __future__ import annotations

import os
from stat import S_ISREG
from threading import get_ident
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from provlog.capture.files.audit import CommandEvent, FileEvent, HandleEvent, leave, observe
from provlog.capture.files.descriptors import open_files
from provlog.capture.files.folders import file_key
from provlog.capture.files.handles import changes_through, files_behind, flush_streams
from provlog.capture.files.paths import absolute_path
from provlog.capture.files.started_programs import changed_files, named_places
from provlog.capture.files.unseen import FolderState, named_paths, stamp_of, status_of
from provlog.capture.process.endings import finish_at_exit
from provlog.capture.process.forks import register_after_fork
from provlog.capture.records.activity import Activity, NamedFile, current
from provlog.capture.records.file_states import FileStates, Writing
from provlog.capture.records.syntax import ActivityRecords
from provlog.compiled import compiled

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import PurePath

    from provlog.capture.files.file_ids import FileIds
    from provlog.capture.files.ignored import FileRules
    from provlog.capture.log.record_log import RecordLog
    from provlog.capture.records.entities import Entities
    from provlog.capture.records.guard import Guard

__all__ = ["OpenedFiles"]

# Only of systems with a single root: absolute paths begin with it.
_SEPARATOR = "/" if os.sep == "/" else "\0"
# Programs open some files again and again.
_MAX_PLACES = 10_000
_COMPILED = "provlog.capture.calls._fast"


class OpenedFiles:
    """Record the files that the activities of one log open.

    Parameters
    ----------
    log : RecordLog
        The log.
    guard : Guard
        Runs the recording.
    entities : Entities
        Writes the records of entities.
    files : FileIds
        Identifies files. Its excluded files are also ignored here.
    rules : FileRules
        The rules for ignored files.

    Attributes
    ----------
    program : Activity, optional
        The run of the program: the activity of files that no other activity opens.
    writing : dict
        The files that are being written, by path.
    """

    # Compiled code finds these fields by their places.
    __slots__ = ("__dict__", "__weakref__", "_is_closed", "_places", "program", "writing")

    def __init__(
        self, log: RecordLog, guard: Guard, entities: Entities, files: FileIds, rules: FileRules
    ) -> None:
        self.program: Activity | None = None
        self._log = log
        self._guard = guard
        self._entities = entities
        self._states = FileStates(log, entities)
        self._excluded = frozenset(files.excluded)
        self._rules = rules
        self._ignored = rules.folders
        self.writing: dict[str, Writing] = {}
        # The normalized forms of absolute paths that the program reads; empty if ignored.
        self._places: dict[str, str] = {}
        self._is_closed = rules.mode == "none"
        if rules.mode != "none":
            fast = compiled(_COMPILED)
            observe(self, None if fast is None else fast.file_reader(self))
            self._fast: Any = None if fast is None else fast.file_records(log, entities)
            register_after_fork(self)

    def after_fork(self) -> None:
        """Leave the files that are being written to the process that writes them."""
        self.writing = {}

    def close(self) -> None:
        """Stop handling events."""
        self._is_closed = True
        leave(self)

    def is_listening(self) -> bool:
        """Return whether the program opens a file, not provlog itself."""
        return not self._is_closed and get_ident() not in self._guard.busy

    def read(self, path: str) -> None:
        """Record a file that is about to be opened for reading, unless it is ignored."""
        place = self._places.get(path)
        # Imported modules are most of the files that programs open.
        if place is None and path.startswith(self._ignored) and ".." not in path:
            return
        if place == "" or self._is_closed or get_ident() in self._guard.busy:
            return
        activity = self._innermost()
        if activity is not None:
            self._guard.run(activity.name, self._read_opened, activity, path, place)

    def _read_opened(self, activity: Activity, path: str, place: str | None) -> None:
        if place is None:
            place = self._place(path)
        status = status_of(place) if place and not self._is_own_log(place) else None
        if status is not None and S_ISREG(status.st_mode):
            self._read(activity, place, status, _role(activity, place))

    def _is_own_log(self, path: str) -> bool:
        """Return whether it is the log of a database that the process itself writes."""
        return path.endswith("-wal") and path.removesuffix("-wal") in self.writing

    def _place(self, path: str) -> str:
        """Return the absolute path of a read file; an empty text if it is ignored."""
        place = _absolute(path)
        if place in self._excluded or self._rules.ignores(place):
            place = ""
        if path.startswith(_SEPARATOR):
            if len(self._places) >= _MAX_PLACES:
                self._places = {}
            self._places[path] = place
        return place

    def __call__(self, event: FileEvent | CommandEvent | HandleEvent) -> None:
        """Record a file that is opened or renamed, or prepare for files of a started program."""
        activity = self._innermost()
        if activity is None:
            return
        if isinstance(event, HandleEvent):
            self._guard.run(activity.name, self.name_open, activity, {"": event.handle})
        else:
            take = self._take if isinstance(event, FileEvent) else self._start_program
            self._guard.run(activity.name, take, activity, event)

    def _start_program(self, activity: Activity, event: CommandEvent) -> None:
        """Remember the files and folders that a command names, and its working directory."""
        files, folders = named_places(event)
        for path in files:
            # What an earlier program of the activity has made is no input of the activity.
            is_made = activity.folders is not None and activity.folders.has_changed(path)
            if not (is_made and not self._entities.has_file(path)):
                self._name(activity, path, None)
        if activity.folders is None:
            activity.folders = FolderState()
        activity.folders.add(one for one in folders if not self._rules.ignores(f"{one}/"))

    def _settle_folders(self, activity: Activity, folders: FolderState) -> None:
        """Record the files that the started programs have written."""
        for path in changed_files(folders):
            is_seen = path in self.writing or path in self._excluded
            if not is_seen and not self._rules.ignores(path, writes=True):
                self._write(activity, path, Writing(activity, None, is_update=False))

    def _innermost(self) -> Activity | None:
        activity = current.get()
        while activity is not None and (activity.has_ended or activity.log is not self._log):
            activity = activity.enclosing
        return activity or self.program

    def _take(self, activity: Activity, event: FileEvent) -> None:
        path = _absolute(event.path)
        if path in self._excluded:
            return
        if event.source is not None:
            self._move(activity, _absolute(event.source), path)
            return
        if self._is_own_log(path) or self._rules.ignores(path, event.writes):
            return
        status = status_of(path)
        if status is not None and not S_ISREG(status.st_mode):
            return
        role = _role(activity, path)
        if event.reads and status is not None and (status.st_size or not event.writes):
            self._read(activity, path, status, role)
        if event.writes:
            stamp = None if status is None else stamp_of(status)
            self._write(activity, path, Writing(activity, stamp, event.keeps, role, is_opened=True))

    def _read(
        self,
        activity: Activity,
        path: str,
        status: os.stat_result,
        role: str | None,
        is_open: bool = False,
    ) -> None:
        if activity.read_files is None:
            activity.read_files = {}
        stamp = stamp_of(status)
        if activity.read_files.get(path) == stamp:
            return
        activity.read_files[path] = stamp
        writing = self.writing.get(path)
        if writing is not None and writing.activity is activity and writing.is_moved:
            del self.writing[path]
        elif writing is not None:
            if writing.activity is activity:
                # The activity has written the file itself.
                return
            self._record_writing(path, writing)
            if is_open or file_key(status) in open_files():
                # As a database, it may change until it is closed.
                self.writing[path] = replace(writing, before=stamp, is_update=True, state=None)
        records = ActivityRecords(activity)
        entity, _ = self._entities.opened_file(path, status, records)
        records.relate_once("used", entity, role)
        self._log.write(records)

    def _write(self, activity: Activity, path: str, writing: Writing) -> None:
        known = self.writing.get(path)
        if known is not None and known.activity is activity:
            # The previous content is that before the first opening.
            known.is_update &= writing.is_update
            return
        if known is not None:
            self._record_writing(path, known)
        self.writing[path] = writing
        finish_at_exit(self)

    def _move(self, activity: Activity, source: str, path: str) -> None:
        """Rename a file or a folder of files."""
        self._states.replace(activity, path, self.writing.get(path))
        inner = f"{source}{os.sep}"
        moved = [one for one in self.writing if one == source or one.startswith(inner)]
        for one in moved:
            writing = self.writing.pop(one)
            writing.before = None
            writing.role = _role(writing.activity, path)
            place = path + one[len(source) :]
            if not self._rules.ignores(place, writes=True):
                self.writing[place] = writing
        if not moved and not self._rules.ignores(path, writes=True):
            self.writing[path] = Writing(activity, None, is_update=False, is_moved=True)

    # Files that Python does not see

    def decides(self, path: PurePath) -> bool:
        """Return whether the end of the activity decides if a file named by an argument is used."""
        location = absolute_path(path)
        is_ignored = self._is_closed or self._rules.ignores(location)
        return not is_ignored and os.path.isfile(location)

    def name(self, activity: Activity, arguments: Mapping[str, Any]) -> None:
        """Remember the files that the arguments of an activity name, at its start."""
        if not self._is_closed:
            for role, path in named_paths(arguments):
                self._name(activity, path, role)
            self.name_open(activity, arguments)

    def name_open(self, activity: Activity, values: Mapping[str, Any]) -> None:
        """Remember the files that are open in arguments or variables, at the start."""
        for role, path, is_written in () if self._is_closed else files_behind(values):
            writing = self.writing.get(path) if is_written else None
            if writing is not None:
                self._states.hand_over(activity, path, writing, role or None)
            elif not is_written:
                self._name(activity, path, role or None, is_open=True)
                if named := (activity.named_files or {}).get(path):
                    named.is_received = True
                    if is_written is None:
                        named.connection = values[role]
                        named.changes = changes_through(named.connection)

    def _name(
        self, activity: Activity, path: str, role: str | None, *, is_open: bool = False
    ) -> None:
        if path in self._excluded or self._rules.ignores(path):
            return
        status = status_of(path)
        if status is None or S_ISREG(status.st_mode):
            before = None if status is None else stamp_of(status)
            writing = self.writing.get(path)
            if writing and status and not is_open and file_key(status) not in open_files():
                # The activity may change what another one has written.
                self._record_writing(path, writing)
                if writing.activity is activity and before is not None:
                    activity.read_files = {**(activity.read_files or {}), path: before}
            if activity.named_files is None:
                activity.named_files = {}
            activity.named_files.setdefault(path, NamedFile(role, before))

    def _settle_named(self, activity: Activity, files: dict[str, NamedFile]) -> None:
        """Record named files without events: unchanged ones as used, changed ones as generated."""
        for path, named in files.items():
            self._guard.attempt(activity.name, self._settle_file, activity, path, named)

    def _settle_file(self, activity: Activity, path: str, named: NamedFile) -> None:
        if named.state is not None:
            self._states.use(activity, named.state, named.role)
        status = None if named.is_opened else status_of(path)
        if status is None or not S_ISREG(status.st_mode):
            return
        known, stamp = self.writing.get(path), stamp_of(status)
        if known is not None and self._states.settle(activity, path, named, known, stamp):
            return
        if named.before == stamp:
            self._read(activity, path, status, named.role, named.is_received)
        elif known is None:
            is_update = named.before is not None
            self._write(activity, path, Writing(activity, None, is_update, named.role))

    # Files being written

    def settle(self, activity: Activity) -> None:
        """Record the files that an activity has written, at its end; a step of the guard.

        A file that is still open is recorded when the enclosing activity ends.
        """
        if activity.named_files is not None:
            self._settle_named(activity, activity.named_files)
        if activity.folders is not None:
            self._settle_folders(activity, activity.folders)
        if self.writing:
            self._settle_written(activity)

    def _settle_written(self, activity: Activity) -> None:
        is_last = activity.is_program
        if is_last:
            flush_streams(self.writing)
        ended = [
            (path, writing)
            for path, writing in [*self.writing.items()]
            if is_last or writing.activity is activity or writing.activity.has_ended
        ]
        if not is_last and activity.named_files is not None:
            # It received them open. The activity around it finds out whether they are closed.
            named = activity.named_files
            ended = [one for one in ended if one[0] not in named or not named[one[0]].is_received]
        still_open = set() if is_last or not ended else open_files()
        for path, writing in ended:
            status = status_of(path)
            if status is None or file_key(status) not in still_open:
                self._guard.attempt(activity.name, self._record_writing, path, writing)

    def _record_writing(self, path: str, writing: Writing) -> None:
        """Record a written file as generated, if it still exists and has changed."""
        self.writing.pop(path, None)
        if self._fast is not None and self._fast.record_written(path, writing):
            return
        status = status_of(path)
        if status is None or not S_ISREG(status.st_mode):
            return
        if writing.is_update and writing.before == stamp_of(status):
            return
        records = ActivityRecords(writing.activity)
        is_new = not writing.is_update
        entity, is_known = self._entities.opened_file(path, status, records, is_new=is_new)
        # An exact copy is the same entity as the original, which nothing generates again.
        if not is_known or self._states.is_made_again(entity, path, writing):
            records.relate_once("generated", entity, writing.role)
            self._entities.results.add_file(entity, path)
        self._log.write(records)

    def finish(self) -> None:
        """Record the files that are still being written, at the end of the process."""
        if self.writing and not self._is_closed:
            flush_streams(self.writing)
            for path, writing in [*self.writing.items()]:
                self._guard.run(writing.activity.name, self._record_writing, path, writing)


def _absolute(path: str | bytes | os.PathLike[Any]) -> str:
    # Most paths are absolute texts, for which `abspath` does the same in more steps.
    if type(path) is str and path.startswith(_SEPARATOR):
        return os.path.normpath(path)
    return os.path.abspath(os.fsdecode(path))


def _role(activity: Activity, path: str) -> str | None:
    """Return the argument that names a file, and remember that the file has been opened."""
    role = None
    if activity.named_files is not None and (named := activity.named_files.get(path)):
        role = named.role
    one: Activity | None = activity
    while one is not None:
        if one.named_files is not None and (named := one.named_files.get(path)):
            named.is_opened = True
        one = one.enclosing
    return role
