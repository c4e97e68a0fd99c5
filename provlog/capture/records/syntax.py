"""Records that are written together: what is said of an activity at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provlog.capture.log.clock import Moment, moment
from provlog.objects.classes import short_name
from provlog.objects.literals import to_literals

if TYPE_CHECKING:
    from provlog.capture.records.activities import Activity

__all__ = ["Burst", "line"]


class Burst:
    """Records of one activity and one moment, in their order.

    Parameters
    ----------
    activity : Activity
        The activity.

    Attributes
    ----------
    moment : Moment
        When they were so: when the burst began.
    lines : list of str
        The records, as lines with their ends.
    """

    __slots__ = ("_begin", "activity", "lines", "moment")

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.moment = now = moment()
        self.lines: list[str] = []
        # Nearly all are records of the activity.
        self._begin = f"_PROV_{now[1]}_PROV_{{'activity_id': '{activity.id}', "

    def start(self, agent: str) -> None:
        """Say that the activity begins; the agent's name as a literal."""
        activity = self.activity
        parent = activity.parent
        within = "" if parent is None else f"'in_activity': '{parent.id}', "
        self.lines.append(
            f"{self._begin}'activity_name': {activity.name!r}, 'startTime': '{self.moment[1]}', "
            f"'in_session': '{activity.session.id}', {within}'agent_name': {agent}}}\n"
        )

    def parameters(self, parameters: Mapping[str, Any]) -> None:
        """Say what the parameters are, by name."""
        if parameters:
            self.lines.append(f"{self._begin}'parameters': {to_literals(parameters)!r}}}\n")

    def relate(self, relation: str, entity: str, role: str | None) -> None:
        """Say that an entity was ``used`` or ``generated``."""
        in_role = "" if role is None else f", '{relation}_role': {role!r}"
        self.lines.append(f"{self._begin}'{relation}_id': {entity!r}{in_role}}}\n")

    def describe(self, said: str) -> None:
        """Say something of an entity: the inside of a payload, with a comma at its end."""
        session = self.activity.session.id
        self.lines.append(f"_PROV_{self.moment[1]}_PROV_{{{said}'in_session': '{session}'}}\n")

    def end(self, error: BaseException | None) -> None:
        """Say that the activity ends, and how."""
        status = "" if error is None else _status(error)
        self.lines.append(f"{self._begin}'endTime': '{self.moment[1]}'{status}}}\n")


def line(moment: Moment, payload: str) -> str:
    """Return a record as a line with its end; the payload is the ``repr`` of a dict of literals."""
    return f"_PROV_{moment[1]}_PROV_{payload}\n"


def _status(error: BaseException) -> str:
    if isinstance(error, SystemExit) and not error.code:
        return ""
    return f", 'status': 'failed', 'exception': {short_name(type(error))!r}"
