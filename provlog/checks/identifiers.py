"""Check the identifiers of relations, which occur only in documents.

The numbers are those of W3C PROV-CONSTRAINTS, sections 6.1 and 6.4. Two statements about
one thing must agree in all arguments that both state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator

from provlog.building.positions import Positions
from provlog.checks.names import listing, named, quoted
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import ABSENT, Element, ProvGraph, QualifiedRelation, Relation
from provlog.model.relations import RELATIONS
from provlog.origin import Origin

__all__ = [
    "events_with_several_identifiers",
    "identifiers_with_several_meanings",
    "inconsistent_derivations",
    "members_of_empty_collections",
]

_Argument = Element | str
_Identified = tuple[str, Relation]

_OVERLAPPING = frozenset({"wasDerivedFrom", "wasInfluencedBy"})
"""Kinds that may share an identifier with a more specific relation."""

_UNIQUE = {
    "wasGeneratedBy": (24, "prov:activity"),
    "wasInvalidatedBy": (25, "prov:activity"),
    "wasStartedBy": (26, "prov:starter"),
    "wasEndedBy": (27, "prov:ender"),
}
"""Kinds of relation that are unique for a source and one argument."""


def identifiers_with_several_meanings(
    graph: ProvGraph, positions: Positions
) -> Iterator[Diagnostic]:
    """Yield identifiers of relations that stand for several things.

    An identifier must not denote two relations of one kind with different arguments
    (constraint 23, key-properties), relations of two kinds (53,
    impossible-property-overlap), or a relation and an element (54,
    impossible-object-property-overlap).
    """
    for name, statements in _by_identifier(graph).items():
        origin = _place(statements[0][1], positions)
        kinds = dict.fromkeys(kind for kind, _ in statements)
        specific = [kind for kind in kinds if kind not in _OVERLAPPING]
        elements = [
            kind
            for kind, table in (
                ("an entity", graph.entities),
                ("an activity", graph.activities),
                ("an agent", graph.agents),
            )
            if name in table
        ]
        if elements or len(specific) > 1:
            meanings = [*elements, *(f"a {kind} statement" for kind in kinds)]
            message = f"identifier {quoted(name)} is that of {listing(meanings)}"
            yield Diagnostic("PL411", origin, message)
        for kind in kinds:
            same_kind = [held for held_kind, held in statements if held_kind == kind]
            arguments = _difference(kind, same_kind)
            if arguments:
                message = (
                    f"identifier {quoted(name)} is that of several {kind} statements with "
                    f"different arguments: {listing(arguments)}"
                )
                yield Diagnostic("PL411", origin, message)


def events_with_several_identifiers(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield events that two statements identify or describe differently (constraints 24 to 27).

    One activity generates or invalidates an entity once, and one activity starts or ends
    another once.
    """
    for kind, (number, other) in _UNIQUE.items():
        events: defaultdict[tuple[Element, _Argument], list[Relation]] = defaultdict(list)
        for relation in graph.relations[kind]:
            arguments = _arguments(kind, relation)
            if (cause := arguments.get(other)) is not None and relation.source is not ABSENT:
                events[relation.source, cause].append(relation)
        for (effect, cause), relations in events.items():
            names = sorted({name for held in relations if (name := _identifier(held)) is not None})
            differing = [f"identifiers {listing(names)}"] if len(names) > 1 else []
            differing += _difference(kind, relations)
            if differing:
                message = (
                    f"{kind} of {_shown(effect)} and {_shown(cause)} is stated with different "
                    f"{listing(differing)} (constraint {number})"
                )
                yield Diagnostic("PL412", _place(relations[0], positions), message)


def inconsistent_derivations(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield derivations that contradict the generation or usage that they name.

    A derivation with a generation or usage must name the activity (constraint 51,
    impossible-unspecified-derivation-generation-use), and the three statements must agree
    (inference 11 with constraint 23).
    """
    identified = _by_identifier(graph)
    for relation in graph.relations["wasDerivedFrom"]:
        if not isinstance(relation, QualifiedRelation) or not relation.arguments:
            continue
        arguments = _arguments("wasDerivedFrom", relation)
        activity = arguments.get("prov:activity")
        for name, kind, entity in (
            ("generation", "wasGeneratedBy", relation.source),
            ("usage", "used", relation.target),
        ):
            event = arguments.get(f"prov:{name}")
            if event is None:
                continue
            derivation = f"the derivation of {_shown(relation.source)}"
            if activity is None:
                message = f"{derivation} names a {name} but not the activity (constraint 51)"
                yield Diagnostic("PL413", _place(relation, positions), message)
            expected = {"prov:entity": entity, "prov:activity": activity}
            for held_kind, held in identified.get(str(event), ()):
                stated = _arguments(held_kind, held)
                wrong = [
                    argument.removeprefix("prov:")
                    for argument, wanted in expected.items()
                    if not _agree(wanted, stated.get(argument))
                ]
                if held_kind != kind or wrong:
                    what = listing(wrong) if held_kind == kind else f"kind: {held_kind}"
                    message = (
                        f"{derivation} names the {name} {quoted(str(event))}, which has another "
                        f"{what}"
                    )
                    yield Diagnostic("PL413", _place(relation, positions), message)


def members_of_empty_collections(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield empty collections with a member (constraint 56, membership-empty-collection)."""
    for collection in dict.fromkeys(held.source for held in graph.relations["hadMember"]):
        is_empty = "prov:EmptyCollection" in collection.values("prov:type")
        if is_empty and collection in positions.elements:
            message = f"collection {named(collection)} is empty, but has a member"
            yield Diagnostic("PL414", positions.elements[collection], message)


def _identifier(relation: Relation) -> str | None:
    return relation.id if isinstance(relation, QualifiedRelation) else None


def _by_identifier(graph: ProvGraph) -> dict[str, list[_Identified]]:
    found: defaultdict[str, list[_Identified]] = defaultdict(list)
    for kind, relations in graph.relations.items():
        for relation in relations:
            if (name := _identifier(relation)) is not None:
                found[name].append((kind, relation))
    return dict(found)


def _arguments(kind: str, relation: Relation) -> dict[str, _Argument]:
    """Return the arguments that a relation states, by name, except for its time."""
    described = RELATIONS[kind]
    ends = {described.source.name: relation.source, described.target.name: relation.target}
    known: dict[str, _Argument] = {name: end for name, end in ends.items() if end is not ABSENT}
    return known | dict(getattr(relation, "arguments", ()))


def _difference(kind: str, relations: list[Relation]) -> list[str]:
    """Return the names of the arguments in which statements of one kind differ."""
    values: defaultdict[str, set[Hashable]] = defaultdict(set)
    for relation in relations:
        for name, held in _arguments(kind, relation).items():
            values[name].add(_name(held))
    return [name.removeprefix("prov:") for name, held in values.items() if len(held) > 1]


def _agree(first: _Argument | None, second: _Argument | None) -> bool:
    return first is None or second is None or _name(first) == _name(second)


def _name(argument: _Argument) -> str:
    return argument.id if isinstance(argument, Element) else argument


def _shown(argument: _Argument) -> str:
    return named(argument) if isinstance(argument, Element) else quoted(argument)


def _place(relation: Relation, positions: Positions) -> Origin:
    ends = (relation.source, relation.target)
    return next(positions.elements[end] for end in ends if end in positions.elements)
