"""What has been done: a small file beside the outputs, a line a log.

It grows by a line whenever a log is done, so that a killed run loses nothing that it
had finished. Of a log that has several lines the last one counts. Only where a line
begins is kept in memory.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from time import monotonic

import msgspec
from msgspec import Struct

from provlog.batch.outcome import Outcome
from provlog.errors import OutputError, ProvlogError, UsageError
from provlog.files.remote import NotThereError, fetched, join
from provlog.files.replace import replacing
from provlog.urls import is_url

__all__ = ["MANIFEST", "Manifest", "opened"]

MANIFEST = ".provlog-batch.jsonl"
"""The name of the file."""

# How often the manifest of a remote folder is put there, in seconds.
_PATIENCE = 60.0
# Fewer lines that do not count any more are left where they are.
_FEW_LINES = 1000


class _Run(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """The line with which a run begins, or ends."""

    run: str
    ended: bool = False


class Manifest:
    """The lines of a manifest.

    Parameters
    ----------
    path : str
        A file on this machine, which may be there already.

    Attributes
    ----------
    run : str
        8 hex digits that only this run has.
    unfinished : set of str
        Those of runs that began and did not end, such as one that was killed.
    failure : str
        Why a line could not be written, empty if all could.
    """

    def __init__(self, path: str) -> None:
        self.run = secrets.token_hex(4)
        self.unfinished: set[str] = set()
        self.failure = ""
        self._path = path
        self._starts: dict[str, int] = {}
        self._kept: dict[str, bytes] = {}
        self._lines = 0
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o666)
        if not stat.S_ISREG(os.fstat(self._descriptor).st_mode):
            os.close(self._descriptor)
            raise OSError(errno.EINVAL, f"{MANIFEST} is no regular file")
        self._size = self._load()
        self._append(msgspec.json.encode(_Run(self.run)))

    def _load(self) -> int:
        """Read what is there, and return its size without a last line that was cut."""
        size = 0
        with open(self._path, "rb") as stream:
            for line in stream:
                if not line.endswith(b"\n"):
                    break
                self._learn(line, size)
                size += len(line)
        os.ftruncate(self._descriptor, size)
        return size

    def _learn(self, line: bytes, start: int) -> None:
        self._lines += 1
        # A line of another version, or of another program, says nothing.
        with suppress(msgspec.DecodeError, RecursionError):
            if line.startswith(b'{"run"'):
                run = msgspec.json.decode(line, type=_Run)
                (self.unfinished.discard if run.ended else self.unfinished.add)(run.run)
            else:
                self._starts[msgspec.json.decode(line, type=Outcome).key] = start

    def get(self, key: str) -> Outcome | None:
        """Return what became of a log last, ``None`` if nothing is known."""
        if key in self._kept:
            return msgspec.json.decode(self._kept[key], type=Outcome)
        start = self._starts.get(key)
        if start is None:
            return None
        line = block = os.pread(self._descriptor, 1 << 14, start)
        while block and b"\n" not in line:
            block = os.pread(self._descriptor, len(line), start + len(line))
            line += block
        try:
            return msgspec.json.decode(line.partition(b"\n")[0], type=Outcome)
        except msgspec.DecodeError:
            # Another program has changed the file meanwhile.
            return None

    def put(self, outcome: Outcome) -> None:
        """Note what became of a log; if the disk takes no more, only for this run."""
        line = msgspec.json.encode(outcome)
        start = self._size
        if self._append(line):
            self._starts[outcome.key] = start
            self._kept.pop(outcome.key, None)
        else:
            self._kept[outcome.key] = line

    def _append(self, line: bytes) -> bool:
        line += b"\n"
        try:
            if os.write(self._descriptor, line) == len(line):
                self._size += len(line)
                self._lines += 1
                return True
            self.failure = "no space left"
        except OSError as error:
            self.failure = error.strerror or str(error)
        with suppress(OSError):
            os.ftruncate(self._descriptor, self._size)
        return False

    def end(self) -> None:
        """Note that the run has ended, and leave out what does not count any more."""
        self._append(msgspec.json.encode(_Run(self.run, ended=True)))
        if self._lines > 2 * len(self._starts) + _FEW_LINES:
            with suppress(ProvlogError), replacing(self._path, self.run) as stream:
                for outcome in filter(None, map(self.get, self._starts)):
                    stream.write(msgspec.json.encode(outcome) + b"\n")

    def close(self) -> None:
        """Close the file."""
        os.close(self._descriptor)


@contextmanager
def opened(folder: str) -> Iterator[Manifest]:
    """Open the manifest of a folder of outputs, which is for this run alone.

    What killed runs left half-written in the folder is removed, before and after.

    Parameters
    ----------
    folder : str
        The folder, which is made if it is not there, or its URL.

    Raises
    ------
    InputError, OutputError
        If there can be no manifest in it.
    UsageError
        If another run writes there.
    """
    if is_url(folder):
        with _remote(folder) as manifest:
            yield manifest
        return
    try:
        os.makedirs(folder, exist_ok=True)
        lock = _lock(folder)
        manifest = Manifest(os.path.join(folder, MANIFEST))
    except FileExistsError:
        raise OutputError(f"{folder}: is a file, no folder") from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    try:
        _sweep(folder, manifest.unfinished)
        yield manifest
        manifest.end()
    finally:
        # A worker may have been killed, or interrupted where it could not clean up.
        _sweep(folder, {manifest.run})
        manifest.close()
        if lock is not None:
            os.close(lock)


def _lock(folder: str) -> int | None:
    """Lock a folder until the descriptor that is returned is closed."""
    if sys.platform == "win32":
        return None
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        raise UsageError(f"{folder}: another batch is writing there; wait for its end") from None
    except OSError:
        # Not every network file system has locks.
        os.close(descriptor)
        return None
    return descriptor


def _sweep(folder: str, runs: set[str]) -> None:
    """Remove what processes of these runs left half-written when they were killed."""
    if not runs:
        return
    part = re.compile(rf"\..*\.\w{{8}}(?:{'|'.join(map(re.escape, runs))})\.part", re.DOTALL)
    seen = set()
    for below, folders, names in os.walk(folder, followlinks=True):
        # Outputs may lie behind a link, which may lead in a circle.
        real = os.path.realpath(below)
        if real in seen:
            folders.clear()
            continue
        seen.add(real)
        for name in filter(part.fullmatch, names):
            with suppress(OSError):
                os.unlink(os.path.join(below, name))


@contextmanager
def _remote(folder: str) -> Iterator[Manifest]:
    """Keep the manifest of a remote folder on this machine, and put it there now and then."""
    url = join(folder, MANIFEST)
    with tempfile.TemporaryDirectory(prefix="provlog-") as here:
        path = os.path.join(here, MANIFEST)
        # What is there and cannot be read must not be lost.
        with suppress(NotThereError), fetched(url) as earlier:
            os.replace(earlier, path)
        manifest = _Uploaded(path, url)
        try:
            yield manifest
            manifest.end()
        finally:
            manifest.upload()
            manifest.close()


class _Uploaded(Manifest):
    """A manifest of which there is a copy elsewhere."""

    def __init__(self, path: str, url: str) -> None:
        super().__init__(path)
        self._url = url
        self._uploaded = monotonic()

    def put(self, outcome: Outcome) -> None:
        super().put(outcome)
        if monotonic() - self._uploaded > _PATIENCE:
            self.upload()

    def upload(self) -> None:
        self._uploaded = monotonic()
        try:
            with replacing(self._url) as stream, open(self._path, "rb") as lines:
                while block := lines.read(1 << 20):
                    stream.write(block)
        except OutputError as error:
            self.failure = str(error)
