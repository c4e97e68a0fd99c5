"""Convert descriptions to entities, and find them among entities.

Documents state descriptions as entities with a type.
Documents by voprov and by provlog both do so. The entities are not changed; the
descriptions are another view of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any

from provlog.building.undescribing import remove_descriptions
from provlog.model import descriptions as classes
from provlog.model.descriptions import (
    ActivityDescription,
    Description,
    Descriptions,
    EntityDescription,
    roles_of,
)
from provlog.model.graph import Element, Entity, ProvGraph, Statements, gathered
from provlog.model.values import Value, held_text, is_qualified_name, qname
from provlog.model.vodml import DESCRIBED, RELATED

__all__ = [
    "description_entity",
    "descriptions_in",
    "held_text",
    "is_description",
    "lift_descriptions",
    "type_names",
    "typed_entities",
]

_CLASSES: dict[str, type[Description]] = {
    f"voprov:{name}": getattr(classes, name)
    for name in (
        "ActivityDescription",
        "UsageDescription",
        "GenerationDescription",
        "EntityDescription",
        "ValueDescription",
        "DatasetDescription",
        "ParameterDescription",
        "ConfigFileDescription",
    )
}
_PROV_ROLES = ("name", "role")
_PARTS = {
    "UsageDescription": "usages",
    "GenerationDescription": "generations",
    "ParameterDescription": "parameters",
    "ConfigFileDescription": "config_files",
}


Types = Mapping[Entity, "Value | list[Value]"]


def typed_entities(part: Statements) -> Iterator[tuple[Entity, Value | list[Value]]]:
    """Yield the entities that have a qualified name as a type, with all of their types."""
    for entity in part.entities.values():
        types = entity.attributes.get("prov:type")
        if not isinstance(types, (str, NoneType)):
            yield entity, types


def descriptions_in(
    part: Statements, known: Descriptions, typed: Types | None = None
) -> Descriptions:
    """Return known descriptions together with those that entities represent.

    Parameters
    ----------
    part : Statements
        A graph or a bundle.
    known : Descriptions
        The known descriptions of the part; returned unchanged if there are no others.
    typed : mapping, optional
        The result of :func:`typed_entities`, if that is known.
    """
    found = dict(_found(dict(typed_entities(part)) if typed is None else typed))
    if not found:
        return known
    parts: defaultdict[Description, defaultdict[str, list[Description]]]
    parts = defaultdict(lambda: defaultdict(list))
    all = Descriptions()
    all.unite(known, {})
    for relation in part.relations.get("wasInfluencedBy", ()):
        target = found.get(relation.target)
        if target is None:
            continue
        if relation.type == DESCRIBED:
            all.described.setdefault(relation.source, target)
        elif relation.type == RELATED and (source := found.get(relation.source)) is not None:
            if isinstance(source, EntityDescription):
                parts[target]["entities"].append(source)
            else:
                parts[target][_PARTS.get(source.kind, "")].append(source)
    for owner, held in parts.items():
        for name, items in held.items():
            if hasattr(owner, name):
                setattr(owner, name, tuple(items))
    for described in found.values():
        all.add(described)
    return all


def lift_descriptions(graph: ProvGraph) -> None:
    """Turn the descriptions that a document states as entities into descriptions.

    The graph then answers questions like that of a log: no description counts as an entity.

    Parameters
    ----------
    graph : ProvGraph
        The graph, which is changed.
    """
    found = descriptions_in(graph, graph.descriptions)
    if found is not graph.descriptions:
        remove_descriptions(graph)
        graph.descriptions = found


def _found(typed: Types) -> Iterator[tuple[Element, Description]]:
    for entity, types in typed.items():
        for name in type_names(types):
            if name in _CLASSES:
                yield entity, _description(entity, _CLASSES[name])
                break


def _description(entity: Entity, kind: type[Description]) -> Description:
    held = entity.attributes
    # voprov writes names and roles as prov:name and prov:role, provlog as voprov:.
    fields: dict[str, Any] = {
        attribute: held_text(
            held.get(f"voprov:{role}")
            or (held.get(f"prov:{role}") if role in _PROV_ROLES else None)
        )
        for role, attribute in roles_of(kind)
        if attribute != "options"
    }
    if "name" in fields:
        fields["name"] = fields["name"] or entity.name
    has_options = any(attribute == "options" for _, attribute in roles_of(kind))
    if has_options and (options := held.get("voprov:options")):
        values = options if isinstance(options, list) else [options]
        fields["options"] = tuple(map(held_text, values))
    return kind(id=entity.id, **fields)


def type_names(types: Value | list[Value] | None) -> list[str]:
    """Return the types that are qualified names.

    Examples
    --------
    >>> type_names([qname("prov:Plan"), "File"])
    ['prov:Plan']
    """
    if isinstance(types, (str, NoneType)):
        return []
    held = types if isinstance(types, list) else [types]
    return [value.text for value in held if is_qualified_name(value)]


def description_entity(described: Description) -> Entity:
    """Return the entity that represents a description."""
    return Entity(described.id, gathered(_description_pairs(described)))


def _description_pairs(described: Description) -> Iterator[tuple[str, Value]]:
    roles = dict(described.roles())
    label = roles.get("name") or roles.get("role")
    if isinstance(label, str):
        yield "prov:label", label
    yield "prov:type", qname(f"voprov:{described.kind}")
    if isinstance(described, ActivityDescription):
        yield "prov:type", qname("prov:Plan")
    for name, value in roles.items():
        for text in [value] if isinstance(value, str) else value:
            yield f"voprov:{name}", text
    for name, held in described.attributes.items():
        for item in held if isinstance(held, list) else [held]:
            yield name, item


def is_description(element: Element) -> bool:
    """Return whether an entity represents a description."""
    return any(name in _CLASSES for name in type_names(element.attributes.get("prov:type")))
