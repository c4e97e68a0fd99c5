"""Rows of tables by columns, and the cells of values and relations in them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from provlog.model.descriptions import Description
from provlog.model.graph import ABSENT, Element, QualifiedRelation, Relation
from provlog.model.tables import ATTRIBUTION, ATTRIBUTION_ROLE
from provlog.model.values import QUALIFIED_NAME, InternationalizedString, Literal, Value

__all__ = [
    "AttributeColumns",
    "Columns",
    "alike",
    "fits_table",
    "further_attributes",
    "value_cells",
]


class Columns:
    """Rows of a table, by columns.

    Parameters
    ----------
    width : int
        The number of columns.

    Examples
    --------
    >>> columns = Columns(2)
    >>> columns.add("a", "1")
    >>> columns.extend(2, ["b", "c"], "2")
    >>> columns.columns
    (['a', 'b', 'c'], ['1', '2', '2'])
    """

    def __init__(self, width: int) -> None:
        self.columns: tuple[list[str], ...] = tuple([] for _ in range(width))

    def add(self, *cells: str) -> None:
        """Add a row."""
        for column, cell in zip(self.columns, cells, strict=True):
            column.append(cell)

    def extend(self, count: int, *cells: str | Sequence[str]) -> None:
        """Add many rows: for each column a text for all rows, or a sequence with one for each."""
        for column, cell in zip(self.columns, cells, strict=True):
            column += [cell] * count if isinstance(cell, str) else cell


class AttributeColumns(Columns):
    """The rows of the table ``Attribute``."""

    def __init__(self) -> None:
        super().__init__(6)

    def add_held(self, id: str, kind: str, name: str, held: Value | list[Value]) -> None:
        """Add a row for each value of an attribute."""
        for value in held if isinstance(held, list) else (held,):
            self.add(id, kind, name, *value_cells(value))

    def add_all(
        self, ids: Sequence[str], kind: str, name: str, held: Sequence[Value | list[Value]]
    ) -> None:
        """Add the values that an attribute has in many owners."""
        types = {*map(type, held)}
        if types == {str}:
            self.extend(len(ids), ids, kind, name, held, "", "")  # type: ignore[arg-type]
        elif types == {Literal}:
            cells = [value_cells(value) for value in held]  # type: ignore[arg-type]
            self.extend(len(ids), ids, kind, name, *zip(*cells, strict=True))
        else:
            for id, value in zip(ids, held, strict=True):
                self.add_held(id, kind, name, value)


class Alike(NamedTuple):
    """Elements with the same description and the same names of attributes.

    Parameters
    ----------
    described : Description, optional
        Their description.
    ids : list of str
        Their ids.
    places : list of int
        Their places among all elements.
    held : mapping
        For each attribute its values in all of them.
    """

    described: Description | None
    ids: list[str]
    places: list[int]
    held: Mapping[str, Sequence[Value | list[Value]]]


def alike(elements: Iterable[Element], described: Mapping[Element, Description]) -> Iterator[Alike]:
    """Yield groups of elements, which is quick as elements of a kind mostly have the same names.

    It reads each element once: in a large graph, most of the time is that of reaching them.
    """
    groups = defaultdict[
        tuple[Description | None, tuple[str, ...]],
        tuple[list[str], list[int], list[tuple[Value | list[Value], ...]]],
    ](lambda: ([], [], []))
    for place, element in enumerate(elements):
        attributes = element.attributes
        ids, places, values = groups[described.get(element), (*attributes,)]
        ids.append(element.id)
        places.append(place)
        values.append((*attributes.values(),))
    for (description, names), (ids, places, values) in groups.items():
        held = dict(zip(names, zip(*values, strict=True), strict=True))
        yield Alike(description, ids, places, held)


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
