"""A database of the provenance of many logs, searched by lineage.

:mod:`~provlog.store.store` is the face, :mod:`~provlog.store.database` holds the tables,
:mod:`~provlog.store.ingest` leads from a log to rows, :mod:`~provlog.store.queries` from rows to
a graph.
"""

from __future__ import annotations

from importlib.util import find_spec

from provlog.errors import MissingExtraError

if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
    raise MissingExtraError("a store", "store")
