"""Digests of logs, and local copies of remote ones."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from provlog.errors import InputError
from provlog.files.remote import fetched
from provlog.files.source import readable
from provlog.urls import is_url

__all__ = ["digest", "local_copy"]

_PIECE = 1 << 20
_blake2b = partial(hashlib.blake2b, digest_size=16)


@contextmanager
def local_copy(path: str) -> Iterator[str]:
    """Yield the path of a log on this machine; a remote log is fetched.

    Raises
    ------
    InputError
        If the log cannot be fetched, or can be read only once, as a pipe.
    """
    if is_url(path):
        with fetched(path) as local:
            yield local
        return
    # Batches and stores read each log twice: for its digest and for its records.
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{path}: is not a regular file")
    yield path


def digest(path: str, size: int | None = None) -> str:
    """Return the digest of the bytes of a log.

    Parameters
    ----------
    path : str
        The log.
    size : int, optional
        How many of its first bytes count, if not all.

    Raises
    ------
    InputError
        If the log cannot be read.
    """
    with readable(path), open(path, "rb", buffering=0) as stream:
        if size is None:
            return hashlib.file_digest(stream, _blake2b).hexdigest()
        found = _blake2b()
        while size and (piece := stream.read(min(size, _PIECE))):
            found.update(piece)
            size -= len(piece)
        return found.hexdigest()
