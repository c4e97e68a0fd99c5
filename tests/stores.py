"""Fixtures: stores in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.store.server import Server, programs, running_server


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """Return a PostgreSQL server."""
    bin = programs()
    if bin is None:
        pytest.skip("PostgreSQL is not installed: apt-get install postgresql")
    with running_server(bin) as running:
        yield running


KINDS = ["sqlite", "postgresql"]


@contextmanager
def _new_url(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(folder / "prov.db")
        return
    server: Server = request.getfixturevalue("server")
    url = server.new_database()
    yield url
    server.empty(url)


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Return a store that does not exist yet, in each kind of database."""
    with _new_url(request, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=KINDS)
def new_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], str]]:
    """Return what returns new stores, in each kind of database, for fixtures of a module."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(_new_url(request, tmp_path_factory.mktemp("store")))
