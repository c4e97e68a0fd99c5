"""From events to the graph.

The builder takes events in the order of the log and is patient: an event about
an activity that has not started yet waits for its start, and where two sessions
write into one log at the same time, the description of an entity waits for the
use, generation or membership that tells whose entity it is. What still waits at
the end of the log is taken for what it says.

Names are given last, in :meth:`Builder.finish`: only then is it known which
session a log belongs to and which ids are hashes that mean the same everywhere.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from msgspec import Struct, field

from provlog.diagnostics import Diagnostic
from provlog.events import (
    ActivityEnded,
    ActivityEvent,
    ActivityStarted,
    EntityDerived,
    EntityDescribed,
    EntityEvent,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    MemberAdded,
    Origin,
    ParametersSet,
    SessionStarted,
)
from provlog.identifiers import attribute_name, is_global, qualified_name
from provlog.model import Activity, Agent, Element, Entity, ProvGraph, Relation
from provlog.namespaces import own_namespace
from provlog.values import Literal, Value, date_time, literal, qname, safe_text

__all__ = ["Builder", "build"]

IDENTIFIER = "dcterms:identifier"
COLLECTION = qname("prov:Collection")
SESSION = qname("provlog:Session")
PART_OF = "provone:wasPartOf"

# Up to here a list is searched as fast as a set.
_SHORT_LIST = 8


def build(events: Iterable[Event], namespaces: Mapping[str, str] | None = None) -> ProvGraph:
    """Return the graph that a stream of events describes.

    Parameters
    ----------
    events : iterable of Event
        The events of one log after the other.
    namespaces : mapping, optional
        IRIs by prefix, for the prefix ``log`` or for prefixes of the logs' ids.
    """
    builder = Builder(namespaces)
    builder.add_all(events)
    return builder.finish()


class _Scope(Struct, eq=False):
    """Within what ids are unique: a session, or a log that names none."""

    name: str
    session: Activity | None = None
    entities: dict[str, Entity] = field(default_factory=dict)


class _Log(Struct, eq=False):
    """What is known of the log that is being read."""

    scope: _Scope
    # Those of the sessions that it named, and those that were current already.
    scopes: set[_Scope] = field(default_factory=set)
    entered: set[_Scope] = field(default_factory=set)
    # Two sessions take turns: an entity's session no longer follows from its place.
    interleaved: bool = False
    tags: dict[str, _Scope] = field(default_factory=dict)
    activities: dict[str, Activity] = field(default_factory=dict)
    waiting: dict[str, list[tuple[ActivityEvent | EntityDescribed, _Scope]]] = field(
        default_factory=dict
    )
    pending: dict[str, list[tuple[EntityEvent, _Scope]]] = field(default_factory=dict)
    mentioned: dict[str, _Scope] = field(default_factory=dict)


class Builder:
    """Assembles a :class:`~provlog.model.ProvGraph` from events.

    Parameters
    ----------
    namespaces : mapping, optional
        IRIs by prefix, for the prefix ``log`` or for prefixes of the logs' ids.
    """

    def __init__(self, namespaces: Mapping[str, str] | None = None) -> None:
        self.graph = ProvGraph()
        self.graph.namespaces.update(namespaces or {})
        self._handlers: dict[type[Event], Callable[[Any], None]] = {
            LogStarted: self._log_started,
            SessionStarted: self._session_started,
            ActivityStarted: self._activity_started,
            ActivityEnded: self._activity_ended,
            ParametersSet: self._parameters_set,
            EntityUsed: self._entity_used,
            EntityGenerated: self._entity_generated,
            EntityDescribed: self._entity_described,
            MemberAdded: self._member_added,
            EntityDerived: self._entity_derived,
        }
        self._log = _Log(_Scope(""))
        # Elements in the order of the log, with all that their name needs.
        self._entities: list[tuple[Entity, str, _Scope]] = []
        self._activities: list[tuple[Activity, str, _Scope]] = []
        self._scope_of: dict[Activity, _Scope] = {}
        self._sessions: dict[str, _Scope] = {}
        self._agents: dict[str, Agent] = {}
        self._global_entities: dict[str, Entity] = {}
        self._global_activities: dict[str, Activity] = {}
        self._activity_in: dict[tuple[_Scope, str], Activity] = {}
        self._hash_ids: set[str] = set()
        self._seen: dict[tuple[Element, str], set[Value]] = {}
        self._restarted: dict[Activity, tuple[Origin, int]] = {}
        relations = self.graph.relations
        self._used = relations["used"]
        self._generated = relations["wasGeneratedBy"]
        self._derived = relations["wasDerivedFrom"]
        self._associated = relations["wasAssociatedWith"]
        self._members = relations["hadMember"]

    def add(self, event: Event) -> None:
        """Take in the next event of the log."""
        self._handlers[type(event)](event)

    def add_all(self, events: Iterable[Event]) -> int:
        """Take in the next events of the log; return how many there were."""
        handlers = self._handlers
        count = 0
        for event in events:
            handlers[type(event)](event)
            count += 1
        return count

    def finish(self) -> ProvGraph:
        """Name all elements and return the graph; the builder is then used up."""
        self._end_log()
        self._name_sessions()
        self._name_activities()
        self._name_entities()
        for raw, agent in self._agents.items():
            agent.id = self._named("agent", raw, None)
            self.graph.agents[agent.id] = agent
        for session, (origin, times) in self._restarted.items():
            self._report(
                "PL303",
                origin,
                f"session {session.values(IDENTIFIER)[0]!r} is described with {times + 1} starts: "
                "the earliest is its start, the others are kept as log:startTime",
            )
        return self.graph

    # Logs and sessions

    def _log_started(self, event: LogStarted) -> None:
        self._end_log()
        self._log = _Log(_Scope(event.digest))

    def _end_log(self) -> None:
        log = self._log
        for raw, waiting in list(log.waiting.items()):
            if raw in log.waiting:
                self._new_activity(raw, waiting[0][1])
        for raw, pending in log.pending.items():
            for event, scope in pending:
                self._state(event, log.mentioned.get(raw, scope))
        log.pending = {}

    def _session_scope(self, raw: str) -> _Scope:
        scope = self._sessions.get(raw)
        log = self._log
        if scope is None:
            session = Activity("", {"prov:type": SESSION, IDENTIFIER: safe_text(raw)})
            # What a log says before it names its first session belongs to that session.
            scope = log.scope if not log.scopes else _Scope(raw)
            scope.name, scope.session = raw, session
            log.scopes.add(scope)
            self._sessions[raw] = scope
        elif not log.scopes and log.scope is not scope:
            log.scope.name, log.scope.session = scope.name, scope.session
        return scope

    def _explicit_scope(self, origin: Origin) -> _Scope | None:
        """The scope that the record itself names, which becomes the log's current one."""
        if origin.session is not None:
            scope: _Scope | None = self._session_scope(origin.session)
        elif origin.tag is not None:
            tags = self._log.tags
            scope = tags.get(origin.tag) or tags.get(origin.tag.rpartition(":")[2])
        else:
            return None
        if scope is not None and scope is not self._log.scope:
            self._enter(scope)
        return scope

    def _enter(self, scope: _Scope) -> None:
        log = self._log
        if scope in log.entered:
            log.interleaved = True
        log.entered.update((log.scope, scope))
        log.scope = scope

    def _session_started(self, event: SessionStarted) -> None:
        log = self._log
        scope = self._session_scope(event.session)
        if scope is not log.scope:
            self._enter(scope)
        session = scope.session
        assert session is not None
        for name in session_names(event):
            log.tags[name] = scope
        self._merge(session, self._news(session, event.attributes), event.origin)
        self._set_session_start(session, event)
        if event.agent is not None:
            self._associate(session, event.agent)

    def _news(self, session: Activity, attributes: dict[str, Any]) -> dict[str, Any]:
        """What a description of a session says that its first one did not.

        A pipeline may describe a session thousands of times, each time with all
        of its system and a new clock time; of a mapping only what differs counts.
        """
        held = session.attributes
        news = {}
        for name, value in attributes.items():
            known = held.get(name)
            if isinstance(value, dict) and known is not None:
                first = _mapping(known[0] if isinstance(known, list) else known)
                value = {
                    key: item for key, item in value.items() if key not in first or first[key] != item
                }
                if not value:
                    continue
            news[name] = value
        return news

    def _set_session_start(self, session: Activity, event: SessionStarted) -> None:
        if event.start is None:
            return
        start = self._time(session, "log:startTime", event.start, event.origin)
        if start is None or start == session.start:
            return
        if session.start is None:
            session.start = start
            return
        origin, times = self._restarted.get(session, (event.origin, 0))
        self._restarted[session] = (origin, times + 1)
        earlier, later = sorted((start, session.start))
        session.start = earlier
        self._add_value(session, "log:startTime", Literal(later, "xsd:dateTime"), event.origin)

    # Activities

    def _activity_started(self, event: ActivityStarted) -> None:
        log = self._log
        raw = event.activity
        scope = self._explicit_scope(event.origin) or log.scope
        start = None if event.start is None else date_time(event.start)
        activity = self._known_activity(raw, scope)
        if activity is None:
            activity = self._new_activity(raw, scope)
        elif start is not None and activity.start not in (None, start):
            self._report(
                "PL301",
                event.origin,
                f"activity id {raw!r} is used again at {start}, first at {activity.start}: "
                "taken for another activity",
            )
            activity = self._new_activity(raw, scope)
        if start is not None:
            activity.start = start
        elif event.start is not None:
            self._time(activity, "log:startTime", event.start, event.origin)
        if event.origin.tag is not None:
            log.tags[event.origin.tag] = scope
        self._merge(activity, event.attributes, event.origin)
        if event.agent is not None:
            self._associate(activity, event.agent)

    def _known_activity(self, raw: str, scope: _Scope | None) -> Activity | None:
        """The latest activity with this id, in this scope if one is given."""
        latest = self._log.activities.get(raw)
        if latest is None:
            return self._global_activities.get(raw)
        if scope is None or self._scope_of[latest] is scope:
            return latest
        return self._activity_in.get((scope, raw))

    def _new_activity(self, raw: str, scope: _Scope) -> Activity:
        activity = Activity("", {IDENTIFIER: safe_text(raw)})
        self._activities.append((activity, raw, scope))
        self._scope_of[activity] = scope
        self._log.activities[raw] = activity
        self._activity_in[scope, raw] = activity
        if is_global(raw):
            self._global_activities[raw] = activity
        for event, _ in self._log.waiting.pop(raw, ()):
            self.add(event)
        return activity

    def _activity_of(self, event: ActivityEvent) -> Activity | None:
        """The activity that an event speaks of; ``None`` if the event has to wait for it."""
        origin, log = event.origin, self._log
        if origin.session is None and origin.tag is None:
            # Nearly always: the latest one with that id, in the session that is current.
            latest = log.activities.get(event.activity)
            if latest is not None and self._scope_of[latest] is log.scope:
                return latest
        scope = self._explicit_scope(event.origin)
        activity = self._known_activity(event.activity, scope)
        if activity is None:
            self._log.waiting.setdefault(event.activity, []).append(
                (event, scope or self._log.scope)
            )
        elif scope is None and (scope := self._scope_of[activity]) is not self._log.scope:
            self._enter(scope)
        return activity

    def _activity_ended(self, event: ActivityEnded) -> None:
        activity = self._activity_of(event)
        if activity is None:
            return
        end = self._time(activity, "log:endTime", event.end, event.origin)
        if activity.end is None:
            activity.end = end
        elif end is not None and end != activity.end:
            self._report(
                "PL302",
                event.origin,
                f"activity {event.activity!r} ended at {activity.end} already: "
                f"{end} is kept as log:endTime",
            )
            self._add_value(activity, "log:endTime", Literal(end, "xsd:dateTime"), event.origin)
        if event.attributes:
            self._merge(activity, event.attributes, event.origin)

    def _parameters_set(self, event: ParametersSet) -> None:
        activity = self._activity_of(event)
        if activity is None:
            return
        attributes = {}
        renamed = {}
        for raw, value in event.parameters.items():
            name = attribute_name("param", raw)
            attributes[name] = value
            if name != f"param:{raw}":
                renamed[name] = raw
        self._merge(activity, attributes, event.origin)
        for name, raw in renamed.items():
            self._add_value(activity, "provlog:renamed", literal({name: raw}), event.origin)

    def _associate(self, activity: Activity, name: str) -> None:
        agent = self._agents.get(name)
        if agent is None:
            text = safe_text(name)
            agent = self._agents[name] = Agent("", {"prov:label": text, IDENTIFIER: text})
        self._associated[Relation(activity, agent)] = None

    # Entities

    def _entity(self, raw: str, scope: _Scope) -> Entity:
        entity = scope.entities.get(raw)
        if entity is None:
            everywhere = is_global(raw)
            known = self._global_entities.get(raw) if everywhere else None
            if known is None:
                known = Entity("", {IDENTIFIER: safe_text(raw)})
                self._entities.append((known, raw, scope))
                if everywhere:
                    self._global_entities[raw] = known
            entity = scope.entities[raw] = known
        return entity

    def _entity_used(self, event: EntityUsed) -> None:
        activity = self._activity_of(event)
        if activity is not None:
            role = event.role
            if role is not None and not role.isprintable():
                role = safe_text(role)
            entity = self._mention(event.entity, self._scope_of[activity])
            self._used[Relation(activity, entity, role)] = None

    def _entity_generated(self, event: EntityGenerated) -> None:
        activity = self._activity_of(event)
        if activity is not None:
            role = event.role
            if role is not None and not role.isprintable():
                role = safe_text(role)
            entity = self._mention(event.entity, self._scope_of[activity])
            self._generated[Relation(entity, activity, role)] = None

    def _entity_described(self, event: EntityDescribed) -> None:
        if event.activity is not None and self._explicit_scope(event.origin) is None:
            activity = self._known_activity(event.activity, None)
            if activity is None:
                self._log.waiting.setdefault(event.activity, []).append((event, self._log.scope))
            else:
                self._describe(event, self._scope_of[activity])
            return
        scope = self._entity_scope(event)
        if scope is not None:
            self._describe(event, scope)

    def _member_added(self, event: MemberAdded) -> None:
        scope = self._entity_scope(event, event.member)
        if scope is not None:
            self._add_member(event, scope)

    def _entity_derived(self, event: EntityDerived) -> None:
        scope = self._entity_scope(event, event.progenitor)
        if scope is not None:
            self._derive(event, scope)

    def _entity_scope(self, event: EntityEvent, other: str | None = None) -> _Scope | None:
        """The scope of an event that names no activity; ``None`` if it has to wait."""
        explicit = self._explicit_scope(event.origin)
        log = self._log
        if explicit is not None or not log.interleaved or is_global(event.entity):
            return explicit or log.scope
        known = None
        if other is not None:
            known = log.mentioned.get(event.entity) or log.mentioned.get(other)
        if known is None:
            log.pending.setdefault(event.entity, []).append((event, log.scope))
        return known

    def _mention(self, raw: str, scope: _Scope) -> Entity:
        """The entity of that scope, after all that waited to hear whose it is."""
        log = self._log
        if log.interleaved:
            log.mentioned[raw] = scope
            if raw in log.pending:
                self._settle(raw, scope)
        return self._entity(raw, scope)

    def _settle(self, raw: str, scope: _Scope) -> None:
        # One event of each kind: the other session's are still to be claimed.
        pending = self._log.pending.pop(raw)
        kinds = set()
        rest = []
        for event, hint in pending:
            if type(event) in kinds:
                rest.append((event, hint))
            else:
                kinds.add(type(event))
                self._state(event, scope)
        if rest:
            self._log.pending[raw] = rest

    def _state(self, event: EntityEvent, scope: _Scope) -> None:
        if isinstance(event, EntityDescribed):
            self._describe(event, scope)
        elif isinstance(event, MemberAdded):
            self._add_member(event, scope)
        elif isinstance(event, EntityDerived):
            self._derive(event, scope)

    def _describe(self, event: EntityDescribed, scope: _Scope) -> None:
        if event.attributes.get("log:hash") == event.entity:
            self._hash_ids.add(event.entity)
        self._merge(self._entity(event.entity, scope), event.attributes, event.origin)

    def _add_member(self, event: MemberAdded, scope: _Scope) -> None:
        collection = self._mention(event.entity, scope)
        self._add_value(collection, "prov:type", COLLECTION, event.origin)
        member = self._mention(event.member, scope)
        self._members[Relation(collection, member)] = None

    def _derive(self, event: EntityDerived, scope: _Scope) -> None:
        entity = self._mention(event.entity, scope)
        self._derived[Relation(entity, self._mention(event.progenitor, scope))] = None

    # Attributes

    def _merge(self, element: Element, attributes: dict[str, Any], origin: Origin) -> None:
        held = element.attributes
        for name, raw in attributes.items():
            value = raw if type(raw) is str and raw.isprintable() else literal(raw)
            known = held.get(name)
            if known is None:
                held[name] = value
            elif known != value:
                self._add_value(element, name, value, origin)

    def _add_value(self, element: Element, name: str, value: Value, origin: Origin) -> None:
        """Add a value to an attribute, unless it has it already."""
        held = element.attributes
        known = held.get(name)
        if known is None:
            held[name] = value
        elif isinstance(known, list):
            self._append_new(element, name, known, value)
        elif known != value:
            if name == "prov:value":
                # PROV-DM, section 5.7.2.5: at most one.
                self._report(
                    "PL304",
                    origin,
                    f"entity {element.values(IDENTIFIER)[0]!r} has another value already: "
                    "this one is kept as log:value",
                )
                self._add_value(element, "log:value", value, origin)
            else:
                held[name] = [known, value]

    def _append_new(self, element: Element, name: str, known: list[Value], value: Value) -> None:
        if len(known) < _SHORT_LIST:
            if value not in known:
                known.append(value)
            return
        seen = self._seen.get((element, name))
        if seen is None:
            seen = self._seen[element, name] = set(known)
        if value not in seen:
            seen.add(value)
            known.append(value)

    def _time(self, element: Element, fallback: str, raw: Any, origin: Origin) -> str | None:
        time = date_time(raw)
        if time is None:
            text = literal(raw)
            self._report("PL202", origin, f"{raw!r} is no date and time: kept as {fallback}")
            self._add_value(element, fallback, text, origin)
        return time

    def _report(self, code: str, origin: Origin, message: str) -> None:
        self.graph.diagnostics.append(Diagnostic(code, origin, message))

    # Names

    def _named(self, kind: str, raw: str, scope: str | None) -> str:
        name = qualified_name(kind, raw, scope)
        prefix = name[: name.index(":")]
        if prefix not in self.graph.namespaces:
            self.graph.namespaces[prefix] = own_namespace(prefix)
        return name

    def _name_sessions(self) -> None:
        for raw, scope in self._sessions.items():
            session = scope.session
            assert session is not None
            session.id = self._named("session", raw, None)
            self.graph.sessions[raw] = session
            self.graph.activities[session.id] = session

    def _name_activities(self) -> None:
        influences = self.graph.relations["wasInfluencedBy"]
        names: Counter[str] = Counter()
        for activity, raw, scope in self._activities:
            name = self._named("activity", raw, None if raw in self._global_activities else scope.name)
            names[name] += 1
            activity.id = name if names[name] == 1 else f"{name}.{names[name]}"
            activity.session = scope.session
            self.graph.activities[activity.id] = activity
            if scope.session is not None:
                influences[Relation(activity, scope.session, None, PART_OF)] = None

    def _name_entities(self) -> None:
        same: dict[Element, Entity] = {}
        entities = self.graph.entities
        for entity, raw, scope in self._entities:
            everywhere = raw in self._global_entities or raw in self._hash_ids
            entity.id = self._named("entity", raw, None if everywhere else scope.name)
            entity.session = scope.session
            first = entities.setdefault(entity.id, entity)
            if first is not entity:
                same[entity] = first
                self._unite(first, entity)
        if same:
            self._replace(same)

    def _unite(self, first: Entity, second: Entity) -> None:
        origin = Origin("", 0, 0)
        for name, held in second.attributes.items():
            for value in held if isinstance(held, list) else [held]:
                self._add_value(first, name, value, origin)

    def _replace(self, same: dict[Element, Entity]) -> None:
        for relations in self.graph.relations.values():
            replaced = {
                Relation(
                    same.get(relation.source, relation.source),
                    same.get(relation.target, relation.target),
                    relation.role,
                    relation.type,
                ): None
                for relation in relations
            }
            relations.clear()
            relations.update(replaced)


@lru_cache(maxsize=16)
def _mapping(value: Value) -> dict[str, Any]:
    """The mapping that a value is the JSON text of, empty if it is none."""
    try:
        found = msgspec.json.decode(value) if isinstance(value, str) else None
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def session_names(event: SessionStarted) -> Iterable[str]:
    """Return by what a ``session_tag`` may name the session: its tag, its name."""
    return [
        name
        for name in (event.origin.tag, event.attributes.get("prov:label"))
        if isinstance(name, str)
    ]

