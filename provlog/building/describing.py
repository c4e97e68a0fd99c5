"""Attach descriptions to a graph: from the definitions in session records and from a file.

An activity is described by the definition with its name; its usages, generations and
parameters follow by role and name. An entity is described by the definition with its label
or, failing that, by its role.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from provlog.building.attributes import Merger
from provlog.building.builder import DEFINITIONS
from provlog.building.entities import IDENTIFIER
from provlog.definitions.classes import Definitions
from provlog.definitions.ivoa import DefinedDescriptions, descriptions_of
from provlog.definitions.parse import valid_parts
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.diagnostics.severity import Severity
from provlog.model.descriptions import ActivityDescription, EntityDescription, FlowDescription
from provlog.model.graph import (
    Activity,
    Agent,
    Element,
    ProvGraph,
    Relation,
    relation_of,
)
from provlog.model.identifiers import attribute_name, qualified_name
from provlog.model.tables import ATTRIBUTION, ATTRIBUTION_ROLE
from provlog.model.values import Value, literal, qname, safe_text
from provlog.model.vodml import AGENT_TYPES, CLASSES, ENTITY_ROLES
from provlog.origin import Origin

__all__ = ["CONTACT", "describe"]

CONTACT = "Contact"
"""The role of the agent under the key ``contact``; the standard reserves no word for it."""

MAIN = "Main"
"""The type of the usages and generations for whose sake an activity runs."""

_AGENT_TERMS = {role.name: role.term for role in CLASSES["Agent"].roles}
UNITS = "log:units"
_NOWHERE = Origin("", 0, 0)


def describe(
    graph: ProvGraph,
    defined: Mapping[Activity, tuple[Activity, Origin]],
    definitions: Definitions | None = None,
) -> None:
    """Add to a graph the descriptions of its activities and entities.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    defined : mapping
        For each session, the session whose record holds its definitions, and that record.
    definitions : Definitions, optional
        Definitions for all activities; they take precedence over those of sessions.
    """
    of_file = None
    if definitions is not None:
        of_file = descriptions_of(definitions)
        graph.diagnostics += definitions.warnings
    of_sessions = dict(_of_sessions(graph, defined))
    for source in _distinct([of_file, *of_sessions.values()]):
        for described in (*source.activities.values(), *source.entities.values()):
            graph.descriptions.add(described)
        graph.descriptions.unlisted |= source.unlisted()
        for kinds in source.members.values():
            for entity in kinds.values():
                graph.descriptions.add(entity)
    describer = _Describer(graph, of_sessions, of_file)
    describer.describe_activities()
    describer.describe_entities()
    describer.attribute_entities()


def _of_sessions(
    graph: ProvGraph, defined: Mapping[Activity, tuple[Activity, Origin]]
) -> Iterator[tuple[Activity, DefinedDescriptions]]:
    """Yield each session with its descriptions; equal definitions are converted once."""
    known: dict[str, DefinedDescriptions] = {}
    last: tuple[str, DefinedDescriptions] | None = None
    for session, (holder, origin) in defined.items():
        held = holder.attributes.get(DEFINITIONS)
        text = held[0] if isinstance(held, list) else held
        if isinstance(text, str):
            # Most sessions repeat the last text: to compare texts is faster than to hash them.
            if last is None or text != last[0]:
                if text not in known:
                    known[text] = descriptions_of(_parsed(text, origin, graph))
                last = text, known[text]
            yield session, last[1]


def _parsed(text: str, origin: Origin, graph: ProvGraph) -> Definitions:
    """Return the definitions of a record; report invalid ones."""
    try:
        data: Any = msgspec.json.decode(text)
    except msgspec.DecodeError:
        data = text
    definitions, findings = valid_parts(data, None)
    graph.diagnostics += [
        Diagnostic(found.code, origin, f"definitions: {found.message}")
        for found in findings
        if found.severity is Severity.ERROR
    ]
    return definitions


def _distinct(sources: Iterable[DefinedDescriptions | None]) -> list[DefinedDescriptions]:
    return [*{id(source): source for source in sources if source is not None}.values()]


def _units(activity: Activity) -> dict[str, str]:
    """Return the units in the values of an activity's parameters, by parameter."""
    held = activity.attributes.get(UNITS)
    try:
        found = msgspec.json.decode(held, type=dict[str, str]) if isinstance(held, str) else {}
    except msgspec.MsgspecError:
        return {}
    return found


