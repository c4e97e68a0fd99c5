"""Resolve input arguments: files, folders, glob patterns and URLs."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

from provlog.diagnostics.diagnostic import Report, unreadable
from provlog.errors import InputError
from provlog.files.remote import canonical, find, join
from provlog.files.rotation import oldest_first
from provlog.urls import is_url, localized, shown

__all__ = ["Found", "find_logs"]


class Found(NamedTuple):
    """A log that was found.

    Parameters
    ----------
    path : str
        The path or URL.
    place : str
        The path below the named folder or the fixed part of the pattern, with slashes.
    """

    path: str
    place: str


def find_logs(names: Sequence[str], report: Report, leave_out: str | None = None) -> list[Found]:
    """Return the logs with these names, each once, in the order of the names.

    A folder stands for all files below it, a pattern (``*``, ``?``, ``[...]``, and
    ``**`` for any number of folders) for all matching files, both sorted by name. The files
    of a rotated log come in the order of time. Hidden files and links to folders are
    skipped. The place of a file is relative to the named folder or to the fixed beginning
    of the pattern. The places of single files are relative to their common folder.

    Parameters
    ----------
    names : sequence of str
        Files, folders, patterns and URLs; ``-`` for standard input.
    report : callable
        Receives a diagnostic for a name that does not exist or cannot be listed.
    leave_out : str, optional
        A folder to skip if it is below a named one, such as the output folder.
    """
    names = [localized(name) for name in names]
    found: dict[str, Found] = {}
    outputs = leave_out if leave_out is None or is_url(leave_out) else os.path.realpath(leave_out)
    files = [name for name in names if not is_url(name) and os.path.isfile(name)]
    shared = _shared_folder(files)
    for name in names:
        try:
            for log in _meant(name, shared, report, outputs):
                found.setdefault(_identity(log.path), log)
        except InputError as error:
            report(unreadable(shown(name), str(error)))
    return oldest_first(found.values(), lambda log: log.path)


def _identity(path: str) -> str:
    """Return the absolute form of a path, so that different spellings compare equal."""
    if is_url(path):
        return path
    folder, name = os.path.split(path)
    # After a link to a folder, ".." is the parent of its target.
    folder = os.path.realpath(folder) if os.pardir in folder else os.path.abspath(folder)
    return os.path.join(folder, name)


def _shared_folder(files: Iterable[str]) -> str:
    folders = {os.path.dirname(os.path.abspath(file)) for file in files}
    try:
        return os.path.commonpath(folders) if folders else ""
    except ValueError:
        # On Windows, the paths are on different drives.
        return ""


def _meant(name: str, shared: str, report: Report, leave_out: str | None) -> Iterator[Found]:
    if is_url(name):
        yield from _at_url(name, leave_out)
    elif os.path.isdir(name):
        yield from _below(name, name, report, leave_out)
    elif name == "-":
        yield Found(name, "stdin")
    elif os.path.lexists(name):
        yield Found(name, _relative(name, shared) if shared else os.path.basename(name))
    elif glob.has_magic(name):
        yield from _matching(name, report, leave_out)
    else:
        raise InputError(f"{name}: no such file")


def _at_url(name: str, leave_out: str | None) -> Iterator[Found]:
    outputs = canonical(leave_out) if leave_out is not None and is_url(leave_out) else None
    for url, place in find(name):
        root = url.removesuffix(place)
        is_output = outputs is not None and url.startswith(join(outputs, ""))
        if not is_output or root.startswith(join(str(outputs), "")):
            yield Found(url, place)


def _below(folder: str, root: str, report: Report, leave_out: str | None) -> Iterator[Found]:
    """Yield the files below a folder, the files of each folder before its subfolders."""
    if leave_out is not None and os.path.realpath(folder) == leave_out:
        return
    try:
        with os.scandir(folder) as scan:
            entries = sorted(scan, key=lambda entry: entry.name)
    except OSError as error:
        report(unreadable(folder, f"cannot be listed: {(error.strerror or str(error)).lower()}"))
        return
    visible = [entry for entry in entries if not entry.name.startswith(".")]
    folders = []
    for entry in visible:
        if _is(entry.is_dir):
            if not entry.is_symlink():
                folders.append(entry.path)
        elif _is(entry.is_file) or entry.is_symlink():
            yield Found(entry.path, _relative(entry.path, root))
        else:
            # Reading a pipe would wait for a writer, perhaps forever.
            report(unreadable(entry.path, "not a regular file"))
    for below in folders:
        yield from _below(below, root, report, leave_out)


def _is(test: Callable[[], bool]) -> bool:
    """Return the result of a test of a directory entry; false for a circular link."""
    try:
        return test()
    except OSError:
        return False


def _matching(pattern: str, report: Report, leave_out: str | None) -> Iterator[Found]:
    root = _fixed_beginning(pattern)
    matches = sorted(glob.glob(pattern, recursive=True))
    if not matches:
        raise InputError(f"{pattern}: no file matches this pattern")
    if leave_out is not None and _is_below(os.path.join(root, "_"), leave_out):
        # The named folder is inside the output folder: skip nothing.
        leave_out = None
    for match in matches:
        if _leads_through_link(match, root):
            continue
        if not os.path.isdir(match):
            if os.path.exists(match) and not os.path.isfile(match):
                report(unreadable(match, "not a regular file"))
            elif leave_out is None or not _is_below(match, leave_out):
                yield Found(match, _relative(match, root))
        elif "**" not in pattern:
            yield from _below(match, root, report, leave_out)


def _leads_through_link(path: str, root: str) -> bool:
    """Return whether a path leads through a link to a folder below a root."""
    folder = os.path.dirname(path)
    while len(folder) > len(root):
        if os.path.islink(folder):
            return True
        folder = os.path.dirname(folder)
    return False


def _fixed_beginning(pattern: str) -> str:
    folder = pattern
    while glob.has_magic(folder):
        folder = os.path.dirname(folder)
    return folder


def _is_below(path: str, folder: str) -> bool:
    return os.path.realpath(path).startswith(os.path.join(folder, ""))


def _relative(path: str, root: str) -> str:
    place = os.path.relpath(path, root or os.curdir)
    # A pattern such as a/*/../../b leads out of its folder.
    place = os.path.basename(path) if place.startswith(os.pardir) else place
    return place.replace(os.sep, "/")
