"""Fixtures: stores in SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def _new_url(request: pytest.FixtureRequest, folder: Path) -> str:
    if request.param == "sqlite":
        return str(folder / "prov.db")
    server: Server = request.getfixturevalue("server")
    return server.new_database()


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return a store that does not exist yet, in each kind of database."""
    return _new_url(request, tmp_path)


@pytest.fixture(scope="module", params=KINDS)
def new_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[], str]:
    """Return what returns new stores, in each kind of database, for fixtures of a module."""
    return lambda: _new_url(request, tmp_path_factory.mktemp("store"))
