"""Functions that make events from the keys of a record.

The tables map keys to attributes; :func:`makers_for` analyses the keys of a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
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
    "ACTIVITY_ATTRIBUTES", "ENTITY_ATTRIBUTES", "IDS", "OWNER_IDS", "AbsentIdError", "Fields",
    "Make", "makers_for", "text_of",
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
Make = Callable[[Fields, Origin], Event]
Attributes = Callable[[Fields], Fields]


class AbsentIdError(Exception):
    """An id is present but ``None``."""


# Values


def _id(raw: Any) -> str:
    kind = type(raw)
    if kind is str:
        return raw  # type: ignore[no-any-return]
    if kind is int:
        return str(raw)
    if raw is None:
        raise AbsentIdError
    return id_text(raw)


def text_of(raw: Any) -> str | None:
    """Return an id or a tag as text, ``None`` if it is absent."""
    return raw if raw is None or type(raw) is str else id_text(raw)


def _attributes(keys: Iterable[tuple[str, str]], terms: dict[str, str]) -> list[Attributes]:
    """Return functions that pick attributes from fields, for ``(key, plain key)`` pairs.

    Two functions are needed if two keys mean one attribute (``location`` and ``filepath``).
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
    picks = [_pick(group) for group in groups]
    if renamed:
        picks.append(lambda fields: {"provlog:renamed": renamed})
    return picks


def _pick(keys: dict[str, str]) -> Attributes:
    names, values = list(keys), itemgetter(*keys.values())
    if len(names) == 1:
        name, key = next(iter(keys.items()))
        if name == "prov:location":
            return lambda fields: {name: _plain_path(fields[key])}
        return lambda fields: {name: fields[key]}
    if "prov:location" not in keys:
        return lambda fields: dict(zip(names, values(fields)))  # noqa: B905

    def pick(fields: Fields) -> Fields:
        attributes = dict(zip(names, values(fields)))  # noqa: B905
        attributes["prov:location"] = _plain_path(attributes["prov:location"])
        return attributes

    return pick


def _nothing(fields: Fields) -> Fields:
    return {}


def _plain_path(value: Any) -> Any:
    if type(value) is not str or value[-1:] != ")":
        return value
    match = _PATH.fullmatch(value)
    return match[2] if match is not None else value


# Shapes


def makers_for(shape: tuple[str, ...]) -> list[Make]:
    """Return the functions that make the events of a record; none without a known id."""
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


def _entity_facets(unclaimed: dict[str, None], shape: tuple[str, ...]) -> Iterator[Make]:
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
        attributes = [_nothing]
    for pick in attributes:
        yield _described(ENTITY_ID, pick)
    for event, key, others in relations:
        for pick in others:
            yield _described(key, pick)
        yield _related(event, key)


def _activity_facets(unclaimed: dict[str, None], shape: tuple[str, ...]) -> Iterator[Make]:
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
        for pick in rest or [_nothing]:
            yield _started(pick)
        rest = []
    if is_nested:
        yield _nested
    if has_parameters:
        yield _parameters
    for pick in _attributes(beside, ENTITY_ATTRIBUTES):
        yield _described(relations[0][1], pick, ACTIVITY_ID)
    for relation, key, role in relations:
        yield _in_role(relation, key, role)
    if ends:
        for pick in rest or [_nothing]:
            yield _ended(pick)


def _session_facets(unclaimed: dict[str, None], shape: tuple[str, ...]) -> Iterator[Make]:
    _claim(unclaimed, START_TIME)
    _claim(unclaimed, AGENT_NAME)
    for pick in _attributes(_claim_rest(unclaimed), ACTIVITY_ATTRIBUTES) or [_nothing]:
        yield _session(pick)


# In the order in which they claim keys: the plain keys of a record with several
# ids are the activity's.
_FACETS: dict[str, Callable[[dict[str, None], tuple[str, ...]], Iterator[Make]]] = {
    ENTITY_ID: _entity_facets,
    ACTIVITY_ID: _activity_facets,
    SESSION_ID: _session_facets,
}


# Makers


def _session(pick: Attributes) -> Make:
    def make(fields: Fields, origin: Origin) -> Event:
        session, agent = fields[SESSION_ID], text_of(fields.get(AGENT_NAME))
        return SessionStarted(origin, _id(session), fields.get(START_TIME), agent, pick(fields))

    return make


def _started(pick: Attributes) -> Make:
    def make(fields: Fields, origin: Origin) -> Event:
        activity, agent = _id(fields[ACTIVITY_ID]), text_of(fields.get(AGENT_NAME))
        return ActivityStarted(origin, activity, fields.get(START_TIME), agent, pick(fields))

    return make


def _ended(pick: Attributes) -> Make:
    def make(fields: Fields, origin: Origin) -> Event:
        return ActivityEnded(origin, _id(fields[ACTIVITY_ID]), fields[END_TIME], pick(fields))

    return make


def _parameters(fields: Fields, origin: Origin) -> Event:
    activity, parameters = _id(fields[ACTIVITY_ID]), fields[PARAMETERS]
    if isinstance(parameters, dict):
        return ParametersSet(origin, activity, parameters)
    return ActivityStarted(origin, activity, None, None, {"log:parameters": parameters})


def _nested(fields: Fields, origin: Origin) -> Event:
    return ActivityNested(origin, _id(fields[ACTIVITY_ID]), _id(fields[IN_ACTIVITY]))


def _in_role(event: type[EntityUsed | EntityGenerated], key: str, role_key: str) -> Make:
    def make(fields: Fields, origin: Origin) -> Event:
        activity, entity, role = fields[ACTIVITY_ID], fields[key], fields.get(role_key)
        # These records are the most frequent, and their ids are usually text.
        if type(activity) is not str:
            activity = _id(activity)
        if type(entity) is not str:
            entity = _id(entity)
        return event(origin, activity, entity, role if type(role) is str else text_of(role))

    return make


def _described(key: str, pick: Attributes, beside: str | None = None) -> Make:
    def make(fields: Fields, origin: Origin) -> Event:
        entity = _id(fields[key])
        if beside is None:
            return EntityDescribed(origin, entity, pick(fields))
        return EntityDescribed(origin, entity, pick(fields), _id(fields[beside]))

    return make


def _related(event: type[MemberAdded | EntityDerived], key: str) -> Make:
    def make(fields: Fields, origin: Origin) -> Event:
        return event(origin, _id(fields[ENTITY_ID]), _id(fields[key]))

    return make
