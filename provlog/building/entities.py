"""Assign entities, and the statements between them, to scopes.

If two sessions write to one log at the same time, a statement about an entity waits for
the usage, generation or membership that shows to which session the entity belongs.
"""

from __future__ import annotations

from collections import deque
from itertools import chain

from provlog.building.attributes import Merger
from provlog.building.positions import Positions
from provlog.building.scopes import Scope, Scopes
from provlog.model.events import EntityDerived, EntityDescribed, EntityEvent, MemberAdded
from provlog.model.graph import Entity, ProvGraph, Relation
from provlog.model.identifiers import is_global
from provlog.model.values import qname, safe_text

__all__ = ["IDENTIFIER", "Entities"]

IDENTIFIER = "dcterms:identifier"
COLLECTION = qname("prov:Collection")


class Entities:
    """The entities of all logs.

    Parameters
    ----------
    graph : ProvGraph
        Receives memberships and derivations.
    scopes : Scopes
        The scopes of the log being read.
    merger : Merger
        Adds attributes.
    positions : Positions, optional
        Records the position of each statement.

    Attributes
    ----------
    found : list
        Each entity with its id in the log, its scope and whether its id is global, in the
        order of the logs.
    hashes : set of str
        Further global ids: those that a record declares to be hashes.
    """

    def __init__(
        self, graph: ProvGraph, scopes: Scopes, merger: Merger, positions: Positions | None
    ) -> None:
        self.found: list[tuple[Entity, str, Scope, bool]] = []
        self.hashes: set[str] = set()
        self._graph = graph
        self._scopes = scopes
        self._merger = merger
        self._positions = positions
        self._global: dict[str, Entity] = {}
        # For the current log: events that wait for their scope, and the known scopes.
        self._pending: dict[str, dict[type, deque[tuple[EntityEvent, Scope]]]] = {}
        self._mentioned: dict[str, Scope] = {}

    def end_log(self) -> None:
        """Assign the events that still wait to scopes."""
        unsettled, self._pending = self._pending, {}
        for raw, pending in unsettled.items():
            for event, scope in chain.from_iterable(pending.values()):
                self.state(event, self._mentioned.get(raw, scope))
        self._pending = {}
        self._mentioned = {}

    def forget_ids(self) -> None:
        """Forget the ids of the logs, after the last event."""
        self._global.clear()
        for _, _, scope, _ in self.found:
            scope.entities.clear()

    def mention(self, raw: str, scope: Scope) -> Entity:
        """Return the entity with an id in a scope, after adding the events that waited for it."""
        if self._scopes.interleaved:
            self._mentioned[raw] = scope
            if raw in self._pending:
                self._settle(raw, scope)
        return self._entity(raw, scope)

    def _entity(self, raw: str, scope: Scope) -> Entity:
        entity = scope.entities.get(raw)
        if entity is None:
            everywhere = is_global(raw)
            known = self._global.get(raw) if everywhere else None
            if known is None:
                known = Entity("", {IDENTIFIER: safe_text(raw)})
                self.found.append((known, raw, scope, everywhere))
                if everywhere:
                    self._global[raw] = known
            entity = scope.entities[raw] = known
        return entity

    def add(self, event: EntityEvent, other: str | None = None) -> None:
        """Add a statement without an activity, or keep it until its scope is known.

        Parameters
        ----------
        event : EntityEvent
            The statement.
        other : str, optional
            The id of the other entity in the statement.
        """
        scope = self._scope_of(event, other)
        if scope is not None:
            self.state(event, scope)

    def _scope_of(self, event: EntityEvent, other: str | None) -> Scope | None:
        scopes, origin = self._scopes, event.origin
        if origin.session is not None or origin.tag is not None:
            named = scopes.named_by(origin)
            if named is not None:
                return named
        if not scopes.interleaved or is_global(event.entity):
            return scopes.current
        scope = None
        if other is not None:
            scope = self._mentioned.get(event.entity) or self._mentioned.get(other)
        if scope is None:
            kinds = self._pending.setdefault(event.entity, {})
            kinds.setdefault(type(event), deque()).append((event, scopes.current))
        return scope

    def _settle(self, raw: str, scope: Scope) -> None:
        # Take one event of each type. Further ones may belong to the other session.
        kinds = self._pending.pop(raw)
        rest = {}
        for kind, pending in kinds.items():
            event, _ = pending.popleft()
            self.state(event, scope)
            if pending:
                rest[kind] = pending
        if rest:
            self._pending[raw] = rest

    def state(self, event: EntityEvent, scope: Scope) -> None:
        """Add a statement to a scope."""
        if isinstance(event, EntityDescribed):
            self.describe(event, scope)
        elif isinstance(event, MemberAdded):
            self._add_member(event, scope)
        elif isinstance(event, EntityDerived):
            self._derive(event, scope)

    def describe(self, event: EntityDescribed, scope: Scope) -> None:
        """Add the attributes of an entity."""
        raw, attributes = event.entity, event.attributes
        if attributes.get("log:hash") == raw:
            self.hashes.add(raw)
        entity = self._entity(raw, scope)
        self._merger.merge(entity, attributes, event.origin)
        if self._positions is not None:
            self._positions.element(entity, event.origin)

    def _add_member(self, event: MemberAdded, scope: Scope) -> None:
        collection = self.mention(event.entity, scope)
        self._merger.add(collection, "prov:type", COLLECTION, event.origin)
        member = self.mention(event.member, scope)
        relation = Relation(collection, member)
        self._graph.relations["hadMember"][relation] = None
        if self._positions is not None:
            self._positions.relation("hadMember", relation, event.origin)

    def _derive(self, event: EntityDerived, scope: Scope) -> None:
        entity = self.mention(event.entity, scope)
        progenitor = self.mention(event.progenitor, scope)
        relation = Relation(entity, progenitor)
        self._graph.relations["wasDerivedFrom"][relation] = None
        if self._positions is not None:
            self._positions.relation("wasDerivedFrom", relation, event.origin)
