"""Find files that compiled libraries or other programs open, without audit events of Python.

provlog finds them by their paths among the arguments of a call or a command, and by comparing
the folders in which another program may have written before and after it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from provlog.capture.files.paths import absolute_path, is_path, may_be_path, url_of
from provlog.redaction import is_secret_name

__all__ = [
    "QUIET",
    "FolderState",
    "Stamp",
    "command_words",
    "named_paths",
    "stamp_of",
    "status_of",
]

Stamp = tuple[int, int, int]
"""Size, time and inode of a file, which change with its content."""

# More items are data.
_MAX_PATHS = 1000
# The number of entries of a folder that are compared.
_MAX_ENTRIES = 10_000
_SHELL_OPTIONS = ("-c", "/c")

QUIET = frozenset({"hostname", "id", "ldconfig", "lscpu", "nproc", "sysctl", "uname", "whoami"})
"""Commands that write no files. Python and its packages call them, for example ``uname -p``."""


def status_of(path: str) -> os.stat_result | None:
    """Return the status of a file; ``None`` without one."""
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def stamp_of(status: os.stat_result) -> Stamp:
    """Return the stamp of a file."""
    return status.st_size, status.st_mtime_ns, status.st_ino


def named_paths(arguments: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the absolute paths among the arguments of a call, each with the argument's name.

    A path is a ``Path``, or a text with a folder or a suffix; or such a text in a list or tuple.
    """
    for name, value in arguments.items():
        kind = type(value)
        if kind is str:
            texts = [value] if may_be_path(value) else []
        elif kind is list or kind is tuple:
            is_short = len(value) <= _MAX_PATHS
            texts = [one for one in value if type(one) is str and may_be_path(one)] * is_short
        else:
            texts = [os.fspath(value)] if is_path(kind) else []
        if texts and not is_secret_name(name):
            yield from ((name, absolute_path(one)) for one in texts if url_of(one) is None)


def command_words(command: Any) -> list[str]:
    """Return the words of a command: the arguments of a program, or of a line for a shell.

    Examples
    --------
    >>> command_words("sort -o out.txt 'in.txt'"), command_words([b"ls", "data"])
    (['sort', '-o', 'out.txt', 'in.txt'], ['ls', 'data'])
    >>> command_words(["/bin/sh", "-c", "cat in.txt > out.txt"])
    ['cat', 'in.txt', '>', 'out.txt']
    """
    if not isinstance(command, (str, bytes)):
        arguments = [os.fsdecode(word) for word in command or ()]
        if len(arguments) != 3 or arguments[1] not in _SHELL_OPTIONS:
            return arguments
        command = arguments[2]
    import shlex

    text = os.fsdecode(command)
    words = shlex.shlex(text, posix=True, punctuation_chars=True)
    words.whitespace_split = True
    with suppress(ValueError):
        return list(words)
    return text.split()


class FolderState:
    """The files in some folders at one time, without their subfolders."""

    def __init__(self) -> None:
        self._files: dict[str, dict[str, Stamp]] = {}

    def add(self, folders: Iterable[str]) -> None:
        """Add the files of folders that are not added yet."""
        for folder in folders:
            if folder not in self._files:
                self._files[folder] = dict(_files_in(folder))

    def has_changed(self, path: str) -> bool:
        """Return whether a file in one of the folders is new or has changed since then."""
        before = self._files.get(os.path.dirname(path))
        status = None if before is None else status_of(path)
        return before is not None and status is not None and before.get(path) != stamp_of(status)

    def changes(self) -> Iterator[str]:
        """Yield the paths of the files that are new or have changed since then."""
        for folder, before in self._files.items():
            # In the same order in each run.
            for path, stamp in sorted(_files_in(folder)):
                if before.get(path) != stamp:
                    yield path


def _files_in(folder: str) -> Iterator[tuple[str, Stamp]]:
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in islice(entries, _MAX_ENTRIES):
            with suppress(OSError):
                if entry.is_file():
                    yield entry.path, stamp_of(entry.stat())
