"""Records that are written together: what is said of an activity at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provlog.capture.classes import own_name
from provlog.capture.clock import moment
from provlog.capture.plain import plain_items

if TYPE_CHECKING:
    from provlog.capture.activities import Activity

__all__ = ["Burst"]


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
    payloads : list of str
        The records: each is the ``repr`` of a dict of plain literals.
    """

    __slots__ = ("activity", "moment", "payloads")

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.moment = moment()
        self.payloads: list[str] = []

    def start(self, agent: str) -> None:
        """Say that the activity begins; the agent's name as a literal."""
        activity = self.activity
        parent = activity.parent
        within = "" if parent is None else f"'in_activity': '{parent.id}', "
        self.payloads.append(
            f"{{'activity_id': '{activity.id}', 'activity_name': {activity.name!r}, "
            f"'startTime': '{self.moment[1]}', 'in_session': '{activity.session.id}', {within}"
            f"'agent_name': {agent}}}"
        )

    def parameters(self, parameters: Mapping[str, Any]) -> None:
        """Say what the parameters are, by name."""
        if parameters:
            found = plain_items(parameters)
            self.payloads.append(
                f"{{'activity_id': '{self.activity.id}', 'parameters': {found!r}}}"
            )

    def relate(self, relation: str, entity: str, role: str | None) -> None:
        """Say that an entity was ``used`` or ``generated``."""
        in_role = "" if role is None else f", '{relation}_role': {role!r}"
        self.payloads.append(
            f"{{'activity_id': '{self.activity.id}', '{relation}_id': {entity!r}{in_role}}}"
        )

    def describe(self, said: str) -> None:
        """Say something of an entity: the inside of a payload, with a comma at its end."""
        self.payloads.append(f"{{{said}'in_session': '{self.activity.session.id}'}}")

    def end(self, error: BaseException | None) -> None:
        """Say that the activity ends, and how."""
        status = "" if error is None else _status(error)
        self.payloads.append(
            f"{{'activity_id': '{self.activity.id}', 'endTime': '{self.moment[1]}'{status}}}"
        )


def _status(error: BaseException) -> str:
    if isinstance(error, SystemExit) and not error.code:
        return ""
    return f", 'status': 'failed', 'exception': {own_name(type(error))!r}"
