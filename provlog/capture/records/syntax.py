"""The syntax of records: the only module of the capture that writes it.

A record is a line with a marker, a time, a marker and the ``repr`` of a dict of literals.
Formatting the few shapes of records as text is several times faster than the ``repr`` of a
dict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from time import time_ns
from typing import TYPE_CHECKING, Any

from provlog.capture.log import clock
from provlog.capture.log.record_log import Records
from provlog.model.record_keys import (
    ACTIVITY_ID,
    ACTIVITY_NAME,
    AGENT_NAME,
    CLASS,
    CONFIGURATION,
    CONTENT_TYPE,
    DEFINITIONS,
    END_TIME,
    ENTITY,
    ENTITY_ID,
    EXCEPTION,
    GENERATED_ID,
    GENERATED_ROLE,
    HASH,
    HASH_TYPE,
    IN_ACTIVITY,
    IN_SESSION,
    LOCATION,
    MARKER,
    MEMBER_ID,
    MODULE,
    NAME,
    NOTE,
    PARAMETERS,
    PROGENITOR_ID,
    SESSION_ID,
    SESSION_NAME,
    START_TIME,
    STATUS,
    SYSTEM,
    TYPE,
    UNITS,
    USED_ID,
    USED_ROLE,
    VALUE,
)
from provlog.objects.classes import short_name
from provlog.objects.literals import to_literal, to_literals
from provlog.objects.units import units_of
from provlog.redaction import WITHHELD

if TYPE_CHECKING:
    from provlog.capture.records.activity import Activity

__all__ = [
    "WITHHELD_VALUE", "ActivityRecords", "entity_fields", "file_fields", "location_field",
    "note_field", "session_record", "statement", "statements_in", "value_field",
]  # fmt: skip

_MAX_VALUE = 1000
# The fixed parts of records. Joining them with f-strings is about twice as fast as templates.
_ACTIVITY = f"{MARKER}{{'{ACTIVITY_ID}': '"
_NAME = f"', '{ACTIVITY_NAME}': "
_START = f", '{START_TIME}': '"
_SESSION = f"', '{IN_SESSION}': '"
_PARENT = f"', '{IN_ACTIVITY}': '"
_AGENT = f"', '{AGENT_NAME}': "
_PARAMETERS = f"', '{PARAMETERS}': "
_UNITS = f", '{UNITS}': "
_RELATIONS = {
    "used": (f"', '{USED_ID}': ", f", '{USED_ROLE}': "),
    "generated": (f"', '{GENERATED_ID}': ", f", '{GENERATED_ROLE}': "),
}
_END = f"', '{END_TIME}': '"
_FAILED = f", '{STATUS}': 'failed', '{EXCEPTION}': "
_ENTITY = f"{MARKER}{{'{ENTITY_ID}': "
_IN_SESSION = f"'{IN_SESSION}': '"


class ActivityRecords(Records):
    """Records about one activity at the time when this object is made, in order.

    Parameters
    ----------
    activity : Activity
        The activity.
    """

    __slots__ = ("_prefix", "activity")

    # Without calls of the base class and of `timestamp`: every traced call makes two of these.
    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.lines: list[str] = []
        self.now = now = time_ns()
        start, text = clock.second
        rest = now - start
        time = text % (rest // 1000) if 0 <= rest < clock.SECOND else clock.format_time(now)
        self.time = time
        self._prefix = f"{MARKER}{time}{_ACTIVITY}{activity.id}"

    def start(self, agent: str, numbers: str | None = None) -> None:
        """Add the start of the activity, and its parameters if all are numbers.

        Parameters
        ----------
        agent : str
            The name of the agent as a literal.
        numbers : str, optional
            The parameters as a literal.
        """
        activity, prefix, parent = self.activity, self._prefix, self.activity.parent
        within = "" if parent is None else f"{_PARENT}{parent.id}"
        self.lines.append(
            f"{prefix}{_NAME}{activity.name!r}{_START}{self.time}{_SESSION}{activity.session.id}"
            f"{within}{_AGENT}{agent}}}\n"
        )
        if numbers is not None:
            self.lines.append(f"{prefix}{_PARAMETERS}{numbers}}}\n")
            if activity.inputs is not None:
                activity.inputs = numbers

    def parameters(self, parameters: Mapping[str, Any]) -> None:
        """Add the parameters of the activity, by name, with the units of quantities."""
        if parameters:
            literal = repr(to_literals(parameters))
            line = f"{self._prefix}{_PARAMETERS}{literal}"
            if self.activity.inputs is not None:
                self.activity.inputs += literal
            units = units_of(parameters)
            self.lines.append(f"{line}{_UNITS}{units!r}}}\n" if units else f"{line}}}\n")

    def attributes(self, attributes: Mapping[str, Any]) -> None:
        """Add other attributes of the activity, by key."""
        session, fields = self.activity.session.id, repr(to_literals(attributes))[1:]
        # Readers treat such a record as a start, so it must name the session.
        self.lines.append(f"{self._prefix}{_SESSION}{session}', {fields}\n")

    def relate(self, relation: str, entity: str, role: str | None) -> None:
        """Add an entity that was ``used`` or ``generated``."""
        self.activity.related.add((relation, entity))
        id_key, role_key = _RELATIONS[relation]
        if role is None:
            self.lines.append(f"{self._prefix}{id_key}{entity!r}}}\n")
        else:
            self.lines.append(f"{self._prefix}{id_key}{entity!r}{role_key}{role!r}}}\n")

    def relate_once(self, relation: str, entity: str, role: str | None) -> None:
        """Add an entity that was ``used`` or ``generated``, unless the log already has it."""
        if (relation, entity) not in self.activity.related:
            self.relate(relation, entity, role)

    def describe(self, entity: str, fields: str) -> None:
        """Add the description of an entity, made of the fields below."""
        self.lines.append(
            f"{MARKER}{self.time}{_ENTITY}{entity!r}, {fields}"
            f"{_IN_SESSION}{self.activity.session.id}'}}\n"
        )

    def member(self, collection: str, entity: str) -> None:
        """Add a member of a collection."""
        self.describe(collection, f"'{MEMBER_ID}': {entity!r}, ")

    def progenitor(self, entity: str, progenitor: str) -> None:
        """Add an entity from which another one was derived."""
        self.describe(entity, f"'{PROGENITOR_ID}': {progenitor!r}, ")

    def end(self, error: BaseException | None) -> None:
        """Add the end of the activity, which failed if there is an error."""
        if error is None or _is_success(error):
            self.lines.append(f"{self._prefix}{_END}{self.time}'}}\n")
        else:
            self.lines.append(f"{self._prefix}{_END}{self.time}'{_failure(error)}}}\n")


def _failure(error: BaseException) -> str:
    return f"{_FAILED}{short_name(type(error))!r}"


def _is_success(error: BaseException) -> bool:
    return isinstance(error, SystemExit) and not error.code


def statement(relation: str, activity: str, entity: str, time: str) -> str:
    """Return the record of a relation without a role as a line with its line end."""
    return f"{MARKER}{time}{_ACTIVITY}{activity}{_RELATIONS[relation][0]}{entity!r}}}\n"


_IN_PARENT = f"', '{IN_ACTIVITY}': '".encode()
_AT_LOCATION = f"', '{ENTITY}{LOCATION}': ".encode()
_OF_MEMBER = f"', '{MEMBER_ID}': '".encode()
_ACTIVITY_KEY, _ENTITY_KEY = f"{ACTIVITY_ID}': '".encode(), f"{ENTITY_ID}': '".encode()
_KINDS = {USED_ID.encode(): "used", GENERATED_ID.encode(): "generated", END_TIME.encode(): "end"}


def statements_in(block: bytes) -> Iterator[tuple[str, bytes, bytes, bytes]]:
    """Yield what the records in whole lines of a log state of activities and files.

    Yields
    ------
    kind, id, other, time
        ``used`` or ``generated``, an activity and an entity; ``part``, an activity and the one
        around it; ``end`` and an activity; ``file`` and its id; ``member``, an entity and the
        one that contains it. The time ends the fourth text.
    """
    # Strings are several times faster here than regular expressions.
    before, *records = block.split(f"{MARKER}{{'".encode())
    for record in records:
        if record.startswith(_ACTIVITY_KEY):
            fields = record.split(b"'", 7)
            if len(fields) > 7 and (kind := _KINDS.get(fields[4])) is not None:
                yield kind, fields[2], fields[6], before
            elif (at := record.rfind(_IN_PARENT)) >= 0:
                parent = record[at + len(_IN_PARENT) :].partition(b"'")[0]
                yield "part", fields[2], parent, before
        elif record.startswith(_ENTITY_KEY):
            if _AT_LOCATION in record:
                yield "file", record.split(b"'", 3)[2], b"", before
            elif _OF_MEMBER in record:
                fields = record.split(b"'", 7)
                yield "member", fields[6], fields[2], before
        before = record


def session_record(
    time: str,
    id: str,
    start: str,
    agent: str,
    *,
    name: str | None = None,
    module: str | None = None,
    class_name: str | None = None,
    system: dict[str, Any] | None = None,
    configuration: Any = None,
    definitions: Any = None,
    in_activity: str | None = None,
) -> str:
    """Return the record of a session's start as a line with its line end."""
    fields = {
        SESSION_ID: id,
        START_TIME: start,
        AGENT_NAME: agent,
        SESSION_NAME: name,
        MODULE: module,
        CLASS: class_name,
        SYSTEM: system,
        CONFIGURATION: configuration,
        DEFINITIONS: definitions,
        IN_ACTIVITY: in_activity,
    }
    known = {key: value for key, value in fields.items() if value is not None}
    return f"{MARKER}{time}{MARKER}{known!r}\n"


