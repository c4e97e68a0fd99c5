"""Describe the elements of a graph by the definitions in a store, which are logs of their own.

The definitions describe the activities of all logs, whichever was added first. Therefore they
are applied when a graph is made.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from sqlalchemy import Connection, Text, select

from provlog.building.describing import CONTACT, describe
from provlog.building.renaming import rename_prefixes
from provlog.graphs.select import part
from provlog.model.graph import ProvGraph
from provlog.model.identifiers import qualified_name
from provlog.store.database.cells import json_cell, storable
from provlog.store.database.interning import keys_of, list_of, names_of
from provlog.store.database.schema import INDEXED, KINDS, beginning, defined_name, definition, link
from provlog.store.ingest.definitions import StoredDefinitions, definitions_of
from provlog.store.queries.assembly import Assembly, graph_of_elements, graph_of_logs
from provlog.store.queries.precedence import special_in

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
    if special_in(connection).definitions:
        wanted = definition.c.log.in_(list_of(connection, keys))
        query = select(definition.c.body).where(wanted)
        for body in connection.scalars(query.order_by(definition.c.log, definition.c.n)):
            _describe(graph, definitions_of(body))
    return graph


def described_elements(
    connection: Connection,
    ids: Sequence[int],
    with_contacts: Callable[[], Collection[int]],
) -> ProvGraph:
    """Return the graph of elements and the relations among them, without bundles.

    Parameters
    ----------
    connection : Connection
        A connection that reads.
    ids : sequence of int
        The identifiers of the elements.
    with_contacts : callable
        Returns the identifiers of the activities whose contacts are added.
    """
    assembly = Assembly(connection, is_flat=True)
    if not assembly.special.definitions:
        return graph_of_elements(connection, ids, assembly)
    # An entity is described by the activity that generated it, also by one that is not wanted.
    assembly.add_ids([*dict.fromkeys([*ids, *_generators(connection, ids)])])
    labels = (one.values("prov:label") for one in assembly.graph.elements())
    found = _defining(connection, {str(label) for held in labels for label in held})
    contacts = {name for one in found for name in _contacts(one)}
    # Another log may state more of a contact.
    assembly.add_undeclared([*keys_of(connection, contacts).values()])
    assembly.add_namespaces()
    graph = assembly.finish()
    for one in found:
        _describe(graph, one)
    names = {*names_of(connection, ids).values()}
    kept = {element for element in graph.elements() if element.id in names}
    if contacts:
        hosts = {*names_of(connection, with_contacts()).values()}
        kept |= {
            relation.target
            for relation in graph.relations["wasAssociatedWith"]
            if relation.role == CONTACT
            and relation.source.id in hosts
            and relation.target.id in contacts
        }
    return part(graph, kept)


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


def _contacts(stored: StoredDefinitions) -> Iterable[str]:
    """Yield the qualified names of the agents in definitions, as in the store."""
    definitions = stored.definitions
    contacts = (activity.contact for activity in definitions.activities.values())
    for key in filter(None, contacts):
        name = definitions.agents.get(key, {}).get("name")
        raw = name if isinstance(name, str) and name else key
        prefix, _, local = qualified_name("agent", raw, None).partition(":")
        yield f"{stored.prefixes.get(prefix, prefix)}:{local}"


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
