"""The state of the git repository that contains a program."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any

__all__ = ["git_state"]

_TIMEOUT = 2
_COMMAND = (
    "git", "--no-optional-locks", "-c", "core.fsmonitor=false", "status", "--porcelain=v2",
    "--branch", "--untracked-files=no", "--ignore-submodules",
)  # fmt: skip
_COMMIT = "# branch.oid "
_COMMENT = "# "


def git_state(folder: str) -> dict[str, Any]:
    """Return the commit that is checked out, and whether tracked files differ from it.

    Parameters
    ----------
    folder : str
        A folder of the repository.

    Returns
    -------
    dict
        ``git_commit`` and ``git_is_dirty``; empty outside of a repository, without git, or
        if git takes longer than two seconds.
    """
    lines: list[str] = []
    if not _may_be_in_repository(folder):
        return {}
    import subprocess

    with suppress(OSError, subprocess.SubprocessError, ValueError):
        done = subprocess.run(  # noqa: S603  (a fixed command)
            _COMMAND, cwd=folder or os.curdir, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=_TIMEOUT, check=True, text=True, errors="replace",
        )  # fmt: skip
        lines = done.stdout.splitlines()
    commits = [line.removeprefix(_COMMIT) for line in lines if line.startswith(_COMMIT)]
    if not commits or commits == ["(initial)"]:
        return {}
    is_dirty = any(not line.startswith(_COMMENT) for line in lines)
    return {"git_commit": commits[0], "git_is_dirty": is_dirty}


def _may_be_in_repository(folder: str) -> bool:
    """Return whether a folder or one above it has a repository; starting git takes longer."""
    if "GIT_DIR" in os.environ:
        return True
    with suppress(OSError, ValueError):
        # As git, which sees the folder where the system has it.
        folder = os.path.realpath(folder or os.curdir)
    while not os.path.lexists(os.path.join(folder, ".git")):
        above = os.path.dirname(folder)
        if above == folder or not above:
            return False
        folder = above
    return True
