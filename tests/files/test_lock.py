"""The lock of a remote folder."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from provlog.errors import UsageError
from provlog.files.lock import RemoteLock
from tests.cli.test_cli import run
from tests.samples import EXCERPT

fsspec = pytest.importorskip("fsspec")
URL = "memory://out/.provlog-batch.lock"


@pytest.fixture
def memory() -> Iterator[Any]:
    """The file system in memory."""
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs.clear()


def held(host: str, process: int, age: timedelta = timedelta()) -> bytes:
    """Return the content of a lock."""
    renewed = datetime.now(UTC) - age
    return msgspec.json.encode({"host": host, "process": process, "renewed": renewed})


def ended() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_second_lock_is_refused_until_the_first_is_released(memory: Any) -> None:
    lock = RemoteLock(URL)
    with pytest.raises(UsageError, match=rf"process {os.getpid()} on .* is writing to this folder"):
        RemoteLock(URL)
    lock.release()
    assert not memory.exists(URL)
    RemoteLock(URL).release()


@pytest.mark.parametrize(
    "content",
    [held(socket.gethostname(), ended()), held("elsewhere", 1, timedelta(hours=2)), b"", b"{}"],
    ids=["ended", "old", "empty", "other"],
)
def test_the_lock_of_a_killed_process_is_taken_over(memory: Any, content: bytes) -> None:
    memory.pipe(URL, content)
    RemoteLock(URL)
    assert f'"process":{os.getpid()}'.encode() in memory.cat(URL)


def test_a_store_that_creates_nothing_exclusively_is_locked_too(
    memory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    create = type(memory).pipe_file

    def pipe_file(self: Any, path: str, value: bytes, **options: Any) -> None:
        if options.pop("mode", "overwrite") == "create":
            raise TypeError("mode")
        create(self, path, value)

    monkeypatch.setattr(type(memory), "pipe_file", pipe_file)
    lock = RemoteLock(URL)
    with pytest.raises(UsageError, match="is writing to this folder"):
        RemoteLock(URL)
    lock.release()


def test_a_batch_refuses_a_folder_that_another_one_writes_to(memory: Any) -> None:
    memory.pipe(URL, held("elsewhere", 12))
    result = run("batch", EXCERPT, "-d", "memory://out")
    assert (result.code, result.output) == (2, "")
    assert "memory://out/.provlog-batch.lock: process 12 on elsewhere is writing" in result.errors
    assert memory.ls("/out", detail=False) == ["/out/.provlog-batch.lock"]
    memory.rm(URL)
    assert run("batch", EXCERPT, "-d", "memory://out").code == 0
    assert not memory.exists(URL)
