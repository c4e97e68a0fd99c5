"""States of files that stay open while several activities read and change them.

The content of such a file is identified when it is closed: to read it after each call would cost
too much, and a library may not have written its changes yet. Until then, each state has an id of
the run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from provlog.capture.files.file_ids import FileId
from provlog.capture.files.handles import changes_through
from provlog.capture.files.unseen import Stamp, status_of
from provlog.capture.records.activity import Activity, NamedFile
from provlog.capture.records.syntax import ActivityRecords

if TYPE_CHECKING:
    from provlog.capture.log.record_log import RecordLog
    from provlog.capture.records.entities import Entities

__all__ = ["FileStates", "Writing"]

_NOTE = "open: identified by content when it is closed"


class Writing(Struct, eq=False):
    """A file that an activity opened for writing, moved to this path, or wrote without an event."""

    activity: Activity
    # Its stamp before, if its content may stay unchanged.
    before: Stamp | None
    # The activity changes the content instead of replacing it.
    is_update: bool
    role: str | None = None
    # It is an earlier file that the activity has renamed.
    is_moved: bool = False
    # The activity itself has opened it.
    is_opened: bool = False
    # An activity that did not open it has changed it, or may have.
    is_shared: bool = False
    # The present state, if it is recorded, and what told the changes of the activity.
    state: str | None = None
    seen: tuple[Stamp, int | None] | None = None


class FileStates:
    """Record the states of open files that activities pass on.

    Parameters
    ----------
    log : RecordLog
        The log.
    entities : Entities
        Writes the records of entities.
    """

    def __init__(self, log: RecordLog, entities: Entities) -> None:
        self._log = log
        self._entities = entities

    def is_made_again(self, entity: str, path: str, writing: Writing) -> bool:
        """Return whether an activity has written the content of another file that one has written.

        It is a copy if the activity has used that file, or if no activity has written it.
        """
        made = self._entities.results.files.get(entity)
        is_written = writing.is_opened and not writing.is_update
        is_elsewhere = made is not None and path not in made
        return is_written and is_elsewhere and ("used", entity) not in writing.activity.related

    def hand_over(self, activity: Activity, path: str, writing: Writing, role: str | None) -> None:
        """Make an activity that takes a file, open for writing, the one that changes it."""
        if writing.activity is activity:
            return
        if activity.named_files is None:
            activity.named_files = {}
        named = activity.named_files.setdefault(path, NamedFile(role, None))
        # The end of the activity does not decide about it.
        named.is_opened = named.is_received = True
        status = status_of(path)
        if writing.is_shared or (status is not None and status.st_size):
            named.state = self._state(path, writing)
        self._take(activity, writing, role, None)

    def settle(
        self, activity: Activity, path: str, named: NamedFile, writing: Writing, stamp: Stamp
    ) -> bool:
        """Decide about a database that was open before the activity; return whether it did."""
        if writing.activity is activity:
            return False
        now = stamp, changes_through(named.connection)
        is_passed_on = writing.is_shared
        if now == (named.before, named.changes):
            if is_passed_on:
                self.use(activity, self._state(path, writing), named.role)
            return is_passed_on
        if writing.seen == now:
            # A part of the activity has changed it.
            return True
        size = named.before[0] if named.before else 0
        if is_passed_on or (size and writing.before != named.before):
            self.use(activity, self._state(path, writing), named.role)
        self._take(activity, writing, named.role, now)
        return True

    def replace(self, activity: Activity, path: str, writing: Writing | None) -> None:
        """Record that an activity replaces a file that others have changed, as astropy does."""
        if writing is not None and writing.is_shared and writing.activity is not activity:
            self.use(activity, self._state(path, writing), None)

    def use(self, activity: Activity, state: str, role: str | None) -> None:
        """Record that an activity used a state."""
        records = ActivityRecords(activity)
        records.relate_once("used", state, role)
        self._log.write(records)

    def _take(
        self,
        activity: Activity,
        writing: Writing,
        role: str | None,
        seen: tuple[Stamp, int | None] | None,
    ) -> None:
        if writing.state is not None:
            # Its content derives from that state.
            writing.is_update, writing.before = True, None
        writing.activity, writing.role, writing.seen = activity, role, seen
        writing.state, writing.is_shared = None, True

    def _state(self, path: str, writing: Writing) -> str:
        """Return the id of the state that the activity has made which changed the file last."""
        if writing.state is None:
            records = ActivityRecords(writing.activity)
            file = FileId(self._entities.objects.next_id(), path, note=_NOTE)
            writing.state = self._entities.identified_file(file, records, None, is_new=False)
            records.relate_once("generated", writing.state, writing.role)
            self._log.write(records)
        return writing.state
