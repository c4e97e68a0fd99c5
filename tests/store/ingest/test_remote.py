"""Logs in object stores: in memory, and on a server that speaks the protocol of S3."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import fsspec
import pytest

import provlog
from provlog.store.store import Store
from tests.cli.test_cli import run
from tests.s3 import Objects, running_s3
from tests.samples import LOGS

NIGHT = LOGS[:4]


@pytest.fixture
def memory() -> Iterator[fsspec.AbstractFileSystem]:
    """A file system in memory with the logs of a night."""
    system = fsspec.filesystem("memory")
    for log in NIGHT:
        system.pipe(f"/store-night/{log.name}", log.read_bytes())
    yield system
    system.rm("/store-night", recursive=True)


def test_logs_in_memory(url: str, memory: fsspec.AbstractFileSystem) -> None:
    added = run("store", "add", "--store", url, "memory://store-night/")
    assert added.code == 0, added.errors
    assert "4 added" in added.errors
    with Store(url, create=False) as store:
        assert {entry.name for entry in store.logs()} == {
            f"memory:///store-night/{log.name}" for log in NIGHT
        }
        name = f"memory:///store-night/{NIGHT[1].name}"
        assert store.graph(name).to_prov() == provlog.read(NIGHT[1]).to_prov()
    memory.pipe(f"/store-night/{NIGHT[0].name}", NIGHT[0].read_bytes() + b"more\n")
    again = run("store", "add", "--store", url, "memory://store-night/*.log")
    assert "1 added, 3 unchanged" in again.errors


@pytest.mark.parametrize(
    "url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)], indirect=True
)
def test_logs_in_s3_by_several_processes(url: str) -> None:
    pytest.importorskip("s3fs", reason="s3fs is not installed: pip install s3fs")
    objects: Objects = {f"bucket/night/{log.name}": log.read_bytes() for log in NIGHT[1:]}
    objects[f"bucket/night/more runs/{NIGHT[0].name}"] = NIGHT[0].read_bytes()

    with running_s3(objects) as env:

        def add(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "provlog", "store", "add", "--store", url, *arguments]
            return subprocess.run(
                command, env=os.environ | env, text=True, capture_output=True, check=False
            )

        added = add("s3://bucket/night/", "--jobs", "2")
        assert added.returncode == 0, added.stderr
        assert "4 added" in added.stderr
        assert "4 unchanged" in add("s3://bucket/night/").stderr
        missing = add("s3://bucket/none.log")
        assert missing.returncode == 1
        assert "s3://bucket/none.log: error PL003 no such file" in missing.stderr
    with Store(url, create=False) as store:
        names = [entry.name for entry in store.logs()]
        assert sorted(names) == sorted(f"s3://{name}" for name in objects)
        logs = {f"s3://{name}": name.rpartition("/")[2] for name in objects}
        expected = provlog.read(*(NIGHT[0].with_name(logs[name]) for name in names))
        assert store.graph().to_prov() == expected.to_prov()
