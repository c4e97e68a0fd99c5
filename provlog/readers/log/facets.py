"""Functions that make events from the keys of a record.

The tables map keys to attributes; :func:`makers_for` analyses the keys of a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from provlog.model.events import (
    ActivityEnded,
    ActivityNested,
    ActivityStarted,
    EntityDerived,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    Event,
    MemberAdded,
    ParametersSet,
    SessionStarted,
)
from provlog.model.identifiers import attribute_name, id_text
from provlog.model.record_keys import (
    ACTIVITY_ID,
    ACTIVITY_NAME,
    AGENT_NAME,
    CONTENT_TYPE,
    DESCRIPTION,
    END_TIME,
    ENTITY,
    ENTITY_ID,
    FILEPATH,
    GENERATED_ID,
    GENERATED_ROLE,
    IN_ACTIVITY,
    IN_SESSION,
    LOCATION,
    MEMBER,
    MEMBER_ID,
    NAME,
    PARAMETERS,
    PROGENITOR,
    PROGENITOR_ID,
    SCRIPT,
    SESSION_ID,
    SESSION_NAME,
    SESSION_TAG,
    START_TIME,
    TYPE,
    USED_ID,
    USED_ROLE,
    VALUE,
)
from provlog.origin import Origin
from provlog.patterns import regex

__all__ = [
    "ACTIVITY_ATTRIBUTES", "ENTITY_ATTRIBUTES", "IDS", "OWNER_IDS", "AbsentIdError",
    "AttributesPart", "Fields", "IdPart", "Maker", "RawPart", "TextPart", "makers_for",
    "plain_path", "text_of",
]  # fmt: skip

ENTITY_ATTRIBUTES: dict[str, str] = {
    NAME: "prov:label",
    ENTITY + NAME: "prov:label",
    ENTITY + DESCRIPTION: "prov:label",
    TYPE: "prov:type",
    LOCATION: "prov:location",
    FILEPATH: "prov:location",
    VALUE: "prov:value",
    CONTENT_TYPE: "dcterms:format",
}
"""Keys of an entity with a term of their own. Other keys become ``log:<key>``."""

ACTIVITY_ATTRIBUTES: dict[str, str] = {
    NAME: "prov:label",
    ACTIVITY_NAME: "prov:label",
    SESSION_NAME: "prov:label",
    TYPE: "prov:type",
    LOCATION: "prov:location",
    FILEPATH: "prov:location",
}
"""The same for activities and sessions, which have no ``prov:value``."""

# The ids of the session, activity or entity of a record, and of those related to it.
OWNER_IDS = frozenset({SESSION_ID, ACTIVITY_ID, ENTITY_ID})
IDS = OWNER_IDS | {USED_ID, GENERATED_ID, MEMBER_ID, PROGENITOR_ID, IN_ACTIVITY}
_START_KEYS = frozenset({ACTIVITY_NAME, NAME, START_TIME, AGENT_NAME, SCRIPT})
_PATH = regex(r"(?:Pure)?(?:Posix|Windows)?Path\((['\"])(.*)\1\)", re.DOTALL)


Fields = dict[str, Any]


class AbsentIdError(Exception):
    """An id is present but ``None``."""


def text_of(raw: Any) -> str | None:
    """Return an id or a tag as text, ``None`` if it is absent."""
    return raw if raw is None or type(raw) is str else id_text(raw)


# Parts of events: each reads the value of one field of an event. The compiled reader knows
# these classes, and reads the usual values itself.


class IdPart:
    """An id, which must be there."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, fields: Fields) -> str:
        """Return the id as text."""
        raw = fields[self.key]
        kind = type(raw)
        if kind is str:
            return raw  # type: ignore[no-any-return]
        if kind is int:
            return str(raw)
        if raw is None:
            raise AbsentIdError
        return id_text(raw)


