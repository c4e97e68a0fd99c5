"""Events: the facts of a log, each as a small typed object.

Every source of provenance ends here and the builder begins here. Events are
immutable. They carry ids as text (``23592`` and ``'23592'`` are one id), plain
Python values (``str``, ``int``, ``float``, ``bool``, ``None``, ``list``,
``dict``, :class:`datetime.datetime`), times as the log has them, and attribute
names that are already qualified names of the document to be (``prov:label``,
``log:status``).

They are not tracked by the garbage collector: nothing in them can refer back.
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
    """The first record of a log was found.

    Parameters
    ----------
    digest : str
        8 hex digits of the SHA-256 of that record's time and content: the scope
        of all ids where the log names no session.
    """

    digest: str


class SessionStarted(Event, frozen=True, gc=False):
    """A session began, or was described again.

    Parameters
    ----------
    session : str
        The session's id.
    start : object
        When, as the log has it.
    agent : str, optional
        Who ran it.
    attributes : dict
        All else that the log says of it.
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
        When, as the log has it; ``None`` where the record only describes.
    agent : str, optional
        Who ran it.
    attributes : dict
        All else that the log says of it, its name among them (``prov:label``).
    """

    start: Any
    agent: str | None
    attributes: dict[str, Any]


class ActivityEnded(ActivityEvent, frozen=True, gc=False):
    """An activity ended.

    Parameters
    ----------
    end : object
        When, as the log has it.
    attributes : dict
        All else that the record says, such as a status.
    """

    end: Any
    attributes: dict[str, Any]


class ActivityNested(ActivityEvent, frozen=True, gc=False):
    """An activity ran within another one, as a function that another one calls.

    Parameters
    ----------
    parent : str
        The id of the activity that it is part of.
    """

    parent: str


class ParametersSet(ActivityEvent, frozen=True, gc=False):
    """An activity was configured.

    Parameters
    ----------
    parameters : dict
        Values by parameter name, as the log has them.
    """

    parameters: dict[str, Any]


class EntityUsed(ActivityEvent, frozen=True, gc=False):
    """An activity used an entity.

    Parameters
    ----------
    entity : str
        The entity's id.
    role : str, optional
        What the entity was to the activity.
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
        What the entity was to the activity.
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
        What the log says of it.
    activity : str, optional
        The activity beside whose use or generation the description stands.
    """

    attributes: dict[str, Any]
    activity: str | None = None


class MakerNamed(EntityEvent, frozen=True, gc=False):
    """An entity names the activity that generated it, which may be recorded elsewhere.

    Parameters
    ----------
    activity : str
        The activity's id, which means the same everywhere.
    start, end : object
        When it started and ended, for the case that no source records it.
    attributes : dict
        What is known of it, for the same case.
    """

    activity: str
    start: Any
    end: Any
    attributes: dict[str, Any]


class MemberAdded(EntityEvent, frozen=True, gc=False):
    """A collection, ``entity``, has a member.

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
