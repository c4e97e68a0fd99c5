"""Describe the elements of a graph by the definitions in a store, which are logs of their own.

The definitions describe the activities of all logs, whichever was added first. Therefore they
are applied when a graph is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import ColumnElement, Connection, Text, exists, select

from provlog.building.describing import describe
from provlog.building.renaming import rename_prefixes
from provlog.graphs.select import part
from provlog.model.graph import Activity, ProvGraph, Relation
from provlog.origin import Origin
from provlog.store.database.cells import json_cell, storable
from provlog.store.database.interning import keys_of, list_of, names_of
from provlog.store.database.schema import (
    ACTIVITY,
    INDEXED,
    KINDS,
    beginning,
    defined_name,
    defined_session,
    definition,
    element,
    link,
    mention,
)
from provlog.store.ingest.definitions import StoredDefinitions, definitions_of
from provlog.store.queries.assembly import Assembly, graph_of_elements, graph_of_logs
from provlog.store.queries.precedence import special_in

_NOWHERE = Origin("", 0, 0)

__all__ = ["described_elements", "described_logs", "parameter_units"]


def described_logs(connection: Connection, keys: Sequence[int]) -> ProvGraph:
    """Return the graph of whole logs, equal to that of reading them together.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    keys : sequence of int
        The logs.
    """
    graph = graph_of_logs(connection, keys)
    special = special_in(connection)
    logs = list_of(connection, keys)
    if special.sessions and len(keys) > 1:
        shared = _shared(connection, defined_session.c.log.in_(logs), mention.c.log.in_(logs))
        _describe_sessions(graph, shared, names_of(connection, {*sum(shared, ())}))
    if special.definitions:
        query = select(definition.c.body).where(definition.c.log.in_(logs))
        for body in connection.scalars(query.order_by(definition.c.log, definition.c.n)):
            _describe(graph, definitions_of(body))
    return graph


def described_elements(
    connection: Connection,
    ids: Sequence[int],
    with_agents: Callable[[], Collection[int]],
) -> ProvGraph:
    """Return the graph of elements and the relations among them, without bundles.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    ids : sequence of int
        The identifiers of the elements.
    with_agents : callable
        Returns the identifiers of the elements to which definitions add agents.
    """
    assembly = Assembly(connection, is_flat=True)
    special = assembly.special
    if not special.definitions:
        graph = graph_of_elements(connection, ids, assembly)
        if not special.sessions or not _shared_by(connection, assembly):
            return graph
    graph, added = _described(connection, [*ids])
    hosts = {*names_of(connection, with_agents()).values()} if added else set()
    agents = {relation.target.id for relation in added if relation.source.id in hosts}
    stated = keys_of(connection, agents)
    if stated:
        # Logs state more of them, and relations of other elements to them.
        graph, _ = _described(connection, [*ids, *stated.values()])
    names = {*names_of(connection, ids).values()} | agents
    return part(graph, {one for one in graph.elements() if one.id in names})


def _described(connection: Connection, ids: Sequence[int]) -> tuple[ProvGraph, set[Relation]]:
    """Return a described graph that holds some elements, and its new relations to agents."""
    assembly = Assembly(connection, is_flat=True)
    # An entity is described by the activity that generated it, also by one that is not wanted.
    assembly.add_ids([*dict.fromkeys([*ids, *_generators(connection, ids)])])
    labels = (one.values("prov:label") for one in assembly.graph.elements())
    found = _defining(connection, {str(label) for held in labels for label in held})
    shared = _shared_by(connection, assembly)
    assembly.add_undeclared([*sum(shared, ())])
    assembly.add_namespaces()
    graph = assembly.finish()
    known = _of_agents(graph)
    _describe_sessions(graph, shared, names_of(connection, {*sum(shared, ())}))
    for one in found:
        _describe(graph, one)
    return graph, _of_agents(graph) - known


def _of_agents(graph: ProvGraph) -> set[Relation]:
    return {*graph.relations["wasAssociatedWith"], *graph.relations["wasAttributedTo"]}


def parameter_units(connection: Connection, name: str) -> dict[str, str]:
    """Return the units that definitions have for a parameter, by the labels of activities."""
    is_named = definition.c.body.contains(json_cell(name), autoescape=True)
    naming = connection.scalars(select(definition.c.body).where(is_named)).all()
    labels = {label for body in naming for label in definitions_of(body).definitions.activities}
    units: dict[str, str | None] = {}
    # The first definition of an activity describes it, also without that parameter.
    for stored in _defining(connection, labels) if labels else ():
        for label, activity in stored.definitions.activities.items():
            known = {one.name: one.unit for one in activity.parameters}
            units.setdefault(label, known.get(name))
    return {storable(label): unit for label, unit in units.items() if unit}


def _shared_by(connection: Connection, assembly: Assembly) -> list[tuple[int, int]]:
    keys = list_of(connection, assembly.session_keys())
    return _shared(connection, defined_session.c.session.in_(keys))


def _shared(connection: Connection, *wanted: ColumnElement[bool]) -> list[tuple[int, int]]:
    """Return the sessions with definitions in one log that another one continues.

    For each session, the session follows whose record holds the definitions.
    """
    of_defining, *of_others = wanted
    continued = exists().where(
        element.c.id == defined_session.c.session,
        element.c.kind == ACTIVITY,
        mention.c.element == element.c.key,
        mention.c.log != defined_session.c.log,
        *of_others,
    )
    query = select(defined_session.c.session, defined_session.c.holder)
    rows = connection.execute(query.where(of_defining, continued).order_by(defined_session.c.log))
    return [(session, holder) for session, holder in rows]


def _describe_sessions(
    graph: ProvGraph, shared: Iterable[tuple[int, int]], names: Mapping[int, str]
) -> None:
    """Describe the activities of sessions by the definitions in another log."""
    defined: dict[Activity, tuple[Activity, Origin]] = {}
    for pair in shared:
        session, holder = (graph.activities.get(names[key]) for key in pair)
        if session is not None and holder is not None:
            defined.setdefault(session, (holder, _NOWHERE))
    if not defined:
        return
    known = graph.descriptions.described
    former = {
        one: known.pop(one)
        for one in graph.activities.values()
        if one.session in defined and one in known
    }
    reported = len(graph.diagnostics)
    describe(graph, defined)
    # The log with the definitions has reported their problems.
    del graph.diagnostics[reported:]
    for one, description in former.items():
        if one not in known or known[one].id != description.id:
            known[one] = description


def _generators(connection: Connection, ids: Sequence[int]) -> Iterable[int]:
    query = select(link.c.target).where(
        link.c.source.in_(list_of(connection, ids)),
        link.c.kind == KINDS["wasGeneratedBy"],
        link.c.is_followed,
        link.c.target.is_not(None),
    )
    return connection.scalars(query).all()


def _defining(connection: Connection, labels: Collection[str]) -> list[StoredDefinitions]:
    """Return the definitions of the activities and entities with some labels."""
    beginnings = [*{storable(label)[:INDEXED] for label in labels}]
    named = select(defined_name.c.log, defined_name.c.n).where(
        beginning(defined_name.c.name).in_(list_of(connection, beginnings, Text()))
    )
    wanted = named.distinct().subquery()
    query = (
        select(definition.c.body)
        .join(wanted, (wanted.c.log == definition.c.log) & (wanted.c.n == definition.c.n))
        .order_by(definition.c.log, definition.c.n)
    )
    return [*map(definitions_of, connection.scalars(query))]


def _describe(graph: ProvGraph, stored: StoredDefinitions) -> None:
    """Describe the elements of a graph, whose prefixes are those of the store."""
    to_own = stored.to_own_prefixes()
    if to_own:
        rename_prefixes(graph, to_own)
    describe(graph, {}, stored.definitions)
    if to_own:
        # Only listed descriptions are renamed; the store may have listed equal ones before.
        known = graph.descriptions
        listed = {**known.activities, **known.entities}
        known.described.update({one: listed[it.id] for one, it in known.described.items()})
        rename_prefixes(graph, {own: prefix for prefix, own in to_own.items()})
