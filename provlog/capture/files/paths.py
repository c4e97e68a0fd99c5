"""Find the paths of files in values, and make them absolute."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from io import IOBase
from typing import Any

from provlog.objects.classes import PATHS, base_names, cached_by_class, defining_class
from provlog.objects.signals import reraise_from_signal
from provlog.objects.texts import log_text

__all__ = [
    "absolute_path",
    "check_path",
    "check_text",
    "is_like_path",
    "is_path",
    "local_path",
    "may_be_path",
    "path_of",
    "path_of_file",
    "paths_in",
    "url_of",
]

_COLLECTIONS = frozenset({list, tuple, set, frozenset})
# More items are data.
_MAX_FILES = 10_000
_SUFFIX = re.compile(r"\.[A-Za-z]\w{0,9}$")
# The limits of file systems.
_MAX_NAME = 255
_MAX_PATH = 4096
_MAX_SHOWN = 50


def path_of(value: Any) -> str | None:
    """Return the path that a value holds; ``None`` without a path, or for an empty one.

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


@cached_by_class
def is_path(kind: type) -> bool:
    """Return whether the instances of a class are paths, as opposed to texts."""
    return not PATHS.isdisjoint(base_names(kind))


def paths_in(value: Any) -> list[str] | None:
    """Return the paths in a list, tuple or set; ``None`` if it is empty or has other items.

    A text must look like a path (:func:`is_like_path`).

    Examples
    --------
    >>> paths_in(["a.csv", "out/b"]), paths_in(["a.csv", 5]), paths_in(["on", "off"])
    (['a.csv', 'out/b'], None, None)
    """
    if type(value) not in _COLLECTIONS or not 0 < len(value) <= _MAX_FILES:
        return None
    paths = [path_of(item) for item in value if type(item) is not str or is_like_path(item)]
    known = [path for path in paths if path is not None]
    if len(known) != len(value):
        return None
    # The order of a set is another one in each run.
    return sorted(known) if type(value) is set or type(value) is frozenset else known


def is_like_path(text: str) -> bool:
    """Return whether a text names a folder, has a suffix or is the name of a file."""
    return "/" in text or _SUFFIX.search(text) is not None or os.path.lexists(text)


def may_be_path(text: str) -> bool:
    """Return whether a text has a folder or a suffix, as most paths do.

    Examples
    --------
    >>> [may_be_path(text) for text in ("a.csv", "out/a", "mean", "3.5", "two\\nlines.txt")]
    [True, True, False, False, False]
    """
    is_line = 0 < len(text) <= _MAX_PATH and "\n" not in text and "\0" not in text
    return is_line and ("/" in text or os.sep in text or _SUFFIX.search(text) is not None)


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


def check_path(path: str) -> None:
    """Check that a text may be a path.

    Raises
    ------
    ValueError
        If it has a null character or, without being the path of a file, several lines or
        more characters than file systems allow.
    """
    is_url = url_of(path) is not None
    is_long = len(path) > _MAX_PATH or any(len(name) > _MAX_NAME for name in path.split("/"))
    is_odd = "\0" in path or ((is_long or "\n" in path) and not os.path.lexists(path))
    if is_odd and not is_url:
        raise ValueError(f"{_shown(path)} is not a path")


def check_text(text: str, path: str) -> None:
    """Check that a text, which gives an absolute path, is meant as a path.

    Raises
    ------
    ValueError
        If it is not like a path (:func:`is_like_path`), and the path does not exist.
    """
    if not is_like_path(text) and not os.path.lexists(path):
        raise ValueError(
            f"{_shown(text)} is not a path: it has neither a folder nor a suffix, and there is "
            "no such file; give a Path to record a file that is missing"
        )


def _shown(text: str) -> str:
    return repr(log_text(text if len(text) <= _MAX_SHOWN else f"{text[:_MAX_SHOWN]}..."))


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
