"""The tables that hold provenance: one for each class of the IVOA Provenance Data Model 1.0.

No standard defines how to write provenance as VOTable or store it in a database. These
tables and columns are a proposal; formats and stores take all names from here. Every
attribute, reference and composition of the model has a column, whose utype is its
``vodml-id``. Three further tables hold the content that the model does not cover.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from provlog.model.graph import Relation
from provlog.model.vodml import CLASSES

__all__ = [
    "ATTRIBUTE_OF", "ATTRIBUTION", "ATTRIBUTION_ROLE", "COLUMN_TERMS", "FLOW_COLUMNS",
    "FURTHER_TABLES", "MODEL_TABLES", "RELATION_COLUMNS", "TABLES", "Column", "Table", "role_cell",
]  # fmt: skip


class Column(NamedTuple):
    """A column; all columns hold text.

    Parameters
    ----------
    name : str
        The name; it is not a reserved word of ADQL.
    is_required : bool
        Whether every row has a value.
    ucd : str
        The UCD.
    utype : str
        The role in the model, empty for a column that only provlog defines.
    target : str
        The database name of the table whose ``id`` it refers to, empty for any other column.
    xtype : str
        ``timestamp`` for a time, else empty.
    """

    name: str
    is_required: bool
    ucd: str
    utype: str = ""
    target: str = ""
    xtype: str = ""


class Table(NamedTuple):
    """A table.

    Parameters
    ----------
    name : str
        The name in documents, which is that of the class.
    sql_name : str
        The name in a database.
    utype : str
        The class or reference of the model, empty for a table that only provlog defines.
    columns : tuple of Column
        The columns.
    """

    name: str
    sql_name: str
    utype: str
    columns: tuple[Column, ...]


# One paragraph for each table: its name, its name in a database, and its utype without
# "voprov:"; then its columns: name, ! or ? for required or not, ucd, utype, target and xtype.
# A hyphen stands for an empty entry, AC for the package ActivityConfiguration.
_MODEL = """
Entity entity Entity
    id ! meta.id;meta.main Entity.id -
    class_name ! meta.code.class - -
    name ? meta.title Entity.name -
    location ? meta.ref Entity.location -
    generated_at_time ? time.creation Entity.generatedAtTime - timestamp
    invalidated_at_time ? time.end Entity.invalidatedAtTime - timestamp
    comment ? meta.note Entity.comment -
    entity_value ? stat.value ValueEntity.value -
    entitydescription_id ? meta.id.assoc Entity.entityDescription entitydescription

Activity activity Activity
    id ! meta.id;meta.main Activity.id -
    name ? meta.title Activity.name -
    start_time ? time.start Activity.startTime - timestamp
    end_time ? time.end Activity.endTime - timestamp
    comment ? meta.note Activity.comment -
    activitydescription_id ? meta.id.assoc Activity.activityDescription activitydescription

Agent agent Agent
    id ! meta.id;meta.main Agent.id -
    name ! meta.title Agent.name -
    type ? meta.code.class Agent.type -
    comment ? meta.note Agent.comment -
    email ? meta.email Agent.email -
    affiliation ? meta Agent.affiliation -
    phone ? meta Agent.phone -
    address ? meta Agent.address -
    url ? meta.ref.url Agent.url -

Used used Used
    activity_id ! meta.id.parent Activity.used activity
    entity_id ! meta.id.assoc Used.entity entity
    role ? meta.code.class Used.role -
    time_used ? time Used.time - timestamp
    usagedescription_id ? meta.id.assoc Used.usageDescription usagedescription

WasGeneratedBy wasgeneratedby WasGeneratedBy
    entity_id ! meta.id.parent Entity.wasGeneratedBy entity
    activity_id ! meta.id.assoc WasGeneratedBy.activity activity
    role ? meta.code.class WasGeneratedBy.role -
    generationdescription_id ? meta.id.assoc WasGeneratedBy.generationDescription generationdescription

WasDerivedFrom wasderivedfrom Entity.usedEntity
    entity_id ! meta.id.assoc Entity.id entity
    used_entity_id ! meta.id.assoc Entity.usedEntity entity

WasInformedBy wasinformedby Activity.informant
    activity_id ! meta.id.assoc Activity.id activity
    informant_id ! meta.id.assoc Activity.informant activity

WasAssociatedWith wasassociatedwith WasAssociatedWith
    activity_id ! meta.id.parent Activity.wasAssociatedWith activity
    agent_id ! meta.id.assoc WasAssociatedWith.agent agent
    role ? meta.code.class WasAssociatedWith.role -

