"""Express the descriptions of a graph as statements of W3C PROV.

The conventions are those of the ``voprov`` package: descriptions, parameters and
configuration files are entities with a type such as ``voprov:ActivityDescription``, and the
references among them are influences with a type. An ActivityDescription is also the plan of
its activities' associations. docs/ivoa.md lists the differences from voprov and the reasons.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from provlog.graphs.typed_entities import description_entity
from provlog.model.configuration import PARAMETER, config_file_ids, parameter_id, parameter_name
from provlog.model.descriptions import (
    Description,
    Descriptions,
    FlowDescription,
    entity_class,
)
from provlog.model.graph import (
    Activity,
    Agent,
    Attributes,
    Element,
    Entity,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    relation_of,
)
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import Value, qname
from provlog.model.vodml import (
    ARTEFACT,
    CONFIGURED,
    DESCRIBED,
    DESCRIPTOR,
    FLOWS,
    RELATED,
    RELATION_CLASSES,
)

__all__ = ["plain", "with_descriptions"]

_PLAN = "prov:plan"
_COLLECTION = qname("prov:Collection")

_Pairs = tuple[tuple[str, Value], ...]
_Arguments = tuple[tuple[str, Element | str], ...]


def plain(graph: ProvGraph, *, parameters: bool = False) -> ProvGraph:
    """Return a graph with all descriptions as elements and relations of W3C PROV.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed and shares most elements with the result.
    parameters : bool, optional
        Whether the parameters of activities also become entities.

    Returns
    -------
    ProvGraph
        The new graph, or the graph itself without descriptions and parameters to add.
    """
    if not graph.descriptions and not parameters:
        return graph
    return _viewed(graph, parameters=parameters, classes=True)


def _viewed(graph: ProvGraph, *, parameters: bool, classes: bool) -> ProvGraph:
    view = _View(graph.descriptions, parameters, classes)
    namespaces = dict(graph.namespaces)
    for prefix in ("voprov", "log", "param"):
        namespaces.setdefault(prefix, NAMESPACES[prefix])
    result = ProvGraph(
        **view.statements(graph),
        sessions={
            name: activity
            for name, session in graph.sessions.items()
            if isinstance(activity := view.moved.get(session, session), Activity)
        },
        bundles={
            name: replace(bundle, **view.statements(bundle))
            for name, bundle in graph.bundles.items()
        },
        namespaces=namespaces,
        diagnostics=graph.diagnostics,
    )
    view.add_descriptions(result)
    return result


def with_descriptions(graph: ProvGraph) -> ProvGraph:
    """Return a graph for a picture, with descriptions as entities of their own.

    Parameters
    ----------
    graph : ProvGraph
        The graph; it is not changed.

    Returns
    -------
    ProvGraph
        A graph in which influences of descriptions are relations of the kinds of voprov,
        ``isDescribedBy`` and ``isRelatedTo``, so that pictures can distinguish them.
    """
    # Definitions often describe more than one run has.
    applied = replace(graph, descriptions=graph.descriptions.restricted(graph.elements()))
    view = _viewed(applied, parameters=False, classes=False)
    influences = view.relations["wasInfluencedBy"]
    for kind, type in (("isDescribedBy", DESCRIBED), ("isRelatedTo", RELATED)):
        found = {item: None for item in influences if item.type == type}
        view.relations[kind] = found
        for item in found:
            del influences[item]
    # Keep the descriptions in the tooltips of the described elements.
    moved = {element.id: described for element, described in graph.descriptions.described.items()}
    view.descriptions.described = {
        element: moved[element.id] for element in view.elements() if element.id in moved
    }
    return view


class _View:
    """Converter of a graph and its bundles.

    Attributes
    ----------
    moved : dict
        The new elements, by the elements of the graph that they replace.
    """

    def __init__(self, descriptions: Descriptions, parameters: bool, classes: bool) -> None:
        self.moved: dict[Element, Element] = {}
        self._descriptions = descriptions
        self._parameters = parameters
        # Definitions that describe nothing in the graph give nothing a class.
        self._has_classes = classes and bool(descriptions.described)
        self._entities = {
            described.id: description_entity(described) for described, _ in descriptions.all()
        }
        self._types: dict[tuple[object, str], Value | list[Value]] = {}

    def statements(self, part: Statements) -> dict[str, Any]:
        """Return the fields of a graph or bundle, with the descriptions of its elements added."""
        entities, activities, agents = part.entities, part.activities, part.agents
        relations = part.relations
        if self._has_classes:
            entities = {name: self._entity(entity) for name, entity in entities.items()}
            agents = {name: self._agent(agent) for name, agent in agents.items()}
        if self._has_classes or self._parameters:
            activities = {name: self._activity(item) for name, item in activities.items()}
        if self.moved or self._descriptions.described:
            relations = {
                kind: dict.fromkeys(self._relations(kind, held)) for kind, held in relations.items()
            }
        entities = dict(entities)
        influences = dict(relations.get("wasInfluencedBy", {}))
        for element in part.elements() if self._descriptions.described else ():
            described = self._descriptions.described.get(element)
            if described is not None:
                target = self._entities[described.id]
                influences[_influence(self.moved.get(element, element), target, DESCRIBED)] = None
        if self._parameters:
            for activity in part.activities.values():
                self._add_parameters(activity, entities, influences)
            self._add_config_files(part, entities, influences)
        return {
            "entities": entities,
            "activities": activities,
            "agents": agents,
            "relations": {**relations, "wasInfluencedBy": influences},
        }

    def add_descriptions(self, graph: ProvGraph) -> None:
        """Add the descriptions and the influences among them to a graph."""
        influences = graph.relations["wasInfluencedBy"]
        for described, owner in self._descriptions.all():
            entity = graph.entities[described.id] = self._entities[described.id]
            if owner is not None:
                influences[_influence(entity, self._entities[owner.id], RELATED)] = None
            if isinstance(described, FlowDescription):
                for kind in described.entities:
                    # voprov relates the entity description to the usage description.
                    influences[_influence(self._entities[kind.id], entity, RELATED)] = None

    # Elements

    def _entity(self, entity: Entity) -> Entity:
        if entity in self.moved:
            return self.moved[entity]  # type: ignore[return-value]
        held = entity.attributes.get("prov:type")
        voclass = entity_class(self._descriptions.described.get(entity))
        if voclass is None:
            voclass = "Collection" if _COLLECTION in _held(held) else "Entity"
        types = self._with_class(held, voclass)
        attributes: Attributes = {**entity.attributes, "prov:type": types}
        found = self.moved[entity] = Entity(entity.id, attributes, entity.session)
        return found

    def _agent(self, agent: Agent) -> Agent:
        if agent not in self.moved:
            types = self._with_class(agent.attributes.get("prov:type"), "Agent")
            self.moved[agent] = Agent(agent.id, {**agent.attributes, "prov:type": types})
        return self.moved[agent]  # type: ignore[return-value]

    def _activity(self, activity: Activity) -> Activity:
        if activity in self.moved:
            return self.moved[activity]  # type: ignore[return-value]
        attributes = activity.attributes
        if self._parameters and any(map(_is_parameter, attributes)):
            attributes = {
                name: held for name, held in attributes.items() if not _is_parameter(name)
            }
        if self._has_classes:
            types = self._with_class(attributes.get("prov:type"), "Activity")
            attributes = {**attributes, "prov:type": types}
        if attributes is activity.attributes:
            return activity
        found = self.moved[activity] = replace(activity, attributes=attributes)
        return found

    def _with_class(self, held: Value | list[Value] | None, voclass: str) -> Value | list[Value]:
        """Return the values of ``prov:type`` with a class among them."""
        key = tuple(held) if isinstance(held, list) else held, voclass
        found = self._types.get(key)
        if found is None:
            types = [*dict.fromkeys([*_held(held), qname(f"voprov:{voclass}")])]
            # Types are few: elements share them.
            found = self._types[key] = types if len(types) > 1 else types[0]
        return found

    def _add_parameters(
        self, activity: Activity, entities: dict[str, Entity], influences: dict[Relation, None]
    ) -> None:
        configured = self.moved.get(activity, activity)
        for name, held in activity.attributes.items():
            if not _is_parameter(name):
                continue
            described = self._descriptions.of_parameter(activity, name)
            label = described.name if described is not None else name[len(PARAMETER) :]
            first = parameter_id(activity.id, parameter_name(name))
            for value in _held(held):
                id, number = first, 1
                while id in entities:
                    number += 1
                    id = f"{first}-{number}"
                entity = Entity(
                    id,
                    {
                        "prov:label": label,
                        "prov:type": qname("voprov:Parameter"),
                        "prov:value": value,
                        "voprov:name": label,
                    },
                )
                entities[id] = entity
                influences[_configuration(configured, entity, "Parameter")] = None
                if described is not None:
                    target = self._entities[described.id]
                    influences[_influence(entity, target, DESCRIBED)] = None

    def _add_config_files(
        self, part: Statements, entities: dict[str, Entity], influences: dict[Relation, None]
    ) -> None:
        usages = part.relations.get("used", {})
        for id, usage, described in config_file_ids(self._descriptions, usages):
            attributes: Attributes = {
                "prov:label": described.name,
                "prov:type": qname("voprov:ConfigFile"),
                "prov:location": usage.target.attributes["prov:location"],
                "voprov:name": described.name,
            }
            file = entities[id] = Entity(id, attributes)
            configured = self.moved.get(usage.source, usage.source)
            influences[_configuration(configured, file, "Configfile")] = None
            influences[_influence(file, self._entities[described.id], DESCRIBED)] = None

    # Relations

    def _relations(self, kind: str, relations: Iterable[Relation]) -> Iterator[Relation]:
        """Yield relations between the elements of the view, with class, description and plan."""
        moved = self.moved.get
        voclass = RELATION_CLASSES.get(kind) if self._has_classes else None
        for relation, (pairs, arguments) in self._additions(kind, relations):
            if type(relation) is Relation and relation.type is None:
                # The many: their attributes are known.
                source, target, role = relation.source, relation.target, relation.role
                source, target = moved(source, source), moved(target, target)
                if pairs or arguments:
                    yield QualifiedRelation(
                        source, target, role, voclass, None, None, arguments, pairs
                    )
                else:
                    yield Relation(source, target, role, voclass)
            else:
                with_ends = relation.between(self.moved)
                if voclass is not None:
                    yield _with(with_ends, (("prov:type", qname(voclass)), *pairs), arguments)
                elif pairs or arguments:
                    yield _with(with_ends, pairs, arguments)
                else:
                    yield with_ends

    def _additions(
        self, kind: str, relations: Iterable[Relation]
    ) -> Iterator[tuple[Relation, tuple[_Pairs, _Arguments]]]:
        """Yield relations with the attribute that names a description, and with the plan."""
        nothing: tuple[_Pairs, _Arguments] = ((), ())
        known: dict[Description | None, tuple[_Pairs, _Arguments]] = {None: nothing}
        if kind in FLOWS:
            for relation, flow in self._descriptions.of_relations(kind, relations):
                if flow not in known:
                    known[flow] = ((DESCRIPTOR, qname(flow.id)),), ()  # type: ignore[union-attr]
                yield relation, known[flow]
        elif kind == "wasAssociatedWith":
            described = self._descriptions.described.get
            for relation in relations:
                plan = described(relation.source)
                if plan not in known:
                    known[plan] = (), ((_PLAN, self._entities[plan.id]),)  # type: ignore[union-attr]
                yield relation, known[plan]
        else:
            for relation in relations:
                yield relation, nothing


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


def _configuration(activity: Element, artefact: Entity, type: str) -> Relation:
    return relation_of(activity, artefact, (("prov:type", qname(CONFIGURED)), (ARTEFACT, type)))


def _influence(source: Element, target: Element, type: str) -> Relation:
    return Relation(source, target, None, type)


def _held(held: Value | list[Value] | None) -> list[Value]:
    if held is None:
        return []
    return held if isinstance(held, list) else [held]


def _is_parameter(name: str) -> bool:
    return name.startswith(PARAMETER)
