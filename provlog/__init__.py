"""provlog: from the provenance in a log to W3C PROV documents and pictures.

Examples
--------
>>> import provlog
>>> graph = provlog.read("sample_logs/presentation-excerpt.log")
>>> [activity.label for activity in graph.activities.values()]
['get_observations']
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from provlog.version import __version__

if TYPE_CHECKING:
    from provlog.api import EventStream, ProvGraph, check, events, read, write
    from provlog.errors import ProvlogError
    from provlog.store.store import Store
    from provlog.writers.pictures.options import Drawing

__all__ = [
    "Drawing", "EventStream", "ProvGraph", "ProvlogError", "Store", "__version__", "check",
    "events", "read", "write",
]  # fmt: skip

# Imported at first use: `provlog --help` needs none of it.
_HOMES = {
    "Drawing": "provlog.writers.pictures.options",
    "EventStream": "provlog.api",
    "check": "provlog.api",
    "events": "provlog.api",
    "read": "provlog.api",
    "write": "provlog.api",
    "ProvGraph": "provlog.api",
    "ProvlogError": "provlog.errors",
    "Store": "provlog.store.store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)


def load_ipython_extension(shell: Any) -> None:
    """Add ``%%provlog`` to IPython and Jupyter: ``%load_ext provlog``."""
    from provlog.capture.ipython import load

    load(shell)


def __dir__() -> list[str]:
    return __all__
