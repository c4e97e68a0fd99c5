"""Activities that entities name as those that generated them, and that may be recorded elsewhere.

Which ones no source records is known at the end, when all sources have been read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provlog.model.events import MakerNamed
from provlog.model.graph import Activity, Entity, ProvGraph, Relation
from provlog.origin import Origin

__all__ = ["Makers"]


class Makers:
    """The activities that entities name."""

    def __init__(self) -> None:
        self._named: list[tuple[MakerNamed, Entity]] = []

    def add(self, event: MakerNamed, entity: Entity) -> None:
        """Take in that an entity names its maker."""
        self._named.append((event, entity))

    def unrecorded(
        self, graph: ProvGraph, activity_of: Callable[[MakerNamed], Activity]
    ) -> Iterator[tuple[Relation, Origin]]:
        """Yield the generations that no record states.

        Parameters
        ----------
        graph : ProvGraph
            All that is recorded.
        activity_of : callable
            Returns the activity that is named, a new one if no record speaks of it.
        """
        if not self._named:
            return
        stated = {(made.source, made.target) for made in graph.relations["wasGeneratedBy"]}
        for event, entity in self._named:
            activity = activity_of(event)
            if (entity, activity) not in stated:
                stated.add((entity, activity))
                yield Relation(entity, activity), event.origin
