"""Settings and fixtures of all tests."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests import profiles
from tests.capture.fixtures import capture, graph, log, make
from tests.stores import new_url, server, url

__all__ = ["capture", "graph", "log", "make", "new_url", "server", "url"]

profiles.load()

# A shell ignores SIGINT in what it starts in the background, and children inherit that: tests that
# interrupt theirs would wait forever.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


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
