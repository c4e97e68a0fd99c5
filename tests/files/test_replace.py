"""Files that are written completely or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from provlog.errors import OutputError
from provlog.files.replace import replacing


def test_a_file_replaces_the_old_one_after_success(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with replacing(str(path)) as stream:
        stream.write(b"whole")
        assert not path.exists()
    assert path.read_bytes() == b"whole"
    assert os.listdir(tmp_path) == ["out"]


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_an_existing_file_survives_a_failure(tmp_path: Path, error: type[BaseException]) -> None:
    path = tmp_path / "out"
    path.write_bytes(b"before")
    with pytest.raises(error), replacing(str(path)) as stream:  # noqa: PT012
        stream.write(b"half")
        raise error
    assert path.read_bytes() == b"before"
    assert os.listdir(tmp_path) == ["out"]


def test_permissions_are_those_of_the_old_file_or_the_default(tmp_path: Path) -> None:
    path, plain = tmp_path / "out", tmp_path / "plain"
    plain.touch()
    with replacing(str(path)):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    path.chmod(0o600)
    with replacing(str(path)):
        pass
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path, link = tmp_path / "out", tmp_path / "link"
    link.symlink_to(path)
    with replacing(str(link)) as stream:
        stream.write(b"whole")
    assert link.is_symlink()
    assert path.read_bytes() == b"whole"


def test_a_device_is_written_directly() -> None:
    with replacing("/dev/null") as stream:
        stream.write(b"gone")
    assert not stat.S_ISREG(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize("place", ["absent/out", ".", "x" * 300])
def test_unwritable_files_are_reported(tmp_path: Path, place: str) -> None:
    path = str(tmp_path / place)
    with pytest.raises(OutputError, match="cannot be written"), replacing(path) as stream:
        stream.write(b"x")
    assert os.listdir(tmp_path) == []
