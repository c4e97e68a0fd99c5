"""Load the compiled modules of provlog, which are optional and only make it faster."""

from __future__ import annotations

import os
import zlib
from importlib import import_module
from pathlib import Path
from typing import Any

__all__ = ["PURE", "compiled", "running"]

PURE = "PROVLOG_PURE"
"""The environment variable that, with any value, turns the compiled modules off."""


def compiled(name: str) -> Any:
    """Return a compiled module; ``None`` if it was not built, is out of date, or is turned off.

    Parameters
    ----------
    name : str
        The name of the module. Its source is ``<name>.pyx``, with the ``*.pxi`` beside it, and
        pure Python code that does the same exists.
    """
    if os.environ.get(PURE):
        return None
    try:
        module = import_module(name)
    except ImportError:
        return None
    # Where the source lies beside it, the module may have been built from an earlier one.
    try:
        path = Path(__file__).parent.parent / f"{name.replace('.', '/')}.pyx"
        parts = [path, *sorted(path.parent.glob("*.pxi"))]
        source = b"".join(part.read_bytes() for part in parts)
    except OSError:
        return module
    return module if zlib.crc32(source) == module.SOURCE else None


def running() -> str:
    """Return what reads logs in this process: ``compiled`` or ``pure Python``."""
    return "pure Python" if compiled("provlog.readers.log._fast") is None else "compiled"
