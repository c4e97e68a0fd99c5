"""The manifest of a batch: a small database beside the outputs with the result of each log.

Each result is written as soon as its log is done, so that a killed run loses no finished
work. The database also lists the runs that began and did not end.
"""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from time import monotonic
from urllib.parse import quote

import msgspec

from provlog.batch.outcome import Outcome
from provlog.errors import OutputError, UsageError
from provlog.files.lock import RemoteLock
from provlog.files.remote import MissingFileError, fetched, join
from provlog.files.replace import replacing
from provlog.urls import is_url

__all__ = ["LOCK", "MANIFEST", "Manifest", "opened"]

MANIFEST = ".provlog-batch.db"
"""The name of the file."""

LOCK = ".provlog-batch.lock"
"""The name of the file that locks a remote folder."""

# The time between two uploads of the manifest to a remote folder, in seconds.
_UPLOAD_INTERVAL = 60.0

# Waiting for the disk after each log would cost more than converting a few logs again after a
# power failure. WITHOUT ROWID keeps a result beside its key.
_SETUP = """
PRAGMA synchronous = OFF;
PRAGMA journal_mode = DELETE;
CREATE TABLE IF NOT EXISTS outcomes (log TEXT PRIMARY KEY, outcome BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS unfinished (run TEXT PRIMARY KEY) WITHOUT ROWID;
"""
# Errors of file systems without locks, such as some network file systems.
_NO_LOCKS = {
    sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_RDLOCK, sqlite3.SQLITE_IOERR_UNLOCK,
    sqlite3.SQLITE_PROTOCOL,
}  # fmt: skip


class Manifest:
    """The results of all logs of a folder.

    Parameters
    ----------
    path : str
        A local file, which is created if it does not exist.

    Attributes
    ----------
    run : str
        8 hexadecimal digits that identify this run.
    unfinished : set of str
        Earlier runs that began and did not end, for example because they were killed.
    failure : str
        Why a result could not be written; empty if all could.

    Raises
    ------
    sqlite3.DatabaseError
        If the file is not a manifest, is damaged, or another run uses it.
    """

    def __init__(self, path: str) -> None:
        self.run = secrets.token_hex(4)
        self.failure = ""
        self._kept: dict[str, Outcome] = {}
        self._database = _connect(path)
        try:
            rows = self._database.execute("SELECT run FROM unfinished")
            self.unfinished: set[str] = {run for (run,) in rows}
            self._database.execute("INSERT INTO unfinished VALUES (?)", (self.run,))
        except sqlite3.Error:
            self.close()
            raise

    def get(self, key: str) -> Outcome | None:
        """Return the latest result of a log, or ``None``."""
        if key in self._kept:
            return self._kept[key]
        query = "SELECT outcome FROM outcomes WHERE log = ?"
        try:
            row = self._database.execute(query, (key,)).fetchone()
            return None if row is None else msgspec.json.decode(row[0], type=Outcome)
        except (sqlite3.Error, msgspec.DecodeError):
            # Damaged, or written by another version: the log is converted again.
            return None

    def put(self, outcome: Outcome) -> None:
        """Write the result of a log; if the disk is full, keep it for this run only."""
        encoded = msgspec.json.encode(outcome)
        if self._write("INSERT OR REPLACE INTO outcomes VALUES (?, ?)", outcome.key, encoded):
            self._kept.pop(outcome.key, None)
        else:
            self._kept[outcome.key] = outcome

    def _write(self, statement: str, *values: object) -> bool:
        try:
            self._database.execute(statement, values)
        except sqlite3.Error as error:
            self.failure = str(error)
            return False
        return True

    def end(self) -> None:
        """Record that this run has ended, and that no files of earlier runs are left."""
        self._write("DELETE FROM unfinished")

    def close(self) -> None:
        """Close the database."""
        self._database.close()


def _connect(path: str) -> sqlite3.Connection:
    """Open a manifest for this process alone."""
    try:
        return _set_up(path, "")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode in _NO_LOCKS:
            return _set_up(path, "?vfs=unix-none")
        raise


