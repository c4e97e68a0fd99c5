"""Registered files: their places, their states, and the history of a copy."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

import provlog
from provlog.errors import InputError
from provlog.store.store import Store
from tests.cli.test_cli import run


@pytest.fixture
def product(tmp_path: Path) -> Path:
    """A file that a log says to be generated, identified by its hash."""
    path = tmp_path / "dl3.fits"
    path.write_bytes(b"SIMPLE" * 1000)
    return path


@pytest.fixture(params=["sha256", "sha1", "md5"])
def log(request: pytest.FixtureRequest, tmp_path: Path, product: Path) -> Path:
    """The log of that file."""
    digest = hashlib.new(request.param, product.read_bytes()).hexdigest()
    path = tmp_path / "run.log"
    path.write_text(
        "_PROV_2020-01-01T00:00:01_PROV_{'activity_id': 'a1', 'name': 'fit', "
        "'startTime': '2020-01-01T00:00:01'}\n"
        f"_PROV_2020-01-01T00:00:02_PROV_{{'activity_id': 'a1', 'generated_id': '{digest}'}}\n"
    )
    return path


def test_a_copy_of_unknown_origin_has_a_history(url: str, log: Path, product: Path) -> None:
    copy = product.with_name("copy-of-unknown-origin.fits")
    product.rename(copy)
    with Store(url) as store:
        store.add(log)
        graph = store.lineage(str(copy))
        assert [one.label for one in graph.activities.values()] == ["fit"]
        [file] = store.register(copy)
        assert file.entities == tuple(graph.entities)
        assert (file.size, file.media_type) == (6000, "application/fits")
        copy.write_bytes(b"other")
        with pytest.raises(provlog.ProvlogError, match="no entity or activity"):
            store.lineage(str(copy))


def test_places_are_verified(tmp_path: Path, product: Path) -> None:
    store = str(tmp_path / "prov.db")
    copy = tmp_path / "copy.fits"
    copy.write_bytes(product.read_bytes())
    names = (str(product), str(copy))
    for _ in range(2):
        # Again changes nothing.
        assert run("store", "register", "--store", store, *names).code == 0
    assert run("store", "verify", "--store", store).code == 0
    os.remove(product)
    copy.write_bytes(b"x" + copy.read_bytes()[1:])
    found = run("store", "verify", "--store", store)
    assert found.code == 1
    assert found.output.splitlines() == [
        f"missing   {product}  not in the provenance",
        f"changed   {copy}  not in the provenance",
    ]
    with Store(store) as opened:
        assert [file.state for file in opened.files()] == ["missing", "changed"]
        assert {file.digests["md5"] for file in opened.files()} == {
            hashlib.md5(b"SIMPLE" * 1000).hexdigest()
        }
        with pytest.raises(InputError, match="no such file"):
            opened.register(product)
