"""Files of the system, of packages and of caches are ignored."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provlog.capture.files.ignored import FileRules
from provlog.errors import UsageError


def test_data_is_kept(tmp_path: Path) -> None:
    rules = FileRules()
    assert not rules.ignores(str(tmp_path / "run.csv"))
    assert not rules.ignores(str(tmp_path / "made.py"), writes=True)


@pytest.mark.parametrize("path", [
    "/etc/hosts", "/usr/share/zoneinfo/UTC", "/proc/self/maps", "/dev/null", json.__file__,
    os.path.join(sys.prefix, "share", "x.csv"), "/data/__pycache__/x", "/data/x.py", "/data/.git/HEAD",
    os.path.expanduser("~/.astropy/cache/x"), "/data/joblib_memmapping_folder_1_2/x.pkl",
])  # fmt: skip
def test_other_files_are_ignored(path: str) -> None:
    assert FileRules().ignores(path)
    assert FileRules("all").ignores(path) is path.startswith(("/proc/", "/dev/"))


def test_the_folder_in_which_the_program_works_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert FileRules().ignores(str(tmp_path / "x.csv"))
    monkeypatch.chdir(tmp_path)
    assert not FileRules().ignores(str(tmp_path / "x.csv"))


@pytest.mark.parametrize(("pattern", "path", "expected"), [
    ("*.tmp", "/data/x.tmp", True),
    ("*.tmp", "/data/x.tmp/y", True),
    ("*.tmp", "/data/x.tmpl", False),
    ("scratch", "/data/scratch/y", True),
    ("scratch", "/data/scratchy", False),
    ("scratch/", "/data/scratch/y", True),
    ("out/*.png", "/data/out/x.png", True),
    ("out/*.png", "/data/x.png", False),
    ("/data/raw/*", "/data/raw/x", True),
    ("/data/raw/*", "/more/data/raw/x", False),
    ("run?.csv", "/data/run1.csv", True),
    ("run[12].csv", "/data/run3.csv", False),
])  # fmt: skip
def test_patterns_ignore_further_files(pattern: str, path: str, expected: bool) -> None:
    assert FileRules("all", [pattern]).ignores(path) is expected


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_pattern_is_valid(pattern: str, path: str) -> None:
    FileRules("all", [pattern]).ignores(f"/{path}")


def test_an_unknown_mode_is_an_error() -> None:
    with pytest.raises(UsageError, match="unknown files 'some': use data, all, none"):
        FileRules("some")
