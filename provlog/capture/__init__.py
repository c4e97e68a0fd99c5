"""Capture: records the provenance of a Python analysis while it runs.

From the outside in: :mod:`~provlog.capture.core` (what a program calls),
:mod:`~provlog.capture.tracing` and :mod:`~provlog.capture.calls` (a traced call),
:mod:`~provlog.capture.recorder` (records of activities) with
:mod:`~provlog.capture.sessions` and :mod:`~provlog.capture.entities`,
:mod:`~provlog.capture.identities` and :mod:`~provlog.capture.files` (ids), and
:mod:`~provlog.capture.log`.
"""

from provlog.capture.core import Capture

__all__ = ["Capture"]
