"""Give elements and relations the classes of the IVOA's model, as types."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, partial
from typing import Any

from msgspec.structs import replace

from provlog.compiled import compiled
from provlog.model.configuration import PARAMETER
from provlog.model.descriptions import Description, Descriptions, entity_class
from provlog.model.graph import (
    Activity,
    Agent,
    Attributes,
    Element,
    Entity,
    QualifiedRelation,
    Relation,
    relation_of,
)
from provlog.model.values import Value, qname
from provlog.model.vodml import DESCRIPTOR, FLOWS, RELATION_CLASSES

__all__ = ["Classed", "held_values", "is_parameter"]

_PLAN = "prov:plan"
_COLLECTION = qname("prov:Collection")

_Pairs = tuple[tuple[str, Value], ...]
_Arguments = tuple[tuple[str, Element | str], ...]
_Additions = tuple[_Pairs, _Arguments]

_NOTHING: _Additions = ((), ())
# The end of a relation that is the activity whose description has a part for the relation.
_ACTIVITY_ENDS = {"used": 0, "wasGeneratedBy": 1, "wasAssociatedWith": 0}


class Classed:
    """The elements and relations of a graph and its bundles, with classes.

    Parameters
    ----------
    descriptions : Descriptions
        The descriptions of the graph.
    plans : mapping
        The entities that stand for descriptions, by id.
    without_parameters : bool
        Whether activities lose their parameters.
    has_classes : bool
        Whether there are classes to give.

    Attributes
    ----------
    moved : dict
        The new elements, by the elements of the graph that they replace.
    """

    def __init__(
        self,
        descriptions: Descriptions,
        plans: Mapping[str, Entity],
        without_parameters: bool,
        has_classes: bool,
    ) -> None:
        self.moved: dict[Element, Element] = {}
        self._descriptions = descriptions
        self._plans = plans
        self._parameters = without_parameters
        self._has_classes = has_classes
        self._types: dict[tuple[object, str], Value | list[Value]] = {}
        self._flows: dict[tuple[str, Description, str | None], _Additions] = {}

    def entities(self, entities: dict[str, Entity]) -> dict[str, Entity]:
        """Return entities with their classes."""
        if (fast := _compiled()) is not None:
            described = self._descriptions.described
            found: dict[str, Entity] = fast.entities(
                entities, self.moved, described, self._entity_types
            )
            return found
        return {name: self._entity(entity) for name, entity in entities.items()}

    def _entity(self, entity: Entity) -> Entity:
        if entity in self.moved:
            return self.moved[entity]  # type: ignore[return-value]
        held = entity.attributes.get("prov:type")
        types = self._entity_types(held, self._descriptions.described.get(entity))
        attributes: Attributes = {**entity.attributes, "prov:type": types}
        found = self.moved[entity] = Entity(entity.id, attributes, entity.session)
        return found

    def _entity_types(
        self, held: Value | list[Value] | None, described: Description | None
    ) -> Value | list[Value]:
        voclass = entity_class(described)
        if voclass is None:
            voclass = "Collection" if _COLLECTION in held_values(held) else "Entity"
        return self._with_class(held, voclass)

    def agents(self, agents: dict[str, Agent]) -> dict[str, Agent]:
        """Return agents with their class."""
        return {name: self._agent(agent) for name, agent in agents.items()}

    def _agent(self, agent: Agent) -> Agent:
        if agent not in self.moved:
            types = self._with_class(agent.attributes.get("prov:type"), "Agent")
            self.moved[agent] = Agent(agent.id, {**agent.attributes, "prov:type": types})
        return self.moved[agent]  # type: ignore[return-value]

    def activities(self, activities: dict[str, Activity]) -> dict[str, Activity]:
        """Return activities with their class, perhaps without their parameters."""
        if not self._parameters and (fast := _compiled()) is not None:
            found: dict[str, Activity] = fast.activities(
                activities, self.moved, self._activity_types
            )
            return found
        return {name: self._activity(activity) for name, activity in activities.items()}

    def _activity(self, activity: Activity) -> Activity:
        if activity in self.moved:
            return self.moved[activity]  # type: ignore[return-value]
        attributes = activity.attributes
        if self._parameters and any(map(is_parameter, attributes)):
            attributes = {name: held for name, held in attributes.items() if not is_parameter(name)}
        if self._has_classes:
            types = self._activity_types(attributes.get("prov:type"))
            attributes = {**attributes, "prov:type": types}
        if attributes is activity.attributes:
            return activity
        found = self.moved[activity] = replace(activity, attributes=attributes)
        return found

    def _activity_types(
        self, held: Value | list[Value] | None, _: None = None
    ) -> Value | list[Value]:
        return self._with_class(held, "Activity")

    def _with_class(self, held: Value | list[Value] | None, voclass: str) -> Value | list[Value]:
        """Return the values of ``prov:type`` with a class among them."""
        key = tuple(held) if isinstance(held, list) else held, voclass
        found = self._types.get(key)
        if found is None:
            types = [*dict.fromkeys([*held_values(held), qname(f"voprov:{voclass}")])]
            # Types are few: elements share them.
            found = self._types[key] = types if len(types) > 1 else types[0]
        return found

    def relations(self, kind: str, relations: dict[Relation, None]) -> dict[Relation, None]:
        """Return relations between the elements of the view, with class, description and plan."""
        voclass = RELATION_CLASSES.get(kind) if self._has_classes else None
        relation = partial(self._relation, kind, voclass)
        if (fast := _compiled()) is None:
            return dict.fromkeys(map(relation, relations))
        found: dict[Relation, None] = fast.relations(
            relations, self.moved, voclass, self._descriptions.described,
            _ACTIVITY_ENDS.get(kind, -1), partial(self._additions, kind), relation,
        )  # fmt: skip
        return found

    def _relation(self, kind: str, voclass: str | None, relation: Relation) -> Relation:
        pairs, arguments = _NOTHING
        if (end := _ACTIVITY_ENDS.get(kind)) is not None:
            activity = relation.target if end else relation.source
            described = self._descriptions.described.get(activity)
            if described is not None:
                pairs, arguments = self._additions(kind, described, relation.role)
        if type(relation) is Relation and relation.type is None:
            # The many: their attributes are known.
            moved, role = self.moved, relation.role
            source = moved.get(relation.source, relation.source)
            target = moved.get(relation.target, relation.target)
            if pairs or arguments:
                return QualifiedRelation(
                    source, target, role, voclass, None, None, arguments, pairs
                )
            return Relation(source, target, role, voclass)
        with_ends = relation.between(self.moved)
        if voclass is not None:
            return _with(with_ends, (("prov:type", qname(voclass)), *pairs), arguments)
        return _with(with_ends, pairs, arguments) if pairs or arguments else with_ends

    def _additions(self, kind: str, described: Description, role: str | None) -> _Additions:
        """Return the attribute that names the description of a relation, and the plan."""
        if kind not in FLOWS:
            return (), ((_PLAN, self._plans[described.id]),)
        key = kind, described, role
        found = self._flows.get(key)
        if found is None:
            flow = None if role is None else self._descriptions.flows(kind, described).get(role)
            found = _NOTHING if flow is None else (((DESCRIPTOR, qname(flow.id)),), ())
            self._flows[key] = found
        return found


@cache
def _compiled() -> Any:
    return compiled("provlog.graphs._fast")


def _with(relation: Relation, pairs: _Pairs, arguments: _Arguments) -> Relation:
    """Return a relation with more attributes and arguments."""
    id = time = None
    known: _Arguments = ()
    if isinstance(relation, QualifiedRelation):
        id, time, known = relation.id, relation.time, relation.arguments
    return relation_of(
        relation.source,
        relation.target,
        dict.fromkeys((*relation.pairs(), *pairs)),
        id=id,
        time=time,
        # A plan that is stated already stays.
        arguments=tuple({**dict(arguments), **dict(known)}.items()),
    )


def held_values(held: Value | list[Value] | None) -> list[Value]:
    """Return the values of an attribute."""
    if held is None:
        return []
    return held if isinstance(held, list) else [held]


def is_parameter(name: str) -> bool:
    """Return whether an attribute of an activity is a parameter."""
    return name.startswith(PARAMETER)
