"""The state of a git repository."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which

import pytest

from provlog.capture.process import git
from provlog.capture.process.git import git_state

GIT = pytest.mark.skipif(which("git") is None, reason="no git")
WHO = ("-c", "user.name=a", "-c", "user.email=a@example.org")


def run(folder: Path, *arguments: str) -> str:
    command = ["git", *WHO, *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    run(tmp_path, "init", "-q")
    (tmp_path / "analysis.py").write_text("print(1)\n")
    return tmp_path


@GIT
def test_the_commit_and_changes_of_tracked_files(repository: Path) -> None:
    assert git_state(str(repository)) == {}
    run(repository, "add", "analysis.py")
    run(repository, "commit", "-qm", "first")
    commit = run(repository, "rev-parse", "HEAD").strip()
    assert git_state(str(repository)) == {"git_commit": commit, "git_is_dirty": False}
    (repository / "untracked").write_text("")
    (repository / "folder").mkdir()
    assert git_state(str(repository / "folder"))["git_is_dirty"] is False
    (repository / "analysis.py").write_text("print(2)\n")
    assert git_state(str(repository)) == {"git_commit": commit, "git_is_dirty": True}
    run(repository, "commit", "-qam", "second")
    assert git_state(str(repository))["git_commit"] != commit


@GIT
def test_no_hook_of_the_repository_runs(repository: Path) -> None:
    run(repository, "add", "analysis.py")
    run(repository, "commit", "-qm", "first")
    hook = repository / "hook"
    hook.write_text(f"#!/bin/sh\ntouch {repository}/called\n")
    hook.chmod(0o755)
    run(repository, "config", "core.fsmonitor", str(hook))
    assert git_state(str(repository))["git_is_dirty"] is False
    assert not (repository / "called").exists()


def test_outside_a_repository_there_is_no_state(tmp_path: Path) -> None:
    assert git_state(str(tmp_path)) == git_state(str(tmp_path / "absent")) == {}


def test_outside_a_repository_git_does_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []
    monkeypatch.setattr(subprocess, "run", lambda *given, **_: started.append(given))
    assert git_state(str(tmp_path)) == {}
    assert started == []


@GIT
def test_a_repository_is_found_through_links_and_the_environment(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(repository, "add", "analysis.py")
    run(repository, "commit", "-qm", "first")
    (repository / "folder").mkdir()
    expected = git_state(str(repository))
    assert expected
    outside = tmp_path_factory.mktemp("outside")
    (outside / "link").symlink_to(repository / "folder")
    assert git_state(str(outside / "link")) == expected
    monkeypatch.setenv("GIT_DIR", str(repository / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(repository))
    assert git_state(str(outside)) == expected


def test_without_git_there_is_no_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert git_state("") == {}


def test_a_slow_git_is_abandoned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "git"
    slow.write_text("#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(git, "_TIMEOUT", 0.2)
    assert git_state("") == {}
