"""Fixtures: a capture with a log of its own, and its graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture import Capture
from provlog.definitions.load import EMPTY, Definitions
from provlog.model.graph import ProvGraph
from tests.capture.reading import written

Make = Callable[..., Capture]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "run.log"


@pytest.fixture
def make(log: Path) -> Iterator[Make]:
    made: list[Capture] = []

    def capture(definitions: Definitions = EMPTY, **kwargs: Any) -> Capture:
        made.append(Capture(definitions, log, **kwargs))
        return made[-1]

    yield capture
    for one in made:
        one.close()


@pytest.fixture
def capture(make: Make) -> Capture:
    return make()


@pytest.fixture
def graph(capture: Capture, log: Path) -> Callable[[], ProvGraph]:
    """Return a function that reads the log, and compares it with the capture's graph."""

    def read() -> ProvGraph:
        found = provlog.read(log)
        assert found.diagnostics == []
        assert written(found) == written(capture.graph())
        return found

    return read
