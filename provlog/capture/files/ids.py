"""Ids of files and of collections of files: the same content, the same id."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from functools import partial
from itertools import islice
from stat import S_ISDIR, S_ISREG
from typing import Any, NamedTuple

from provlog.capture.files.folders import Entry, entries, identity, reason
from provlog.capture.process.forks import tell_after_fork
from provlog.errors import UsageError

__all__ = ["DEFAULT_LIMIT", "METHODS", "FileId", "FileIds", "located"]

DEFAULT_LIMIT = 4 * 2**30
METHODS = ("sha256", "sha1", "md5")

_MOST_REMEMBERED = 100_000
# Of a collection, of which the contents are read; of which anything is.
_MOST_HASHED = 10_000
_MOST_LISTED = 20_000
_IRREGULAR = "not a regular file"
# What the kernel makes up when it is read.
_MADE_UP = ("/proc/", "/sys/")
# How much later a change may come without another time, in ns: clocks tick, some once in 2 s.
_TICK = 20_000_000
_SLOW_TICK = 2_000_000_000
_Stamp = tuple[int, int, int, int]
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class FileId(NamedTuple):
    """What a file or a collection is called.

    Parameters
    ----------
    id : str
        The digest of its content, or what else it is known by.
    location : str
        Its absolute path, or its URL.
    hash, hash_type : str, optional
        The digest and the name of its method, if it is that of the content.
    note : str, optional
        Why the id is not that of the content.
    is_folder : bool
        It is a folder.
    is_absent : bool
        Nothing is there.
    """

    id: str
    location: str
    hash: str | None = None
    hash_type: str | None = None
    note: str | None = None
    is_folder: bool = False
    is_absent: bool = False


class FileIds:
    """The ids of files and collections; what has not changed is read once.

    No method raises for what is wrong with a file, and none waits for one that is a
    pipe or a device: then the path is the id, and the note says why.

    Parameters
    ----------
    method : str
        How contents are hashed: ``sha256``, ``sha1`` or ``md5``.
    limit : int
        The size in bytes above which no content is read.
    leave_out : collection of str
        Paths of files and folders that are no members of a collection, such as the log.

    Raises
    ------
    UsageError
        If there is no such method.

    Examples
    --------
    >>> ids = FileIds(method="md5")
    >>> ids.of_file("LICENSE").hash_type
    'md5'
    >>> absent = ids.of_file("/data/absent.fits")
    >>> absent.id, absent.hash, absent.note
    ('/data/absent.fits', None, 'file not found')
    """

    def __init__(
        self,
        method: str = "sha256",
        limit: int = DEFAULT_LIMIT,
        leave_out: Collection[str] = (),
    ) -> None:
        if method not in METHODS:
            raise UsageError(f"unknown hash {method!r}: there are {', '.join(METHODS)}")
        self.method = method
        self.limit = limit
        self._leave_out = tuple(leave_out)
        self._new = partial(hashlib.new, method, usedforsecurity=False)
        # By path; the second is the digest of a file whose stamp is the first.
        self._digests: dict[str, tuple[_Stamp, str]] = {}
        self.after_fork()
        tell_after_fork(self)

    def after_fork(self) -> None:
        """Go on in a process that was forked: what others were reading, nobody reads here."""
        self._reading: dict[str, threading.RLock] = {}

    def of_file(self, path: str | bytes | os.PathLike[Any]) -> FileId:
        """Return the id of a file: the digest of its content.

        Parameters
        ----------
        path : str, bytes or path-like
            The file, with ``~`` and variables as in ``$GAMMAPY_DATA``; a URL is its own id,
            a folder is a collection.
        """
        return self.of_collection(path)

    def of_collection(self, path: str | bytes | os.PathLike[Any], index: str = "") -> FileId:
        """Return the id of a folder: that of its index file, or a digest of its entries.

        The latter is made of ``./`` and the sorted names of all that is in the folder and
        below it, each with the digest of its content, if it has one, and a zero byte behind
        each name and digest. Of very many or very large files it is made of names, sizes
        and times.

        Parameters
        ----------
        path : str, bytes or path-like
            The folder, as in :meth:`of_file`.
        index : str, optional
            The name of the index file in it.
        """
        name = os.fsdecode(path)
        url = _url(name)
        if url is not None:
            return FileId(url, url)
        location = _located(name)
        try:
            status = os.stat(location)
            if S_ISDIR(status.st_mode):
                return self._of_folder(location, index)._replace(is_folder=True)
            return self._of_file(location, status)
        except (OSError, ValueError) as error:
            is_absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return FileId(location, location, note=reason(error), is_absent=is_absent)

    def _of_file(self, location: str, status: os.stat_result) -> FileId:
        if not _is_regular(location, status):
            return FileId(location, location, note=_IRREGULAR)
        if status.st_size > self.limit:
            made_of = self._digest_of([location, str(status.st_size), str(status.st_mtime_ns)])
            note = f"larger than {_size(self.limit)}: the id is made of path, size and time"
            return FileId(made_of, location, note=note)
        digest = self._content(location, status)
        return FileId(digest, location, digest, self.method)

    def _of_folder(self, location: str, index: str) -> FileId:
        note = None
        if index:
            found = self.of_file(os.path.join(location, index))
            if found.hash is not None:
                return found._replace(location=location)
            note = f"index {index}: {found.note}; the id is made of the entries"
        left_out = frozenset(_identities(self._leave_out))
        members = [*islice(entries(location, left_out), _MOST_LISTED + 1)]
        if len(members) > _MOST_LISTED:
            return FileId(location, location, note=f"more than {_MOST_LISTED:,} entries")
        members.sort(key=lambda entry: (entry.name, entry.note))
        reason_not_to = self._too_much(members)
        if reason_not_to is not None:
            made_of = self._digest_of(_tokens(members, _size_and_time))
            note = f"{reason_not_to}: the id is made of names, sizes and times"
            return FileId(made_of, location, note=note)
        digest = self._digest_of(_tokens(members, self._content_of_entry))
        return FileId(digest, location, digest, self.method, note)

    def _too_much(self, members: Collection[Entry]) -> str | None:
        if len(members) > _MOST_HASHED:
            return f"more than {_MOST_HASHED:,} entries"
        sizes = (
            entry.status.st_size
            for entry in members
            if entry.status is not None and _is_regular(entry.path, entry.status)
        )
        return f"larger than {_size(self.limit)}" if sum(sizes) > self.limit else None

    def _content_of_entry(self, path: str, status: os.stat_result) -> str:
        try:
            return self._content(path, status)
        except OSError as error:
            return f"({reason(error)})"

    def _content(self, path: str, status: os.stat_result) -> str:
        """Return the digest of what is in a regular file, read only if it may have changed."""
        stamp = _stamp(status)
        known = self._digests.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        # Who comes while it is read waits for what that gives.
        try:
            with self._reading.setdefault(path, threading.RLock()):
                known = self._digests.get(path)
                return known[1] if known and known[0] == stamp else self._read(path, stamp)
        finally:
            self._reading.pop(path, None)

    def _read(self, path: str, stamp: _Stamp) -> str:
        with open(path, "rb", buffering=0, opener=_opener) as stream:
            before = os.fstat(stream.fileno())
            if not S_ISREG(before.st_mode):
                # It has just taken the place of the one that was asked for.
                raise OSError(_IRREGULAR)
            digest = hashlib.file_digest(stream, self._new).hexdigest()
            after = os.fstat(stream.fileno())
        if stamp == _stamp(before) == _stamp(after) and _is_settled(after):
            self._remember(path, stamp, digest)
        return digest

    def _remember(self, path: str, stamp: _Stamp, digest: str) -> None:
        # Without a lock, which a process that is forked might inherit locked.
        with suppress(RuntimeError, StopIteration, KeyError):
            while len(self._digests) >= _MOST_REMEMBERED:
                del self._digests[next(iter(self._digests))]
        self._digests[path] = stamp, digest

    def _digest_of(self, texts: Iterable[str]) -> str:
        digest = self._new()
        for text in texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()


def _stamp(status: os.stat_result) -> _Stamp:
    """Return what changes when a file is changed or replaced."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _is_settled(status: os.stat_result) -> bool:
    """Tell whether a change from now on would be seen by the file's times."""
    last = max(status.st_mtime_ns, status.st_ctime_ns)
    tick = _TICK if last % 1_000_000_000 else _SLOW_TICK
    return abs(time.time_ns() - last) > tick


