"""A lock on a remote folder: a small file that names the process writing there."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from provlog.errors import OutputError, UsageError
from provlog.files.remote import system_of
from provlog.urls import shown

__all__ = ["RemoteLock"]

# A running process renews its lock much more often than this.
_LIFETIME = timedelta(hours=1)


class _Holder(msgspec.Struct, frozen=True):
    """The process that holds a lock, and the time of the last renewal."""

    host: str
    process: int
    renewed: datetime


class RemoteLock:
    """A lock of this process on a remote folder.

    With a store that can create files exclusively, one of two processes that start at the
    same time fails. With other stores, only a process that starts later fails. A store that
    cannot be written is not locked.

    Parameters
    ----------
    url : str
        The URL of the lock file.

    Raises
    ------
    UsageError
        If another process holds the lock.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._system: Any = None
        with suppress(OutputError):
            self._system, self._path = system_of(url, OutputError)
        if self._system is None or self._create():
            return
        holder = self._holder()
        if holder is not None and _is_alive(holder):
            raise UsageError(
                f"{shown(url)}: process {holder.process} on {holder.host} is writing to this "
                f"folder (last seen {holder.renewed:%Y-%m-%d %H:%M:%S} UTC); wait for it, or "
                "remove this file if it was killed"
            )
        self.renew()

    def renew(self) -> None:
        """Write the current time to the lock, to show that this process is alive."""
        with suppress(Exception):
            self._system.pipe_file(self._path, _this_process())

    def release(self) -> None:
        """Remove the lock."""
        with suppress(Exception):
            self._system.rm_file(self._path)

    def _create(self) -> bool:
        """Create the lock file; return false if it already exists."""
        try:
            self._system.makedirs(self._path.rpartition("/")[0], exist_ok=True)
            self._system.pipe_file(self._path, _this_process(), mode="create")
        except FileExistsError:
            return False
        except Exception:  # noqa: BLE001
            # The store cannot create a file exclusively, or cannot be written at all.
            if self._holder() is not None:
                return False
            self.renew()
        return True

    def _holder(self) -> _Holder | None:
        try:
            return msgspec.json.decode(self._system.cat_file(self._path), type=_Holder)
        except Exception:  # noqa: BLE001
            # Each store has its own exceptions.
            return None


def _this_process() -> bytes:
    return msgspec.json.encode(_Holder(socket.gethostname(), os.getpid(), datetime.now(UTC)))


def _is_alive(holder: _Holder) -> bool:
    if datetime.now(UTC) - holder.renewed > _LIFETIME:
        return False
    if holder.host != socket.gethostname() or os.name == "nt":
        return True
    try:
        os.kill(holder.process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
