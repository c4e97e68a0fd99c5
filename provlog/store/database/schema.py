"""The tables of a store, as SQLAlchemy tables.

Identifiers are interned: every table refers to an entity, an activity, an agent or a bundle by
an integer, so that lineage compares integers and a long identifier is stored once. The tables
of the IVOA, with their own names and columns, are views of these tables
(:mod:`provlog.store.database.views`).

Each different description of an element is stored once, even if many logs repeat it;
``mention`` lists these logs. Each relation belongs to one log.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
)

from provlog.model.tables import MODEL_TABLES
from provlog.store.database.cells import storable

__all__ = [
    "ACTIVITY", "AGENT", "DESCRIPTION_TABLES", "ENTITY", "INDEXED", "KINDS", "KIND_NAMES",
    "METADATA", "beginning", "bundle", "defined_name", "defined_session", "definition",
    "description",
    "description_set", "document", "element", "entity_digest", "file_digest", "file_location",
    "has_text", "identifier", "link", "log", "mention", "namespace", "parameter",
    "registered_file", "second_hand",
]  # fmt: skip

METADATA = MetaData()

INDEXED = 256
"""The number of characters of a text that are indexed."""

# SQLite numbers rows itself only if the type is INTEGER.
_Key = BigInteger().with_variant(Integer, "sqlite")

ENTITY, ACTIVITY, AGENT = 1, 2, 3
"""The kinds of element."""

KINDS: dict[str, int] = {
    "used": 1,
    "wasGeneratedBy": 2,
    "wasInvalidatedBy": 3,
    "wasStartedBy": 4,
    "wasEndedBy": 5,
    "wasInformedBy": 6,
    "wasDerivedFrom": 7,
    "wasAttributedTo": 8,
    "wasAssociatedWith": 9,
    "actedOnBehalfOf": 10,
    "wasInfluencedBy": 11,
    "specializationOf": 12,
    "alternateOf": 13,
    "mentionOf": 14,
    "hadMember": 15,
}
"""The numbers of the kinds of relation in ``link``; they never change."""

KIND_NAMES = {number: name for name, number in KINDS.items()}
"""The kinds of relation by number."""


def beginning(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the first characters of a text, which an index of any database can hold.

    A B-tree of PostgreSQL cannot hold texts over 2,704 bytes. Compare this expression with
    the beginning of the wanted text, and the column itself with the whole text.
    """
    return func.substr(column, literal_column("1"), literal_column(str(INDEXED)))


def has_text(column: Column[str], text: str) -> ColumnElement[bool]:
    """Return the condition that a column with an indexed beginning holds a text."""
    text = storable(text)
    # With an equals sign SQLite would replace the column in the indexed beginning, too.
    is_whole = column.is_not(None) & column.is_not_distinct_from(text)
    return (beginning(column) == text[:INDEXED]) & is_whole


def _index(column: Column[Any], *expressions: ColumnElement[Any]) -> None:
    """Add an index of the rows with a value in a column."""
    Index(
        f"{column.table.name}_{column.name}",
        *(expressions or (column,)),
        _table=column.table,
        sqlite_where=column.is_not(None),
        postgresql_where=column.is_not(None),
    )


namespace = Table(
    "namespace_prefix",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("prefix", Text, nullable=False),
    Column("iri", Text, nullable=False),
)

identifier = Table(
    "identifier",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("name", Text, nullable=False),
    # Only for PostgreSQL, whose unique indexes cannot hold long names.
    Column("digest", LargeBinary),
)
Index("identifier_name", identifier.c.name, unique=True).ddl_if(dialect="sqlite")
Index("identifier_hash", identifier.c.name, postgresql_using="hash").ddl_if(dialect="postgresql")
Index("identifier_digest", identifier.c.digest, unique=True).ddl_if(dialect="postgresql")

