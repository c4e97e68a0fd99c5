"""Paths of files: those that values hold, and where they are."""

from __future__ import annotations

import os
from contextlib import suppress
from io import IOBase
from typing import Any

from provlog.objects.classes import defining_class
from provlog.objects.signals import reraise_from_signal

__all__ = ["absolute_path", "local_path", "path_of", "path_of_file", "url_of"]


def path_of(value: Any) -> str | None:
    """Return the path that a value holds; ``None`` if it is empty or holds none.

    Examples
    --------
    >>> from pathlib import PurePosixPath
    >>> path_of(PurePosixPath("dl3/obs.fits")), path_of("a.fits"), path_of(5)
    ('dl3/obs.fits', 'a.fits', None)
    """
    if issubclass(type(value), str):
        # Through str itself: a subclass may override its methods.
        return str.__str__(value) or None
    try:
        defining_class(type(value), "__fspath__")
        path = os.fspath(value)
        text = str.__str__(path) if isinstance(path, str) else os.fsdecode(bytes.__bytes__(path))
    except Exception as error:  # noqa: BLE001  (a method of the program may raise anything)
        reraise_from_signal(error)
        return None
    return text or None


def path_of_file(value: Any) -> str | None:
    """Return the path that a value holds, or that of an open file.

    Examples
    --------
    >>> with open("LICENSE") as stream:
    ...     path_of_file(stream)
    'LICENSE'
    """
    return path_of(
        value.name if issubclass(type(value), IOBase) and hasattr(value, "name") else value
    )


def url_of(name: str) -> str | None:
    """Return a URL without its password; ``None`` if the name is a path."""
    if "://" not in name:
        return None
    from provlog.urls import is_url, shown

    return shown(name) if is_url(name) else None


def absolute_path(path: str | bytes | os.PathLike[Any]) -> str:
    """Return the absolute path of a local file, or a URL without its password.

    Raises
    ------
    ValueError
        If the path is empty, which Python would take for the current folder.
    """
    name = os.fsdecode(path)
    if not name:
        raise ValueError("the path of a file is empty")
    return url_of(name) or local_path(name)


def local_path(name: str) -> str:
    """Return the absolute path of a local file, with ``~`` and variables expanded."""
    if "://" in name:
        from provlog.urls import localized

        name = localized(name)
    # The current folder may be deleted, and some texts are not valid names.
    with suppress(OSError, ValueError):
        # A file may have the name "$x".
        if ("$" in name or name.startswith("~")) and not os.path.lexists(name):
            name = os.path.expandvars(os.path.expanduser(name))
        return os.path.abspath(name)
    return name
