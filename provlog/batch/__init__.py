"""Many logs to many documents: in one process, in several, on several machines.

The parts are one module each: :mod:`~provlog.batch.plan` with
:mod:`~provlog.batch.layout` (which log becomes what, and where),
:mod:`~provlog.batch.work` (what is done with one log, wherever that is) and
:mod:`~provlog.batch.merge` (with all as one document), :mod:`~provlog.batch.engines`
with :mod:`~provlog.batch.pool` and :mod:`~provlog.batch.cluster` (who does it),
:mod:`~provlog.batch.manifest` (what has been done), :mod:`~provlog.batch.run` (all of
it together) and :mod:`~provlog.batch.reports` (what is told of it in the end).
"""

from __future__ import annotations
