"""A database of the provenance of many logs, searched by lineage.

:mod:`~provlog.store.store` is the face. Each other part is a module: :mod:`~provlog.store.schema`
and :mod:`~provlog.store.views` (tables), :mod:`~provlog.store.migrating` (versions of them),
:mod:`~provlog.store.connection`, :mod:`~provlog.store.adding` with
:mod:`~provlog.store.statements` and :mod:`~provlog.store.ingest` (from a log to rows),
:mod:`~provlog.store.assembly` (from rows to a graph), :mod:`~provlog.store.lookup` and
:mod:`~provlog.store.lineage` (queries).
"""

from __future__ import annotations

from importlib.util import find_spec

from provlog.errors import MissingExtraError

if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
    raise MissingExtraError("a store", "store")
