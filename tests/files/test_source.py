"""Inputs are read with all of their bytes, decompressed and without a byte order mark."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.files.source import Source

DATA = b"".join(b"line %d\n" % number for number in range(20_000))


@pytest.fixture(params=["log", "log.gz"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / f"x.{request.param}"
    data = b"\xef\xbb\xbf" + DATA
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def test_all_bytes_at_once(path: Path) -> None:
    found: list[Diagnostic] = []
    reports: list[int] = []
    with Source(str(path), reports.append) as source:
        assert source.read(found.append) == b"".join([source.head, DATA[len(source.head) :]])
    assert (found, reports[-1]) == ([], path.stat().st_size)


def test_a_growing_file_at_once(path: Path) -> None:
    if path.suffix == ".gz":
        pytest.skip("nobody appends to it line by line")
    with path.open("ab") as file, Source(str(path)) as source:
        file.write(b"begun before ")
        file.flush()
        with Source(str(path)) as later:
            file.write(b"and ended after\nnot there yet\n")
            file.flush()
            assert source.read(print) == DATA
            assert later.read(print) == DATA + b"begun before and ended after\n"
