"""A browser for all tests of the explorer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import provlog
from provlog.model.graph import ProvGraph
from tests.browsers import Browser, browser


@pytest.fixture(scope="package")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Return a browser, which takes a second to start."""
    with browser(tmp_path_factory.mktemp("downloads")) as running:
        yield running


@pytest.fixture
def shown(chromium: Browser, tmp_path: Path) -> Callable[..., Browser]:
    """Write a graph as a page and open it."""

    def show(graph: ProvGraph, fragment: str = "") -> Browser:
        page = tmp_path / "page.html"
        provlog.write(graph, page)
        chromium.open(page, fragment)
        return chromium

    return show
