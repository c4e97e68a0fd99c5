"""The tables of the IVOA, with the names of ProvTAP, as views of the tables of a store.

Each view has the columns of its table in :mod:`provlog.model.tables`, in the same order. In the
views of relations, the log and the line of each statement follow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    FromClause,
    MetaData,
    Select,
    Table,
    and_,
    case,
    cast,
    exists,
    func,
    inspect,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.schema import CreateView, DropView

from provlog.model.tables import COLUMN_TERMS, MODEL_TABLES, RELATION_COLUMNS
from provlog.model.vodml import CONFIGURED
from provlog.store.database.connection import POSTGRESQL
from provlog.store.database.schema import (
    ACTIVITY,
    AGENT,
    DESCRIPTION_TABLES,
    ENTITY,
    KIND_NAMES,
    KINDS,
    description,
    element,
    identifier,
    link,
    log,
    mention,
    parameter,
)

__all__ = ["create_views", "drop_views", "views"]

_Cells = Mapping[str, ColumnElement[Any]]

# The columns of ``element`` that hold attributes as text.
_HELD = {"name", "location", "entity_value", "start_time", "end_time"}
_TIMES = {"generated_at_time": "start_time", "invalidated_at_time": "end_time"}
# Classes of the model that are tables of their own.
_APART = ("Parameter", "ConfigFile")


def create_views(connection: Connection) -> None:
    """Create all views."""
    for name, query in views(connection.dialect.name).items():
        connection.execute(CreateView(query, name))


def drop_views(connection: Connection) -> None:
    """Drop all views."""
    known = {*inspect(connection).get_view_names()}
    for name in views(connection.dialect.name):
        if name in known:
            connection.execute(DropView(Table(name, MetaData())))


def views(dialect: str) -> dict[str, Any]:
    """Return the query of each view by name, for a kind of database."""
    attribute = partial(_attribute, dialect)
    queries: dict[str, Any] = {
        "Entity": _elements("Entity", ENTITY, _entity_cells, attribute),
        "Activity": _elements("Activity", ACTIVITY, _activity_cells, attribute),
        "Agent": _elements("Agent", AGENT, _agent_cells, attribute),
        "Parameter": _parameters(attribute),
        "ConfigFile": _config_files(attribute),
        "WasConfiguredBy": _configured(),
        **{table: _related(kind) for kind, (table, _, _) in RELATION_COLUMNS.items()},
        **{name: _described(name) for name in DESCRIPTION_TABLES},
    }
    found = {table.sql_name: queries[name] for name, table in MODEL_TABLES.items()}
    return found | {"relation": _relations(), "statement": _statements()}


def _attribute(dialect: str, held: FromClause, name: str) -> ColumnElement[Any]:
    """Return an attribute that has no column of its own, as text."""
    text = held.c.attributes
    json: Any = cast(text, JSON) if dialect == POSTGRESQL else type_coerce(text, JSON)
    found: ColumnElement[Any] = json[name].as_string()
    return found


_Attribute = Callable[[FromClause, str], ColumnElement[Any]]


def _elements(
    table: str,
    kind: int,
    cells_of: Callable[[FromClause, FromClause, _Attribute], _Cells],
    attribute: _Attribute,
) -> Select[Any]:
    """Return a query with one row for each element: its first description, completed by others."""
    first, other = element.alias("first"), element.alias("other")
    named = identifier.alias("named")
    described = description.alias("described")
    is_earlier = exists().where(
        other.c.id == first.c.id, other.c.kind == kind, other.c.key < first.c.key
    )
    cells = {"id": named.c.name, **cells_of(first, described, attribute)}
    return (
        select(*(cells[column.name].label(column.name) for column in MODEL_TABLES[table].columns))
        .join_from(first, named, named.c.key == first.c.id)
        .join(described, described.c.key == first.c.description, isouter=True)
        .where(first.c.kind == kind, ~is_earlier)
    )


def _completed(first: FromClause, column: str) -> ColumnElement[Any]:
    """Return a column of the first description, or else of another one of the element."""
    own = first.c[column]
    other = element.alias()
    others = (
        select(func.min(other.c[column]))
        .where(other.c.id == first.c.id, other.c.kind == first.c.kind)
        .correlate(first)
        .scalar_subquery()
    )
    return func.coalesce(own, others)


def _held(table: str, first: FromClause, attribute: _Attribute) -> dict[str, ColumnElement[Any]]:
    """Return the columns that hold attributes."""
    return {
        column: _completed(first, _TIMES.get(column, column))
        if _TIMES.get(column, column) in _HELD
        else attribute(first, term)
        for term, column in COLUMN_TERMS[table].items()
    }


def _entity_cells(first: FromClause, described: FromClause, attribute: _Attribute) -> _Cells:
    is_apart = first.c.class_name.in_(_APART)
    class_name = case((is_apart, "Entity"), else_=func.coalesce(first.c.class_name, "Entity"))
    return {
        **_held("Entity", first, attribute),
        "class_name": class_name,
        "entitydescription_id": described.c.id,
    }


def _activity_cells(first: FromClause, described: FromClause, attribute: _Attribute) -> _Cells:
    return {
        **_held("Activity", first, attribute),
        "start_time": _completed(first, "start_time"),
        "end_time": _completed(first, "end_time"),
        "activitydescription_id": described.c.id,
    }


def _agent_cells(first: FromClause, _: FromClause, attribute: _Attribute) -> _Cells:
    named = (
        select(identifier.c.name).where(identifier.c.key == first.c.id).correlate(first)
    ).scalar_subquery()
    held = _held("Agent", first, attribute)
    return {**held, "name": func.coalesce(held["name"], named), "type": first.c.class_name}


def _related(kind: str) -> Select[Any]:
    """Return the relations of a kind that the model has."""
    table, source, target = RELATION_COLUMNS[kind]
    near, far, flow = (identifier.alias(name) for name in ("near", "far", "flow"))
    cells = {
        source: near.c.name,
        target: far.c.name,
        "role": link.c.role,
        "time_used": link.c.time,
        "usagedescription_id": flow.c.name,
        "generationdescription_id": flow.c.name,
    }
    columns = MODEL_TABLES[table].columns
    return (
        select(*(cells[one.name].label(one.name) for one in columns), *_origin(link))
        .join_from(link, near, near.c.key == link.c.source)
        .join(far, far.c.key == link.c.target)
        .join(flow, flow.c.key == link.c.flow, isouter=True)
        .join(log, log.c.key == link.c.log)
        .where(link.c.kind == KINDS[kind])
    )


def _origin(stated: FromClause) -> tuple[ColumnElement[Any], ...]:
    return log.c.name.label("log"), stated.c.line.label("line")


def _relations() -> Select[Any]:
    """Return a query of all relations, with the parts that the tables of the model cannot hold."""
    near, far = identifier.alias("near"), identifier.alias("far")
    kind = case(KIND_NAMES, value=link.c.kind)
    return (
        select(
            kind.label("relation_kind"),
            near.c.name.label("source_id"),
            far.c.name.label("target_id"),
            link.c.role,
            link.c.type.label("relation_type"),
            link.c.time.label("relation_time"),
            link.c.extra,
            *_origin(link),
        )
        .join_from(link, near, near.c.key == link.c.source, isouter=True)
        .join(far, far.c.key == link.c.target, isouter=True)
        .join(log, log.c.key == link.c.log)
    )


def _statements() -> Select[Any]:
    """Return a query of the origin of each description of an element, with all attributes."""
    kind = case({ENTITY: "entity", ACTIVITY: "activity", AGENT: "agent"}, value=element.c.kind)
    bundle = identifier.alias("bundle_name")
    session = identifier.alias("session_id")
    return (
        select(
            identifier.c.name.label("id"),
            kind.label("kind"),
            session.c.name.label("session_id"),
            bundle.c.name.label("bundle_id"),
            element.c.attributes,
            *_origin(mention),
            log.c.digest.label("log_digest"),
            log.c.added,
        )
        .join_from(mention, element, element.c.key == mention.c.element)
        .join(identifier, identifier.c.key == element.c.id)
        .join(session, session.c.key == mention.c.session, isouter=True)
        .join(bundle, bundle.c.key == element.c.bundle, isouter=True)
        .join(log, log.c.key == mention.c.log)
    )


def _parameter_id() -> ColumnElement[Any]:
    """Return the id of a parameter, equal to :func:`provlog.graphs.ivoa_view.parameter_id`."""
    marked = func.replace(identifier.c.name, ":", ":parameter-")
    beginning = func.replace(marked, ":parameter-activity-", ":parameter-")
    return beginning + "-" + parameter.c.id_end


def _parameters(attribute: _Attribute) -> Any:
    plain = (
        select(
            _parameter_id().label("id"),
            parameter.c.name,
            parameter.c.value.label("parameter_value"),
            null().label("valueentity_id"),
            parameter.c.description.label("parameterdescription_id"),
        )
        .join_from(parameter, element, element.c.key == parameter.c.element)
        .join(identifier, identifier.c.key == element.c.id)
    )
    typed = _typed(
        "Parameter",
        lambda held: {
            "parameter_value": held.c.entity_value,
            "valueentity_id": attribute(held, "voprov:valueEntity"),
            "parameterdescription_id": description.c.id,
        },
        attribute,
    )
    return union_all(plain, typed)


def _config_files(attribute: _Attribute) -> Select[Any]:
    return _typed(
        "ConfigFile",
        lambda held: {
            "location": held.c.location,
            "comment": attribute(held, "voprov:comment"),
            "configfiledescription_id": description.c.id,
        },
        attribute,
    )


def _typed(
    class_name: str, cells_of: Callable[[FromClause], _Cells], attribute: _Attribute
) -> Select[Any]:
    """Return a query of the entities of a class with a table of its own."""
    name = func.coalesce(attribute(element, "voprov:name"), element.c.name, identifier.c.name)
    cells = {"id": identifier.c.name, "name": name, **cells_of(element)}
    columns = MODEL_TABLES[class_name].columns
    return (
        select(*(cells[column.name].label(column.name) for column in columns))
        .join_from(element, identifier, identifier.c.key == element.c.id)
        .join(description, description.c.key == element.c.description, isouter=True)
        .where(element.c.class_name == class_name)
    )


def _configured() -> Any:
    activity = identifier.alias("activity_name")
    plain = (
        select(
            identifier.c.name.label("activity_id"),
            literal("Parameter").label("artefact_type"),
            _parameter_id().label("parameter_id"),
            null().label("configfile_id"),
        )
        .join_from(parameter, element, element.c.key == parameter.c.element)
        .join(identifier, identifier.c.key == element.c.id)
    )
    is_file = element.c.class_name == "ConfigFile"
    typed = (
        select(
            activity.c.name,
            case((is_file, "Configfile"), else_="Parameter"),
            case((is_file, null()), else_=identifier.c.name),
            case((is_file, identifier.c.name), else_=null()),
        )
        .join_from(link, element, and_(element.c.id == link.c.target, element.c.kind == ENTITY))
        .join(identifier, identifier.c.key == link.c.target)
        .join(activity, activity.c.key == link.c.source)
        .where(
            link.c.kind == KINDS["wasInfluencedBy"],
            link.c.type == CONFIGURED,
            element.c.class_name.in_(_APART),
        )
    )
    return union_all(plain, typed)


def _described(name: str) -> Select[Any]:
    """Return a query of the descriptions of all sets, without duplicates."""
    table = DESCRIPTION_TABLES[name]
    return select(*(table.c[column.name] for column in MODEL_TABLES[name].columns)).distinct()
