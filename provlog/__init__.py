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
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from provlog.api import EventStream, check, events, read, write
    from provlog.errors import ProvlogError
    from provlog.model.graph import ProvGraph
    from provlog.writers.pictures.options import Drawing

__all__ = [
    "Drawing", "EventStream", "ProvGraph", "ProvlogError", "__version__", "check", "events", "read",
    "write",
]  # fmt: skip
__version__ = "0.1.0"

# Imported at first use: `provlog --help` needs none of it.
_HOMES = {
    "Drawing": "provlog.writers.pictures.options",
    "EventStream": "provlog.api",
    "check": "provlog.api",
    "events": "provlog.api",
    "read": "provlog.api",
    "write": "provlog.api",
    "ProvGraph": "provlog.model.graph",
    "ProvlogError": "provlog.errors",
}


class _Package(ModuleType):
    """The package, in which ``provlog.events`` is the function whatever has been imported."""

    def __setattr__(self, name: str, value: Any) -> None:
        # The import of provlog/model/events.py wants to put that module here.
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(importlib.import_module(_HOMES[name]), name)

    def __dir__(self) -> list[str]:
        return __all__


sys.modules[__name__].__class__ = _Package
