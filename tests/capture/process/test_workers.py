"""Programs and their worker processes."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture import Capture

Make = Callable[..., Capture]


def work() -> int:
    return 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_fork_belongs_to_the_program_even_with_an_empty_environment(
    make: Make, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    traced: Any = make().trace(work)
    traced()
    for name in list(os.environ):
        monkeypatch.delenv(name)
    child = os.fork()
    if not child:
        traced()
        os._exit(0)
    os.waitpid(child, 0)
    graph = provlog.read(log)
    sessions = [one.session for one in graph.activities.values() if one.label == "work"]
    assert len(sessions) == 2
    assert sessions[0] is sessions[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("is_described", [False, True])
def test_the_environment_is_recorded_once(make: Make, log: Path, is_described: bool) -> None:
    """A worker records it if the program has not recorded anything yet."""
    traced: Any = make().trace(work)
    if is_described:
        traced()
    child = os.fork()
    if not child:
        traced()
        os._exit(0)
    os.waitpid(child, 0)
    assert log.read_text().count("'system': {") == 1
    [session] = provlog.read(log).sessions.values()
    assert "'packages'" in log.read_text()
    assert session.values("log:system")
