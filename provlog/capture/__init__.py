"""Capture: records the provenance of a Python analysis while it runs.

From the outside in: :mod:`~provlog.capture.capture` (what a program calls),
:mod:`~provlog.capture.calls.wrapping` and :mod:`~provlog.capture.calls` (a traced call),
:mod:`~provlog.capture.records.recorder` (records of activities) with
:mod:`~provlog.capture.records.sessions` and :mod:`~provlog.capture.records.entities`,
:mod:`~provlog.capture.records.object_ids` and :mod:`~provlog.capture.files` (ids), and
:mod:`~provlog.capture.log`.
"""

from provlog.capture.capture import Capture

__all__ = ["Capture"]
