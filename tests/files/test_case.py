"""File systems that ignore case, and batches that write to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.files.case import folded, ignores_case
from tests.cli.test_cli import RECORD, run


@pytest.fixture
def ignoring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the test of the file system find every name in any case."""
    exists = os.path.exists

    def found(path: str) -> bool:
        folder, name = os.path.split(path)
        return exists(path) or (
            os.path.isdir(folder) and folded(name) in map(folded, os.listdir(folder))
        )

    monkeypatch.setattr("provlog.files.case.os.path.exists", found)


def test_the_file_system_is_tested(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    expected = (tmp_path / "A").exists()
    for folder in (tmp_path, tmp_path / "not" / "yet"):
        assert ignores_case(str(folder)) == expected
    assert sorted(os.listdir(tmp_path)) == ["a"]


def test_an_unwritable_folder_counts_as_case_sensitive() -> None:
    assert not ignores_case("/proc/none")


@given(st.text())
def test_names_are_folded_in_any_case(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@pytest.mark.usefixtures("ignoring")
def test_outputs_that_differ_only_in_case_are_refused(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("run.log", "Run.log", "b.log"):
        (logs / name).write_text(RECORD)
    if len(os.listdir(logs)) < 3:
        pytest.skip("the file system of the logs itself ignores case")
    out = tmp_path / "out"
    result = run("batch", logs, "-d", out)
    assert result.code == 2
    assert "would be written to one output, because the file system of" in result.errors
    assert not out.exists()
    assert run("batch", logs / "b.log", logs / "run.log", "-d", out).code == 0


def test_outputs_that_differ_only_in_case_are_written_if_possible(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    for name in ("run.log", "Run.log"):
        (logs / name).write_text(RECORD)
    if ignores_case(str(tmp_path)):
        pytest.skip("the file system ignores case")
    assert run("batch", logs, "-d", tmp_path / "out").code == 0
    assert {path.name for path in (tmp_path / "out").glob("*.json")} == {"run.json", "Run.json"}
