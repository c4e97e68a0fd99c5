"""Spell the qualified names of other programs' documents as a format demands."""

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
    """Return statements whose elements have names in the spelling of a format.

    Names that provlog creates are valid in every format. The ends of a relation keep their
    names; the writer of qualified relations spells them.

    Parameters
    ----------
    statements : Statements
        A graph or a bundle; it is not changed.
    spell : callable
        Returns the format's spelling of a qualified name.
    spell_attribute : callable, optional
        Returns the format's spelling of an attribute's name.
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
    """Return a relation as a qualified one, whose names writers spell, if a name needs it."""
    if isinstance(relation, QualifiedRelation):
        return relation
    return relation_of(relation.source, relation.target, relation.pairs())