# The fields that describe an entity, each with a comma at its end.


@lru_cache(maxsize=1000)
def entity_fields(name: str | None, kind: str, content_type: str | None = None) -> str:
    """Return name, type and content type of an entity."""
    named = f"'{ENTITY}{NAME}': {name!r}, " if name else ""
    typed = f"'{ENTITY}{CONTENT_TYPE}': {content_type!r}, " if content_type else ""
    return f"{named}'{ENTITY}{TYPE}': {kind!r}, {typed}"


def location_field(location: Any) -> str:
    """Return the location of an entity, which is a literal."""
    return f"'{ENTITY}{LOCATION}': {location!r}, "


def file_fields(
    location: str,
    hash: str | None,
    hash_type: str | None,
    note: str | None,
    others: Iterable[tuple[str, str]] = (),
) -> str:
    """Return location, hash, further digests by method, and note of a file."""
    fields = location_field(location)
    if hash is not None:
        fields += f"'{ENTITY}{HASH}': {hash!r}, '{ENTITY}{HASH_TYPE}': {hash_type!r}, "
    for method, digest in others:
        fields += f"'{ENTITY}{method}': {digest!r}, "
    return fields + note_field(note)


def note_field(note: str | None) -> str:
    """Return the note about an entity, if there is one."""
    return "" if note is None else f"'{ENTITY}{NOTE}': {note!r}, "


def value_field(value: Any) -> str:
    """Return the value of an entity as a literal; a text is cut after 1,000 characters."""
    literal = to_literal(value)
    if type(literal) is str and len(literal) > _MAX_VALUE:
        literal = f"{literal[:_MAX_VALUE]}... ({len(value)} characters)"
    return f"'{ENTITY}{VALUE}': {literal!r}, "


WITHHELD_VALUE = value_field(WITHHELD)
"""The value of an entity that is a secret."""
