"""Settings and fixtures of all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.capture.fixtures import capture, graph, log, make
from tests.stores import server, url

__all__ = ["capture", "graph", "log", "make", "server", "url"]

# The same examples in every run, so that a failure on another machine can be reproduced.
settings.register_profile(
    "default",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
settings.register_profile("search", settings.get_profile("default"), derandomize=False)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--accept``."""
    parser.addoption(
        "--accept", action="store_true", help="write what is produced as the expected documents"
    )


@pytest.fixture
def accept(request: pytest.FixtureRequest) -> bool:
    """Return whether the produced documents replace the expected ones."""
    return bool(request.config.getoption("--accept"))


@pytest.fixture(autouse=True, scope="session")
def in_project_folder() -> None:
    """Run examples in the project folder, from which they name logs."""
    os.chdir(Path(__file__).resolve().parent.parent)
