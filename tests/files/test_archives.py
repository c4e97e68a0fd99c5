"""Logs in archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import provlog
from provlog.errors import InputError
from provlog.files import source as source_module
from provlog.files.archives import members
from provlog.files.source import Source
from tests.readers.log.wrappers.comparing import facts
from tests.samples import SAMPLES, codes

LOG = (SAMPLES / "gammapy-2019-10-07.log").read_bytes()
NAMES = ["run.log", "run.log.10.gz", "run.log.2", "build/10_b.txt", "build/9_a.txt"]


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def in_tar(path: Path, files: dict[str, bytes]) -> Path:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    data = buffer.getvalue()
    compressed = {".tgz": gzip.compress(data), ".xz": lzma.compress(data)}
    path.write_bytes(compressed.get(path.suffix, data))
    return path


# Few lines are read in less time.
FILLING = b"x" * 3_000_000 + b"\n"

ARCHIVES = pytest.mark.parametrize(
    ("make", "name"),
    [(zipped, "a.zip"), (in_tar, "a.tar"), (in_tar, "a.tgz"), (in_tar, "a.tar.xz")],
)


@ARCHIVES
def test_a_log_in_an_archive_gives_the_graph_of_the_log(
    tmp_path: Path, make: object, name: str
) -> None:
    assert callable(make)
    path = make(tmp_path / name, {"notes.txt": b"reading\n", "build/run.log": LOG})
    assert facts(provlog.read(path)) == facts(provlog.read(SAMPLES / "gammapy-2019-10-07.log"))


@ARCHIVES
def test_files_come_in_the_order_of_their_numbers_and_the_oldest_first(
    tmp_path: Path, make: object, name: str
) -> None:
    assert callable(make)
    files = {item: gzip.compress(LOG) if item.endswith(".gz") else LOG for item in NAMES}
    with Source(str(make(tmp_path / name, files))) as source:
        found = [(member.path, b"".join(member.chunks())) for member in members(source, print)]
    assert [item for item, _ in found] == [
        "build/9_a.txt", "build/10_b.txt", "run.log.10.gz", "run.log.2", "run.log",
    ]  # fmt: skip
    assert {data for _, data in found} == {LOG}


def test_each_file_has_its_own_wrapper_and_diagnostics_name_it(tmp_path: Path) -> None:
    lines = [f"2024-03-11T20:04:02.1234567Z {line}" for line in LOG.decode().splitlines()]
    broken = b"_PROV_2024-03-11T20:04:03_PROV_{'name': 'no id'}\n"
    path = zipped(tmp_path / "logs.zip", {"1_a.txt": "\n".join(lines).encode(), "2_b.txt": broken})
    found = [(item.code, item.origin.file) for item in provlog.read(path).diagnostics]
    assert ("PL012", f"{path}/1_a.txt") in found
    assert ("PL201", f"{path}/2_b.txt") in found


def test_a_damaged_archive_is_reported(tmp_path: Path) -> None:
    path = in_tar(tmp_path / "a.tgz", {"run.log": LOG, "z": random.Random(1).randbytes(400_000)})
    path.write_bytes(path.read_bytes()[:-200_000])
    assert "PL001" in codes(provlog.read(path))
    path = zipped(tmp_path / "a.zip", {"run.log": LOG})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="File is not a zip file"):
        provlog.read(path)


def test_an_archive_without_logs_is_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file in it holds provenance records"):
        provlog.read(zipped(tmp_path / "a.zip", {"notes.txt": b"reading\n"}))


@pytest.fixture
def low_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "LARGEST", 1 << 20)


@pytest.mark.usefixtures("low_limits")
@ARCHIVES
def test_a_bomb_is_refused(tmp_path: Path, make: object, name: str) -> None:
    assert callable(make)
    path = make(tmp_path / name, {"a.log": FILLING, "z.log": LOG})
    if name == "a.tar":
        # It is as large as its files.
        assert provlog.read(path).activities
        return
    found = provlog.check(path)
    assert [item.origin.file for item in found if "as only a bomb does" in item.message] == [
        str(path)
    ]


@pytest.mark.usefixtures("low_limits")
@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_bomb_is_read_up_to_the_limit(
    tmp_path: Path, compress: Callable[[bytes], bytes]
) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(compress(LOG + FILLING))
    graph = provlog.read(path)
    assert graph.activities
    (found,) = (item.message for item in graph.diagnostics if item.code == "PL001")
    assert found.startswith("input is refused: it decompresses to more than 1 MiB and 500 times")


@pytest.mark.usefixtures("low_limits")
def test_a_sparse_file_in_an_archive_is_a_bomb(tmp_path: Path) -> None:
    # The map of a sparse file in the format of PAX: one block at the end of a terabyte.
    entry = tarfile.TarInfo("a.log")
    entry.pax_headers = {"GNU.sparse.size": str(1 << 40), "GNU.sparse.map": f"{(1 << 40) - 1},1"}
    entry.size = 1
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(entry, io.BytesIO(b"x"))
    assert any("as only a bomb does" in item.message for item in provlog.check(path))


def test_an_archive_in_an_archive_is_reported(tmp_path: Path) -> None:
    inner = zipped(tmp_path / "inner.zip", {"run.log": LOG}).read_bytes()
    path = zipped(tmp_path / "a.zip", {"in.zip": inner, "in.tgz": inner, "run.log": LOG})
    found = [item for item in provlog.read(path).diagnostics if item.code == "PL002"]
    assert [item.origin.file for item in found] == [f"{path}/in.tgz", f"{path}/in.zip"]
    assert "archive in an archive; unpack it" in found[0].message


def test_a_file_that_cannot_be_read_is_reported_and_the_others_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.log": LOG, "b.log": LOG})
    data = bytearray(path.read_bytes())
    # Bit 0 of the flags says that a file is encrypted.
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[data.index(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(data)
    graph = provlog.read(path)
    assert graph.activities
    (found,) = (item for item in graph.diagnostics if item.code == "PL001")
    assert found.origin.file == f"{path}/a.log"
    assert "encrypted" in found.message


@pytest.mark.parametrize("name", ["../../out.log", "/etc/passwd", "C:\\x.log", "ftp://a/b.log"])
@pytest.mark.parametrize("make", [zipped, in_tar])
def test_names_of_files_are_no_paths(
    tmp_path: Path, make: Callable[[Path, dict[str, bytes]], Path], name: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    archive = make(folder / "a", {name: LOG})
    assert provlog.read(archive).activities
    assert sorted(item.name for item in tmp_path.rglob("*")) == sorted(["in", archive.name])
