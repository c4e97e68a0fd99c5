"""Record the source positions of the statements in a graph.

The graph itself has none. Pass :class:`Positions` to the builder to record them
(``check`` does, ``convert`` does not).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provlog.model.graph import ABSENT, Activity, Element, ProvGraph, Relation, Statements
from provlog.model.relations import RELATIONS
from provlog.origin import Origin

__all__ = ["Positions"]


class Positions:
    """The first record of each statement.

    Attributes
    ----------
    elements : dict
        The first record about each entity, activity and session.
    relations : dict
        The first record of each relation, by kind (see
        :data:`~provlog.model.relations.RELATIONS`) and relation.
    ends : dict
        The record that states the end of each activity.
    parameters : dict
        The first record of each parameter, by activity and attribute name ``param:...``.
    bundles : dict
        The positions of the statements in the bundles of documents, by bundle name.
    """

    def __init__(self) -> None:
        self.elements: dict[Element, Origin] = {}
        self.relations: dict[str, dict[Relation, Origin]] = {kind: {} for kind in RELATIONS}
        self.ends: dict[Activity, Origin] = {}
        self.parameters: dict[tuple[Activity, str], Origin] = {}
        self.bundles: dict[str, Positions] = {}
        self._files: dict[str, int] = {}
        self._timed_ends: set[Activity] = set()

    def position(self, origin: Origin) -> tuple[int, int, int]:
        """Return the sort key of a record: logs in the order of reading, then line and column."""
        return self._files.get(origin.file, len(self._files)), origin.line, origin.column

    def element(self, element: Element, origin: Origin) -> None:
        """Add a record about an element."""
        known = self.elements.get(element)
        if known is None or _is_before(origin, known):
            self.elements[element] = origin
            self._files.setdefault(origin.file, len(self._files))

    def relation(self, kind: str, relation: Relation, origin: Origin) -> None:
        """Add a record of a relation, which is also a record of its two elements."""
        known = self.relations[kind].get(relation)
        if known is None or _is_before(origin, known):
            self.relations[kind][relation] = origin
        self.element(relation.source, origin)
        self.element(relation.target, origin)

    def end(self, activity: Activity, is_stated: bool, is_time: bool, origin: Origin) -> None:
        """Add a record that may state the end of an activity and may have a valid time."""
        self.element(activity, origin)
        if is_time and activity not in self._timed_ends:
            self._timed_ends.add(activity)
            self.ends[activity] = origin
        elif is_stated:
            self.ends.setdefault(activity, origin)

    def parameters_of(self, activity: Activity, names: Iterable[str], origin: Origin) -> None:
        """Add a record of parameters."""
        self.element(activity, origin)
        for name in names:
            self.parameters.setdefault((activity, name), origin)

    def add_graph(self, graph: ProvGraph, same: Mapping[Element, Element], origin: Origin) -> None:
        """Add all statements of a source that was read as a graph, with the same position.

        ``same`` maps elements to those that they were united with.
        """
        self._add_statements(graph, same, origin)
        for name, bundle in graph.bundles.items():
            self.bundles.setdefault(name, Positions())._add_statements(bundle, same, origin)

    def _add_statements(
        self, statements: Statements, same: Mapping[Element, Element], origin: Origin
    ) -> None:
        for element in statements.elements():
            found = same.get(element, element)
            self.element(found, origin)
            if isinstance(found, Activity):
                self.end(found, found.end is not None, found.end is not None, origin)
                names = (name for name in found.attributes if name.startswith("param:"))
                self.parameters_of(found, names, origin)
        for kind, relations in statements.relations.items():
            for relation in relations:
                ends = (relation.source, relation.target)
                if ABSENT not in ends:
                    self.relation(kind, relation.between(same), origin)
                    continue
                # Documents may omit an end. Checks need both elements.
                for end in ends:
                    if end is not ABSENT:
                        self.element(same.get(end, end), origin)

    def unite(self, same: Mapping[Element, Element]) -> None:
        """Move the positions of elements that were united with others."""
        if not same:
            return
        elements, self.elements = self.elements, {}
        for element, origin in elements.items():
            self.element(same.get(element, element), origin)
        for kind, relations in self.relations.items():
            self.relations[kind] = {}
            for relation, origin in relations.items():
                self.relation(kind, relation.between(same), origin)


def _is_before(origin: Origin, other: Origin) -> bool:
    """Return whether a record precedes another one in the same log.

    Logs are read one after the other, but a record that had to wait is added after later
    ones.
    """
    return origin.file == other.file and (origin.line, origin.column) < (other.line, other.column)
