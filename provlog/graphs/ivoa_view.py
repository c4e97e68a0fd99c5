"""Express the descriptions of a graph as statements of W3C PROV.

The conventions are those of the ``voprov`` package: descriptions, parameters and
configuration files are entities with a type such as ``voprov:ActivityDescription``, and the
references among them are influences with a type. An ActivityDescription is also the plan of
its activities' associations. docs/ivoa.md lists the differences from voprov and the reasons.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from provlog.graphs.classed import Classed, held_values, is_parameter
from provlog.graphs.typed_entities import description_entity
from provlog.model.configuration import PARAMETER, config_file_ids, parameter_id, parameter_name
from provlog.model.descriptions import (
    Descriptions,
    FlowDescription,
)
from provlog.model.graph import (
    Activity,
    Attributes,
    Element,
    Entity,
    ProvGraph,
    Relation,
    Statements,
    relation_of,
)
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import qname
from provlog.model.vodml import (
    ARTEFACT,
    CONFIGURED,
    DESCRIBED,
    RELATED,
)

__all__ = ["plain", "with_descriptions"]


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
        self._descriptions = descriptions
        self._parameters = parameters
        # Definitions that describe nothing in the graph give nothing a class.
        self._has_classes = classes and bool(descriptions.described)
        self._entities = {
            described.id: description_entity(described) for described, _ in descriptions.all()
        }
        self._classed = Classed(descriptions, self._entities, parameters, self._has_classes)
        self.moved = self._classed.moved

    def statements(self, part: Statements) -> dict[str, Any]:
        """Return the fields of a graph or bundle, with the descriptions of its elements added."""
        entities, activities, agents = part.entities, part.activities, part.agents
        relations, classed = part.relations, self._classed
        if self._has_classes:
            entities, agents = classed.entities(entities), classed.agents(agents)
        if self._has_classes or self._parameters:
            activities = classed.activities(activities)
        if self.moved or self._descriptions.described:
            relations = {kind: classed.relations(kind, held) for kind, held in relations.items()}
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

    def _add_parameters(
        self, activity: Activity, entities: dict[str, Entity], influences: dict[Relation, None]
    ) -> None:
        configured = self.moved.get(activity, activity)
        for name, held in activity.attributes.items():
            if not is_parameter(name):
                continue
            described = self._descriptions.of_parameter(activity, name)
            label = described.name if described is not None else name[len(PARAMETER) :]
            first = parameter_id(activity.id, parameter_name(name))
            for value in held_values(held):
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


def _configuration(activity: Element, artefact: Entity, type: str) -> Relation:
    return relation_of(activity, artefact, (("prov:type", qname(CONFIGURED)), (ARTEFACT, type)))


def _influence(source: Element, target: Element, type: str) -> Relation:
    return Relation(source, target, None, type)
