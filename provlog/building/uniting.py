"""Unite graphs with final identifiers, such as those of PROV documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from provlog.building.attributes import Merger, mapping_of
from provlog.building.renaming import free_prefix, rename_prefixes
from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.graph import (
    Activity,
    Bundle,
    Element,
    ProvGraph,
    Relation,
    SecondHand,
    Statements,
)
from provlog.model.instants import same_instant
from provlog.model.values import Literal, Value, literal, moment
from provlog.origin import Origin

__all__ = ["Union", "is_described", "unite"]

SESSION = "provlog:Session"

_NOWHERE = Origin("", 0, 0)

_Element = TypeVar("_Element", bound=Element)


def unite(
    graph: ProvGraph, other: ProvGraph, origin: Origin = _NOWHERE, *, is_alone: bool = False
) -> dict[Element, Element]:
    """Add all statements of another graph to a graph.

    Elements with the same identifier become one, with the attributes of both. If a prefix
    stands for different IRIs, or provlog uses it for another one, it is renamed in the other
    graph. Two prefixes for one IRI become one.

    Parameters
    ----------
    graph : ProvGraph
        The graph that is extended.
    other : ProvGraph
        The graph whose statements are added. Do not use it again, because the two graphs
        share elements.
    origin : Origin, optional
        The source of ``other``, for diagnostics about contradictions with ``graph``.
    is_alone : bool, optional
        Whether nothing is added besides: the other graph then keeps all of its prefixes.

    Returns
    -------
    dict
        The replaced elements of the other graph, mapped to their replacements.
    """
    _unite_namespaces(graph, other, is_alone)
    union = Union(graph.diagnostics.append, origin, graph.second_hand)
    union.add(graph, other)
    for name, bundle in other.bundles.items():
        home = graph.bundles.setdefault(name, Bundle(id=name))
        home.namespaces = {**bundle.namespaces, **home.namespaces}
        union.add(home, bundle)
    same = union.same
    for raw, session in other.sessions.items():
        first = same.get(session, session)
        assert isinstance(first, Activity)
        graph.sessions.setdefault(raw, first)
    graph.descriptions.unite(other.descriptions, same)
    graph.diagnostics += other.diagnostics
    return same


def is_described(element: Element) -> bool:
    """Return whether a source states more of an element than its name."""
    times = (element.start, element.end) if isinstance(element, Activity) else ()
    return bool(element.attributes) or any(times)


class Union:
    """The union of one source with earlier ones.

    ``same`` maps elements of that source to earlier elements with the same name.

    Parameters
    ----------
    report : callable
        Takes the diagnostics about contradictions.
    origin : Origin
        The source, for these diagnostics.
    second_hand : SecondHand, optional
        The earlier statements that give way to those of the source.
    """

    def __init__(
        self, report: Report, origin: Origin = _NOWHERE, second_hand: SecondHand | None = None
    ) -> None:
        self.same: dict[Element, Element] = {}
        self._report = report
        self._origin = origin
        self._second_hand = second_hand or SecondHand()
        self._merger = Merger(report)

    def add(self, known: Statements, other: Statements) -> None:
        """Add all statements."""
        self._add_elements(known.entities, other.entities)
        self._add_elements(known.activities, other.activities)
        self._add_elements(known.agents, other.agents)
        same = self.same
        for kind, relations in other.relations.items():
            moved = [relation.between(same) for relation in relations] if same else relations
            held = known.relations.setdefault(kind, {})
            if kind == "wasGeneratedBy" and self._second_hand.generations:
                self._drop_repeated(held, moved)
            held.update(dict.fromkeys(moved))

    def _drop_repeated(self, known: dict[Relation, None], others: Iterable[Relation]) -> None:
        """Remove the second-hand generations that the source states itself."""
        for made in others:
            pair = made.source, made.target
            if pair in self._second_hand.generations:
                del self._second_hand.generations[pair]
                known.pop(Relation(*pair), None)

    def _add_elements(self, known: dict[str, _Element], others: dict[str, _Element]) -> None:
        for name, element in others.items():
            first = known.setdefault(name, element)
            if first is element:
                continue
            self.same[element] = first
            self.element(first, element)

    def element(self, first: Element, second: Element) -> None:
        """Add another description of an element, as the builder does."""
        if isinstance(first, Activity) and first in self._second_hand.activities:
            assert isinstance(second, Activity)
            if is_described(second):
                self._second_hand.activities.remove(first)
                first.attributes = second.attributes
                first.start, first.end = second.start, second.end
            return
        is_session = all(SESSION in one.values("prov:type") for one in (first, second))
        for name, held in second.attributes.items():
            values = held if isinstance(held, list) else [held]
            if is_session and name in first.attributes:
                values = [*_news(first.attributes[name], values)]
            for value in values:
                self._merger.add(first, name, value, self._origin)
        if isinstance(first, Activity) and isinstance(second, Activity):
            self._add_times(first, second, is_session)

    def _add_times(self, first: Activity, second: Activity, is_session: bool) -> None:
        """Add missing times; report different ones and keep them as attributes.

        A session starts at its earliest start.
        """
        for name, attribute, code in (
            ("start", "log:startTime", "PL303"),
            ("end", "log:endTime", "PL302"),
        ):
            time, other = getattr(first, name), getattr(second, name)
            if time is None:
                setattr(first, name, other)
            elif other is not None and not same_instant(other, time):
                if is_session and name == "start":
                    first.start, other = sorted((time, other), key=moment)
                message = (
                    f"activity {first.id!r} has the {name} {getattr(first, name)} already: "
                    f"{other} is kept as {attribute}"
                )
                self._report(Diagnostic(code, self._origin, message))
                self._merger.add(first, attribute, Literal(other, "xsd:dateTime"), self._origin)


def _news(known: Value | list[Value], values: list[Value]) -> Iterator[Value]:
    """Yield the values of a session's attribute; of mappings only the keys that differ.

    The later mappings of a log are differences from its first one already.
    """
    base = mapping_of(known[0] if isinstance(known, list) else known)
    first = mapping_of(values[0])
    for value in values:
        own = mapping_of(value)
        if not base or not own:
            yield value
            continue
        whole = {**first, **own}
        news = {key: item for key, item in whole.items() if key not in base or base[key] != item}
        if news:
            yield literal(news)


def _unite_namespaces(graph: ProvGraph, other: ProvGraph, is_alone: bool) -> None:
    """Declare the prefixes of the other graph, and rename those that are in use."""
    if is_alone:
        graph.namespaces.update(other.namespaces)
        return
    prefixes = {iri: prefix for prefix, iri in graph.namespaces.items()}
    renamed = {}
    for prefix, iri in other.namespaces.items():
        own = prefixes.get(iri)
        if own is None:
            own = free_prefix(prefix, graph.namespaces)
        graph.namespaces[own] = iri
        if own != prefix:
            renamed[prefix] = own
    if renamed:
        rename_prefixes(other, renamed)
