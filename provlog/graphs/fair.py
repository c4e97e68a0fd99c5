"""Count the elements that are findable, accessible, interoperable and reusable (FAIR).

The principles are those of Wilkinson et al. 2016, https://doi.org/10.1038/sdata.2016.18.
The criteria are those that the IVOA Provenance Data Model can express.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import NamedTuple, TypeVar

from provlog.model.descriptions import DatasetDescription, ParameterDescription, ValueDescription
from provlog.model.graph import Activity, Element, Entity, ProvGraph
from provlog.model.identifiers import is_global

__all__ = ["Criterion", "fair"]

T = TypeVar("T")


class Criterion(NamedTuple):
    """A criterion, with the number of elements that meet it and the number of all elements.

    Parameters
    ----------
    principle : str
        ``findable``, ``accessible``, ``interoperable`` or ``reusable``.
    criterion : str
        The criterion.
    met, total : int
        The number of elements that meet it, and of all elements of that kind.
    """

    principle: str
    criterion: str
    met: int
    total: int


def fair(graph: ProvGraph) -> list[Criterion]:
    """Return how many elements meet each criterion.

    Examples
    --------
    >>> [item.principle for item in fair(ProvGraph())][:2]
    ['findable', 'findable']
    """
    sessions = set(graph.sessions.values())
    activities = [item for item in graph.activities.values() if item not in sessions]
    entities = list(graph.entities.values())
    descriptions = graph.descriptions
    parts = [described for described, _ in descriptions.all()]
    values = [it for it in parts if isinstance(it, (ParameterDescription, ValueDescription))]
    generated = {relation.source for relation in graph.relations["wasGeneratedBy"]}
    credited = {relation.source for relation in graph.relations.get("wasAttributedTo", ())}
    associated: set[Element] = {it.source for it in graph.relations["wasAssociatedWith"]}

    def has_id(entity: Entity) -> bool:
        return any(is_global(str(raw)) for raw in entity.values("dcterms:identifier"))

    def has_agent(activity: Activity) -> bool:
        return activity in associated or activity.session in associated

    def has_format(entity: Entity) -> bool:
        described = descriptions.of_entity(entity)
        return "dcterms:format" in entity.attributes or (
            isinstance(described, DatasetDescription) and bool(described.content_type)
        )

    located = [entity for entity in entities if "prov:location" in entity.attributes]
    actions = [descriptions.of_activity(activity) for activity in activities]
    return [
        _count("findable", "entities with an id that is the same everywhere", entities, has_id),
        _count("findable", "entities with a name", entities, lambda it: it.label != it.id),
        Criterion("accessible", "entities with a location", len(located), len(entities)),
        _count("interoperable", "entities with a location and a media type", located, has_format),
        _count("interoperable", "entities with a description", entities,
               lambda it: it in descriptions.described),
        _count("interoperable", "described values with a unit", values, lambda it: bool(it.unit)),
        _count("interoperable", "described values with a UCD", values, lambda it: bool(it.ucd)),
        _count("reusable", "activities with a description", actions, lambda it: it is not None),
        _count("reusable", "activities with the version of their code", actions,
               lambda it: it is not None and bool(it.version)),
        _count("reusable", "activities with an agent", activities, has_agent),
        _count("reusable", "activities with a start and an end", activities,
               lambda it: bool(it.start and it.end)),
        Criterion("reusable", "generated entities that are attributed to an agent",
                  len(generated & credited), len(generated)),
    ]  # fmt: skip


def _count(
    principle: str, criterion: str, items: Collection[T], meets: Callable[[T], bool]
) -> Criterion:
    return Criterion(principle, criterion, sum(map(meets, items)), len(items))
