"""Real logs, jobs and documents outside the repository: in, and out again."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.model.graph import ProvGraph
from provlog.store.store import Store

SHARED = Path(__file__).resolve().parents[3] / "shared"
# Job definitions of OPUS describe the jobs that are read with them, and what a product of ctapipe
# repeats from a log is left out if both are read together. A store has each source as it is.
FOLDERS = {"logs": True, "ctapipe": False, "opus": False, "opus/jobs": True, "ivoa": True}

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not SHARED.is_dir(), reason="the real logs are not beside the repository"),
]


def sources(folder: str) -> dict[Path, ProvGraph]:
    """Return the graphs of those files of a folder that hold provenance."""
    found = {}
    for path in sorted((SHARED / folder).iterdir()):
        try:
            found[path] = provlog.read(path)
        except (provlog.ProvlogError, IsADirectoryError):
            continue
    return found


@pytest.mark.parametrize(("folder", "is_same_together"), FOLDERS.items())
def test_each_source_and_all_together(url: str, folder: str, is_same_together: bool) -> None:
    graphs = sources(folder)
    assert len(graphs) > 3
    with Store(url) as store:
        added = store.add(*graphs)
        paths = [path for path, one in zip(graphs, added, strict=True) if one.status != "empty"]
        for path in paths:
            found = store.graph(path)
            assert found.to_prov() == graphs[path].to_prov(), path.name
            assert {*found.sessions} == {*graphs[path].sessions}, path.name
        if is_same_together:
            assert store.graph().to_prov() == provlog.read(*paths).to_prov()
