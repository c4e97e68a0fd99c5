"""Rows of parameters and configuration files, and of the activities that they configured."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from provlog.graphs.tables.cells import Alike, AttributeColumns, Columns
from provlog.graphs.typed_entities import type_names
from provlog.model.configuration import PARAMETER, config_file_ids, parameter_id, parameter_name
from provlog.model.descriptions import Descriptions
from provlog.model.graph import Entity, Statements
from provlog.model.identifiers import attribute_name
from provlog.model.tables import ATTRIBUTE_OF
from provlog.model.values import Value, held_text
from provlog.model.vodml import CONFIGURED

__all__ = ["Configuration"]


class Configuration:
    """The tables ``Parameter``, ``ConfigFile`` and ``WasConfiguredBy``.

    Parameters
    ----------
    part : Statements
        A graph or a bundle.
    descriptions : Descriptions
        The descriptions of its elements.
    typed : mapping
        The entities that have a qualified name as a type, with their types.
    attributes : AttributeColumns
        Takes the values that the tables cannot hold.

    Attributes
    ----------
    configured : Columns
        The rows of ``WasConfiguredBy``, which building the other tables adds.
    """

    def __init__(
        self,
        part: Statements,
        descriptions: Descriptions,
        typed: Mapping[Entity, Value | list[Value]],
        attributes: AttributeColumns,
    ) -> None:
        self.configured = Columns(4)
        self._parameters = Columns(5)
        self._typed = typed
        self._part = part
        self._descriptions = descriptions
        self._described = descriptions.described
        self._attributes = attributes
        self._taken = set[str]()

    def add_parameters(self, groups: Iterable[Alike]) -> None:
        """Add the attributes of activities that are parameters."""
        for group in groups:
            parameters = [name for name in group.held if name.startswith(PARAMETER)]
            if parameters:
                beginnings = [parameter_id(id, "") for id in group.ids]
                for name in parameters:
                    self._add(group, name, beginnings)

    def parameters(self) -> Sequence[Sequence[str]]:
        """Return the columns of ``Parameter``: attributes of activities, then entities."""
        terms = ("voprov:name", "prov:value", "voprov:valueEntity")
        self._add_typed(self._parameters, "voprov:Parameter", terms, (2, "Parameter"))
        return self._parameters.columns

    def _add(self, group: Alike, name: str, beginnings: Sequence[str]) -> None:
        """Add the rows of a parameter of activities with the same description."""
        described = group.described
        parameters = {} if described is None else self._descriptions.parameters(described)
        parameter = parameters.get(name)
        label = parameter.name if parameter is not None else name[len(PARAMETER) :]
        kind = "" if parameter is None else parameter.id
        end = parameter_name(name)
        owners, held = group.ids, group.held[name]
        ids = [beginning + end for beginning in beginnings]
        values: Sequence[Value]
        if list in {*map(type, held)} or not self._taken.isdisjoint(ids) or len({*ids}) < len(ids):
            owners, ids, values = self._single(owners, ids, held)
        else:
            values = held  # type: ignore[assignment]
        self._taken.update(ids)
        count = len(ids)
        texts = [value if isinstance(value, str) else value.text for value in values]
        self._parameters.extend(count, ids, label, texts, "", kind)
        self.configured.extend(count, owners, "Parameter", ids, "")
        # An empty text stands for none, and the column for plain text.
        further = [
            (id, value)
            for id, value in zip(ids, values, strict=True)
            if not value or not isinstance(value, str)
        ]
        if further:
            owners_, held_ = zip(*further, strict=True)
            self._attributes.add_all(owners_, "parameter", "prov:value", held_)
        if attribute_name("param", label) != name:
            self._attributes.extend(count, ids, "parameter", ATTRIBUTE_OF, name, "", "")

    def _single(
        self, owners: Iterable[str], ids: Iterable[str], held: Iterable[Value | list[Value]]
    ) -> tuple[list[str], list[str], list[Value]]:
        """Return a row for each of several values, with ids that no other row has."""
        rows = list[tuple[str, str, Value]]()
        for owner, first, values in zip(owners, ids, held, strict=True):
            for value in values if isinstance(values, list) else (values,):
                id, number = first, 1
                while id in self._taken:
                    number += 1
                    id = f"{first}-{number}"
                self._taken.add(id)
                rows.append((owner, id, value))
        return [row[0] for row in rows], [row[1] for row in rows], [row[2] for row in rows]

    def config_files(self) -> Sequence[Sequence[str]]:
        """Return the columns of ``ConfigFile``: entities used as configuration, and others."""
        rows = Columns(5)
        usages = self._part.relations.get("used", {})
        for id, usage, described in config_file_ids(self._descriptions, usages):
            # Documents may state the file as an entity, too.
            if id not in self._part.entities:
                location = held_text(usage.target.attributes["prov:location"])
                rows.add(id, described.name, location, "", described.id)
                self.configured.add(usage.source.id, "Configfile", "", id)
        terms = ("voprov:name", "prov:location", "voprov:comment")
        self._add_typed(rows, "voprov:ConfigFile", terms, (3, "Configfile"))
        return rows.columns

    def _add_typed(
        self, rows: Columns, type: str, terms: Sequence[str], place: tuple[int, str]
    ) -> None:
        """Add the rows of parameters or files that are entities, with their activities."""
        found = {entity for entity, types in self._typed.items() if type in type_names(types)}
        if not found:
            return
        for relation in self._part.relations.get("wasInfluencedBy", ()):
            if relation.type == CONFIGURED and relation.target in found:
                row = [relation.source.id, place[1], "", ""]
                row[place[0]] = relation.target.id
                self.configured.add(*row)
        for entity in self._typed:
            if entity in found:
                described = self._described.get(entity)
                cells = [
                    held_text(entity.attributes.get(term))
                    or (entity.name if term == "voprov:name" else "")
                    for term in terms
                ]
                rows.add(entity.id, *cells, described.id if described is not None else "")
