"""Load the compiled modules of provlog, which are optional and only make it faster."""

from __future__ import annotations

import os
import zlib
from importlib import import_module
from typing import Any

__all__ = ["MODULES", "PURE", "compiled", "running"]

# The modules that are known to be of their present source.
_checked: dict[str, Any] = {}
_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What several modules include.
_SHARED = os.path.join(_ROOT, "provlog", "structs.pxd")

MODULES = (
    "provlog.building._fast",
    "provlog.capture.calls._fast",
    "provlog.capture.files._hook",
    "provlog.graphs._fast",
    "provlog.readers.documents._fast",
    "provlog.readers.documents.xml._fast",
    "provlog.readers.log._fast",
    "provlog.writers._fast",
)
"""The names of the modules."""

PURE = "PROVLOG_PURE"
"""The environment variable that turns the compiled modules off, unless it is empty or 0."""


def compiled(name: str) -> Any:
    """Return a compiled module; ``None`` if it was not built, is out of date, or is turned off.

    Parameters
    ----------
    name : str
        The name of the module. Its source is ``<name>.pyx``, with the ``*.pxi`` beside it and
        ``structs.pxd``, and pure Python code that does the same exists.
    """
    if os.environ.get(PURE, "0") not in ("", "0"):
        return None
    try:
        module = import_module(name)
    except ImportError:
        return None
    if _checked.get(name) is module:
        return module
    # Where the source lies beside it, the module may have been built from an earlier one.
    try:
        source = _source_of(name)
    except OSError:
        return module
    if zlib.crc32(source) != module.SOURCE:
        return None
    _checked[name] = module
    return module


def _source_of(name: str) -> bytes:
    # Without pathlib, whose import would delay each start.
    folder, stem = os.path.split(os.path.join(_ROOT, *name.split(".")))
    parts = [f"{stem}.pyx", *sorted(part for part in os.listdir(folder) if part.endswith(".pxi"))]
    source = b""
    for path in (*(os.path.join(folder, part) for part in parts), _SHARED):
        with open(path, "rb") as file:
            source += file.read()
    return source


def running() -> str:
    """Return what runs: ``compiled``, ``pure Python``, or which modules are not compiled."""
    missing = [name for name in MODULES if compiled(name) is None]
    if not missing:
        return "compiled"
    if len(missing) == len(MODULES):
        return "pure Python"
    return f"compiled, except {', '.join(missing)}"