def _is_regular(path: str, status: os.stat_result) -> bool:
    return S_ISREG(status.st_mode) and not path.startswith(_MADE_UP)


def _opener(path: str, _: int) -> int:
    return os.open(path, _FLAGS)


def _url(name: str) -> str | None:
    """Return the URL that a name is, without a password, ``None`` if it is a path."""
    if "://" not in name:
        return None
    from provlog.urls import is_url, shown

    return shown(name) if is_url(name) else None


def located(path: str | bytes | os.PathLike[Any]) -> str:
    """Return the absolute path of a file, as it is now; a URL without its password.

    Raises
    ------
    ValueError
        If the path is empty: Python would take it for the current folder.
    """
    name = os.fsdecode(path)
    if not name:
        raise ValueError("the path of a file is empty")
    return _url(name) or _located(name)


def _located(name: str) -> str:
    if "://" in name:
        from provlog.urls import localized

        name = localized(name)
    # The current folder may be gone, and not every text is a name.
    with suppress(OSError, ValueError):
        # A file may really be called "$x".
        if ("$" in name or name.startswith("~")) and not os.path.lexists(name):
            name = os.path.expandvars(os.path.expanduser(name))
        return os.path.abspath(name)
    return name


def _identities(paths: Iterable[str]) -> Iterator[tuple[int, int]]:
    for path in paths:
        with suppress(OSError, ValueError):
            yield identity(os.stat(path))


def _tokens(
    members: Iterable[Entry], content: Callable[[str, os.stat_result], str]
) -> Iterator[str]:
    # The folder itself: an empty one is no empty file.
    yield from ("./", "")
    for entry in members:
        yield entry.name
        if entry.status is None:
            yield f"({entry.note})"
        elif _is_regular(entry.path, entry.status):
            yield content(entry.path, entry.status)
        else:
            yield "" if S_ISDIR(entry.status.st_mode) else f"({_IRREGULAR})"


def _size_and_time(_: str, status: os.stat_result) -> str:
    return f"{status.st_size} {status.st_mtime_ns}"


def _size(size: float) -> str:
    for unit in ("bytes", "KiB", "MiB"):
        if size < 1024:
            return f"{size:.4g} {unit}"
        size /= 1024
    return f"{size:.4g} GiB"
