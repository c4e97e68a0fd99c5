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
from typing import NamedTuple

from provlog.graphs.tables.cells import (
    Alike,
    AttributeColumns,
    alike,
    fits_table,
    further_attributes,
)
from provlog.graphs.tables.configuration import Configuration
from provlog.graphs.typed_entities import descriptions_in, type_names, typed_entities
from provlog.model.configuration import PARAMETER
from provlog.model.descriptions import (
    Description,
    Descriptions,
    EntityDescription,
    FlowDescription,
    entity_class,
)
from provlog.model.graph import ABSENT, Element, QualifiedRelation, Relation, Statements
from provlog.model.relations import RELATIONS
from provlog.model.tables import (
    ATTRIBUTION,
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
    held_text,
    json_text,
)
from provlog.model.vodml import AGENT_TYPES, DESCRIPTOR

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
        # Entities whose type can be a class of PROV or of the model.
        self._typed = dict(typed_entities(part))
        # In documents, descriptions are entities with a type. They stay entities.
        self._descriptions = descriptions_in(part, descriptions, self._typed)
        self._described = self._descriptions.described
        self._attributes = AttributeColumns()
        self._configuration = Configuration(part, self._descriptions, self._typed, self._attributes)
        self._qualified: list[tuple[str, Relation]] = []
        self.builders: dict[str, Callable[[], Sequence[Sequence[str]]]] = {
            "Entity": self._entities,
            "Activity": self._activities,
            "Agent": self._agents,
            "UsageDescriptionEntityDescription": lambda: self._kinds("usages"),
            "GenerationDescriptionEntityDescription": lambda: self._kinds("generations"),
            "Parameter": self._configuration.parameters,
            "ConfigFile": self._configuration.config_files,
            "WasConfiguredBy": lambda: self._configuration.configured.columns,
            "Relation": self._relations,
            "Attribute": lambda: self._attributes.columns,
            **{
                table: partial(self._relations_of, kind)
                for kind, (table, _, _) in RELATION_COLUMNS.items()
            },
        }

    # Elements

    def _entities(self) -> Sequence[Sequence[str]]:
        entities = self._part.entities.values()
        special: dict[Element, str] = {
            relation.source: "Collection" for relation in self._part.relations.get("hadMember", ())
        }
        for entity, types in self._typed.items():
            special[entity] = _special(types) or special.get(entity, "Entity")
        groups = [*alike(entities, self._described)]
        classes = (
            [special.get(entity, "Entity") for entity in entities]
            if special
            else ["Entity"] * len(entities)
        )
        for group in groups:
            if (voclass := entity_class(group.described)) is not None:
                for place in group.places:
                    classes[place] = voclass
        ids, *held = self._held("Entity", groups)
        return [ids, classes, *held, _described_ids(groups)]

    def _activities(self) -> Sequence[Sequence[str]]:
        activities = self._part.activities.values()
        groups = [*alike(activities, self._described)]
        self._configuration.add_parameters(groups)
        ids, name, comment = self._held("Activity", groups)
        times = [(activity.start or "", activity.end or "") for activity in activities]
        return [ids, name, *zip(*times, strict=True), comment, _described_ids(groups)]

    def _agents(self) -> Sequence[Sequence[str]]:
        agents = self._part.agents.values()
        for agent in agents:
            if agent.attributes.get("prov:label") == agent.id:
                self._attributes.add_held(agent.id, "agent", "prov:label", agent.id)
        ids, name, *rest = self._held("Agent", [*alike(agents, {})])
        name = [label or id for label, id in zip(name, ids, strict=True)]
        return [ids, name, [agent_type(agent) for agent in agents], *rest]

    def _held(self, table: str, groups: Sequence[Alike]) -> list[Sequence[str]]:
        """Return the columns of ids and attributes, and add other attributes to ``Attribute``."""
        terms = COLUMN_TERMS[table]
        kind = table.lower()
        columns = {term: _blank(groups) for term in terms}
        for group in groups:
            for name, held in group.held.items():
                if name in terms:
                    _fill(columns[name], group, self._cells(kind, name, group.ids, held))
                elif kind != "activity" or not name.startswith(PARAMETER):
                    self._attributes.add_all(group.ids, kind, name, held)
        ids = _blank(groups)
        for group in groups:
            _fill(ids, group, group.ids)
        return [ids, *columns.values()]

    def _cells(
        self, kind: str, term: str, ids: Sequence[str], held: Sequence[Value | list[Value]]
    ) -> Sequence[str]:
        """Return cells of an attribute; values that they cannot hold go to ``Attribute``."""
        # An empty text stands for none.
        if {*map(type, held)} == {str} and "" not in held:
            return held  # type: ignore[return-value]
        for id, value in zip(ids, held, strict=True):
            if type(value) is not str or not value:
                self._attributes.add_held(id, kind, term, value)
        return [*map(held_text, held)]

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
                self._attributes.add_held(described.id, "description", name, held)
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
        table = TABLES[RELATION_COLUMNS[kind][0]]
        names = {column.name for column in table.columns}
        whole = [*relations]
        has_role = "role" in names and kind != ATTRIBUTION
        is_bare = all(
            type(item) is Relation and item.type is None
            # The empty text of a cell stands for no role.
            and (item.role is None or (has_role and item.role != ""))
            for item in whole
        )  # fmt: skip
        if not is_bare:
            for relation in relations:
                if not fits_table(kind, relation, names):
                    self._qualified.append((kind, relation))
            whole = [
                relation
                for relation in relations
                if relation.source is not ABSENT and relation.target is not ABSENT
            ]
        columns: list[Sequence[str]] = [
            *zip(*((item.source.id, item.target.id) for item in whole), strict=True)
        ] or [(), ()]
        if "role" in names:
            columns.append(
                [relation.role or "" for relation in whole]
                if has_role
                else [role_cell(kind, relation) for relation in whole]
            )
        if "time_used" in names:
            columns.append(
                [""] * len(whole)
                if is_bare
                else [getattr(relation, "time", None) or "" for relation in whole]
            )
        if kind in FLOW_COLUMNS:
            flows = self._descriptions.of_relations(kind, whole)
            columns.append(
                [_flow_id(relation, flow) for relation, flow in flows]
                if self._described or not is_bare
                else [""] * len(whole)
            )
        return columns

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
            role, type_ = relation.role or "", relation.type or ""
            if type(relation) is Relation and relation.role != "":
                rows.append(("", kind, relation.source.id, relation.target.id, role, type_, ""))
                continue
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
                for name, cells in attributes:
                    self._attributes.add(id, "relation", name, *cells)
            if id:
                taken.add(id)
            source = "" if relation.source is ABSENT else relation.source.id
            target = "" if relation.target is ABSENT else relation.target.id
            rows.append((id, kind, source, target, role, type_, time))
        return _transposed(rows)


def _special(types: Value | list[Value] | None) -> str | None:
    """Return the class of an entity by its types, which can be from PROV or voprov."""
    local = {name.partition(":")[2] for name in type_names(types)}
    return next((name for name in _SPECIAL if name in local), None)


def _blank(groups: Iterable[Alike]) -> list[str]:
    """Return an empty column of elements."""
    return [""] * sum(len(group.ids) for group in groups)


def _fill(column: list[str], group: Alike, cells: Sequence[str]) -> None:
    """Put the cells of a group into a column."""
    if len(cells) == len(column):
        column[:] = cells
        return
    for place, cell in zip(group.places, cells, strict=True):
        column[place] = cell


def _described_ids(groups: Sequence[Alike]) -> Sequence[str]:
    """Return the id of each element's description."""
    column = _blank(groups)
    for group in groups:
        if group.described is not None:
            _fill(column, group, [group.described.id] * len(group.ids))
    return column


def _flow_id(relation: Relation, flow: FlowDescription | None) -> str:
    """Return the id of a usage's or generation's description: the one it names, or its role's."""
    if isinstance(relation, QualifiedRelation):
        for name, value in relation.attributes:
            if name == DESCRIPTOR:
                return held_text(value)
    return flow.id if flow is not None else ""


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
