"""Make compiled libraries raise an audit event when they open a file, as Python does."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import ModuleType
from typing import Any

from provlog.run.imports import Action

__all__ = ["LIBRARIES"]

_FLAGS = {
    "r": os.O_RDONLY,
    "r+": os.O_RDWR,
    "w": os.O_RDWR | os.O_CREAT | os.O_TRUNC,
    "w-": os.O_RDWR | os.O_CREAT | os.O_EXCL,
    "x": os.O_RDWR | os.O_CREAT | os.O_EXCL,
    "a": os.O_RDWR | os.O_CREAT,
}


def _announcing(name: str) -> Action:
    """Return an action that makes a function raise the event; it takes a path and a mode."""

    def replace(module: ModuleType) -> None:
        function: Callable[..., Any] | None = getattr(module, name, None)
        if not callable(function):
            # Another version of the library: files are found by arguments only.
            return

        @wraps(function)
        def announced(*args: Any, **kwargs: Any) -> Any:
            path, mode = (*args, None, None)[:2]
            if isinstance(path, (str, bytes)):
                # Another hook of the program may refuse to open the file.
                sys.audit("open", path, mode or "r", _FLAGS.get(mode or "r", os.O_RDWR))
            return function(*args, **kwargs)

        with suppress(AttributeError, TypeError):
            setattr(module, name, announced)

    return replace


LIBRARIES: dict[str, Action] = {"h5py._hl.files": _announcing("make_fid")}
"""The actions to run after the import of modules, by their names."""
