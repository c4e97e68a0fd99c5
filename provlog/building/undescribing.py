"""Remove descriptions from a graph, including those that a document states as entities."""

from __future__ import annotations

from collections.abc import Iterator

from provlog.model.descriptions import Descriptions
from provlog.model.graph import (
    ABSENT,
    Attributes,
    Entity,
    ProvGraph,
    QualifiedRelation,
    Relation,
    Statements,
    gathered,
    relation_of,
)
from provlog.model.values import Value, qname
from provlog.model.vodml import (
    CLASSES,
    DESCRIBED,
    DESCRIPTOR,
    ELEMENT_CLASSES,
    RELATED,
    RELATION_CLASSES,
)

__all__ = ["remove_descriptions"]

_DESCRIPTIONS = frozenset(
    qname(f"voprov:{name}") for name in CLASSES if name.endswith("Description")
)
_INFLUENCES = frozenset({DESCRIBED, RELATED})
_COLLECTION = qname("voprov:Collection")
_REPEATED = frozenset(map(qname, {*ELEMENT_CLASSES, *RELATION_CLASSES.values()})) - {_COLLECTION}


def remove_descriptions(graph: ProvGraph) -> None:
    """Remove descriptions from a graph, and all references to them.

    Documents state descriptions as entities with a type, to which influences, plans and
    attributes refer. The classes of other elements and relations, such as
    ``voprov:Usage``, are removed as well. Parameters and configuration files are kept.

    Parameters
    ----------
    graph : ProvGraph
        The graph, which is changed.
    """
    graph.descriptions = Descriptions()
    parts = (graph, *graph.bundles.values())
    # By id, because a bundle refers to descriptions outside of it.
    found = {entity.id for part in parts for entity in part.entities.values() if _describes(entity)}
    for part in parts:
        part.entities = {
            name: entity for name, entity in part.entities.items() if entity.id not in found
        }
        for element in part.elements():
            _remove_classes(element.attributes)
        _remove_from_relations(part, found)


def _describes(entity: Entity) -> bool:
    return any(name == "prov:type" and value in _DESCRIPTIONS for name, value in entity.pairs())


def _remove_classes(attributes: Attributes) -> None:
    held = attributes.get("prov:type")
    if held is None:
        return
    types = held if isinstance(held, list) else [held]
    # voprov marks a collection only by its own class.
    repeated = _REPEATED | ({_COLLECTION} if qname("prov:Collection") in types else set())
    kept = [value for value in types if value not in repeated]
    if len(kept) == len(types):
        return
    if kept:
        attributes.update(gathered(("prov:type", value) for value in kept))
    else:
        del attributes["prov:type"]


def _remove_from_relations(part: Statements, found: set[str]) -> None:
    for kind, relations in part.relations.items():
        part.relations[kind] = {
            kept: None for relation in relations for kept in _without(relation, found)
        }


def _without(relation: Relation, found: set[str]) -> Iterator[Relation]:
    """Yield the relation without descriptions, unless it only relates an element to one."""
    if relation.source.id in found or relation.target.id in found or relation.type in _INFLUENCES:
        return
    pairs = [pair for pair in relation.pairs() if not _is_about_descriptions(*pair)]
    if not isinstance(relation, QualifiedRelation):
        yield relation_of(relation.source, relation.target, pairs)
        return
    arguments = tuple(
        (name, held)
        for name, held in relation.arguments
        if isinstance(held, str) or held.id not in found
    )
    if relation.target is ABSENT and len(arguments) < len(relation.arguments):
        return
    yield relation_of(
        relation.source,
        relation.target,
        pairs,
        id=relation.id,
        time=relation.time,
        arguments=arguments,
    )


def _is_about_descriptions(name: str, value: Value) -> bool:
    return name == DESCRIPTOR or (name == "prov:type" and value in _REPEATED)
