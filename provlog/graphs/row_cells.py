"""The cells of values and relations in tables, and the rest that tables cannot hold."""

from __future__ import annotations

from collections.abc import Iterator

from provlog.model.graph import ABSENT, QualifiedRelation, Relation
from provlog.model.tables import ATTRIBUTION, ATTRIBUTION_ROLE
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Value

__all__ = ["fits_table", "further_attributes", "value_cells"]


def further_attributes(relation: Relation) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """Yield the attributes and arguments for which ``Relation`` has no columns."""
    if relation.role == "":
        yield "prov:role", ("", "", "")
    if isinstance(relation, QualifiedRelation):
        for name, held in relation.arguments:
            yield name, (held if isinstance(held, str) else held.id, QUALIFIED_NAME, "")
        for name, value in relation.attributes:
            yield name, value_cells(value)


def fits_table(kind: str, relation: Relation, columns: set[str]) -> bool:
    """Return whether the columns of a table of the model can hold all of a relation."""
    if type(relation) is Relation:
        return relation.type is None and (
            relation.role is None
            or (relation.role != "" and "role" in columns and kind != ATTRIBUTION)
        )
    assert isinstance(relation, QualifiedRelation)
    if kind == ATTRIBUTION and relation.id is None and relation.role is relation.type is None:
        match relation.attributes:
            case ((name, str(role)),):
                return name == ATTRIBUTION_ROLE and role != "" and _has_ends(relation)
    return (
        relation.id is None
        and relation.type is None
        and not relation.arguments
        and not relation.attributes
        and "time_used" in columns
        and relation.role != ""
        and _has_ends(relation)
    )


def _has_ends(relation: Relation) -> bool:
    return relation.source is not ABSENT and relation.target is not ABSENT


def value_cells(value: Value) -> tuple[str, str, str]:
    """Return a value as text, datatype and language."""
    if isinstance(value, str):
        return value, "", ""
    lang = value.lang if isinstance(value, InternationalizedString) else ""
    return value.text, value.datatype, lang
