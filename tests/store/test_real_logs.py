"""Real logs, jobs and documents outside the repository: in, and out again."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import provlog
from provlog.model.graph import ProvGraph
from provlog.store.store import Store

SHARED = Path(__file__).resolve().parents[3] / "shared"
# The files of each group are added to one store. Job definitions describe the jobs beside them.
FOLDERS = [
    ("logs",), ("ctapipe",), ("opus",), ("opus/jobs",), ("ivoa",), ("opus", "opus/jobs", "ctapipe"),
]  # fmt: skip

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real logs are not beside the repository"),
]


def sources(*folders: str) -> dict[Path, ProvGraph]:
    """Return the graphs of those files of some folders that hold provenance."""
    found = {}
    for path in sorted(path for folder in folders for path in (SHARED / folder).iterdir()):
        try:
            found[path] = provlog.read(path)
        except (provlog.ProvlogError, IsADirectoryError):
            continue
    return found


@pytest.mark.parametrize("folders", FOLDERS, ids="+".join)
def test_each_source_and_all_together(url: str, folders: tuple[str, ...]) -> None:
    graphs = sources(*folders)
    assert len(graphs) > 3
    with Store(url) as store:
        added = store.add(*graphs)
        paths = [path for path, one in zip(graphs, added, strict=True) if one.status != "empty"]
        for path in paths:
            found = store.graph(path)
            assert found.to_prov() == graphs[path].to_prov(), path.name
            assert {*found.sessions} == {*graphs[path].sessions}, path.name
        assert store.graph().to_prov() == provlog.read(*paths).to_prov()
        # The order of adding decides which of two contradicting statements is the first one.
        random.Random(17).shuffle(paths)
        store.remove(*paths)
        store.add(*paths)
        assert store.graph().to_prov() == provlog.read(*paths).to_prov()
