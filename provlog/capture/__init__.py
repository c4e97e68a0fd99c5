"""Capture: record the provenance of a Python program while it runs.

From the outside in:

- :mod:`~provlog.capture.capture`: the interface for programs
- :mod:`~provlog.capture.blocks`, :mod:`~provlog.capture.calls`: ``with`` blocks, traced calls
- :mod:`~provlog.capture.records`: sessions, activities, entities, and the syntax of records
- :mod:`~provlog.capture.files`, :mod:`~provlog.capture.process`: facts about files and processes
- :mod:`~provlog.capture.log`: the log file and warnings
"""

from provlog.capture.capture import Capture

__all__ = ["Capture"]