WasAttributedTo wasattributedto WasAttributedTo
    entity_id ! meta.id.parent Entity.wasAttributedTo entity
    agent_id ! meta.id.assoc WasAttributedTo.agent agent
    role ? meta.code.class WasAttributedTo.role -

HadMember hadmember Collection.entity
    collection_id ! meta.id.parent Entity.id entity
    entity_id ! meta.id.assoc Collection.entity entity

ActivityDescription activitydescription ActivityDescription
    id ! meta.id;meta.main - -
    name ! meta.title ActivityDescription.name -
    version ? meta.version ActivityDescription.version -
    description ? meta.note ActivityDescription.description -
    docurl ? meta.ref.url ActivityDescription.docurl -
    type ? meta.code.class ActivityDescription.type -
    subtype ? meta.code.class ActivityDescription.subtype -

EntityDescription entitydescription EntityDescription
    id ! meta.id;meta.main - -
    class_name ! meta.code.class - -
    name ! meta.title EntityDescription.name -
    description ? meta.note EntityDescription.description -
    docurl ? meta.ref.url EntityDescription.docurl -
    type ? meta.code.class EntityDescription.type -
    content_type ? meta.code.mime DatasetDescription.contentType -
    value_type ? meta.code ValueDescription.valueType -
    unit ? meta.unit ValueDescription.unit -
    ucd ? meta.ucd ValueDescription.ucd -
    utype ? meta ValueDescription.utype -

UsageDescription usagedescription UsageDescription
    id ! meta.id;meta.main - -
    activitydescription_id ! meta.id.parent ActivityDescription.usageDescription activitydescription
    role ! meta.code.class UsageDescription.role -
    description ? meta.note UsageDescription.description -
    type ? meta.code.class UsageDescription.type -
    multiplicity ? meta.number UsageDescription.multiplicity -

UsageDescriptionEntityDescription usagedescription_entitydescription UsageDescription.entityDescription
    usagedescription_id ! meta.id.assoc - usagedescription
    entitydescription_id ! meta.id.assoc UsageDescription.entityDescription entitydescription

GenerationDescription generationdescription GenerationDescription
    id ! meta.id;meta.main - -
    activitydescription_id ! meta.id.parent ActivityDescription.generationDescription activitydescription
    role ! meta.code.class GenerationDescription.role -
    description ? meta.note GenerationDescription.description -
    type ? meta.code.class GenerationDescription.type -
    multiplicity ? meta.number GenerationDescription.multiplicity -

GenerationDescriptionEntityDescription generationdescription_entitydescription GenerationDescription.entityDescription
    generationdescription_id ! meta.id.assoc - generationdescription
    entitydescription_id ! meta.id.assoc GenerationDescription.entityDescription entitydescription

Parameter parameter AC.Parameter
    id ! meta.id;meta.main - -
    name ! meta.title AC.Parameter.name -
    parameter_value ! stat.value AC.Parameter.value -
    valueentity_id ? meta.id.assoc AC.Parameter.valueEntity entity
    parameterdescription_id ? meta.id.assoc AC.Parameter.parameterDescription parameterdescription

ParameterDescription parameterdescription AC.ParameterDescription
    id ! meta.id;meta.main - -
    activitydescription_id ! meta.id.parent ActivityDescription.parameterDescription activitydescription
    name ! meta.title AC.ParameterDescription.name -
    value_type ! meta.code AC.ParameterDescription.valueType -
    description ? meta.note AC.ParameterDescription.description -
    unit ? meta.unit AC.ParameterDescription.unit -
    ucd ? meta.ucd AC.ParameterDescription.ucd -
    utype ? meta AC.ParameterDescription.utype -
    min_value ? stat.value;stat.min AC.ParameterDescription.min -
    max_value ? stat.value;stat.max AC.ParameterDescription.max -
    default_value ? stat.value AC.ParameterDescription.default -
    options ? meta AC.ParameterDescription.options -

ConfigFile configfile AC.ConfigFile
    id ! meta.id;meta.main - -
    name ! meta.title AC.ConfigFile.name -
    location ? meta.ref AC.ConfigFile.location -
    comment ? meta.note AC.ConfigFile.comment -
    configfiledescription_id ? meta.id.assoc AC.ConfigFile.configFileDescription configfiledescription

ConfigFileDescription configfiledescription AC.ConfigFileDescription
    id ! meta.id;meta.main - -
    activitydescription_id ! meta.id.parent ActivityDescription.configFileDescription activitydescription
    name ! meta.title AC.ConfigFileDescription.name -
    content_type ! meta.code.mime AC.ConfigFileDescription.contentType -
    description ? meta.note AC.ConfigFileDescription.description -