class RawPart:
    """A value as in the log, ``None`` if it is absent."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, fields: Fields) -> Any:
        """Return the value."""
        return fields.get(self.key)


class TextPart:
    """A text, ``None`` if it is absent."""

    __slots__ = ("key",)

    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, fields: Fields) -> str | None:
        """Return the text."""
        raw = fields.get(self.key)
        return raw if type(raw) is str else text_of(raw)


class AttributesPart:
    """Attributes: values of keys by name."""

    __slots__ = ("constant", "keys")

    def __init__(self, keys: dict[str, str], constant: Fields | None = None) -> None:
        self.keys = keys
        self.constant = constant

    def __call__(self, fields: Fields) -> Fields:
        """Return the attributes."""
        if self.constant is not None:
            return dict(self.constant)
        attributes = {name: fields[key] for name, key in self.keys.items()}
        if "prov:location" in attributes:
            attributes["prov:location"] = plain_path(attributes["prov:location"])
        return attributes


Part = IdPart | RawPart | TextPart | AttributesPart
_NOTHING = AttributesPart({})


def _attributes(keys: Iterable[tuple[str, str]], terms: dict[str, str]) -> list[AttributesPart]:
    """Return parts that pick attributes from fields, for ``(key, plain key)`` pairs.

    Two parts are needed if two keys mean one attribute (``location`` and ``filepath``).
    """
    groups: list[dict[str, str]] = []
    renamed: dict[str, str] = {}
    for key, plain in keys:
        name = terms.get(plain) or attribute_name("log", plain)
        if plain not in terms and name != f"log:{plain}":
            renamed[name] = plain
        group = next((group for group in groups if name not in group), None)
        if group is None:
            group = {}
            groups.append(group)
        group[name] = key
    picks = [AttributesPart(group) for group in groups]
    if renamed:
        picks.append(AttributesPart({}, {"provlog:renamed": renamed}))
    return picks


def plain_path(value: Any) -> Any:
    """Return the path of a text such as ``PosixPath('/x')``; any other value unchanged."""
    if type(value) is not str or value[-1:] != ")":
        return value
    match = _PATH.fullmatch(value)
    return match[2] if match is not None else value


class Maker:
    """Maker of one event from the fields of a record: the class of the event, and its parts."""

    __slots__ = ("event", "parts")

    def __init__(self, event: type[Event], *parts: Part) -> None:
        self.event: Any = event
        self.parts = parts

    def __call__(self, fields: Fields, origin: Origin) -> Event:
        """Return the event."""
        made: Event = self.event(origin, *[part(fields) for part in self.parts])
        return made


class ParametersMaker(Maker):
    """Maker of the event for parameters, which may be anything but a mapping."""

    __slots__ = ()

    def __call__(self, fields: Fields, origin: Origin) -> Event:
        """Return the event."""
        if isinstance(fields[PARAMETERS], dict):
            return super().__call__(fields, origin)
        activity = IdPart(ACTIVITY_ID)(fields)
        return ActivityStarted(origin, activity, None, None, {"log:parameters": fields[PARAMETERS]})


# Shapes


def makers_for(shape: tuple[str, ...]) -> list[Maker]:
    """Return the functions that make the events of a record; none without a known id."""
    # The logs of a batch have the same few shapes; others may be long.
    return _usual_makers(shape) if sum(map(len, shape)) <= _LONGEST_SHAPE else _makers(shape)


def _makers(shape: tuple[str, ...]) -> list[Maker]:
    unclaimed = dict.fromkeys(shape)
    unclaimed.pop(IN_SESSION, None)
    owners = [owner for owner in _FACETS if _claim(unclaimed, owner)]
    # A tag is an attribute of a session or the start of an activity. Elsewhere it only names
    # the session.
    starts = ACTIVITY_ID in owners and not _START_KEYS.isdisjoint(unclaimed)
    if SESSION_ID not in owners and not starts:
        _claim(unclaimed, SESSION_TAG)
    facets = [list(_FACETS[owner](unclaimed, shape)) for owner in owners]
    # A session starts before its activities, and an activity before its entities.
    return [make for makers in reversed(facets) for make in makers]


_LONGEST_SHAPE = 500
_usual_makers = lru_cache(maxsize=500)(_makers)


def _claim(unclaimed: dict[str, None], *keys: str) -> bool:
    """Remove keys from the unclaimed ones; return whether the first one was among them."""
    if keys[0] not in unclaimed:
        return False
    for key in keys:
        unclaimed.pop(key, None)
    return True


def _claim_prefixed(unclaimed: dict[str, None], prefix: str) -> list[tuple[str, str]]:
    """Claim keys such as ``member_type``, and return them with their plain names."""
    found = [
        (key, key if key in ENTITY_ATTRIBUTES else key.removeprefix(prefix))
        for key in unclaimed
        if key.startswith(prefix)
    ]
    for key, _ in found:
        del unclaimed[key]
    return found


def _claim_rest(unclaimed: dict[str, None]) -> list[tuple[str, str]]:
    found = [(key, key) for key in unclaimed]
    unclaimed.clear()
    return found


def _entity_facets(unclaimed: dict[str, None], shape: tuple[str, ...]) -> Iterator[Maker]:
    relations = [
        (event, key, _attributes(_claim_prefixed(unclaimed, prefix), ENTITY_ATTRIBUTES))
        for key, prefix, event in (
            (MEMBER_ID, MEMBER, MemberAdded),
            (PROGENITOR_ID, PROGENITOR, EntityDerived),
        )
        if _claim(unclaimed, key)
    ]
    own = _claim_prefixed(unclaimed, ENTITY)
    if ACTIVITY_ID not in shape:
        own += _claim_rest(unclaimed)
    attributes = _attributes(own, ENTITY_ATTRIBUTES)
    if not attributes and not relations:
        attributes = [_NOTHING]
    for pick in attributes:
        yield _described(ENTITY_ID, pick)
    for event, key, others in relations:
        for pick in others:
            yield _described(key, pick)
        yield Maker(event, IdPart(ENTITY_ID), IdPart(key))


def _activity_facets(unclaimed: dict[str, None], shape: tuple[str, ...]) -> Iterator[Maker]:
    starts = not _START_KEYS.isdisjoint(unclaimed)
    ends = _claim(unclaimed, END_TIME)
    has_parameters = _claim(unclaimed, PARAMETERS)
    is_nested = _claim(unclaimed, IN_ACTIVITY)
    relations = [
        (event, key, role)
        for key, role, event in (
            (USED_ID, USED_ROLE, EntityUsed),
            (GENERATED_ID, GENERATED_ROLE, EntityGenerated),
        )
        if _claim(unclaimed, key, role)
    ]
    beside = _claim_prefixed(unclaimed, ENTITY) if relations else []
    _claim(unclaimed, START_TIME)
    _claim(unclaimed, AGENT_NAME)
    rest = _attributes(_claim_rest(unclaimed), ACTIVITY_ATTRIBUTES)
    says_more = ends or has_parameters or is_nested or relations
    if starts or (rest and not ends) or not says_more:
        for pick in rest or [_NOTHING]:
            yield _started(pick)
        rest = []
    if is_nested:
        yield Maker(ActivityNested, IdPart(ACTIVITY_ID), IdPart(IN_ACTIVITY))
    if has_parameters:
        yield ParametersMaker(ParametersSet, IdPart(ACTIVITY_ID), RawPart(PARAMETERS))
    for pick in _attributes(beside, ENTITY_ATTRIBUTES):
        yield _described(relations[0][1], pick, IdPart(ACTIVITY_ID))
    for relation, key, role in relations:
        yield Maker(relation, IdPart(ACTIVITY_ID), IdPart(key), TextPart(role))
    if ends:
        for pick in rest or [_NOTHING]:
            yield Maker(ActivityEnded, IdPart(ACTIVITY_ID), RawPart(END_TIME), pick)


def _session_facets(unclaimed: dict[str, None], shape: tuple[str, ...]) -> Iterator[Maker]:
    _claim(unclaimed, START_TIME)
    _claim(unclaimed, AGENT_NAME)
    for pick in _attributes(_claim_rest(unclaimed), ACTIVITY_ATTRIBUTES) or [_NOTHING]:
        yield _session(pick)


# In the order in which they claim keys: the plain keys of a record with several
# ids are the activity's.
_FACETS: dict[str, Callable[[dict[str, None], tuple[str, ...]], Iterator[Maker]]] = {
    ENTITY_ID: _entity_facets,
    ACTIVITY_ID: _activity_facets,
    SESSION_ID: _session_facets,
}


# Makers


def _session(pick: Part) -> Maker:
    return Maker(
        SessionStarted, IdPart(SESSION_ID), RawPart(START_TIME), TextPart(AGENT_NAME), pick
    )


def _started(pick: Part) -> Maker:
    return Maker(
        ActivityStarted, IdPart(ACTIVITY_ID), RawPart(START_TIME), TextPart(AGENT_NAME), pick
    )


def _described(key: str, pick: Part, *beside: Part) -> Maker:
    return Maker(EntityDescribed, IdPart(key), pick, *beside)
