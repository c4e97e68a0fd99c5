"""Remote files: all URLs that fsspec can read or write.

fsspec comes with the extra ``provlog[remote]``; if a store needs another package (s3fs,
gcsfs, ...), fsspec names it. A log is fetched before it is read, and an output is
uploaded when it is complete.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import IO, Any

from provlog.errors import InputError, MissingExtraError, OutputError, ProvlogError, UsageError
from provlog.patterns import regex
from provlog.redaction import holds_part_of_login, masked_text
from provlog.urls import is_url, shown

__all__ = [
    "MissingFileError", "canonical", "fetched", "find", "join", "putting", "size_of", "system_of",
]  # fmt: skip

_MAGIC = regex(r"[*?\[]")
# A query or fragment at the end. A question mark before a slash is a wildcard instead.
_QUERY = regex(r"[?#][^/*\[]*$")


class MissingFileError(InputError):
    """A remote file does not exist."""


def _fsspec() -> ModuleType:
    try:
        import fsspec.core
    except ImportError:
        raise MissingExtraError("a URL", "remote") from None
    module: ModuleType = fsspec
    return module


def system_of(url: str, failure: type[ProvlogError]) -> tuple[Any, str]:
    """Return the file system of a URL, and the path in it."""
    module = _fsspec()
    try:
        system, path = module.core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        # The store needs another package, or the scheme is unknown.
        raise UsageError(f"{shown(url)}: {_reason(error, url)}") from error
    except Exception as error:
        # Some stores connect at once, and each has its own exceptions.
        raise failure(f"{shown(url)}: cannot be reached: {_reason(error, url)}") from error
    return system, path


def _reason(error: Exception, url: str) -> str:
    """Return the error message of a store in one line, without secrets."""
    message = getattr(error, "strerror", None) or str(error) or type(error).__name__
    first = masked_text(str(message).splitlines()[0])
    if holds_part_of_login(first, url):
        return (
            f"{type(error).__name__} (write '/', '?', '#' and '@' in a login as %2F, %3F, %23, %40)"
        )
    return first


def join(folder: str, place: str) -> str:
    """Return the path or URL of a file or folder below a folder."""
    return f"{folder.rstrip('/')}/{place}" if is_url(folder) else os.path.join(folder, place)


def canonical(url: str) -> str:
    """Return a URL in the form that :func:`find` returns."""
    system, path = system_of(url, OutputError)
    return str(system.unstrip_protocol(path))


def find(name: str) -> list[tuple[str, str]]:
    """Return the files at a URL, which may be a file, a folder or a pattern.

    On the web, the URL of a folder ends with a slash, and its page links to the files.

    Returns
    -------
    list of (str, str)
        URLs, sorted, each with its place below the folder or the fixed beginning of the
        pattern, without hidden files.

    Raises
    ------
    InputError
        If the store does not answer, or no file is found.
    """
    system, path = system_of(name, InputError)
    is_web = "http" in system.protocol
    try:
        if _MAGIC.search(path) is not None and not (is_web and _QUERY.search(path)):
            root = _MAGIC.split(path)[0].rpartition("/")[0]
            found = [item for item in system.glob(path) if system.isfile(item)]
        elif path.endswith("/") if is_web else system.isdir(path):
            root, found = path.rstrip("/"), system.find(path)
            # The page of a folder also links to itself, sorted differently.
            found = [item for item in found if not (is_web and _QUERY.search(item))]
        else:
            return [(name, _QUERY.split(name)[0].rpartition("/")[2] or "log")]
        top = str(system.unstrip_protocol(root)).rstrip("/")
        urls = sorted(map(system.unstrip_protocol, found))
    except Exception as error:
        # Each store has its own exceptions.
        raise InputError(f"{shown(name)}: cannot be listed: {_reason(error, name)}") from error
    if not urls:
        raise InputError(f"{shown(name)}: no file found")
    places = [(url, url.removeprefix(top).lstrip("/")) for url in urls]
    return [
        (url, place) for url, place in places if not place.startswith(".") and "/." not in place
    ]


@contextmanager
def fetched(url: str) -> Iterator[str]:
    """Yield the path of a local copy of a remote file, which is removed after the block.

    Raises
    ------
    MissingFileError
        If the file does not exist.
    InputError
        If the file cannot be fetched.
    """
    from tempfile import TemporaryDirectory

    system, path = system_of(url, InputError)
    with TemporaryDirectory(prefix="provlog-") as folder:
        local = os.path.join(folder, "log")
        try:
            system.get_file(path, local)
            is_there = os.path.isfile(local)
        except FileNotFoundError:
            raise MissingFileError(f"{shown(url)}: no such file") from None
        except Exception as error:
            raise InputError(f"{shown(url)}: cannot be read: {_reason(error, url)}") from error
        if not is_there:
            raise InputError(f"{shown(url)}: is a directory; name the logs in it")
        yield local


@contextmanager
def putting(url: str) -> Iterator[IO[bytes]]:
    """Open a file for writing that is uploaded to a URL if the block succeeds.

    Raises
    ------
    OutputError
        If the file cannot be uploaded.
    """
    from tempfile import TemporaryDirectory

    system, path = system_of(url, OutputError)
    with TemporaryDirectory(prefix="provlog-") as folder:
        local = os.path.join(folder, "output")
        with open(local, "wb") as stream:
            yield stream
        try:
            system.makedirs(path.rpartition("/")[0], exist_ok=True)
            system.put_file(local, path)
        except Exception as error:
            raise OutputError(f"{shown(url)}: cannot be written: {_reason(error, url)}") from error


def size_of(url: str) -> int | None:
    """Return the size of a remote file in bytes, ``None`` if it is unknown."""
    try:
        system, path = system_of(url, OutputError)
        size = system.info(path).get("size")
    except Exception:  # noqa: BLE001
        return None
    return size if isinstance(size, int) else None