def _set_up(path: str, options: str) -> sqlite3.Connection:
    address = f"file:{quote(os.path.abspath(path))}{options}"
    database = sqlite3.connect(address, uri=True, isolation_level=None, timeout=0.0)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.executescript(_SETUP)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _is_busy(error: sqlite3.Error) -> bool:
    return error.sqlite_errorcode == sqlite3.SQLITE_BUSY


@contextmanager
def opened(folder: str) -> Iterator[Manifest]:
    """Open the manifest of an output folder for this run alone.

    Partial files of killed runs are removed from the folder before and after the run.

    Parameters
    ----------
    folder : str
        The folder, which is created if necessary, or its URL.

    Raises
    ------
    InputError, OutputError
        If the manifest cannot be read or written.
    UsageError
        If another batch writes to the folder.
    """
    with _remote(folder) if is_url(folder) else _local(folder) as manifest:
        yield manifest


@contextmanager
def _local(folder: str) -> Iterator[Manifest]:
    path = os.path.join(folder, MANIFEST)
    try:
        os.makedirs(folder, exist_ok=True)
    except FileExistsError:
        raise OutputError(f"{folder}: is a file, not a folder") from None
    except OSError as error:
        raise OutputError(f"{folder}: cannot be written: {error.strerror or error}") from error
    with ExitStack() as stack:
        manifest = _manifest(path, folder)
        stack.callback(manifest.close)
        _sweep(folder, manifest.unfinished)
        # A worker may have been killed, or interrupted before it could clean up.
        stack.callback(_sweep, folder, {manifest.run})
        yield manifest
        manifest.end()


def _manifest(path: str, shown: str) -> Manifest:
    try:
        return Manifest(path)
    except sqlite3.DatabaseError as error:
        if _is_busy(error):
            message = f"{shown}: another batch is writing there; wait until it ends"
            raise UsageError(message) from None
        if isinstance(error, sqlite3.OperationalError):
            raise OutputError(f"{shown}: {MANIFEST} cannot be opened: {error}") from error
        raise OutputError(
            f"{shown}: {MANIFEST} is damaged or belongs to another program ({error}); remove it, "
            "and all logs will be converted again"
        ) from error


def _sweep(folder: str, runs: set[str]) -> None:
    """Remove the partial files that killed processes of these runs left behind."""
    if not runs:
        return
    part = re.compile(rf"\..*\.\w{{8}}(?:{'|'.join(map(re.escape, runs))})\.part", re.DOTALL)
    seen = set()
    for below, folders, names in os.walk(folder, followlinks=True):
        # A link may lead outside, or in a circle.
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
    """Keep a local copy of a remote folder's manifest, and upload it from time to time."""
    url = join(folder, MANIFEST)
    with ExitStack() as stack:
        lock = RemoteLock(join(folder, LOCK))
        stack.callback(lock.release)
        here = stack.enter_context(tempfile.TemporaryDirectory(prefix="provlog-"))
        path = os.path.join(here, MANIFEST)
        # Any other failure ends the batch: it must not overwrite results that it could not read.
        with suppress(MissingFileError), fetched(url) as earlier:
            os.replace(earlier, path)
        manifest = _Uploaded(path, url, lock)
        try:
            yield manifest
            manifest.end()
        finally:
            manifest.upload()
            manifest.close()


class _Uploaded(Manifest):
    """A manifest with a copy in a remote folder."""

    def __init__(self, path: str, url: str, lock: RemoteLock) -> None:
        super().__init__(path)
        self._lock = lock
        self._path = path
        self._url = url
        self._uploaded = monotonic()

    def put(self, outcome: Outcome) -> None:
        super().put(outcome)
        if monotonic() - self._uploaded > _UPLOAD_INTERVAL:
            self.upload()
            self._lock.renew()

    def upload(self) -> None:
        self._uploaded = monotonic()
        try:
            with replacing(self._url) as stream, open(self._path, "rb") as database:
                while block := database.read(1 << 20):
                    stream.write(block)
        except OutputError as error:
            self.failure = str(error)
