"""Build the provenance graph from events, in the order of the log.

An event about an activity that has not started yet waits for its start. So does an activity
that is part of an activity that has not started yet, because an activity of another session
may have the same id. At the end of the log, the builder adds the events that still wait.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

from provlog.building.attributes import Merger
from provlog.building.entities import IDENTIFIER, Entities
from provlog.building.makers import Makers
from provlog.building.naming import PART_OF, Namer
from provlog.building.positions import Positions
from provlog.building.scopes import Scope, Scopes
from provlog.building.times import Times
from provlog.compiled import compiled
from provlog.model.events import (
    ActivityEnded,
    ActivityEvent,
    ActivityNested,
    ActivityStarted,
    EntityDerived,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    MakerNamed,
    MemberAdded,
    ParametersSet,
    SessionStarted,
)
from provlog.model.graph import Activity, Agent, ProvGraph, Relation
from provlog.model.identifiers import attribute_name, id_text, is_global
from provlog.model.namespaces import with_declared
from provlog.model.relations import drop_implied
from provlog.model.values import date_time, literal, safe_text
from provlog.origin import Origin

__all__ = ["DEFINITIONS", "Builder", "build", "parameter_names"]

DEFINITIONS = "log:definitions"

# An activity, its id in the log, and its scope.
_Placed = tuple[Activity, str, Scope]


def build(events: Iterable[Event], namespaces: Mapping[str, str] | None = None) -> ProvGraph:
    """Return the graph of a stream of events.

    Parameters
    ----------
    events : iterable of Event
        The events of one or several logs, log by log.
    namespaces : mapping, optional
        IRIs by prefix, for the prefix ``log`` or for prefixes of the logs' ids.
    """
    builder = Builder(namespaces)
    builder.add_all(events)
    return builder.finish()


class Builder:
    """Builder of a :class:`~provlog.model.graph.ProvGraph` from events.

    Parameters
    ----------
    namespaces : mapping, optional
        IRIs by prefix, for the prefix ``log`` or for prefixes of the logs' ids.
    positions : Positions, optional
        Records the position of each statement.
    """

    def __init__(
        self, namespaces: Mapping[str, str] | None = None, positions: Positions | None = None
    ) -> None:
        self.graph = ProvGraph(namespaces=with_declared(namespaces or {}))
        self._positions = positions
        self._merger = Merger(self.graph.diagnostics.append)
        self._times = Times(self._merger, self.graph.diagnostics.append)
        self._scopes = Scopes()
        self._entities = Entities(self.graph, self._scopes, self._merger, positions)
        # In the order of the logs. Their qualified names are set last.
        self._activities: list[_Placed] = []
        self._agents: dict[str, Agent] = {}
        self._makers = Makers()
        # Activities whose ids are the same in all logs.
        self._global_activities: dict[str, _Placed] = {}
        # The latest activity with an id in each scope: a session can continue in another log.
        self._placed: dict[tuple[object, str], _Placed] = {}
        # For each session, the session whose record holds its definitions, and that record.
        self.defined: dict[Activity, tuple[Activity, Origin]] = {}
        self._forget_log()

    def _forget_log(self) -> None:
        # The last session that this log described with definitions, and its record.
        self._defining: tuple[Activity, Origin] | None = None
        # The latest activity with an id in this log.
        self._latest: dict[str, _Placed] = {}
        # Events that wait for an activity to start.
        self._waiting: dict[str, list[tuple[ActivityEvent | EntityDescribed, Scope]]] = {}
        self._nested: list[tuple[ActivityNested, _Placed]] = []

    def add(self, event: Event) -> None:
        """Add the next event."""
        _HANDLERS[type(event)](self, event)

    def add_all(self, events: Iterable[Event]) -> bool:
        """Add the next events; return false if the stream was empty."""
        if self._positions is None and (fast := _compiled()) is not None:
            return bool(fast.Adder(self, _HANDLERS).add_all(events))
        handlers = _HANDLERS
        found = False
        for event in events:
            handlers[type(event)](self, event)
            found = True
        return found

    def finish(self) -> ProvGraph:
        """Name all elements and return the graph. The builder cannot be used again."""
        self._end_log()
        for relation, origin in self._makers.unrecorded(self.graph, self._maker):
            self._add_relation("wasGeneratedBy", relation, origin)
        # Names take memory: free what only finds elements by the ids of the log.
        self._placed.clear()
        self._global_activities.clear()
        self._entities.forget_ids()
        namer = Namer(self.graph)
        namer.add_sessions(self._scopes.sessions)
        namer.add_activities(self._activities)
        same = namer.add_entities(self._entities.found, self._entities.hashes)
        self.graph.second_hand.replace(same)
        if self._positions is not None:
            self._positions.unite(same)
        namer.add_agents(self._agents)
        self._times.report_restarts()
        # The capture records that a file is opened before the program names it with a role.
        for kind in ("used", "wasGeneratedBy"):
            drop_implied(self.graph.relations[kind])
        return self.graph

    # Logs and sessions

    def _log_started(self, event: LogStarted) -> None:
        self._end_log()
        self._scopes.start_log(event.digest)

    def _end_log(self) -> None:
        unstarted, self._waiting = self._waiting, {}
        for raw, waiting in unstarted.items():
            for event, scope in waiting:
                named = self._scopes.named_by(event.origin)
                # Several sessions may have an activity with that id.
                if self._known(raw, named) is None:
                    self._place(raw, named or scope)
                self.add(event)
        for nested, (activity, _, scope) in self._nested:
            known = self._known(nested.parent, scope) or self._known(nested.parent, None)
            parent = known[0] if known is not None else self._place(nested.parent, scope)
            self._nest(activity, parent, nested.origin)
        self._entities.end_log()
        self._forget_log()

    def _session_started(self, event: SessionStarted) -> None:
        scope = self._scopes.of_session(event.session)
        self._scopes.enter(scope)
        session = scope.session
        assert session is not None
        self._scopes.learn_tag(event.origin.tag, scope)
        if self._positions is not None:
            self._positions.element(session, event.origin)
        if (name := event.attributes.get("prov:label")) is not None:
            self._scopes.learn_tag(id_text(name), scope)
        self._merger.merge(session, self._merger.news(session, event.attributes), event.origin)
        if event.start is not None:
            self._times.start_session(session, event.start, event.origin)
        if event.agent is not None:
            self._associate(session, event.agent)
        if DEFINITIONS in event.attributes:
            self._defining = session, event.origin
        if self._defining is not None:
            # A process logs its definitions with its first session only.
            self.defined.setdefault(session, self._defining)

    # Activities

    def _activity_started(self, event: ActivityStarted) -> None:
        raw, origin = event.activity, event.origin
        scope = self._scopes.named_by(origin) or self._scopes.current
        placed = self._known(raw, scope)
        activity = placed[0] if placed is not None else self._place(raw, scope)
        if event.start is not None and self._times.restarts(activity, event.start, origin):
            activity = self._place(raw, scope)
            self._times.restarts(activity, event.start, origin)
        if self._positions is not None:
            self._positions.element(activity, origin)
            if origin.session is not None and scope.session is not None:
                self._positions.element(scope.session, origin)
        self._scopes.learn_tag(origin.tag, scope)
        self._merger.merge(activity, event.attributes, origin)
        if event.agent is not None:
            self._associate(activity, event.agent)

    def _known(self, raw: str, scope: Scope | None) -> _Placed | None:
        """Return the latest activity with an id, in a scope if one is given."""
        latest = self._latest.get(raw)
        if latest is not None and (scope is None or latest[2].key is scope.key):
            return latest
        place = (scope or self._scopes.current).key, raw
        placed = self._placed.get(place)
        if placed is None and latest is None:
            placed = self._global_activities.get(raw)
            if placed is not None:
                # The next event of this scope is about the same activity.
                self._placed[place] = placed
        if placed is not None:
            self._latest[raw] = placed
        return placed

    def _place(self, raw: str, scope: Scope) -> Activity:
        """Create an activity, and add the events that wait for it."""
        activity = Activity("", {IDENTIFIER: safe_text(raw)})
        placed = activity, raw, scope
        self._activities.append(placed)
        self._latest[raw] = self._placed[scope.key, raw] = placed
        if is_global(raw):
            self._global_activities[raw] = placed
        if raw in self._waiting:
            for event, _ in self._waiting.pop(raw):
                self.add(event)
        return activity

    def _activity_of(self, event: ActivityEvent) -> _Placed | None:
        """Return the activity of an event; ``None`` if the event must wait for its start."""
        origin = event.origin
        if origin.session is None and origin.tag is None:
            scope = None
            placed = self._latest.get(event.activity)
            if placed is not None and placed[2].key is self._scopes.current.key:
                return placed
        else:
            scope = self._scopes.named_by(origin)
        placed = self._known(event.activity, scope)
        if placed is None:
            place = scope or self._scopes.current
            self._waiting.setdefault(event.activity, []).append((event, place))
        elif scope is None:
            self._scopes.enter(placed[2])
        return placed

    def _activity_ended(self, event: ActivityEnded) -> None:
        placed = self._activity_of(event)
        if placed is None:
            return
        activity = placed[0]
        is_time = event.end is not None and self._times.end(activity, event.end, event.origin)
        if event.attributes:
            self._merger.merge(activity, event.attributes, event.origin)
        if self._positions is not None:
            self._positions.end(activity, event.end is not None, is_time, event.origin)

    def _activity_nested(self, event: ActivityNested) -> None:
        placed = self._activity_of(event)
        if placed is None:
            return
        parent = self._known(event.parent, placed[2])
        if parent is None:
            self._nested.append((event, placed))
        else:
            self._nest(placed[0], parent[0], event.origin)

    def _nest(self, activity: Activity, parent: Activity, origin: Origin) -> None:
        relation = Relation(activity, parent, None, PART_OF)
        self._add_relation("wasInfluencedBy", relation, origin)

    def _add_relation(self, kind: str, relation: Relation, origin: Origin) -> None:
        self.graph.relations[kind][relation] = None
        if self._positions is not None:
            self._positions.relation(kind, relation, origin)

    def _parameters_set(self, event: ParametersSet) -> None:
        placed = self._activity_of(event)
        if placed is None:
            return
        names, renamed = parameter_names(tuple(event.parameters))
        for name, raw in renamed:
            self._merger.add(placed[0], "provlog:renamed", literal({name: raw}), event.origin)
        attributes = dict(zip(names, event.parameters.values()))  # noqa: B905
        self._merger.merge(placed[0], attributes, event.origin)
        if self._positions is not None:
            self._positions.parameters_of(placed[0], attributes, event.origin)

    def _associate(self, activity: Activity, name: str) -> None:
        agent = self._agents.get(name)
        if agent is None:
            text = safe_text(name)
            agent = self._agents[name] = Agent("", {"prov:label": text, IDENTIFIER: text})
        self.graph.relations["wasAssociatedWith"][Relation(activity, agent)] = None

    # Entities

    def _entity_used(self, event: EntityUsed) -> None:
        placed = self._activity_of(event)
        if placed is not None:
            entity = self._entities.mention(event.entity, placed[2])
            relation = Relation(placed[0], entity, _safe_role(event.role))
            self.graph.relations["used"][relation] = None
            if self._positions is not None:
                self._positions.relation("used", relation, event.origin)

    def _entity_generated(self, event: EntityGenerated) -> None:
        placed = self._activity_of(event)
        if placed is not None:
            entity = self._entities.mention(event.entity, placed[2])
            relation = Relation(entity, placed[0], _safe_role(event.role))
            self.graph.relations["wasGeneratedBy"][relation] = None
            if self._positions is not None:
                self._positions.relation("wasGeneratedBy", relation, event.origin)

    def _entity_described(self, event: EntityDescribed) -> None:
        origin, scopes = event.origin, self._scopes
        if event.activity is None or scopes.named_by(origin) is not None:
            if origin.tag is None and origin.session is None and not scopes.interleaved:
                # The usual case: an entity of the current session.
                self._entities.describe(event, scopes.current)
            else:
                self._entities.add(event)
            return
        placed = self._known(event.activity, None)
        if placed is None:
            waiting = self._waiting.setdefault(event.activity, [])
            waiting.append((event, self._scopes.current))
        else:
            self._entities.describe(event, placed[2])

    def _maker_named(self, event: MakerNamed) -> None:
        self._makers.add(event, self._entities.mention(event.entity, self._scopes.current))

    def _maker(self, event: MakerNamed) -> Activity:
        """Return the activity that an entity names; a new one if no record describes it."""
        placed = self._global_activities.get(event.activity)
        if placed is not None:
            return placed[0]
        activity = self._place(event.activity, Scope(event.activity))
        self.graph.second_hand.activities.add(activity)
        activity.start, activity.end = date_time(event.start), date_time(event.end)
        self._merger.merge(activity, event.attributes, event.origin)
        if self._positions is not None:
            is_timed = activity.end is not None
            self._positions.end(activity, is_timed, is_timed, event.origin)
        return activity

    def _member_added(self, event: MemberAdded) -> None:
        self._entities.add(event, event.member)

    def _entity_derived(self, event: EntityDerived) -> None:
        self._entities.add(event, event.progenitor)


_HANDLERS: dict[type[Event], Callable[[Builder, Any], None]] = {
    LogStarted: Builder._log_started,
    SessionStarted: Builder._session_started,
    ActivityStarted: Builder._activity_started,
    ActivityEnded: Builder._activity_ended,
    ActivityNested: Builder._activity_nested,
    ParametersSet: Builder._parameters_set,
    EntityUsed: Builder._entity_used,
    EntityGenerated: Builder._entity_generated,
    EntityDescribed: Builder._entity_described,
    MakerNamed: Builder._maker_named,
    MemberAdded: Builder._member_added,
    EntityDerived: Builder._entity_derived,
}


@cache
def _compiled() -> Any:
    return compiled("provlog.building._fast")


# Many activities have parameters with the same names.
@lru_cache(maxsize=1024)
def parameter_names(raw: tuple[str, ...]) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the names of parameters as attributes, and those that differ from the log's."""
    names = [attribute_name("param", name) for name in raw]
    pairs = zip(names, raw, strict=True)
    return names, [(name, own) for name, own in pairs if name != f"param:{own}"]


def _safe_role(role: str | None) -> str | None:
    return role if role is None or role.isprintable() else safe_text(role)
