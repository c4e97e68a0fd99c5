"""The open files of this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from provlog.capture.files.folders import file_key

__all__ = ["keys_of", "number_of", "open_files", "open_paths", "stream_path"]


def open_files() -> set[tuple[int, int]]:
    """Return the open files of this process, if the system lists them."""
    found: set[tuple[int, int]] = set()
    for folder in ("/proc/self/fd", "/dev/fd"):
        with suppress(OSError):
            found.update(keys_of(*map(int, os.listdir(folder))))
            break
    return found


def open_paths() -> Iterator[tuple[int, str]]:
    """Yield the numbers and paths of the open regular files, if the system lists them."""
    with suppress(OSError):
        for number in os.listdir("/proc/self/fd"):
            with suppress(OSError):
                path = os.readlink(f"/proc/self/fd/{number}")
                if path.startswith("/") and os.path.isfile(path):
                    yield int(number), path


def number_of(path: str) -> int | None:
    """Return the number under which a file is open in this process, if the system tells."""
    with suppress(OSError):
        key = file_key(os.stat(path))
        for name in os.listdir("/proc/self/fd"):
            if key in keys_of(int(name)):
                return int(name)
    return None


def keys_of(*numbers: int) -> Iterator[tuple[int, int]]:
    """Yield the keys of open files by their numbers."""
    for number in numbers:
        with suppress(OSError):
            yield file_key(os.fstat(number))


def stream_path(stream: Any) -> str | None:
    """Return the path of the file behind an open stream that has a number but no name."""
    with suppress(OSError, ValueError, AttributeError, TypeError):
        number = stream.fileno()
        path = os.readlink(f"/proc/self/fd/{number}")
        if os.path.samestat(os.fstat(number), os.stat(path)):
            return path
    return None
