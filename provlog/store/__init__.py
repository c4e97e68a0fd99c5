"""A database of the provenance of many logs, searched by lineage.

:mod:`~provlog.store.store` is the interface, :mod:`~provlog.store.database` holds the tables,
:mod:`~provlog.store.ingest` converts a log to rows, and :mod:`~provlog.store.queries` converts
rows to a graph.
"""

from __future__ import annotations

from importlib.util import find_spec

from provlog.errors import MissingExtraError

if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
    raise MissingExtraError("a store", "store")
