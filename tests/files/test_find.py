"""Arguments resolved to logs: files, folders, patterns."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from provlog.diagnostics.diagnostic import Diagnostic
from provlog.files.find import Found, find_logs


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of logs, ``logs`` in the current folder."""
    for name in (
        "b.log",
        "a.log.gz",
        "2020/01/c.log",
        "2020/02/c.log",
        ".hidden.log",
        ".git/x.log",
    ):
        path = tmp_path / "logs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path / "logs"


def places(*names: str, leave_out: str | None = None) -> list[str]:
    found: list[Diagnostic] = []
    logs = find_logs(names, found.append, leave_out)
    assert found == []
    return [log.place for log in logs]


def test_a_folder_stands_for_all_files_below_it(logs: Path) -> None:
    expected = ["a.log.gz", "b.log", "2020/01/c.log", "2020/02/c.log"]
    assert places("logs") == places("logs/") == places(str(logs)) == expected
    assert places("logs/2020") == ["01/c.log", "02/c.log"]


def test_places_of_a_pattern_are_relative_to_its_fixed_beginning(logs: Path) -> None:
    assert places("logs/*.log") == ["b.log"]
    assert places("logs/**/*.log*") == ["2020/01/c.log", "2020/02/c.log", "a.log.gz", "b.log"]
    assert places("logs/2020/*/c.log") == ["01/c.log", "02/c.log"]
    assert places("logs/20*") == ["2020/01/c.log", "2020/02/c.log"]
    assert places("*/b.log") == ["logs/b.log"]


def test_places_of_files_are_relative_to_their_common_folder(logs: Path) -> None:
    assert places("logs/b.log") == ["b.log"]
    assert places("logs/2020/01/c.log", "logs/2020/02/c.log") == ["01/c.log", "02/c.log"]
    os.chdir(logs)
    assert places("b.log", "../logs/2020/01/c.log") == ["b.log", "2020/01/c.log"]


def test_each_log_is_found_once(logs: Path) -> None:
    assert places("logs/b.log", "logs", "logs/*.log", "./logs/b.log") == places(
        "logs/b.log", "logs"
    )


def test_a_name_that_looks_like_a_pattern_is_that_file(logs: Path) -> None:
    (logs / "run[1].log").touch()
    assert places("logs/run[1].log") == ["run[1].log"]


def test_no_place_is_outside(logs: Path) -> None:
    assert places("logs/2020/*/../../*.log") == ["b.log"]


def test_the_output_folder_is_skipped(logs: Path) -> None:
    assert places("logs", leave_out="logs/2020") == ["a.log.gz", "b.log"]
    assert places("logs/**/*.log", leave_out="logs/2020/02") == ["2020/01/c.log", "b.log"]


def test_the_output_folder_may_contain_the_logs(logs: Path) -> None:
    assert (
        places("logs/*.log", leave_out=".") == places("logs/*.log", leave_out="logs") == ["b.log"]
    )
    assert places("logs/2020", leave_out="logs") == ["01/c.log", "02/c.log"]


def test_patterns_do_not_follow_links_to_folders(logs: Path) -> None:
    (logs / "latest").symlink_to(logs / "2020", target_is_directory=True)
    (logs / "loop").symlink_to(logs, target_is_directory=True)
    assert places("logs/**/*.log") == ["2020/01/c.log", "2020/02/c.log", "b.log"]
    assert places("logs/latest/*/*.log") == ["01/c.log", "02/c.log"]


def test_a_file_url_is_a_path(logs: Path) -> None:
    assert places((logs / "b.log").as_uri(), f"file://{logs}/2020") == [
        "b.log",
        "01/c.log",
        "02/c.log",
    ]


def test_links_to_files_are_followed_and_links_to_folders_are_not(logs: Path) -> None:
    (logs / "latest").symlink_to(logs / "2020", target_is_directory=True)
    (logs / "loop").symlink_to(logs, target_is_directory=True)
    (logs / "z.log").symlink_to(logs / "b.log")
    (logs / "lost.log").symlink_to(logs / "nowhere")
    assert places("logs") == [
        "a.log.gz",
        "b.log",
        "lost.log",
        "z.log",
        "2020/01/c.log",
        "2020/02/c.log",
    ]


def test_missing_names_are_reported(logs: Path) -> None:
    found: list[Diagnostic] = []
    names = ["logs/none.log", "logs/b.log", "logs/*.none", "no/such/folder/"]
    assert find_logs(names, found.append) == [Found("logs/b.log", "b.log")]
    assert [str(item) for item in found] == [
        "logs/none.log: error PL003 no such file",
        "logs/*.none: error PL003 no file matches this pattern",
        "no/such/folder/: error PL003 no such file",
    ]


def test_circular_links_and_pipes_are_skipped(logs: Path) -> None:
    (logs / "circle.log").symlink_to("circle.log")
    os.mkfifo(logs / "pipe.log")
    for name in ("logs", "logs/*.log"):
        found: list[Diagnostic] = []
        assert "b.log" in [log.place for log in find_logs([name], found.append)]
        assert [str(item) for item in found] == ["logs/pipe.log: error PL003 not a regular file"]


def test_two_ways_to_a_file_behind_a_link_are_distinguished(logs: Path) -> None:
    (logs / "link").symlink_to(logs / "2020" / "01", target_is_directory=True)
    (logs / "2020" / "b.log").touch()
    assert len(places("logs/b.log", "logs/link/../b.log", "logs/../logs/b.log")) == 2


def test_a_folder_that_cannot_be_listed_is_reported(
    logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("01"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found: list[Diagnostic] = []
    assert [log.place for log in find_logs(["logs"], found.append)] == [
        "a.log.gz", "b.log", "2020/02/c.log",
    ]  # fmt: skip
    assert [str(item) for item in found] == [
        f"{os.path.join('logs', '2020', '01')}: error PL003 cannot be listed: permission denied"
    ]
