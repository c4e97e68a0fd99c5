"""Paths that a program names, whatever it names them with."""

from __future__ import annotations

import os
from io import IOBase
from typing import Any

from provlog.objects.classes import defining_class
from provlog.objects.signals import reraise_from_signal

__all__ = ["path_of", "path_of_file"]


def path_of(value: Any) -> str | None:
    """Return the path that a value is; ``None`` if it is none, is empty, or does not tell.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> path_of(PurePosixPath("dl3/obs.fits")), path_of("a.fits"), path_of(5)
    ('dl3/obs.fits', 'a.fits', None)
    """
    if issubclass(type(value), str):
        # As a str itself: a subclass may do anything in its methods.
        return str.__str__(value) or None
    try:
        defining_class(type(value), "__fspath__")
        path = os.fspath(value)
        text = str.__str__(path) if isinstance(path, str) else os.fsdecode(bytes.__bytes__(path))
    except Exception as error:  # noqa: BLE001  (whatever somebody else's code raises)
        reraise_from_signal(error)
        return None
    return text or None


def path_of_file(value: Any) -> str | None:
    """Return the path that a value is, or that an open file has.

    Examples
    --------
    >>> with open("LICENSE") as stream:
    ...     path_of_file(stream)
    'LICENSE'
    """
    return path_of(
        value.name if issubclass(type(value), IOBase) and hasattr(value, "name") else value
    )
