"""Files with a common digest are one entity, whichever digest identifies them in a log."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

import pytest

import provlog
from provlog.store.store import Store

SHA1, MD5 = "da39a3ee5e6b4b0d3255bfef95601890afd80709", "d41d8cd98f00b204e9800998ecf8427e"
RECORDS = {
    "a": f"{{'activity_id': 'a', 'used_id': '{SHA1}', 'used_role': 'in'}}",
    "b": f"{{'activity_id': 'b', 'generated_id': '{MD5}', 'generated_role': 'out'}}",
    "c": f"{{'entity_id': '{SHA1}', 'hash': '{SHA1}', 'md5': '{MD5}', 'name': 'Events'}}",
}


@pytest.mark.parametrize("order", ["".join(order) for order in permutations(RECORDS)])
def test_logs_in_any_order(order: str, url: str, tmp_path: Path) -> None:
    paths = []
    for name in order:
        path = tmp_path / f"{name}.log"
        start = f"{{'activity_id': '{name}', 'name': '{name}', 'startTime': '2020-01-01T00:00:00'}}"
        start = "" if name == "c" else f"_PROV_2020-01-01T00:00:01_PROV_{start}\n"
        path.write_text(f"{start}_PROV_2020-01-01T00:00:01_PROV_{RECORDS[name]}\n")
        paths.append(path)
    expected = provlog.read(*paths)
    with Store(url) as store:
        store.add(*paths)
        graph = store.graph()
        assert len(graph.entities) == 1
        assert graph.to_prov() == expected.to_prov()
        [start] = [one.id for one in graph.activities.values() if one.label == "a"]
        assert "b" in {one.label for one in store.lineage(start).activities.values()}
        for path in paths[::-1]:
            store.remove(path)
        store.add(*paths)
        assert store.graph().to_prov() == expected.to_prov()