class _Describer:
    """Assigns its description to each element."""

    def __init__(
        self,
        graph: ProvGraph,
        of_sessions: Mapping[Activity, DefinedDescriptions],
        of_file: DefinedDescriptions | None,
    ) -> None:
        self._graph = graph
        self._of_sessions = of_sessions
        self._of_file = of_file
        self._merger = Merger(graph.diagnostics.append)
        # What a document describes stays as it is.
        self._others = {*graph.descriptions.described.values()}
        # Agents with a role that refers to the generated entities of an activity.
        self._creators: dict[Element, list[tuple[Agent, str | None]]] = {}
        # Members and progenitors of each input or output.
        self._members = {
            flow: kinds
            for source in _distinct([of_file, *of_sessions.values()])
            for flow, kinds in source.members.items()
        }

    def _sources(self, of_session: DefinedDescriptions | None) -> Iterator[DefinedDescriptions]:
        if self._of_file is not None:
            yield self._of_file
        if of_session is not None:
            yield of_session

    def describe_activities(self) -> None:
        """Describe activities by their names, and add the agents of their definitions."""
        sessions = set(self._graph.sessions.values())
        # Few names, many activities: look up each name once in all sessions with equal definitions.
        names = defaultdict[
            DefinedDescriptions | None,
            dict[str, tuple[ActivityDescription, DefinedDescriptions] | None],
        ](dict)
        of_session = self._of_sessions.get
        for activity in self._graph.activities.values():
            if activity in sessions:
                continue
            label = activity.label
            found = names[defined := of_session(activity.session)]  # type: ignore[arg-type]
            if label not in found:
                found[label] = self._activity_description(defined, label)
            if (known := found[label]) is None:
                continue
            described, source = known
            if UNITS in activity.attributes:
                in_units = source.with_units(label, _units(activity))
                described = self._in_units(described, in_units)
            if described.id not in self._graph.descriptions.activities:
                self._graph.descriptions.add(described)
            self._graph.descriptions.described.setdefault(activity, described)
            self._add_agents(activity, described, source)

    def _activity_description(
        self, of_session: DefinedDescriptions | None, label: str
    ) -> tuple[ActivityDescription, DefinedDescriptions] | None:
        for source in self._sources(of_session):
            if (described := source.of(label)) is not None:
                return described, source
        return None

    def _in_units(
        self, described: ActivityDescription, in_units: ActivityDescription | None
    ) -> ActivityDescription:
        """Return a description with units, and replace the one without units by it."""
        if in_units is None or in_units is described:
            return described
        descriptions = self._graph.descriptions
        descriptions.activities.pop(described.id, None)
        descriptions.add(in_units)
        if described.id in descriptions.unlisted:
            descriptions.unlisted.add(in_units.id)
        return in_units

    def describe_entities(self) -> None:
        """Describe entities by label, then by role, then by their collection."""
        described = self._graph.descriptions.described
        has_activities = bool(described)
        names = defaultdict[DefinedDescriptions | None, dict[str, EntityDescription | None]](dict)
        of_session = self._of_sessions.get
        for entity in self._graph.entities.values():
            if (held := entity.attributes.get("prov:label")) is None:
                continue
            defined = of_session(entity.session)  # type: ignore[arg-type]
            if isinstance(held, str):
                found = names[defined]
                if held not in found:
                    found[held] = self._entity_description(defined, [held])
                kind = found[held]
            else:
                kind = self._entity_description(defined, entity.values("prov:label"))
            if kind is not None:
                described.setdefault(entity, kind)
        if not has_activities:
            return
        flows = dict(self._flows())
        for element, flow in flows.items():
            if flow.entities:
                described.setdefault(element, flow.entities[0])
        for relation_kind in ("hadMember", "wasDerivedFrom"):
            for relation in self._graph.relations[relation_kind]:
                of_flow = flows.get(relation.source)
                kinds_of_parts = {} if of_flow is None else self._members.get(of_flow, {})
                if relation_kind in kinds_of_parts:
                    described.setdefault(relation.target, kinds_of_parts[relation_kind])

    def _entity_description(
        self, of_session: DefinedDescriptions | None, labels: Iterable[str]
    ) -> EntityDescription | None:
        for source in self._sources(of_session):
            for label in labels:
                if label in source.entities:
                    return source.entities[label]
        return None

    def attribute_entities(self) -> None:
        """Attribute the outputs of described activities to the agents of their definitions."""
        if not self._creators:
            return
        attributions = self._graph.relations.setdefault(ATTRIBUTION, {})
        generations = self._graph.relations["wasGeneratedBy"]
        flows = self._graph.descriptions.of_relations("wasGeneratedBy", generations)
        for relation, flow in flows:
            creators = self._creators.get(relation.target, ())
            # Only main outputs are attributed: a log or a preview needs no credit.
            if creators and (flow is None or flow.type in ("", MAIN)):
                for agent, role in creators:
                    pairs = [(ATTRIBUTION_ROLE, role)] if role else []
                    attributions.setdefault(relation_of(relation.source, agent, pairs))

    def _flows(self) -> Iterator[tuple[Element, FlowDescription]]:
        """Yield described entities with their roles in activities, generations last."""
        relations = self._graph.relations
        of_relations = self._graph.descriptions.of_relations
        for relation, flow in of_relations("used", relations["used"]):
            if flow is not None and self._is_own(relation.source):
                yield relation.target, flow
        for relation, flow in of_relations("wasGeneratedBy", relations["wasGeneratedBy"]):
            if flow is not None and self._is_own(relation.target):
                yield relation.source, flow

    def _is_own(self, activity: Element) -> bool:
        """Return whether the definitions describe an activity."""
        others = self._others
        return not others or self._graph.descriptions.described[activity] not in others

    # Agents

    def _add_agents(
        self, activity: Activity, described: ActivityDescription, source: DefinedDescriptions
    ) -> None:
        defined = source.definitions
        definition = defined.of(activity.label)
        contact = None if definition is None else definition.contact
        for name, said in defined.agents.items():
            role = said.get("role")
            role = safe_text(role) if isinstance(role, str) else None
            if role in ENTITY_ROLES:
                self._creators.setdefault(activity, []).append((self._agent(name, said), role))
            elif name != contact:
                self._associate(activity, self._agent(name, said), role)
        if contact is not None:
            agent = self._agent(contact, defined.agents.get(contact, {}))
            self._associate(activity, agent, CONTACT)

    def _associate(self, activity: Activity, agent: Agent, role: str | None) -> None:
        relation = Relation(activity, agent, role)
        self._graph.relations["wasAssociatedWith"].setdefault(relation)

    def _agent(self, key: str, said: Mapping[str, Any]) -> Agent:
        """Return the agent of a definition, with all its attributes."""
        name = said.get("name")
        raw = name if isinstance(name, str) and name else key
        id = qualified_name("agent", raw, None)
        agent = self._graph.agents.get(id)
        if agent is None:
            text = safe_text(raw)
            agent = self._graph.agents[id] = Agent(id, {"prov:label": text, IDENTIFIER: text})
        for word, value in said.items():
            if word not in ("name", "role") and value is not None:
                term, held = _agent_attribute(word, value)
                self._merger.add(agent, term, held, _NOWHERE)
        return agent


def _agent_attribute(key: str, value: Any) -> tuple[str, Value]:
    if key == "type" and value in AGENT_TYPES:
        return "prov:type", qname(f"prov:{value}")
    term = "voprov:type" if key == "type" else _AGENT_TERMS.get(key)
    return term or attribute_name("log", key), literal(value)
