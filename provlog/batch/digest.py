"""The bytes of a log: where they can be read, and whether they have changed."""

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

_blake2b = partial(hashlib.blake2b, digest_size=16)


@contextmanager
def local_copy(path: str) -> Iterator[str]:
    """Yield where a log can be read: where it is, or where it was fetched to.

    Raises
    ------
    InputError
        If it cannot be fetched, or can be read only once.
    """
    if is_url(path):
        with fetched(path) as local:
            yield local
        return
    # A pipe would be empty when it is read for the second time.
    if os.path.exists(path) and not os.path.isfile(path):
        raise InputError(f"{path}: is no regular file")
    yield path


def digest(path: str) -> str:
    """Return the digest of a log's bytes, as they are now.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    with readable(path), open(path, "rb", buffering=0) as stream:
        return hashlib.file_digest(stream, _blake2b).hexdigest()
