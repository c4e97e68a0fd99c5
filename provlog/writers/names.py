"""Spell the qualified names of foreign documents as a format demands."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from typing import TypeVar

from msgspec.structs import replace

from provlog.model.graph import Element, QualifiedRelation, Relation, Statements, relation_of
from provlog.model.identifiers import are_plain

__all__ = ["spelled"]

E = TypeVar("E", bound=Element)


def spelled(
    statements: Statements,
    spell: Callable[[str], str],
    spell_attribute: Callable[[str], str] | None = None,
) -> Statements:
    """Return statements whose elements have the names that a format writes.

    Names that provlog makes need no change. The ends of a relation keep their names; the
    writer of qualified relations spells them.

    Parameters
    ----------
    statements : Statements
        A graph or a bundle; it stays as it is.
    spell : callable
        From a qualified name to the format's spelling of it.
    spell_attribute : callable, optional
        The same for the names of attributes.
    """
    kinds = (statements.entities, statements.activities, statements.agents)
    used = (element.attributes for elements in kinds for element in elements.values())
    if all(are_plain(elements) for elements in kinds) and (
        spell_attribute is None or are_plain(set(chain.from_iterable(used)))
    ):
        return statements
    spell_attribute = spell_attribute or str

    def respelled(elements: dict[str, E]) -> dict[str, E]:
        return {
            name: replace(
                element,
                id=spell(name),
                attributes={spell_attribute(key): held for key, held in element.attributes.items()},
            )
            for name, element in elements.items()
        }

    return Statements(
        entities=respelled(statements.entities),
        activities=respelled(statements.activities),
        agents=respelled(statements.agents),
        relations={
            kind: dict.fromkeys(map(_qualified, relations))
            for kind, relations in statements.relations.items()
        },
    )


def _qualified(relation: Relation) -> Relation:
    """Return a relation as one that writers take a look at if one of its names needs it."""
    if isinstance(relation, QualifiedRelation):
        return relation
    return relation_of(relation.source, relation.target, relation.pairs())