log = Table(
    "log",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("name", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("options", Text, nullable=False),
    Column("added", Text, nullable=False),
    Column("software", Text, nullable=False),
    Column("statements", BigInteger, nullable=False),
    Column("namespaces", Text, nullable=False),
    Column("diagnostics", Text, nullable=False),
    Column("description_set", _Key),
)
Index("log_name", beginning(log.c.name))
Index("log_digest", log.c.digest)
Index("log_description_set", log.c.description_set)

bundle = Table(
    "bundle",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("id", _Key, nullable=False),
    PrimaryKeyConstraint("log", "n"),
)

element = Table(
    "element",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("id", _Key, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("digest", BigInteger, nullable=False),
    Column("bundle", _Key),
    Column("session", _Key),
    Column("session_name", Text),
    Column("description", _Key),
    Column("class_name", Text),
    Column("name", Text),
    Column("location", Text),
    Column("local_id", Text),
    Column("entity_value", Text),
    Column("file_name", Text),
    Column("start_time", Text),
    Column("end_time", Text),
    Column("start_instant", BigInteger),
    Column("end_instant", BigInteger),
    Column("attributes", Text, nullable=False),
)
Index("element_id", element.c.id, element.c.kind, element.c.digest, unique=True)
for _name in ("name", "location", "local_id", "file_name", "session_name"):
    _index(element.c[_name], beginning(element.c[_name]))
_index(element.c.session)
_index(element.c.end_instant, element.c.end_instant, element.c.start_instant)

mention = Table(
    "mention",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("element", _Key, nullable=False),
    Column("line", Integer, nullable=False),
    Column("session", _Key),
    PrimaryKeyConstraint("log", "n"),
    sqlite_with_rowid=False,
)
Index("mention_element", mention.c.element)

link = Table(
    "link",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("kind", SmallInteger, nullable=False),
    Column("source", _Key),
    Column("target", _Key),
    Column("is_followed", Boolean, nullable=False),
    Column("line", Integer, nullable=False),
    Column("bundle", _Key),
    Column("flow", _Key),
    Column("flow_type", Text),
    Column("role", Text),
    Column("type", Text),
    Column("time", Text),
    Column("extra", Text),
    PrimaryKeyConstraint("log", "n"),
    sqlite_with_rowid=False,
)
Index("link_upstream", link.c.source, link.c.is_followed, link.c.target)
Index("link_downstream", link.c.target, link.c.is_followed, link.c.source)
_index(link.c.role, beginning(link.c.role))

parameter = Table(
    "activity_parameter",
    METADATA,
    Column("element", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("id_end", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("number", Float(53)),
    Column("unit", Text),
    Column("description", Text),
    PrimaryKeyConstraint("element", "n"),
    sqlite_with_rowid=False,
)
Index("activity_parameter_name", beginning(parameter.c.name), parameter.c.number)

description_set = Table(
    "description_set",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
)

description = Table(
    "description",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("description_set", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text, nullable=False),
    UniqueConstraint("description_set", "n"),
)

DESCRIPTION_TABLES: dict[str, Table] = {
    name: Table(
        f"described_{table.sql_name}",
        METADATA,
        Column("description_set", _Key, nullable=False),
        Column("n", Integer, nullable=False),
        *(Column(column.name, Text) for column in table.columns),
        PrimaryKeyConstraint("description_set", "n"),
    )
    for name, table in MODEL_TABLES.items()
    if "Description" in name
}
"""The tables of descriptions by the name of their table in the model."""

# Since version 2.

entity_digest = Table(
    "entity_digest",
    METADATA,
    Column("digest", Text, nullable=False),
    Column("id", _Key, nullable=False),
    PrimaryKeyConstraint("digest", "id"),
)
Index("entity_digest_id", entity_digest.c.id)

registered_file = Table(
    "registered_file",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("media_type", Text),
    Column("registered", Text, nullable=False),
)

file_digest = Table(
    "file_digest",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("algorithm", Text, nullable=False),
    Column("file", _Key, nullable=False),
)
Index("file_digest_file", file_digest.c.file)

file_location = Table(
    "file_location",
    METADATA,
    Column("key", _Key, primary_key=True),
    Column("file", _Key, nullable=False),
    Column("location", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("checked", Text, nullable=False),
)
Index("file_location_file", file_location.c.file)
Index("file_location_location", beginning(file_location.c.location))

# Since version 4.

second_hand = Table(
    "second_hand",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("entity", _Key, nullable=False),
    Column("activity", _Key, nullable=False),
    Column("element", _Key),
    PrimaryKeyConstraint("log", "n"),
    sqlite_with_rowid=False,
)
Index("second_hand_activity", second_hand.c.activity)

document = Table("document", METADATA, Column("log", _Key, primary_key=True, autoincrement=False))

definition = Table(
    "definition",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("body", Text, nullable=False),
    PrimaryKeyConstraint("log", "n"),
)

defined_session = Table(
    "defined_session",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("session", _Key, nullable=False),
    Column("holder", _Key, nullable=False),
    PrimaryKeyConstraint("log", "session"),
    sqlite_with_rowid=False,
)
Index("defined_session_session", defined_session.c.session)

defined_name = Table(
    "defined_name",
    METADATA,
    Column("log", _Key, nullable=False),
    Column("n", Integer, nullable=False),
    Column("name", Text, nullable=False),
)
Index("defined_name_log", defined_name.c.log)
Index("defined_name_name", beginning(defined_name.c.name))
