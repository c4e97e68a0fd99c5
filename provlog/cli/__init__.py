"""The command line: one module for each command.

Each command imports the library when it runs, so that ``provlog --help`` is fast.
"""

from __future__ import annotations

from provlog.collector import collector_paused

# Imports create many objects and free few.
with collector_paused():
    from provlog.cli.main import main

__all__ = ["main"]
