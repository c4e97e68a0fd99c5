"""The namespaces of a store, with one prefix for each IRI, independent of those in the logs."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, func, insert, select

from provlog.building.renaming import free_prefix, rename_prefixes
from provlog.model.graph import ProvGraph
from provlog.model.namespaces import NAMESPACES
from provlog.store.database.connection import POSTGRESQL
from provlog.store.database.schema import namespace

__all__ = ["use_prefixes_of_store"]

_LOCK = 0x70726F77


def use_prefixes_of_store(connection: Connection, graph: ProvGraph) -> dict[str, str]:
    """Rename the prefixes of a graph to those of a store, and add its new namespaces.

    Return the new prefixes by old ones, if they differ.

    Names without a prefix get one, and bundles declare no namespaces of their own, so that a
    name has the same meaning everywhere in a store.
    """
    declared = dict(graph.namespaces)
    own = {prefix: iri for one in graph.bundles.values() for prefix, iri in one.namespaces.items()}
    known = _known(connection)
    if not _covers(known, {*declared.values(), *own.values()}):
        if connection.dialect.name == POSTGRESQL:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        known = _known(connection)
    new: dict[str, str] = {}
    renamed = _renamed(declared, known, new)
    inner = {
        bundle.id: _renamed(bundle.namespaces, known, new) for bundle in graph.bundles.values()
    }
    if new:
        rows = [{"prefix": prefix, "iri": iri} for prefix, iri in new.items()]
        connection.execute(insert(namespace), rows)
    if any(old != prefix for names in (renamed, *inner.values()) for old, prefix in names.items()):
        rename_prefixes(graph, renamed, inner)
    used = {*renamed.values(), *(prefix for names in inner.values() for prefix in names.values())}
    graph.namespaces = {prefix: known[prefix] for prefix in known if prefix in used}
    for bundle in graph.bundles.values():
        bundle.namespaces = {}
    return {old: prefix for old, prefix in renamed.items() if old != prefix}


def _known(connection: Connection) -> dict[str, str]:
    query = select(namespace.c.prefix, namespace.c.iri).order_by(namespace.c.key)
    return dict(connection.execute(query).all())


def _covers(known: Mapping[str, str], iris: set[str]) -> bool:
    return iris <= {*known.values()}


def _renamed(
    declared: Mapping[str, str], known: dict[str, str], new: dict[str, str]
) -> dict[str, str]:
    """Return the store's prefix for each declared one; add new ones to ``known`` and ``new``."""
    prefixes = {iri: prefix for prefix, iri in known.items()}
    renamed = {}
    for prefix, iri in declared.items():
        own = prefixes.get(iri)
        if own is None:
            # Logs that are added later use the prefixes of provlog, too.
            others = {name: used for name, used in NAMESPACES.items() if used != iri}
            own = free_prefix(prefix, {"": "", **others, **known})
            known[own] = new[own] = prefixes[iri] = iri
        renamed[prefix] = own
    return renamed
