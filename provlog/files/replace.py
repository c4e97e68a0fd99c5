"""Write files atomically: completely or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

from provlog.errors import OutputError
from provlog.files.remote import putting
from provlog.urls import is_url, localized

__all__ = ["replacing"]

_BINARY = getattr(os, "O_BINARY", 0)


@contextmanager
def replacing(path: str, mark: str = "") -> Iterator[IO[bytes]]:
    """Open a file for writing that replaces an existing one if the block succeeds.

    The new content goes to a temporary file in the same folder, which is then renamed. If
    anything fails, an existing file stays unchanged. A device or a pipe is written
    directly, and a link stays a link. A remote file is uploaded when it is complete.

    Parameters
    ----------
    path : str
        The file, or its URL.
    mark : str, optional
        The end of the temporary file's name, before ``.part``. It identifies the files
        that a killed process left behind.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    path = localized(path)
    if is_url(path):
        with putting(path) as stream:
            yield stream
        return
    try:
        mode = _mode(path)
        if mode is not None and not stat.S_ISREG(mode):
            with open(path, "wb") as stream:
                yield stream
            return
        with _temporary(os.path.realpath(path), mode, mark) as stream:
            yield stream
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _mode(path: str) -> int | None:
    try:
        return os.stat(path).st_mode
    except FileNotFoundError:
        return None


@contextmanager
def _temporary(place: str, mode: int | None, mark: str) -> Iterator[IO[bytes]]:
    folder, name = os.path.split(place)
    beside = os.path.join(folder, f".{_beginning(name)}.{os.urandom(4).hex()}{mark}.part")
    # Apply the umask, so that the permissions are the same as with open().
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
    try:
        with open(descriptor, "wb") as stream:
            yield stream
            if mode is not None:
                os.chmod(beside, stat.S_IMODE(mode))
        os.replace(beside, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise


def _beginning(name: str) -> str:
    """Return the beginning of a name, because file systems limit its length in bytes."""
    return os.fsdecode(os.fsencode(name)[:100])
