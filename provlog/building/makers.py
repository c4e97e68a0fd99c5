"""The activities that entities name as their generators; another source may record them.

After the last source, provlog adds the generations that no source records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provlog.model.events import MakerNamed
from provlog.model.graph import Activity, Entity, ProvGraph, Relation
from provlog.origin import Origin

__all__ = ["Makers"]


class Makers:
    """The activities that entities name as their generators."""

    def __init__(self) -> None:
        self._named: list[tuple[MakerNamed, Entity]] = []

    def add(self, event: MakerNamed, entity: Entity) -> None:
        """Add an entity that names its activity."""
        self._named.append((event, entity))

    def unrecorded(
        self, graph: ProvGraph, activity_of: Callable[[MakerNamed], Activity]
    ) -> Iterator[tuple[Relation, Origin]]:
        """Yield the generations that no source records, and note that they are second-hand.

        Parameters
        ----------
        graph : ProvGraph
            The recorded provenance.
        activity_of : callable
            Returns the activity of an event; a new one if no record describes it.
        """
        if not self._named:
            return
        stated = {(made.source, made.target) for made in graph.relations["wasGeneratedBy"]}
        for event, entity in self._named:
            activity = activity_of(event)
            if (entity, activity) not in stated:
                stated.add((entity, activity))
                graph.second_hand.generations[entity, activity] = None
                yield Relation(entity, activity), event.origin
