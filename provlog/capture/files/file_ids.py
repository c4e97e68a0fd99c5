"""Ids of files and collections of files: equal contents have equal ids."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from stat import S_ISDIR, S_ISREG
from typing import Any, NamedTuple

from provlog.capture.files.connections import databases
from provlog.capture.files.descriptors import number_of
from provlog.capture.files.folders import FolderEntry, error_reason, file_key, list_folder
from provlog.capture.files.paths import local_path, url_of
from provlog.capture.process.forks import register_after_fork
from provlog.errors import UsageError

__all__ = ["DEFAULT_LIMIT", "METHODS", "FileId", "FileIds"]

DEFAULT_LIMIT = 4 * 2**30
"""The size in bytes above which files are not read."""
# Several times as fast as `hashlib.new`.
_CONSTRUCTORS = {"sha256": hashlib.sha256, "sha1": hashlib.sha1, "md5": hashlib.md5}
METHODS = tuple(_CONSTRUCTORS)
"""The supported hash methods."""

_MAX_DIGESTS = 100_000
# The number of files of a collection that are hashed, and the number of entries it may have.
_MAX_HASHED = 10_000
_MAX_LISTED = 20_000
_IRREGULAR = "not a regular file"
# The kernel generates the contents of these files when they are read.
_VIRTUAL = ("/proc/", "/sys/")
# The resolution of file times in ns: two changes within it may have the same time. Some file
# systems store whole or even seconds.
_TICK = 20_000_000
_SLOW_TICK = 2_000_000_000
_Stamp = tuple[int, int, int, int]
_Others = tuple[tuple[str, str], ...]
_BLOCK = 1 << 18
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)


class FileId(NamedTuple):
    """The id of a file or collection.

    Parameters
    ----------
    id : str
        The digest of the content, or another id with a note.
    location : str
        The absolute path, or the URL.
    hash, hash_type : str, optional
        The digest of the content and the name of the hash method.
    others : tuple
        Further digests of the content, each with the name of its method before it.
    note : str, optional
        The reason why the id is not a digest of the content.
    is_folder : bool
        Whether it is a folder.
    is_absent : bool
        Whether the file does not exist.
    """

    id: str
    location: str
    hash: str | None = None
    hash_type: str | None = None
    note: str | None = None
    is_folder: bool = False
    is_absent: bool = False
    others: tuple[tuple[str, str], ...] = ()


class FileIds:
    """Identify files and collections by content; an unchanged file is read once.

    A file that cannot be read, a pipe or a device is identified by its path, with a note.
    No method raises an exception or waits for such a file.

    Parameters
    ----------
    method : str or sequence of str
        The hash method: ``sha256``, ``sha1`` or ``md5``. Of several, the first one
        identifies files, and all are computed in one reading.
    limit : int
        The size in bytes above which files are not read.
    excluded : collection of str
        Paths of files and folders that are not part of any collection, such as the log.

    Raises
    ------
    UsageError
        If the hash method is not supported.

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
        method: str | Sequence[str] = "sha256",
        limit: int = DEFAULT_LIMIT,
        excluded: Collection[str] = (),
    ) -> None:
        methods = (method,) if isinstance(method, str) else tuple(dict.fromkeys(method))
        for unknown in (method for method in methods if method not in METHODS):
            raise UsageError(f"unknown hash {unknown!r}: use {', '.join(METHODS)}")
        if not methods:
            raise UsageError(f"no hash: use {', '.join(METHODS)}")
        self.methods = methods
        self.limit = limit
        self.excluded = tuple(excluded)
        self._new = partial(_CONSTRUCTORS[methods[0]], usedforsecurity=False)
        # By path, with the stamp of the file that was hashed.
        self._known: dict[str, tuple[_Stamp, FileId]] = {}
        self.after_fork()
        register_after_fork(self)

    def after_fork(self) -> None:
        """Continue in a forked process, which has no other threads that read files."""
        # Locks of the files that are being read.
        self._reading: dict[str, threading.RLock] = {}

    def of_file(self, path: str | bytes | os.PathLike[Any]) -> FileId:
        """Return the id of a file: the digest of its content.

        Parameters
        ----------
        path : str, bytes or path-like
            The file, with ``~`` and variables such as ``$GAMMAPY_DATA``. A URL is its own
            id; a folder is a collection.
        """
        return self.of_collection(path)

    def of_collection(self, path: str | bytes | os.PathLike[Any], index: str = "") -> FileId:
        """Return the id of a folder: that of its index file, or a digest of its entries.

        The digest of the entries covers ``./`` and the sorted names of all entries of the
        folder and its subfolders, each with the digest of its content if it is a file, and
        a zero byte after each name and digest. For very many or very large files it covers
        names, sizes and times.

        Parameters
        ----------
        path : str, bytes or path-like
            The folder, as in :meth:`of_file`.
        index : str, optional
            The name of the index file in it.
        """
        name = os.fsdecode(path)
        url = url_of(name)
        if url is not None:
            return FileId(url, url)
        location = local_path(name)
        try:
            status = os.stat(location)
            if S_ISDIR(status.st_mode):
                return self._of_folder(location, index)._replace(is_folder=True)
            return self._of_file(location, status)
        except (OSError, ValueError) as error:
            is_absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
            return FileId(location, location, note=error_reason(error), is_absent=is_absent)

    def of_opened(self, location: str, status: os.stat_result) -> FileId:
        """Return the id of a regular file with a known absolute path and status."""
        known = self._known.get(location)
        if known is not None and known[0] == _stamp(status):
            return known[1]
        try:
            return self._of_file(location, status)
        except (OSError, ValueError) as error:
            return FileId(location, location, note=error_reason(error))

    def _of_file(self, location: str, status: os.stat_result) -> FileId:
        if not _is_regular(location, status):
            return FileId(location, location, note=_IRREGULAR)
        if status.st_size > self.limit:
            id = self._digest_of([location, str(status.st_size), str(status.st_mtime_ns)])
            note = f"larger than {_size(self.limit)}: the id is made of path, size and time"
            return FileId(id, location, note=note)
        return self._content(location, status)

    def _of_folder(self, location: str, index: str) -> FileId:
        note = None
        if index:
            found = self.of_file(os.path.join(location, index))
            if found.hash is not None:
                return found._replace(location=location)
            note = f"index {index}: {found.note}; the id is made of the entries"
        excluded = frozenset(_keys(self.excluded))
        members = [*islice(list_folder(location, excluded), _MAX_LISTED + 1)]
        if len(members) > _MAX_LISTED:
            return FileId(location, location, note=f"more than {_MAX_LISTED:,} entries")
        members.sort(key=lambda entry: (entry.name, entry.note))
        excess = self._excess(members)
        if excess is not None:
            id = self._digest_of(_tokens(members, _size_and_time))
            note = f"{excess}: the id is made of names, sizes and times"
            return FileId(id, location, note=note)
        digest = self._digest_of(_tokens(members, self._content_of_entry))
        return FileId(digest, location, digest, self.methods[0], note)

    def _excess(self, members: Collection[FolderEntry]) -> str | None:
        if len(members) > _MAX_HASHED:
            return f"more than {_MAX_HASHED:,} entries"
        sizes = (
            entry.status.st_size
            for entry in members
            if entry.status is not None and _is_regular(entry.path, entry.status)
        )
        return f"larger than {_size(self.limit)}" if sum(sizes) > self.limit else None

    def _content_of_entry(self, path: str, status: os.stat_result) -> str:
        try:
            return self._content(path, status).id
        except OSError as error:
            return f"({error_reason(error)})"

    def _content(self, path: str, status: os.stat_result) -> FileId:
        """Return the id of a regular file, which is read only if it may have changed."""
        stamp = _stamp(status)
        known = self._known.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        if status.st_size < _BLOCK:
            return self._read(path, stamp)
        # A second thread waits for the digest that the first one computes.
        try:
            with self._reading.setdefault(path, threading.RLock()):
                known = self._known.get(path)
                return known[1] if known and known[0] == stamp else self._read(path, stamp)
        finally:
            self._reading.pop(path, None)

    def _read(self, path: str, stamp: _Stamp) -> FileId:
        # To close a descriptor of a file releases all locks that the process has on it.
        own = number_of(path) if path in databases else None
        number = _opener(path, _FLAGS) if own is None else own
        read = os.read if own is None else _positioned_reader()
        try:
            before = os.fstat(number)
            if not S_ISREG(before.st_mode):
                # It has just replaced the regular file.
                raise OSError(_IRREGULAR)
            digest, others = _digests_of(number, before.st_size, self.methods, read)
            after = os.fstat(number)
        finally:
            if own is None:
                os.close(number)
        file = FileId(digest, path, digest, self.methods[0], None, False, False, others)
        if stamp == _stamp(before) == _stamp(after) and _is_settled(after):
            if len(self._known) >= _MAX_DIGESTS:
                self._forget_earliest()
            self._known[path] = stamp, file
        return file

    def _forget_earliest(self) -> None:
        # Without a lock: a forked process could inherit it locked.
        with suppress(RuntimeError, StopIteration, KeyError):
            while len(self._known) >= _MAX_DIGESTS:
                del self._known[next(iter(self._known))]

    def _digest_of(self, texts: Iterable[str]) -> str:
        digest = self._new()
        for text in texts:
            digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
        return digest.hexdigest()


