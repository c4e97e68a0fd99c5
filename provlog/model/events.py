"""Events: the facts of a log, each as a small typed object.

Readers yield events and the builder consumes them. Events are immutable. They hold
ids as text (``23592`` and ``'23592'`` are one id), plain Python values (``str``,
``int``, ``float``, ``bool``, ``None``, ``list``, ``dict``,
:class:`datetime.datetime`), times as in the log, and attribute names as
qualified names of the document (``prov:label``, ``log:status``).

The garbage collector does not track events, because no value in them can refer back.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from provlog.origin import Origin

__all__ = [
    "ActivityEnded",
    "ActivityEvent",
    "ActivityNested",
    "ActivityStarted",
    "EntityDerived",
    "EntityDescribed",
    "EntityEvent",
    "EntityGenerated",
    "EntityUsed",
    "Event",
    "LogStarted",
    "MakerNamed",
    "MemberAdded",
    "ParametersSet",
    "SessionStarted",
]


class Event(Struct, frozen=True, gc=False):
    """One fact of a log.

    Parameters
    ----------
    origin : Origin
        The record that states it.
    """

    origin: Origin


class LogStarted(Event, frozen=True, gc=False):
    """The reader found the first record of a log.

    Parameters
    ----------
    digest : str
        8 hex digits of the SHA-256 of that record's time and content: the scope
        of all ids in a log that names no session.
    """

    digest: str


class SessionStarted(Event, frozen=True, gc=False):
    """A session began, or was described again.

    Parameters
    ----------
    session : str
        The session's id.
    start : object
        The start time as in the log.
    agent : str, optional
        The name of the agent that ran it.
    attributes : dict
        All further attributes in the log.
    """

    session: str
    start: Any
    agent: str | None
    attributes: dict[str, Any]


class ActivityEvent(Event, frozen=True, gc=False):
    """A fact about an activity.

    Parameters
    ----------
    activity : str
        The activity's id.
    """

    activity: str


class ActivityStarted(ActivityEvent, frozen=True, gc=False):
    """An activity began, or was described.

    Parameters
    ----------
    start : object
        The start time as in the log; ``None`` if the record only describes the activity.
    agent : str, optional
        The name of the agent that ran it.
    attributes : dict
        All further attributes in the log, including its name (``prov:label``).
    """

    start: Any
    agent: str | None
    attributes: dict[str, Any]


class ActivityEnded(ActivityEvent, frozen=True, gc=False):
    """An activity ended.

    Parameters
    ----------
    end : object
        The end time as in the log.
    attributes : dict
        All further attributes in the record, such as a status.
    """

    end: Any
    attributes: dict[str, Any]


class ActivityNested(ActivityEvent, frozen=True, gc=False):
    """An activity ran within another one, as a function that another function calls.

    Parameters
    ----------
    parent : str
        The id of the outer activity.
    """

    parent: str


class ParametersSet(ActivityEvent, frozen=True, gc=False):
    """An activity was configured.

    Parameters
    ----------
    parameters : dict
        Values by parameter name, as in the log.
    """

    parameters: dict[str, Any]


class EntityUsed(ActivityEvent, frozen=True, gc=False):
    """An activity used an entity.

    Parameters
    ----------
    entity : str
        The entity's id.
    role : str, optional
        The role of the entity in the activity.
    """

    entity: str
    role: str | None


class EntityGenerated(ActivityEvent, frozen=True, gc=False):
    """An activity generated an entity.

    Parameters
    ----------
    entity : str
        The entity's id.
    role : str, optional
        The role of the entity in the activity.
    """

    entity: str
    role: str | None


class EntityEvent(Event, frozen=True, gc=False):
    """A fact about an entity.

    Parameters
    ----------
    entity : str
        The entity's id.
    """

    entity: str


class EntityDescribed(EntityEvent, frozen=True, gc=False):
    """An entity was described.

    Parameters
    ----------
    attributes : dict
        Its attributes in the log.
    activity : str, optional
        The activity whose usage or generation is in the same record.
    """

    attributes: dict[str, Any]
    activity: str | None = None


class MakerNamed(EntityEvent, frozen=True, gc=False):
    """An entity names the activity that generated it, which may be recorded elsewhere.

    Parameters
    ----------
    activity : str
        The activity's id, which is unique across all logs.
    start, end : object
        Its start and end times, used only if no source records the activity.
    attributes : dict
        Its attributes, used only if no source records the activity.
    """

    activity: str
    start: Any
    end: Any
    attributes: dict[str, Any]


class MemberAdded(EntityEvent, frozen=True, gc=False):
    """The collection ``entity`` has a member.

    Parameters
    ----------
    member : str
        The member's id.
    """

    member: str


class EntityDerived(EntityEvent, frozen=True, gc=False):
    """An entity was derived from another one.

    Parameters
    ----------
    progenitor : str
        The id of the entity that it was derived from.
    """

    progenitor: str
