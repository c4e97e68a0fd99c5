"""The contents of a folder, for the id of a collection of files."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from stat import S_ISDIR

from msgspec import Struct

from provlog.objects.signals import reraise_from_signal

__all__ = ["FolderEntry", "error_reason", "file_key", "list_folder"]

_REASONS: dict[type[BaseException], str] = {
    FileNotFoundError: "file not found",
    NotADirectoryError: "file not found",
    PermissionError: "no permission",
}


class FolderEntry(Struct, frozen=True):
    """A file, a folder or a link anywhere in a folder.

    Parameters
    ----------
    name : str
        The path relative to the folder, with slashes; that of a folder ends with a slash.
    path : str
        The whole path.
    status : os.stat_result, optional
        The status of a folder, or of a file that it is or links to.
    note : str
        For an entry without status: the target of a link to a folder, or the error.
    """

    name: str
    path: str
    status: os.stat_result | None = None
    note: str = ""


def file_key(status: os.stat_result) -> tuple[int, int]:
    """Return device and inode, which are the same for all paths of one file."""
    return status.st_dev, status.st_ino


def error_reason(error: Exception) -> str:
    """Return the reason why a file cannot be read."""
    reraise_from_signal(error)
    if isinstance(error, OSError):
        text = error.strerror or str(error) or type(error).__name__
        return _REASONS.get(type(error), text.lower())
    return "not a valid path"


def list_folder(folder: str, excluded: Collection[tuple[int, int]] = ()) -> Iterator[FolderEntry]:
    """Yield all entries of a folder and its subfolders, in any order.

    Links to folders are not followed.

    Parameters
    ----------
    folder : str
        The folder.
    excluded : collection of (int, int)
        Files and folders to skip, by :func:`file_key`.

    Raises
    ------
    OSError
        If the folder itself cannot be listed.
    """
    # Without recursion: folders may be nested more deeply than the call stack.
    folders = [(folder, "")]
    while folders:
        path, prefix = folders.pop()
        try:
            with os.scandir(path) as scan:
                for item in scan:
                    entry = _entry(item, prefix)
                    if entry.status is not None and file_key(entry.status) in excluded:
                        continue
                    if entry.name.endswith("/"):
                        folders.append((entry.path, entry.name))
                    yield entry
        except OSError as error:
            if not prefix:
                raise
            yield FolderEntry(prefix, path, note=error_reason(error))


def _entry(item: os.DirEntry[str], prefix: str) -> FolderEntry:
    name = prefix + item.name
    try:
        status = os.stat(item.path)
        if not S_ISDIR(status.st_mode):
            return FolderEntry(name, item.path, status)
        if item.is_symlink():
            return FolderEntry(name, item.path, note=f"link to {os.readlink(item.path)}")
        return FolderEntry(f"{name}/", item.path, status)
    except (OSError, ValueError) as error:
        return FolderEntry(name, item.path, note=error_reason(error))
