"""What is in a folder, for the id of a collection of files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from stat import S_ISDIR
from typing import NamedTuple

from provlog.objects.signals import reraise_from_signal

__all__ = ["Entry", "entries", "identity", "reason"]

_REASONS: dict[type[BaseException], str] = {
    FileNotFoundError: "file not found",
    NotADirectoryError: "file not found",
    PermissionError: "no permission",
}


class Entry(NamedTuple):
    """A file, a folder or a link in a folder or below it.

    Parameters
    ----------
    name : str
        Its path below the folder, with slashes; that of a folder ends with one.
    path : str
        Its whole path.
    status : os.stat_result, optional
        Of what is to be looked into: a file, or what a link to a file leads to.
    note : str
        What is known of it otherwise: where a link to a folder leads, what went wrong.
    """

    name: str
    path: str
    status: os.stat_result | None = None
    note: str = ""


def identity(status: os.stat_result) -> tuple[int, int]:
    """Return what is the same for all paths to one file."""
    return status.st_dev, status.st_ino


def reason(error: Exception) -> str:
    """Return why there is nothing to be read."""
    reraise_from_signal(error)
    if isinstance(error, OSError):
        told = error.strerror or str(error) or type(error).__name__
        return _REASONS.get(type(error), told.lower())
    return "not a valid path"


def entries(folder: str, left_out: Collection[tuple[int, int]] = ()) -> Iterator[Entry]:
    """Yield all that is in a folder and below it, in no order; links to folders are not followed.

    Parameters
    ----------
    folder : str
        The folder.
    left_out : collection of (int, int)
        The identities of files and folders that are passed over.

    Raises
    ------
    OSError
        If the folder itself cannot be listed.
    """
    # Not by recursion: folders may be nested more deeply than calls.
    folders = [(folder, "")]
    while folders:
        place, prefix = folders.pop()
        try:
            with os.scandir(place) as scan:
                for item in scan:
                    entry = _entry(item, prefix)
                    if entry.status is not None and identity(entry.status) in left_out:
                        continue
                    if entry.name.endswith("/"):
                        folders.append((entry.path, entry.name))
                    yield entry
        except OSError as error:
            if not prefix:
                raise
            yield Entry(prefix, place, note=reason(error))


def _entry(item: os.DirEntry[str], prefix: str) -> Entry:
    name = prefix + item.name
    try:
        status = os.stat(item.path)
        if not S_ISDIR(status.st_mode):
            return Entry(name, item.path, status)
        if item.is_symlink():
            return Entry(name, item.path, note=f"link to {os.readlink(item.path)}")
        return Entry(f"{name}/", item.path, status)
    except (OSError, ValueError) as error:
        return Entry(name, item.path, note=reason(error))
