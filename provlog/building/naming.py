"""Give all elements of a graph their qualified names.

This is the last step, because it needs the session of each log, the ids that are global
hashes, and the number of activities with the same id.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from provlog.building.attributes import Merger
from provlog.building.contents import same_content
from provlog.building.scopes import Scope
from provlog.compiled import compiled
from provlog.model.graph import Activity, Agent, Element, Entity, ProvGraph, Relation
from provlog.model.identifiers import is_global, qualified_name
from provlog.model.namespaces import own_namespace
from provlog.origin import Origin

__all__ = ["PART_OF", "Namer"]

PART_OF = "provone:wasPartOf"
"""The type of the influence of a session or an outer activity on an activity."""


class Namer:
    """Gives elements their names and adds them to a graph.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    """

    def __init__(self, graph: ProvGraph) -> None:
        self._graph = graph
        # Differences between entities that become one are not reported: they have no single place.
        self._merger = Merger(lambda _: None)
        self._beginnings: dict[tuple[str, str], str] = {}

    def name(self, kind: str, raw: str, scope: Scope | None) -> str:
        """Return the qualified name of an element with an id in a scope, or everywhere."""
        if scope is not None and raw.isalnum() and raw.isascii():
            # The usual case: only the id differs from earlier names.
            return self.beginning(kind, scope.name) + raw
        name = qualified_name(kind, raw, scope.name if scope is not None else None)
        prefix = name[: name.index(":")]
        if prefix not in self._graph.namespaces:
            self._graph.namespaces[prefix] = own_namespace(prefix)
        return name

    def beginning(self, kind: str, scope: str) -> str:
        """Return the beginning of the names of elements whose ids are words."""
        beginning = self._beginnings.get((kind, scope))
        if beginning is None:
            name = qualified_name(kind, "x", scope)
            beginning = self._beginnings[kind, scope] = name[:-1]
        return beginning

    def add_sessions(self, sessions: Mapping[str, Scope]) -> None:
        """Add the sessions, by their ids in the logs."""
        for raw, scope in sessions.items():
            session = scope.session
            assert session is not None
            session.id = self.name("session", raw, None)
            self._graph.sessions[raw] = session
            self._graph.activities[session.id] = session

    def add_activities(self, activities: Iterable[tuple[Activity, str, Scope]]) -> None:
        """Add activities with their raw ids and scopes, each as a part of its session."""
        influences = self._graph.relations["wasInfluencedBy"]
        if (fast := _compiled()) is not None:
            fast.name_activities(self, activities, self._graph.activities, influences)
            return
        counts: dict[str, int] = {}
        for activity, raw, scope in activities:
            name = self.name("activity", raw, None if is_global(raw) else scope)
            count = counts[name] = counts.get(name, 0) + 1
            activity.id = name if count == 1 else f"{name}.{count}"
            activity.session = scope.session
            self._graph.activities[activity.id] = activity
            if scope.session is not None:
                influences[Relation(activity, scope.session, None, PART_OF)] = None

    def add_agents(self, agents: Mapping[str, Agent]) -> None:
        """Add agents by name."""
        for raw, agent in agents.items():
            agent.id = self.name("agent", raw, None)
            self._graph.agents[agent.id] = agent

    def add_entities(
        self, entities: Sequence[tuple[Entity, str, Scope, bool]], hashes: Collection[str]
    ) -> dict[Element, Element]:
        """Add entities with their ids in the log, their scopes and whether the id is global.

        ``hashes`` holds further global ids. Entities with a common digest become one. Return
        the entities that were replaced, mapped to their replacements.
        """
        contents = same_content(entities)
        fast = _compiled()
        if fast is not None and not contents:
            others = fast.name_entities(self, entities, hashes, self._graph.entities)
        else:
            others = self._name_entities(entities, hashes, contents)
        same: dict[Element, Element] = {}
        for first, entity in others:
            same[entity] = first
            self._unite(first, entity)
        if same:
            self._replace(same)
        return same

    def _name_entities(
        self,
        entities: Sequence[tuple[Entity, str, Scope, bool]],
        hashes: Collection[str],
        contents: Mapping[Entity, Entity],
    ) -> list[tuple[Entity, Entity]]:
        """Name entities; return those that are not the first with their content or name."""
        others = []
        for entity, raw, scope, everywhere in entities:
            no_scope = everywhere or raw in hashes
            entity.id = self.name("entity", raw, None if no_scope else scope)
            entity.session = scope.session
            first = contents.get(entity)
            if first is None:
                first = self._graph.entities.setdefault(entity.id, entity)
            if first is not entity:
                others.append((first, entity))
        return others

    def _unite(self, first: Entity, second: Entity) -> None:
        nowhere = Origin("", 0, 0)
        for name, held in second.attributes.items():
            for value in held if isinstance(held, list) else [held]:
                self._merger.add(first, name, value, nowhere)

    def _replace(self, same: Mapping[Element, Element]) -> None:
        for relations in self._graph.relations.values():
            replaced = {relation.between(same): None for relation in relations}
            relations.clear()
            relations.update(replaced)


@cache
def _compiled() -> Any:
    return compiled("provlog.building._fast")
