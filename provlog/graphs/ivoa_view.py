"""Express the descriptions of a graph as statements of W3C PROV.

The conventions are those of the ``voprov`` package: descriptions, parameters and
configuration files are entities with a type such as ``voprov:ActivityDescription``, and the
references among them are influences with a type. An ActivityDescription is also the plan of
its activities' associations. docs/ivoa.md lists the differences from voprov and the reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec.structs import replace

from provlog.model.descriptions import (
    ActivityDescription,
    Description,
    Descriptions,
    FlowDescription,
    entity_class,
)
from provlog.model.graph import (
    Activity,
    Attributes,
    Element,
    Entity,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    gathered,
    relation_of,
)
from provlog.model.identifiers import local_name
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import Value, qname
from provlog.model.vodml import ARTEFACT, CLASSES, CONFIGURED, DESCRIBED, DESCRIPTOR, RELATED

__all__ = [
    "is_description", "parameter_id", "parameter_name", "plain", "with_descriptions",
]  # fmt: skip

_PARAMETER = "param:"
_PLAN = "prov:plan"
_DESCRIPTIONS = frozenset(name.lower() for name in CLASSES if name.endswith("Description"))

_Relations = dict[str, dict[Relation, None]]


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
    view = _View(graph.descriptions, parameters)
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
    view = plain(graph)
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


def is_description(element: Element) -> bool:
    """Return whether an entity represents a description."""
    return element.id.partition(":")[2].partition("-")[0] in _DESCRIPTIONS and any(
        str(name).removeprefix("voprov:").endswith("Description")
        for name in element.values("prov:type")
    )


class _View:
    """Converter of a graph and its bundles.

    Attributes
    ----------
    moved : dict
        The new elements, by the elements of the graph that they replace.
    """

    def __init__(self, descriptions: Descriptions, parameters: bool) -> None:
        self.moved: dict[Element, Element] = {}
        self._descriptions = descriptions
        self._parameters = parameters
        self._entities = {
            described.id: Entity(described.id, _attributes(described))
            for described, _ in descriptions.all()
        }

    def statements(self, part: Statements) -> dict[str, Any]:
        """Return the fields of a graph or bundle, with the descriptions of its elements added."""
        relations: _Relations = {}
        entities = {name: self._entity(entity) for name, entity in part.entities.items()}
        activities = {name: self._activity(item) for name, item in part.activities.items()}
        for kind, held in part.relations.items():
            convert = _CONVERTERS.get(kind, _View._other)
            relations[kind] = {convert(self, relation): None for relation in held}
        influences = relations.setdefault("wasInfluencedBy", {})
        for element in part.elements():
            described = self._descriptions.described.get(element)
            if described is not None:
                target = self._entities[described.id]
                influences[_influence(self.moved.get(element, element), target, DESCRIBED)] = None
        if self._parameters:
            for activity in part.activities.values():
                self._add_parameters(activity, entities, influences)
        return {
            "entities": entities,
            "activities": activities,
            "agents": part.agents,
            "relations": relations,
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

    def _entity(self, entity: Entity) -> Entity:
        voclass = entity_class(self._descriptions.described.get(entity))
        if voclass is None:
            return entity
        if entity not in self.moved:
            types = [*_held(entity.attributes.get("prov:type")), qname(f"voprov:{voclass}")]
            attributes: Attributes = {**entity.attributes, **gathered(_pairs("prov:type", types))}
            self.moved[entity] = replace(entity, attributes=attributes)
        return self.moved[entity]  # type: ignore[return-value]

    def _activity(self, activity: Activity) -> Activity:
        attributes = activity.attributes
        if not self._parameters or not any(map(_is_parameter, attributes)):
            return activity
        if activity not in self.moved:
            rest = {name: held for name, held in attributes.items() if not _is_parameter(name)}
            self.moved[activity] = replace(activity, attributes=rest)
        return self.moved[activity]  # type: ignore[return-value]

    def _add_parameters(
        self, activity: Activity, entities: dict[str, Entity], influences: dict[Relation, None]
    ) -> None:
        configured = self.moved.get(activity, activity)
        for name, held in activity.attributes.items():
            if not _is_parameter(name):
                continue
            described = self._descriptions.of_parameter(activity, name)
            label = described.name if described is not None else name[len(_PARAMETER) :]
            first = parameter_id(activity, parameter_name(name))
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
                pairs = (
                    ("prov:type", qname(CONFIGURED)),
                    (ARTEFACT, "Parameter"),
                )
                influences[relation_of(configured, entity, pairs)] = None
                if described is not None:
                    target = self._entities[described.id]
                    influences[_influence(entity, target, DESCRIBED)] = None

    # Relations

    def _other(self, relation: Relation) -> Relation:
        return self._moved(relation)

    def _used(self, relation: Relation) -> Relation:
        return self._flow("used", relation)

    def _generated(self, relation: Relation) -> Relation:
        return self._flow("wasGeneratedBy", relation)

    def _flow(self, kind: str, relation: Relation) -> Relation:
        described = self._descriptions.of_relation(kind, relation)
        moved = self._moved(relation)
        if described is None:
            return moved
        return _with(moved, pair=(DESCRIPTOR, qname(described.id)))

    def _associated(self, relation: Relation) -> Relation:
        described = self._descriptions.of_activity(relation.source)
        moved = self._moved(relation)
        known = moved.arguments if isinstance(moved, QualifiedRelation) else ()
        if described is None or any(name == _PLAN for name, _ in known):
            return moved
        return _with(moved, argument=(_PLAN, self._entities[described.id]))

    def _moved(self, relation: Relation) -> Relation:
        return relation.between(self.moved) if self.moved else relation


_CONVERTERS: dict[str, Callable[[_View, Relation], Relation]] = {
    "used": _View._used,
    "wasGeneratedBy": _View._generated,
    "wasAssociatedWith": _View._associated,
}


def _with(
    relation: Relation,
    *,
    pair: tuple[str, Value] | None = None,
    argument: tuple[str, Element] | None = None,
) -> Relation:
    """Return a relation with one more attribute or argument."""
    qualified = relation if isinstance(relation, QualifiedRelation) else None
    arguments = qualified.arguments if qualified is not None else ()
    return relation_of(
        relation.source,
        relation.target,
        [*relation.pairs(), *([pair] if pair else [])],
        id=qualified.id if qualified is not None else None,
        time=qualified.time if qualified is not None else None,
        arguments=(*arguments, argument) if argument else arguments,
    )


def _influence(source: Element, target: Element, type: str) -> Relation:
    return Relation(source, target, None, type)


def _attributes(described: Description) -> Attributes:
    """Return the attributes of the entity that represents a description."""
    return gathered(_description_pairs(described))


def _description_pairs(described: Description) -> Iterator[tuple[str, Value]]:
    roles = dict(described.roles())
    label = roles.get("name") or roles.get("role")
    if isinstance(label, str):
        yield "prov:label", label
    yield "prov:type", qname(f"voprov:{described.kind}")
    if isinstance(described, ActivityDescription):
        yield "prov:type", qname("prov:Plan")
    for name, value in roles.items():
        yield from _pairs(f"voprov:{name}", [value] if isinstance(value, str) else [*value])
    for name, held in described.attributes.items():
        yield from _pairs(name, _held(held))


def _pairs(name: str, values: list[Value] | list[str]) -> Iterator[tuple[str, Value]]:
    for value in values:
        yield name, value


def _held(held: Value | list[Value] | None) -> list[Value]:
    if held is None:
        return []
    return held if isinstance(held, list) else [held]


def _is_parameter(name: str) -> bool:
    return name.startswith(_PARAMETER)


def parameter_id(activity: Activity, name: str) -> str:
    """Return the id of a parameter as an entity or a row.

    Parameters
    ----------
    activity : Activity
        The activity that the parameter configured.
    name : str
        The parameter's name as :func:`parameter_name` returns it.

    Examples
    --------
    >>> parameter_id(Activity("log:activity-s-1", {}), "energy_min")
    'log:parameter-s-1-energy_min'
    """
    prefix, _, local = activity.id.rpartition(":")
    return f"{prefix}:parameter-{local.removeprefix('activity-')}-{name}"


def parameter_name(attribute: str) -> str:
    """Return the name of a parameter for ids, from its attribute's name, ``param:...``.

    Examples
    --------
    >>> parameter_name("param:energy_min")
    'energy_min'
    """
    return local_name(attribute[len(_PARAMETER) :])