def _stamp(status: os.stat_result) -> _Stamp:
    """Return size, times and inode: they change when a file is changed or replaced."""
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _is_settled(status: os.stat_result) -> bool:
    """Return whether a change from now on would change the times of a file."""
    last = max(status.st_mtime_ns, status.st_ctime_ns)
    tick = _TICK if last % 1_000_000_000 else _SLOW_TICK
    return abs(time.time_ns() - last) > tick


def _opener(path: str, flags: int) -> int:
    return os.open(path, flags)


def _positioned_reader() -> Callable[[int, int], bytes]:
    """Return a function that reads on, block by block, and leaves the position of the file."""
    position = 0

    def read(number: int, length: int) -> bytes:
        nonlocal position
        block = os.pread(number, length, position)
        position += len(block)
        return block

    return read


def _digests_of(
    number: int, size: int, methods: Sequence[str], read: Callable[[int, int], bytes] = os.read
) -> tuple[str, _Others]:
    """Return the digest of an open file, and those of further methods with their names."""
    # One byte more shows the end of a small file in one reading.
    length = min(size + 1, _BLOCK)
    block = read(number, length)
    digest, *others = (_CONSTRUCTORS[method](block, usedforsecurity=False) for method in methods)
    while block and not len(block) < length < _BLOCK:
        block = read(number, length)
        for one in (digest, *others):
            one.update(block)
    further = zip(methods[1:], (one.hexdigest() for one in others), strict=True)
    return digest.hexdigest(), tuple(further)


def _is_regular(path: str, status: os.stat_result) -> bool:
    return S_ISREG(status.st_mode) and not path.startswith(_VIRTUAL)


def _keys(paths: Iterable[str]) -> Iterator[tuple[int, int]]:
    for path in paths:
        with suppress(OSError, ValueError):
            yield file_key(os.stat(path))


def _tokens(
    members: Iterable[FolderEntry], content: Callable[[str, os.stat_result], str]
) -> Iterator[str]:
    # The folder itself, which makes an empty folder differ from an empty file.
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
