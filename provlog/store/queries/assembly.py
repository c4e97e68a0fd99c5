"""Build a graph from the rows of a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

import msgspec
from sqlalchemy import ColumnElement, Connection, null, or_, select

from provlog.building.parents import join_parents
from provlog.building.uniting import Union, is_described
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
    KINDS,
    bundle,
    description,
    element,
    link,
    log,
    mention,
    namespace,
    second_hand,
)
from provlog.store.ingest.describing import description_of
from provlog.store.queries.precedence import (
    QueryRow,
    documents_among,
    documents_last,
    doubtful,
    only_in_documents,
    second_hand_among,
    special_in,
    superseded,
)

__all__ = ["Assembly", "graph_of_elements", "graph_of_logs"]

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
    link.c.log, link.c.kind, link.c.source, link.c.target, link.c.role, link.c.type,
    link.c.time, link.c.extra,
)  # fmt: skip
# The bundle of a statement if bundles are to be left out.
_NO_BUNDLE = null().label("bundle")


def graph_of_logs(connection: Connection, keys: Sequence[int]) -> ProvGraph:
    """Return the graph of whole logs, as far as definitions in other logs do not describe it.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    keys : sequence of int
        The logs.
    """
    logs = list_of(connection, keys)
    mentioned = (
        select(*_ELEMENT, element.c.bundle, mention.c.session.label("mentioned_in"), mention.c.log)
        .join(mention, mention.c.element == element.c.key)
        .where(mention.c.log.in_(logs))
        .order_by(mention.c.log, mention.c.n)
    )
    related = (
        select(*_LINK, link.c.bundle).where(link.c.log.in_(logs)).order_by(link.c.log, link.c.n)
    )
    bundles = select(bundle.c.id).where(bundle.c.log.in_(logs)).order_by(bundle.c.log, bundle.c.n)
    with collector_paused():
        assembly = Assembly(connection)
        documents = documents_among(connection, keys) if assembly.special.documents else set()
        in_order = partial(documents_last, documents if len(documents) < len(keys) else ())
        if assembly.special.second_hand:
            assembly.add_second_hand(second_hand.c.log.in_(logs))
        assembly.add_bundles(connection.scalars(bundles).all())
        assembly.add_elements(in_order(connection.execute(mentioned).all()))
        assembly.add_links(in_order(connection.execute(related).all()))
        assembly.add_logs(log.c.key.in_(logs), in_order)
        return assembly.finish()


def graph_of_elements(
    connection: Connection, ids: Sequence[int], assembly: Assembly | None = None
) -> ProvGraph:
    """Return the graph of elements and the relations among them, without bundles.

    The statements in bundles are treated as those outside.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    ids : sequence of int
        The identifiers of the elements.
    assembly : Assembly, optional
        The empty graph to add them to.
    """
    with collector_paused():
        assembly = assembly or Assembly(connection, is_flat=True)
        assembly.add_ids(ids)
        assembly.add_namespaces()
        return assembly.finish()


class Assembly:
    """A graph in the making.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    is_flat : bool, optional
        Whether the statements in bundles are treated as those outside.

    Attributes
    ----------
    special : Special
        What the store has.
    """

    def __init__(self, connection: Connection, *, is_flat: bool = False) -> None:
        self._connection = connection
        self._is_flat = is_flat
        self.special = special_in(connection)
        self.graph = ProvGraph()
        self._names: dict[int, str] = {}
        self._parts: dict[int | None, Statements] = {None: self.graph}
        self._found: dict[tuple[int | None, int, int], Element] = {}
        self._session_keys: dict[Activity | Entity, int] = {}
        self._described: list[tuple[Element, int]] = []
        self._descriptions: dict[int, Description] = {}
        self._union = Union(self.graph.diagnostics.append)
        # Descriptions of activities, and generations by log and ends, that give way to others.
        self._second_hand: set[int] = set()
        self._second_hand_links: set[tuple[int, int, int]] = set()
        self._links: Sequence[QueryRow] = ()

    def _learn(self, keys: Iterable[int | None]) -> None:
        """Look up the identifiers that are not known yet."""
        missing = {key for key in keys if key is not None and key not in self._names}
        if missing:
            self._names |= names_of(self._connection, missing)

    def add_bundles(self, ids: Sequence[int]) -> None:
        """Add empty bundles."""
        self._learn(ids)
        for key in ids:
            if key not in self._parts:
                made = Bundle(id=self._names[key])
                self._parts[key] = self.graph.bundles[made.id] = made

    def add_second_hand(self, wanted: ColumnElement[bool]) -> None:
        """Learn which of the following statements give way to others."""
        elements, links = second_hand_among(self._connection, wanted)
        self._second_hand |= elements
        self._second_hand_links |= links

    def add_ids(self, ids: Sequence[int]) -> None:
        """Add the elements with some identifiers and the relations among them."""
        connection = self._connection
        listed = list_of(connection, ids)
        if self.special.second_hand:
            self.add_second_hand(second_hand.c.activity.in_(listed))
        related = (
            select(*_LINK, _NO_BUNDLE)
            .where(
                link.c.source.in_(listed),
                # Not by an index: a session or an agent is the target of very many relations.
                or_(link.c.target.is_(None), (link.c.target + 0).in_(list_of(connection, ids))),
            )
            .order_by(link.c.kind, link.c.log, link.c.n)
        )
        rows = self._described_as(ids)
        if self.special.documents and (documents := only_in_documents(connection, rows)):
            rows = sorted(rows, key=lambda row: row.key in documents)
        self.add_elements(rows)
        self.add_links(connection.execute(related).all())

    def session_keys(self) -> set[int]:
        """Return the identifiers of the sessions of the activities so far."""
        return {key for one, key in self._session_keys.items() if isinstance(one, Activity)}

    def add_undeclared(self, ids: Sequence[int]) -> None:
        """Add the elements with some identifiers that are not in the graph yet."""
        known = {key for _, _, key in self._found}
        missing = [key for key in ids if key not in known]
        if missing:
            self.add_elements(self._described_as(missing))

    def _described_as(self, ids: Sequence[int]) -> Sequence[QueryRow]:
        """Return the descriptions of elements by all logs."""
        query = (
            select(*_ELEMENT, _NO_BUNDLE, element.c.session.label("mentioned_in"))
            .where(element.c.id.in_(list_of(self._connection, ids)))
            .order_by(element.c.key)
        )
        return self._connection.execute(query).all()

    def add_elements(self, rows: Sequence[QueryRow]) -> None:
        """Add descriptions of elements, those that give way to others last."""
        self._learn(key for row in rows for key in (row.id, row.mentioned_in))
        second = self._second_hand
        if second:
            rows = sorted(rows, key=lambda row: row.key in second)
        for row in rows:
            made = self._element(row)
            part = self._parts[row.bundle]
            place = row.bundle, row.kind, row.id
            known = self._found.setdefault(place, made)
            if known is made:
                part.declare(made)
            elif row.key not in second or not is_described(known):
                self._union.element(known, made)
            if row.bundle is None:
                self._set_session(known, row, is_stated=known is made or self._is_flat)
            if row.description is not None:
                self._described.append((known, row.description))

    def _set_session(self, one: Element, row: QueryRow, *, is_stated: bool) -> None:
        is_in_session = is_stated and row.mentioned_in is not None
        if is_in_session and isinstance(one, (Activity, Entity)):
            self._session_keys.setdefault(one, row.mentioned_in)
        if row.session_name is not None and isinstance(one, Activity):
            self.graph.sessions.setdefault(row.session_name, one)

    def _element(self, row: QueryRow) -> Element:
        columns = {name: getattr(row, column) for name, column in COLUMNS.items()}
        attributes = attributes_of(row.attributes, columns)
        name = self._names[row.id]
        if row.kind == ACTIVITY:
            return Activity(name, attributes, row.start_time, row.end_time)
        return _CLASSES[row.kind](name, attributes)

    def add_links(self, rows: Sequence[QueryRow]) -> None:
        """Add relations."""
        self._learn(key for row in rows for key in (row.source, row.target))
        self._links = rows
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

    def _qualified(self, row: QueryRow, plain: Relation) -> QualifiedRelation:
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

    def add_logs(
        self,
        wanted: ColumnElement[bool],
        in_order: Callable[[Sequence[QueryRow]], Sequence[QueryRow]],
    ) -> None:
        """Add the namespaces, diagnostics and descriptions of whole logs."""
        query = select(
            log.c.key.label("log"), log.c.namespaces, log.c.diagnostics, log.c.description_set
        ).where(wanted)
        sets: dict[int | None, int] = {}
        found = self._connection.execute(query.order_by(log.c.key)).all()
        for row in in_order(found):
            self.graph.namespaces |= msgspec.json.decode(row.namespaces)
            self.graph.diagnostics += msgspec.json.decode(row.diagnostics, type=list[Diagnostic])
            sets.setdefault(row.description_set, len(sets))
        listed = list_of(self._connection, [key for key in sets if key is not None])
        rows = self._load_descriptions(description.c.description_set.in_(listed))
        # A set may be older than the first of these logs that has it.
        for row in sorted(rows, key=lambda row: sets[row.description_set]):
            self.graph.descriptions.add(self._descriptions[row.key])

    def add_namespaces(self) -> None:
        """Add all namespaces of the store."""
        query = select(namespace.c.prefix, namespace.c.iri).order_by(namespace.c.key)
        self.graph.namespaces.update(self._connection.execute(query).all())

    def _load_descriptions(self, wanted: ColumnElement[bool]) -> Sequence[QueryRow]:
        query = select(description.c.key, description.c.description_set, description.c.body)
        rows = self._connection.execute(query.where(wanted).order_by(description.c.key)).all()
        self._descriptions.update({row.key: description_of(row.body) for row in rows})
        return rows

    def finish(self) -> ProvGraph:
        """Set sessions and descriptions, and return the graph."""
        graph = self.graph
        self._add_sessions()
        self._drop_superseded()
        missing = {key for _, key in self._described} - {*self._descriptions}
        if missing:
            self._load_descriptions(description.c.key.in_(list_of(self._connection, missing)))
        for one, key in self._described:
            found = self._descriptions[key]
            if graph.descriptions.described.setdefault(one, found) is found:
                graph.descriptions.add(found)
        join_parents(graph)
        return graph

    def _drop_superseded(self) -> None:
        """Remove the relations that give way to those of another log."""
        candidates = [*doubtful(self.graph, with_sessions=not self._is_flat)]
        if not candidates or len({row.log for row in self._links}) == 1:
            return
        keys = {one: key for (bundle, _, key), one in self._found.items() if bundle is None}
        places = {
            (KINDS[kind], keys[one.source], keys[one.target]): (kind, one)
            for kind, one in candidates
        }
        for place in superseded(
            self._connection, places.keys(), self._links, self._second_hand_links
        ):
            kind, one = places[place]
            self.graph.relations[kind].pop(one, None)

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
