"""Convert a graph to the rows of the tables of :mod:`provlog.model.tables`.

Formats and stores share these rows. The tables of the model hold everything that has a column
there. Further tables hold the rest, so that the rows can be converted back to the same graph:

- An attribute has one row in ``Attribute`` per value if it has no column, or if its value is
  not a single plain text. These rows take precedence over the column.
- A relation with more than its ends and a role has a row in ``Relation``, which takes
  precedence over the row in the table of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from types import NoneType
from typing import NamedTuple

from provlog.graphs.ivoa_view import parameter_id, parameter_name
from provlog.graphs.row_cells import fits_table, further_attributes, value_cells
from provlog.graphs.typed_entities import descriptions_in, held_text, type_names
from provlog.model.descriptions import (
    Description,
    Descriptions,
    EntityDescription,
    entity_class,
)
from provlog.model.graph import ABSENT, Element, QualifiedRelation, Relation, Statements
from provlog.model.identifiers import attribute_name
from provlog.model.relations import RELATIONS
from provlog.model.tables import (
    ATTRIBUTE_OF,
    COLUMN_TERMS,
    FLOW_COLUMNS,
    RELATION_COLUMNS,
    TABLES,
    Table,
    role_cell,
)
from provlog.model.values import (
    QUALIFIED_NAME,
    Value,
    json_text,
)
from provlog.model.vodml import AGENT_TYPES, CONFIGURED, DESCRIPTOR

__all__ = ["TableRows", "agent_type", "table_rows"]

Row = tuple[str, ...]


class TableRows(NamedTuple):
    """The rows of a table, by columns.

    Parameters
    ----------
    table : Table
        The table.
    columns : sequence of sequence of str
        The texts of each column, row by row; an empty text for a missing value.
    """

    table: Table
    columns: Sequence[Sequence[str]]


_SPECIAL = ("ValueEntity", "DatasetEntity", "Collection")
_PARAMETER = "param:"


def table_rows(
    part: Statements, descriptions: Descriptions, namespaces: Mapping[str, str]
) -> Iterator[TableRows]:
    """Yield the rows of each nonempty table, in the order of the tables.

    Parameters
    ----------
    part : Statements
        A graph or a bundle.
    descriptions : Descriptions
        The descriptions of its elements.
    namespaces : mapping
        The prefixes that the part declares.
    """
    rows = _Rows(part, descriptions)
    for name, table in TABLES.items():
        if name == "Namespace":
            columns = _transposed(namespaces.items())
        else:
            build = rows.builders.get(name)
            columns = build() if build is not None else rows.descriptions(table)
        if columns and columns[0]:
            yield TableRows(table, columns)


class _Rows:
    def __init__(self, part: Statements, descriptions: Descriptions) -> None:
        self._part = part
        # In documents, descriptions are entities with a type. They stay entities.
        self._descriptions = descriptions_in(part, descriptions)
        self._described = self._descriptions.described
        # Entities whose type is a class of PROV or of the model.
        self._types = [
            (entity, types)
            for entity in part.entities.values()
            if not isinstance(types := entity.attributes.get("prov:type"), (str, NoneType))
        ]
        self._attributes: list[Row] = []
        self._configured: list[Row] = []
        self._qualified: list[tuple[str, Relation]] = []
        self.builders: dict[str, Callable[[], Sequence[Sequence[str]]]] = {
            "Entity": self._entities,
            "Activity": self._activities,
            "Agent": self._agents,
            "UsageDescriptionEntityDescription": lambda: self._kinds("usages"),
            "GenerationDescriptionEntityDescription": lambda: self._kinds("generations"),
            "Parameter": self._parameters,
            "ConfigFile": self._config_files,
            "WasConfiguredBy": lambda: _transposed(self._configured),
            "Relation": self._relations,
            "Attribute": lambda: _transposed(self._attributes),
            **{
                table: partial(self._relations_of, kind)
                for kind, (table, _, _) in RELATION_COLUMNS.items()
            },
        }

    # Elements

    def _entities(self) -> Sequence[Sequence[str]]:
        entities = [*self._part.entities.values()]
        collections = {relation.source for relation in self._part.relations.get("hadMember", ())}
        classes = ["Collection" if entity in collections else "Entity" for entity in entities]
        for number, entity in enumerate(entities):
            types = entity.attributes.get("prov:type")
            described = self._described.get(entity)
            if described is not None or not isinstance(types, (str, NoneType)):
                found = entity_class(described) or _special(types)
                classes[number] = found or classes[number]
        held = self._held("Entity", entities)
        return [[entity.id for entity in entities], classes, *held, self._ids(entities)]

    def _activities(self) -> Sequence[Sequence[str]]:
        activities = [*self._part.activities.values()]
        name, comment = self._held("Activity", activities)
        starts = [activity.start or "" for activity in activities]
        ends = [activity.end or "" for activity in activities]
        ids = [activity.id for activity in activities]
        return [ids, name, starts, ends, comment, self._ids(activities)]

    def _agents(self) -> Sequence[Sequence[str]]:
        agents = [*self._part.agents.values()]
        name, *rest = self._held("Agent", agents)
        for agent in agents:
            if agent.attributes.get("prov:label") == agent.id:
                self._add(agent.id, "agent", "prov:label", agent.id)
        name = [label or agent.id for label, agent in zip(name, agents, strict=True)]
        types = [agent_type(agent) for agent in agents]
        return [[agent.id for agent in agents], name, types, *rest]

    def _ids(self, elements: Sequence[Element]) -> Sequence[str]:
        """Return the id of each element's description."""
        if not self._described:
            return [""] * len(elements)
        get = self._described.get
        return [found.id if (found := get(element)) is not None else "" for element in elements]

    def _held(self, table: str, elements: Sequence[Element]) -> list[Sequence[str]]:
        """Return the columns of attributes, and add other attributes to ``Attribute``."""
        terms = COLUMN_TERMS[table]
        kind = table.lower()
        present = set[str]().union(*(element.attributes for element in elements))
        columns: list[Sequence[str]] = []
        for term in terms:
            if term not in present:
                columns.append([""] * len(elements))
                continue
            held = [element.attributes.get(term) for element in elements]
            columns.append([value if type(value) is str else held_text(value) for value in held])
        append = self._attributes.append
        for element in elements:
            id = element.id
            for name, value in element.attributes.items():
                if type(value) is str:
                    if (name not in terms or not value) and not name.startswith(_PARAMETER):
                        append((id, kind, name, value, "", ""))
                elif kind != "activity" or not name.startswith(_PARAMETER):
                    self._add(id, kind, name, value)
        return columns

    def _add(self, id: str, kind: str, name: str, held: Value | list[Value]) -> None:
        for value in held if isinstance(held, list) else (held,):
            self._attributes.append((id, kind, name, *value_cells(value)))

    # Configuration

    def _parameters(self) -> Sequence[Sequence[str]]:
        rows: list[Row] = []
        taken = set[str]()
        names: dict[str, str] = {}
        for activity in self._part.activities.values():
            described = self._described.get(activity)
            parameters = {} if described is None else self._descriptions.parameters(described)
            beginning = ""
            for name, held in activity.attributes.items():
                if not name.startswith(_PARAMETER):
                    continue
                beginning = beginning or parameter_id(activity, "")
                end = names.get(name) or names.setdefault(name, parameter_name(name))
                parameter = parameters.get(name)
                label = parameter.name if parameter is not None else name[len(_PARAMETER) :]
                kind = "" if parameter is None else parameter.id
                for value in held if isinstance(held, list) else (held,):
                    id, number = beginning + end, 1
                    while id in taken:
                        number += 1
                        id = f"{beginning}{end}-{number}"
                    taken.add(id)
                    is_text = isinstance(value, str)
                    text = value if isinstance(value, str) else value.text
                    rows.append((id, label, text, "", kind))
                    self._configured.append((activity.id, "Parameter", id, ""))
                    if not is_text or not value:
                        self._add(id, "parameter", "prov:value", value)
                    if attribute_name("param", label) != name:
                        self._attributes.append((id, "parameter", ATTRIBUTE_OF, name, "", ""))
        terms = ("voprov:name", "prov:value", "voprov:valueEntity")
        rows += self._typed("voprov:Parameter", terms, (2, "Parameter"))
        return _transposed(rows)

    def _config_files(self) -> Sequence[Sequence[str]]:
        terms = ("voprov:name", "prov:location", "voprov:comment")
        return _transposed(self._typed("voprov:ConfigFile", terms, (3, "Configfile")))

    def _typed(self, type: str, terms: Sequence[str], place: tuple[int, str]) -> list[Row]:
        """Return the rows of parameters or files that are entities, with their activities."""
        found = {
            entity: entity.attributes for entity, types in self._types if type in type_names(types)
        }
        if not found:
            return []
        for relation in self._part.relations.get("wasInfluencedBy", ()):
            if relation.type == CONFIGURED and relation.target in found:
                row = [relation.source.id, place[1], "", ""]
                row[place[0]] = relation.target.id
                self._configured.append(tuple(row))
        return [
            (
                entity.id,
                *(
                    held_text(attributes.get(term))
                    or (entity.name if term == "voprov:name" else "")
                    for term in terms
                ),
                described.id if (described := self._described.get(entity)) is not None else "",
            )
            for entity, attributes in found.items()
        ]

    # Descriptions

    def descriptions(self, table: Table) -> Sequence[Sequence[str]]:
        """Return the columns of a table of descriptions."""
        rows: list[Row] = []
        for described, owner in self._descriptions.all():
            if _table_of(described) != table.name:
                continue
            roles = dict(described.roles())
            cells = {
                "id": described.id,
                "class_name": described.kind,
                "activitydescription_id": owner.id if owner is not None else "",
            }
            rows.append(
                tuple(
                    cells[column.name] if column.name in cells else _role(roles, column.utype)
                    for column in table.columns
                )
            )
            for name, held in described.attributes.items():
                self._add(described.id, "description", name, held)
        return _transposed(rows)

    def _kinds(self, flows: str) -> Sequence[Sequence[str]]:
        return _transposed(
            (flow.id, kind.id)
            for activity in self._descriptions.activities.values()
            for flow in getattr(activity, flows)
            for kind in flow.entities
        )

    # Relations

    def _relations_of(self, kind: str) -> Sequence[Sequence[str]]:
        """Return the columns of a kind of relation that the model has."""
        relations = self._part.relations.get(kind, {})
        whole: list[Relation] = []
        table = TABLES[RELATION_COLUMNS[kind][0]]
        names = {column.name for column in table.columns}
        for relation in relations:
            if not fits_table(kind, relation, names):
                self._qualified.append((kind, relation))
                if relation.source is ABSENT or relation.target is ABSENT:
                    continue
            whole.append(relation)
        columns: list[Sequence[str]] = [
            [relation.source.id for relation in whole],
            [relation.target.id for relation in whole],
        ]
        if "role" in names:
            columns.append([role_cell(kind, relation) for relation in whole])
        if "time_used" in names:
            columns.append([getattr(relation, "time", None) or "" for relation in whole])
        if kind in FLOW_COLUMNS:
            columns.append([self._flow_id(kind, relation) for relation in whole])
        return columns

    def _flow_id(self, kind: str, relation: Relation) -> str:
        if isinstance(relation, QualifiedRelation):
            for name, value in relation.attributes:
                if name == DESCRIPTOR:
                    return held_text(value)
        if not self._described:
            return ""
        found = self._descriptions.of_relation(kind, relation)
        return found.id if found is not None else ""

    def _relations(self) -> Sequence[Sequence[str]]:
        """Return the relations that the tables of the model cannot hold completely."""
        others = (
            (kind, relation)
            for kind in RELATIONS
            if kind not in RELATION_COLUMNS
            for relation in self._part.relations.get(kind, ())
        )
        rows: list[Row] = []
        taken = set[str]()
        for number, (kind, relation) in enumerate([*self._qualified, *others], 1):
            id = ""
            time = ""
            if isinstance(relation, QualifiedRelation):
                id = relation.id or ""
                time = relation.time or ""
            attributes = list(further_attributes(relation))
            if attributes or id in taken:
                if id in taken:
                    attributes.append(("provlog:id", (id, QUALIFIED_NAME, "")))
                    id = ""
                id = id or f"_:{kind}{number}"
                self._attributes += [(id, "relation", name, *cells) for name, cells in attributes]
            if id:
                taken.add(id)
            source = "" if relation.source is ABSENT else relation.source.id
            target = "" if relation.target is ABSENT else relation.target.id
            role, type = relation.role or "", relation.type or ""
            rows.append((id, kind, source, target, role, type, time))
        return _transposed(rows)


def _special(types: Value | list[Value] | None) -> str | None:
    """Return the class of an entity by its types, which can be from PROV or voprov."""
    local = {name.partition(":")[2] for name in type_names(types)}
    return next((name for name in _SPECIAL if name in local), None)


def agent_type(agent: Element) -> str:
    """Return the type of an agent in the model; an empty text for none."""
    local = {name.partition(":")[2] for name in type_names(agent.attributes.get("prov:type"))}
    held = held_text(agent.attributes.get("voprov:type"))
    return next((name for name in AGENT_TYPES if name in local), held)


def _table_of(described: Description) -> str:
    return "EntityDescription" if isinstance(described, EntityDescription) else described.kind


def _role(roles: Mapping[str, str | tuple[str, ...]], utype: str) -> str:
    value = roles.get(utype.rpartition(".")[2], "")
    return value if isinstance(value, str) else json_text(value)


def _transposed(rows: Iterable[Row]) -> Sequence[Sequence[str]]:
    return [*zip(*rows, strict=True)]