WasConfiguredBy wasconfiguredby AC.WasConfiguredBy
    activity_id ! meta.id.parent Activity.wasConfiguredBy activity
    artefact_type ! meta.code.class AC.WasConfiguredBy.artefactType -
    parameter_id ? meta.id.assoc AC.WasConfiguredBy.parameter parameter
    configfile_id ? meta.id.assoc AC.WasConfiguredBy.configFile configfile
"""  # noqa: E501

_FURTHER = """
Relation relation -
    relation_id ? meta.id;meta.main - -
    relation_kind ! meta.code.class - -
    source_id ? meta.id.assoc - -
    target_id ? meta.id.assoc - -
    role ? meta.code.class - -
    relation_type ? meta.code.class - -
    relation_time ? time - - timestamp

Attribute attribute -
    owner_id ! meta.id.assoc - -
    owner_kind ! meta.code.class - -
    name ! meta.id - -
    attribute_value ? stat.value - -
    datatype ? meta.code - -
    language ? meta.code - -

Namespace namespace -
    prefix ? meta.id - -
    iri ! meta.ref - -
"""


def _tables(text: str) -> Iterator[Table]:
    for paragraph in text.strip().split("\n\n"):
        head, *lines = paragraph.splitlines()
        name, sql_name, utype = head.split()
        yield Table(name, sql_name, _utype(utype), tuple(map(_column, lines)))


def _column(line: str) -> Column:
    name, required, ucd, utype, target, *xtype = line.split()
    return Column(name, required == "!", ucd, _utype(utype), target.strip("-"), "".join(xtype))


def _utype(id: str) -> str:
    return "" if id == "-" else "voprov:" + id.replace("AC.", "ActivityConfiguration.")


MODEL_TABLES: dict[str, Table] = {table.name: table for table in _tables(_MODEL)}
"""The tables of the model, by name."""

FURTHER_TABLES: dict[str, Table] = {table.name: table for table in _tables(_FURTHER)}
"""The tables for content that the model does not cover.

``Relation`` holds the relations that no table of the model can hold unchanged, such as
those with an identifier or a type. ``Attribute`` holds the attributes of elements, descriptions
and relations that have no column, have several values or have a datatype. ``Namespace`` holds
the prefixes.
"""

TABLES: dict[str, Table] = {**MODEL_TABLES, **FURTHER_TABLES}
"""All tables by name, in the order in which documents list them."""

COLUMN_TERMS: dict[str, dict[str, str]] = {
    "Entity": {
        "prov:label": "name",
        "prov:location": "location",
        "voprov:generatedAtTime": "generated_at_time",
        "voprov:invalidatedAtTime": "invalidated_at_time",
        "voprov:comment": "comment",
        "prov:value": "entity_value",
    },
    "Activity": {"prov:label": "name", "voprov:comment": "comment"},
    "Agent": {
        role.term: role.name for role in CLASSES["Agent"].roles if role.name not in ("id", "type")
    },
}
"""The attributes that have a column, for each table of elements."""

RELATION_COLUMNS: dict[str, tuple[str, str, str]] = {
    "used": ("Used", "activity_id", "entity_id"),
    "wasGeneratedBy": ("WasGeneratedBy", "entity_id", "activity_id"),
    "wasDerivedFrom": ("WasDerivedFrom", "entity_id", "used_entity_id"),
    "wasInformedBy": ("WasInformedBy", "activity_id", "informant_id"),
    "wasAssociatedWith": ("WasAssociatedWith", "activity_id", "agent_id"),
    "wasAttributedTo": ("WasAttributedTo", "entity_id", "agent_id"),
    "hadMember": ("HadMember", "collection_id", "entity_id"),
}
"""The table of each kind of relation in the model, with its source and target columns."""

ATTRIBUTE_OF = "provlog:attribute"
"""The name of the row in ``Attribute`` for a parameter whose attribute has another name."""

FLOW_COLUMNS = {"used": "usagedescription_id", "wasGeneratedBy": "generationdescription_id"}
"""The column of the description, for each kind of relation that can have one."""

ATTRIBUTION = "wasAttributedTo"
ATTRIBUTION_ROLE = "voprov:role"
"""The attribute for the role of an attribution; PROV-XML does not allow ``prov:role`` there."""


def role_cell(kind: str, relation: Relation) -> str:
    """Return the role of a relation for its table; an empty text without a role."""
    if kind == ATTRIBUTION:
        roles = (value for name, value in relation.pairs() if name == ATTRIBUTION_ROLE)
        role = next(roles, None)
        if role is not None:
            return role if isinstance(role, str) else role.text
    return relation.role or ""
