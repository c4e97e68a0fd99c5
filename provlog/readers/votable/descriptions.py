"""Read the tables of descriptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from typing import Any, TypeVar

import msgspec

from provlog.model import descriptions as classes
from provlog.model.descriptions import (
    ActivityDescription,
    Description,
    Descriptions,
    EntityDescription,
    FlowDescription,
    roles_of,
)
from provlog.model.graph import Relation, Statements, gathered
from provlog.model.tables import TABLES
from provlog.model.values import Value, held_text

__all__ = ["DescriptionTables", "config_file_usages"]

D = TypeVar("D", bound=Description)

Row = dict[str, str]
_Report = Callable[[str, Row, str], None]

_PARTS = {
    "UsageDescription": "usages",
    "GenerationDescription": "generations",
    "ParameterDescription": "parameters",
    "ConfigFileDescription": "config_files",
}
_LINKS = {
    "UsageDescriptionEntityDescription": "usagedescription_id",
    "GenerationDescriptionEntityDescription": "generationdescription_id",
}
_KINDS = ("EntityDescription", "ValueDescription", "DatasetDescription")


class DescriptionTables:
    """The descriptions in the tables of a resource and of earlier resources.

    Parameters
    ----------
    rows : mapping
        The rows of each table.
    entities : container of str
        The ids of entities. A description that is also an entity stays one.
    attributes : mapping
        The rows of ``Attribute`` by kind and id of their owner.
    known : dict
        The descriptions of earlier resources, by id; those of this resource are added.
    """

    def __init__(
        self,
        rows: Mapping[str, list[Row]],
        entities: Container[str],
        attributes: Mapping[tuple[str, str], list[tuple[str, Value]]],
        known: dict[str, Description],
    ) -> None:
        self._rows = rows
        self._entities = entities
        self._attributes = attributes
        self._found = known

    def all(self) -> Iterator[Description]:
        """Yield the descriptions that are not parts of others."""
        for described in self._found.values():
            if isinstance(described, (ActivityDescription, EntityDescription)):
                yield described

    def find(self, kind: type[D], id: str | None, row: Row, report: _Report) -> D | None:
        """Return the description of a kind with an id; report an unknown id."""
        if id is None or id in self._entities:
            return None
        found = self._found.get(id)
        if isinstance(found, kind):
            return found
        report("PL804", row, f"no {kind.__name__} has the id {id!r}")
        return None

    def read(self, report: _Report) -> None:
        """Read all tables of descriptions."""
        for row in self._rows.get("EntityDescription", ()):
            self._add(row, "EntityDescription", _kind(row))
        for row in self._rows.get("ActivityDescription", ()):
            self._add(row, "ActivityDescription", ActivityDescription)
        for table, parts in _PARTS.items():
            self._read_parts(table, parts, report)
        for table, column in _LINKS.items():
            self._link(table, column, report)

    def _read_parts(self, table: str, parts: str, report: _Report) -> None:
        owned: defaultdict[str, list[Description]] = defaultdict(list)
        for row in self._rows.get(table, ()):
            described = self._add(row, table, getattr(classes, table))
            owner = row.get("activitydescription_id", "")
            if described is None:
                continue
            if not isinstance(self._found.get(owner), ActivityDescription):
                report("PL804", row, f"ActivityDescription {owner!r} has no row: provlog adds one")
                self._found[owner] = ActivityDescription(id=owner, name=owner)
            owned[owner].append(described)
        for owner, items in owned.items():
            setattr(self._found[owner], parts, tuple(items))

    def _link(self, table: str, column: str, report: _Report) -> None:
        for row in self._rows.get(table, ()):
            flow = self.find(FlowDescription, row.get(column), row, report)
            kind = self.find(EntityDescription, row.get("entitydescription_id"), row, report)
            if flow is not None and kind is not None:
                flow.entities = (*flow.entities, kind)

    def _add(self, row: Row, table: str, kind: type[Description]) -> Description | None:
        id = row["id"]
        if id in self._entities:
            return None
        columns = {
            column.utype.rpartition(".")[2]: column.name
            for column in TABLES[table].columns
            if column.utype
        }
        fields: dict[str, Any] = {
            attribute: row.get(columns[role], "") for role, attribute in roles_of(kind)
        }
        if "options" in fields:
            fields["options"] = _options(fields["options"])
        described = kind(id=id, **fields)
        described.attributes = gathered(self._attributes.get(("description", id), ()))
        self._found[id] = described
        return described


def _kind(row: Row) -> type[Description]:
    """Return the class of an EntityDescription, which in drafts only the columns show."""
    name = row.get("class_name")
    if name not in _KINDS:
        name = "DatasetDescription" if "content_type" in row else "EntityDescription"
        name = "ValueDescription" if "value_type" in row else name
    found: type[Description] = getattr(classes, name)
    return found


def _options(text: str) -> tuple[str, ...]:
    """Return the options of a parameter: a JSON list or, as voprov writes it, with commas."""
    if not text:
        return ()
    try:
        return tuple(msgspec.json.decode(text, type=list[str]))
    except msgspec.MsgspecError:
        return tuple(part.strip() for part in text.split(","))


def config_file_usages(
    rows: Mapping[str, list[Row]], part: Statements, descriptions: Descriptions
) -> set[tuple[str, str | None, str | None]]:
    """Return activity, role and location of each file that an activity used as configuration.

    A row of ``ConfigFile`` with the same values states only this.
    """
    usages = [
        Relation(activity, entity, row.get("role"))
        for row in (rows["Used"] if rows["ConfigFile"] else ())
        if (activity := part.activities.get(row["activity_id"])) is not None
        and (entity := part.entities.get(row["entity_id"])) is not None
    ]
    return {
        (usage.source.id, described.name, held_text(usage.target.attributes["prov:location"]))
        for usage, described in descriptions.config_files(usages)
    }
