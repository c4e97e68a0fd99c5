"""Convert many logs: in one process, in several, or on several machines.

Each part is a module: :mod:`~provlog.batch.plan` with :mod:`~provlog.batch.layout` (the
outputs of each log), :mod:`~provlog.batch.work` (convert one log) and
:mod:`~provlog.batch.merge` (merge all logs into one document), :mod:`~provlog.batch.engines`
with :mod:`~provlog.batch.pool` and :mod:`~provlog.batch.cluster` (run conversions in
processes), :mod:`~provlog.batch.manifest` (the results of earlier runs),
:mod:`~provlog.batch.run` (carry out a plan) and :mod:`~provlog.batch.reports` (JSON and JUnit).
"""
