"""Build a graph from the rows of a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, null, or_, select

from provlog.building.parents import join_parents
from provlog.building.uniting import Union
from provlog.collector import collector_paused
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.descriptions import Description
from provlog.model.elements import ABSENT, Activity, Agent, Element, Entity
from provlog.model.graph import Bundle, ProvGraph, Statements
from provlog.model.relations import RELATIONS, QualifiedRelation, Relation
from provlog.store.database.cells import COLUMNS, attributes_of, value_of_cell
from provlog.store.database.interning import list_of, names_of
from provlog.store.database.schema import (
    ACTIVITY,
    AGENT,
    ENTITY,
    KIND_NAMES,
    bundle,
    description,
    element,
    link,
    log,
    mention,
    namespace,
)
from provlog.store.ingest.describing import description_of

__all__ = ["graph_of_elements", "graph_of_logs"]

_CLASSES: dict[int, type[Element]] = {ENTITY: Entity, ACTIVITY: Activity, AGENT: Agent}
_UNDECLARED: dict[str, type[Element]] = {
    "entity": Entity, "activity": Activity, "agent": Agent, "element": Entity,
}  # fmt: skip
_NAMED = {kind.__name__: kind for kind in (Entity, Activity, Agent, Element)}
_ELEMENT = (
    element.c.key, element.c.id, element.c.kind, element.c.session_name, element.c.description,
    element.c.start_time, element.c.end_time, element.c.attributes,
    *(element.c[name] for name in COLUMNS.values()),
)  # fmt: skip
_LINK = (
    link.c.kind, link.c.source, link.c.target, link.c.role, link.c.type, link.c.time,
    link.c.extra,
)  # fmt: skip
# The bundle of a statement if bundles are to be left out.
_NO_BUNDLE = null().label("bundle")


def graph_of_logs(connection: Connection, keys: Sequence[int]) -> ProvGraph:
    """Return the graph of whole logs, equal to that of reading them together.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    keys : sequence of int
        The logs.
    """
    logs = list_of(connection, keys)
    mentioned = (
        select(*_ELEMENT, element.c.bundle, mention.c.session.label("mentioned_in"))
        .join(mention, mention.c.element == element.c.key)
        .where(mention.c.log.in_(logs))
        .order_by(mention.c.log, mention.c.n)
    )
    related = (
        select(*_LINK, link.c.bundle).where(link.c.log.in_(logs)).order_by(link.c.log, link.c.n)
    )
    bundles = select(bundle.c.id).where(bundle.c.log.in_(logs)).order_by(bundle.c.log, bundle.c.n)
    with collector_paused():
        assembly = _Assembly(connection)
        assembly.add_bundles(connection.scalars(bundles).all())
        assembly.add_elements(connection.execute(mentioned).all())
        assembly.add_links(connection.execute(related).all())
        assembly.add_logs(log.c.key.in_(logs))
        return assembly.finish()


def graph_of_elements(connection: Connection, ids: Sequence[int]) -> ProvGraph:
    """Return the graph of elements and the relations among them, without bundles.

    The statements in bundles are treated as those outside.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    ids : sequence of int
        The identifiers of the elements.
    """
    listed = list_of(connection, ids)
    described = (
        select(*_ELEMENT, _NO_BUNDLE, element.c.session.label("mentioned_in"))
        .where(element.c.id.in_(listed))
        .order_by(element.c.key)
    )
    related = (
        select(*_LINK, _NO_BUNDLE)
        .where(
            link.c.source.in_(listed),
            # Not by an index: a session or an agent is the target of very many relations.
            or_(link.c.target.is_(None), (link.c.target + 0).in_(list_of(connection, ids))),
        )
        .order_by(link.c.kind, link.c.log, link.c.n)
    )
    with collector_paused():
        assembly = _Assembly(connection, is_flat=True)
        assembly.add_elements(connection.execute(described).all())
        assembly.add_links(connection.execute(related).all())
        assembly.add_namespaces()
        return assembly.finish()


class _Assembly:
    def __init__(self, connection: Connection, *, is_flat: bool = False) -> None:
        self._connection = connection
        self._is_flat = is_flat
        self.graph = ProvGraph()
        self._names: dict[int, str] = {}
        self._parts: dict[int | None, Statements] = {None: self.graph}
        self._found: dict[tuple[int | None, int, int], Element] = {}
        self._session_keys: dict[Activity | Entity, int] = {}
        self._described: list[tuple[Element, int]] = []
        self._descriptions: dict[int, Description] = {}
        self._union = Union(self.graph.diagnostics.append)

    def _learn(self, keys: Iterable[int | None]) -> None:
        """Look up the identifiers that are not known yet."""
        missing = {key for key in keys if key is not None and key not in self._names}
        if missing:
            self._names |= names_of(self._connection, missing)

    def add_bundles(self, ids: Sequence[int]) -> None:
        self._learn(ids)
        for key in ids:
            if key not in self._parts:
                made = Bundle(id=self._names[key])
                self._parts[key] = self.graph.bundles[made.id] = made

    def add_elements(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
        self._learn(key for row in rows for key in (row.id, row.mentioned_in))
        for row in rows:
            made = self._element(row)
            part = self._parts[row.bundle]
            place = row.bundle, row.kind, row.id
            known = self._found.setdefault(place, made)
            if known is not made:
                self._union.element(known, made)
            else:
                part.declare(made)
            if row.bundle is None:
                self._set_session(known, row, is_stated=known is made or self._is_flat)
            if row.description is not None:
                self._described.append((known, row.description))

    def _set_session(self, one: Element, row: Row[*tuple[Any, ...]], *, is_stated: bool) -> None:
        is_in_session = is_stated and row.mentioned_in is not None
        if is_in_session and isinstance(one, (Activity, Entity)):
            self._session_keys.setdefault(one, row.mentioned_in)
        if row.session_name is not None and isinstance(one, Activity):
            self.graph.sessions.setdefault(row.session_name, one)

    def _element(self, row: Row[*tuple[Any, ...]]) -> Element:
        columns = {name: getattr(row, column) for name, column in COLUMNS.items()}
        attributes = attributes_of(row.attributes, columns)
        name = self._names[row.id]
        if row.kind == ACTIVITY:
            return Activity(name, attributes, row.start_time, row.end_time)
        return _CLASSES[row.kind](name, attributes)

    def add_links(self, rows: Sequence[Row[*tuple[Any, ...]]]) -> None:
        self._learn(key for row in rows for key in (row.source, row.target))
        for row in rows:
            kind = KIND_NAMES[row.kind]
            source, target = RELATIONS[kind].formals[:2]
            ends = (
                self._end(row.bundle, row.source, source.refers_to),
                self._end(row.bundle, row.target, target.refers_to),
            )
            made = Relation(*ends, row.role, row.type)
            if row.extra is not None:
                made = self._qualified(row, made)
            self._parts[row.bundle].relations[kind][made] = None

    def _end(self, bundle: int | None, key: int | None, refers_to: str) -> Element:
        if key is None:
            return ABSENT
        kinds = _ENDS[refers_to]
        for kind in kinds:
            found = self._found.get((bundle, kind, key))
            if found is not None:
                return found
        made = _UNDECLARED[refers_to](self._names[key], {})
        return self._found.setdefault((bundle, kinds[0], key), made)

    def _qualified(self, row: Row[*tuple[Any, ...]], plain: Relation) -> QualifiedRelation:
        held = msgspec.json.decode(row.extra)
        arguments = tuple(
            (name, text if kind is None else self._argument(row.bundle, text, kind))
            for name, text, kind in held["arguments"]
        )
        attributes = tuple((name, value_of_cell(value)) for name, value in held["attributes"])
        return QualifiedRelation(
            plain.source, plain.target, held["role"], row.type, held["id"], row.time, arguments,
            attributes,
        )  # fmt: skip

    def _argument(self, bundle: int | None, name: str, kind: str) -> Element:
        part = self._parts[bundle]
        known: dict[str, Mapping[str, Element]] = {
            "Entity": part.entities, "Activity": part.activities, "Agent": part.agents,
        }  # fmt: skip
        found = known.get(kind, {}).get(name)
        return found if found is not None else _NAMED[kind](name, {})

    def add_logs(self, wanted: ColumnElement[bool]) -> None:
        """Add the namespaces, diagnostics and descriptions of whole logs."""
        query = select(log.c.namespaces, log.c.diagnostics, log.c.description_set)
        sets = set()
        for row in self._connection.execute(query.where(wanted).order_by(log.c.key)):
            self.graph.namespaces |= msgspec.json.decode(row.namespaces)
            found = msgspec.json.decode(row.diagnostics, type=list[Diagnostic])
            self.graph.diagnostics += found
            sets.add(row.description_set)
        self._load_descriptions(
            description.c.description_set.in_(list_of(self._connection, sets - {None}))
        )
        for one in self._descriptions.values():
            self.graph.descriptions.add(one)

    def add_namespaces(self) -> None:
        """Add all namespaces of the store."""
        query = select(namespace.c.prefix, namespace.c.iri).order_by(namespace.c.key)
        self.graph.namespaces.update(self._connection.execute(query).all())

    def _load_descriptions(self, wanted: ColumnElement[bool]) -> None:
        query = select(description.c.key, description.c.body).where(wanted)
        for key, body in self._connection.execute(query.order_by(description.c.key)):
            self._descriptions[key] = description_of(body)

    def finish(self) -> ProvGraph:
        """Set sessions and descriptions, and return the graph."""
        graph = self.graph
        self._add_sessions()
        missing = {key for _, key in self._described} - {*self._descriptions}
        if missing:
            self._load_descriptions(description.c.key.in_(list_of(self._connection, missing)))
        for one, key in self._described:
            found = self._descriptions[key]
            if graph.descriptions.described.setdefault(one, found) is found:
                graph.descriptions.add(found)
        join_parents(graph)
        return graph

    def _add_sessions(self) -> None:
        """Set the session of each element, which need not be in the graph."""
        keys = {*self._session_keys.values()}
        outside = [key for key in keys if (None, ACTIVITY, key) not in self._found]
        query = select(*_ELEMENT).where(
            element.c.id.in_(list_of(self._connection, outside)), element.c.kind == ACTIVITY
        )
        if outside:
            for row in self._connection.execute(query.order_by(element.c.key)):
                self._found.setdefault((None, ACTIVITY, row.id), self._element(row))
        for one, key in self._session_keys.items():
            session = self._found.get((None, ACTIVITY, key))
            if isinstance(session, Activity):
                one.session = session


_ENDS = {
    "entity": (ENTITY,),
    "activity": (ACTIVITY,),
    "agent": (AGENT,),
    "element": (ENTITY, ACTIVITY, AGENT),
}
