"""Build a graph from the tables of a VOTable."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from typing import TypeVar

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.descriptions import (
    ActivityDescription,
    ConfigFileDescription,
    Description,
    ParameterDescription,
)
from provlog.model.graph import (
    ABSENT,
    Activity,
    Agent,
    Attributes,
    Bundle,
    Element,
    Entity,
    ProvGraph,
    Relation,
    Statements,
    gathered,
    relation_of,
)
from provlog.model.identifiers import attribute_name
from provlog.model.namespaces import NAMESPACES
from provlog.model.relations import RELATIONS, TIME
from provlog.model.tables import (
    ATTRIBUTE_OF,
    ATTRIBUTION,
    ATTRIBUTION_ROLE,
    COLUMN_TERMS,
    FLOW_COLUMNS,
    RELATION_COLUMNS,
    TABLES,
    role_cell,
)
from provlog.model.values import (
    Literal,
    Value,
    date_time,
    qname,
)
from provlog.model.vodml import ARTEFACT, CONFIGURED, DESCRIPTOR, REFERENCE
from provlog.readers.documents.sessions import restore_sessions
from provlog.readers.prefixes import declare_prefixes
from provlog.readers.votable.attributes import (
    add_type,
    append_value,
    attribute_value,
    complete_agent,
)
from provlog.readers.votable.descriptions import DescriptionTables, config_file_usages
from provlog.readers.votable.parse import parse_votable
from provlog.readers.votable.tables import ResourceTables, Row

__all__ = ["read_votable"]

E = TypeVar("E", bound=Element)
_KINDS: dict[str, type[Element]] = {
    "entity": Entity,
    "activity": Activity,
    "agent": Agent,
    "element": Entity,
}
# References in the drafts' tables that the final model omits.
_DRAFT_RELATIONS = {
    ("Entity", "usedEntity"): ("wasDerivedFrom", True),
    ("Entity", "hadMember"): ("hadMember", True),
    ("Activity", "informant_id"): ("wasInformedBy", True),
    ("Activity", "informant"): ("wasInformedBy", True),
}


def read_votable(source: Source, report: Report) -> ProvGraph:
    """Return the graph in the tables of a VOTable.

    Parameters
    ----------
    source : Source
        The opened document.
    report : callable
        Receives the diagnostics as they are found.
    """
    parsed = parse_votable(source.chunks(), source.name, report)
    graph = ProvGraph()
    known: dict[str, Description] = {}
    is_first = True
    for resource in parsed.resources:
        tables = ResourceTables(resource, source.name, report)
        if not tables.rows and ":" not in resource.name:
            continue
        declared = {row.get("prefix", ""): row["iri"] for row in tables.rows["Namespace"]}
        part: ProvGraph | Bundle = graph
        if is_first or ":" not in resource.name:
            graph.namespaces.update(declared or parsed.namespaces)
        else:
            part = graph.bundles.setdefault(
                resource.name, Bundle(id=resource.name, namespaces=declared)
            )
        _Reading(part, graph, tables).read(known)
        is_first = False
    graph.namespaces["voprov"] = NAMESPACES["voprov"]
    declare_prefixes(graph)
    restore_sessions(graph)
    return graph


class _Reading:
    """Converter of the rows of a resource to statements."""

    def __init__(self, part: Statements, graph: ProvGraph, tables: ResourceTables) -> None:
        self._part = part
        self._graph = graph
        self._descriptions = graph.descriptions
        self._rows = tables.rows
        self._report = tables.report
        self._attributes = self._attribute_rows()
        self._undeclared: dict[str, Element] = {}

    def read(self, known: dict[str, Description]) -> None:
        """Add all statements to the graph or bundle; ``known`` holds earlier descriptions."""
        self._elements("Entity", Entity, self._part.entities)
        self._elements("Activity", Activity, self._part.activities)
        self._elements("Agent", Agent, self._part.agents)
        described = DescriptionTables(self._rows, self._part.entities, self._attributes, known)
        described.read(self._report)
        for description in described.all():
            self._descriptions.add(description)
        self._describe(described)
        self._configuration(described)
        self._relations()

    def _attribute_rows(self) -> dict[tuple[str, str], list[tuple[str, Value]]]:
        found: defaultdict[tuple[str, str], list[tuple[str, Value]]] = defaultdict(list)
        for row in self._rows["Attribute"]:
            owner = row["owner_kind"], row["owner_id"]
            found[owner].append((row["name"], attribute_value(row)))
        return found

    # Elements

    def _elements(self, table: str, kind: type[E], elements: dict[str, E]) -> None:
        terms = {column: term for term, column in COLUMN_TERMS[table].items()}
        known = {column.name for column in TABLES[table].columns}
        for row in self._rows[table]:
            id = row["id"]
            held = gathered(self._attributes.get((table.lower(), id), ()))
            attributes: Attributes = {
                term: row[column]
                for column, term in terms.items()
                if column in row and term not in held
            }
            attributes |= held
            for column, cell in row.items():
                if column and column not in known and (table, column) not in _DRAFT_RELATIONS:
                    attributes.setdefault(attribute_name("voprov", column), cell)
            if table == "Agent":
                complete_agent(attributes, row, "prov:label" in held)
            if id in elements:
                self._report("PL803", row, f"{table} {id!r} has a row already: skipped")
                continue
            element = kind(id, attributes)
            if isinstance(element, Activity):
                element.start = self._time(row, "start_time", attributes)
                element.end = self._time(row, "end_time", attributes)
            elements[id] = element

    def _time(self, row: Row, column: str, attributes: Attributes) -> str | None:
        raw = row.get(column)
        time = date_time(raw)
        if raw is not None and time is None:
            kept = "log:startTime" if column == "start_time" else "log:endTime"
            attributes.setdefault(kept, raw)
            self._report("PL202", row, f"invalid time {raw!r}: kept as {kept}")
        return time

    def _element(self, id: str, refers_to: str, row: Row) -> Element:
        """Return the element with an id, even if it has no row."""
        if not id:
            return ABSENT
        # A bundle may refer to elements that the document declares.
        for part in (self._part, self._graph):
            places: dict[str, Mapping[str, Element]] = {
                "entity": part.entities,
                "activity": part.activities,
                "agent": part.agents,
            }
            likely = places.pop(refers_to, {})
            for elements in (likely, *places.values()):
                if id in elements:
                    return elements[id]
        found = self._undeclared.get(id)
        if found is None:
            found = self._undeclared[id] = _KINDS[refers_to](id, {})
            message = f"{id!r} has no row of its own: only the relation is kept"
            self._report("PL804", row, message)
        return found

    # Descriptions and configuration

    def _describe(self, described: DescriptionTables) -> None:
        classes: dict[str, Callable[[Entity, str], None]] = {
            "ValueEntity": add_type,
            "DatasetEntity": add_type,
        }
        members = {row["collection_id"] for row in self._rows["HadMember"]}
        for table, column, elements, kind in (
            ("Entity", "entitydescription_id", self._part.entities, Description),
            ("Activity", "activitydescription_id", self._part.activities, ActivityDescription),
        ):
            for row in self._rows[table]:
                element = elements[row["id"]]
                found = described.find(kind, row.get(column), row, self._report)
                if found is not None:
                    self._descriptions.described[element] = found
                elif isinstance(element, Entity) and column not in row:
                    add = classes.get(row.get("class_name", ""))
                    if add is not None:
                        add(element, f"voprov:{row['class_name']}")
                    elif row.get("class_name") == "Collection" and element.id not in members:
                        add_type(element, "prov:Collection")

    def _configuration(self, described: DescriptionTables) -> None:
        configured = {
            artefact: row
            for row in self._rows["WasConfiguredBy"]
            if (artefact := row.get("parameter_id") or row.get("configfile_id"))
        }
        for row in self._rows["Parameter"]:
            if row["id"] not in self._part.entities:
                self._add_parameter(row, configured.get(row["id"]), described)
        usages = config_file_usages(self._rows, self._part, self._descriptions)
        for row in self._rows["ConfigFile"]:
            activity = configured[row["id"]]["activity_id"] if row["id"] in configured else ""
            if (activity, row.get("name"), row.get("location")) in usages:
                continue
            if row["id"] not in self._part.entities:
                pairs = {
                    "prov:label": row.get("name", row["id"]),
                    "voprov:name": row.get("name", row["id"]),
                    "prov:location": row.get("location"),
                    "voprov:comment": row.get("comment"),
                }
                file = self._artefact(row, "voprov:ConfigFile", pairs)
                self._configure(file, configured.get(row["id"]), "Configfile")
                kind = described.find(
                    ConfigFileDescription, row.get("configfiledescription_id"), row, self._report
                )
                if kind is not None:
                    self._descriptions.described[file] = kind
        artefacts = {row["id"] for row in (*self._rows["Parameter"], *self._rows["ConfigFile"])}
        for artefact, row in configured.items():
            if artefact not in artefacts and artefact not in self._part.entities:
                self._report("PL804", row, f"{artefact!r} has no row: its configuration is lost")

    def _add_parameter(
        self, row: Row, configured: Row | None, described: DescriptionTables
    ) -> None:
        id = row["id"]
        held = self._attributes.get(("parameter", id), [])
        value: Value = next(
            (value for name, value in held if name == "prov:value"), row.get("parameter_value", "")
        )
        kind = described.find(
            ParameterDescription, row.get("parameterdescription_id"), row, self._report
        )
        name = row.get("name") or (kind.name if kind is not None else "") or id
        activity = self._part.activities.get(configured["activity_id"]) if configured else None
        if activity is not None and "valueentity_id" not in row:
            attribute = next(
                (str(value) for name, value in held if name == ATTRIBUTE_OF),
                attribute_name("param", name),
            )
            append_value(activity.attributes, attribute, value)
            return
        pairs: dict[str, Value | None] = {
            "prov:label": name,
            "voprov:name": name,
            "prov:value": value,
        }
        parameter = self._artefact(row, "voprov:Parameter", pairs)
        self._configure(parameter, configured, "Parameter")
        if kind is not None:
            self._descriptions.described[parameter] = kind
        if "valueentity_id" in row:
            entity = self._element(row["valueentity_id"], "entity", row)
            self._influence(parameter, entity, [("prov:type", qname(REFERENCE))])

    def _artefact(self, row: Row, type: str, pairs: Mapping[str, Value | None]) -> Entity:
        """Return a new entity for a parameter or a configuration file."""
        attributes: Attributes = {"prov:type": qname(type)}
        attributes |= {name: value for name, value in pairs.items() if value is not None}
        entity = self._part.entities[row["id"]] = Entity(row["id"], attributes)
        return entity

    def _configure(self, artefact: Entity, configured: Row | None, type: str) -> None:
        if configured is not None:
            activity = self._element(configured["activity_id"], "activity", configured)
            pairs: list[tuple[str, Value]] = [("prov:type", qname(CONFIGURED)), (ARTEFACT, type)]
            self._influence(activity, artefact, pairs)

    def _influence(self, source: Element, target: Element, pairs: list[tuple[str, Value]]) -> None:
        relation = relation_of(source, target, pairs)
        self._part.relations["wasInfluencedBy"][relation] = None

    # Relations

    def _relations(self) -> None:
        whole: defaultdict[str, Counter[tuple[str, ...]]] = defaultdict(Counter)
        others: defaultdict[str, list[Relation]] = defaultdict(list)
        for row in self._rows["Relation"]:
            kind = RELATIONS.get(row["relation_kind"])
            if kind is None:
                message = f"unknown relation {row['relation_kind']!r}: skipped"
                self._report("PL803", row, message)
                continue
            relation = self._whole_relation(kind.name, row)
            ends = row.get("source_id", ""), row.get("target_id", "")
            time = row.get("relation_time", "") if kind.name == "used" else ""
            whole[kind.name][*ends, role_cell(kind.name, relation), time] += 1
            others[kind.name].append(relation)
        for kind_name in RELATIONS:
            relations = self._part.relations.setdefault(kind_name, {})
            if kind_name in RELATION_COLUMNS:
                table, source, target = RELATION_COLUMNS[kind_name]
                for row in self._rows[table]:
                    key = row[source], row[target], row.get("role", ""), row.get("time_used", "")
                    if whole[kind_name][key] > 0:
                        whole[kind_name][key] -= 1
                        continue
                    relations[self._plain_relation(kind_name, row, source, target)] = None
            relations.update(dict.fromkeys(others[kind_name]))
        for (table, column), (kind_name, _) in _DRAFT_RELATIONS.items():
            kind = RELATIONS[kind_name]
            for row in self._rows[table]:
                if column in row:
                    source_end = self._element(row["id"], kind.source.refers_to, row)
                    target_end = self._element(row[column], kind.target.refers_to, row)
                    relation = relation_of(source_end, target_end)
                    self._part.relations[kind_name][relation] = None

    def _plain_relation(self, kind_name: str, row: Row, source: str, target: str) -> Relation:
        kind = RELATIONS[kind_name]
        ends = (
            self._element(row[source], kind.source.refers_to, row),
            self._element(row[target], kind.target.refers_to, row),
        )
        pairs: list[tuple[str, Value]] = []
        if "role" in row:
            term = ATTRIBUTION_ROLE if kind_name == ATTRIBUTION else "prov:role"
            pairs.append((term, row["role"]))
        time = date_time(row["time_used"]) if "time_used" in row else None
        relation = relation_of(*ends, pairs, time=time)
        column = FLOW_COLUMNS.get(kind_name)
        # A row of Relation, if any, names a description that is an entity.
        if column in row and row[column] not in self._part.entities:
            found = self._descriptions.of_relation(kind_name, relation)
            if found is None or found.id != row[column]:
                pairs.append((DESCRIPTOR, qname(row[column])))
                relation = relation_of(*ends, pairs, time=time)
        return relation

    def _whole_relation(self, kind_name: str, row: Row) -> Relation:
        kind = RELATIONS[kind_name]
        id = row.get("relation_id")
        pairs: list[tuple[str, Value]] = []
        if "role" in row:
            pairs.append(("prov:role", row["role"]))
        if "relation_type" in row:
            pairs.append(("prov:type", qname(row["relation_type"])))
        formals = {formal.name: formal for formal in kind.formals[2:] if formal.name != TIME}
        arguments: list[tuple[str, Element | str]] = []
        real = None if id is None or id.startswith("_:") else id
        for name, value in self._attributes.get(("relation", id or ""), ()):
            text = value if isinstance(value, str) else value.text
            if name == "provlog:id":
                real = text
            elif name in formals and isinstance(value, Literal):
                refers_to = formals[name].refers_to
                is_id = refers_to == "relation"
                arguments.append((name, text if is_id else self._element(text, refers_to, row)))
            else:
                pairs.append((name, value))
        return relation_of(
            self._element(row.get("source_id", ""), kind.source.refers_to, row),
            self._element(row.get("target_id", ""), kind.target.refers_to, row),
            pairs,
            id=real,
            time=row.get("relation_time"),
            arguments=tuple(arguments),
        )
