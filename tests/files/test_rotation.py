"""Rotated logs are read in the order of time."""

from __future__ import annotations

import gzip
import itertools
from pathlib import Path

import pytest

import provlog
from provlog.files.find import find_logs
from provlog.files.rotation import oldest_first

FAMILIES = [
    ["run.log.10.gz", "run.log.2.xz", "run.log.1", "run.log"],
    ["run.log-20261124.gz", "run.log-20261125.gz", "run.log-20261126", "run.log"],
    ["run.log-2026112509", "run.log-2026112510", "run.log"],
    ["run.log-20261125-1764061201", "run.log-20261125-1764061301", "run.log"],
    ["run.log.2026-11-25", "run.log.2026-11-26", "run.log"],
    ["run.log.2026-11-25_09", "run.log.2026-11-25_10.zst", "run.log"],
    ["run.log.2026-11-25_09-59-59", "run.log.2026-11-25_10-00-00", "run.log"],
    ["worker.2", "worker.1", "worker"],
    ["run.log.2", "run.log.1"],
]


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family[0])
def test_the_oldest_comes_first(family: list[str]) -> None:
    for order in itertools.permutations(family):
        assert oldest_first(order, str) == family


def test_other_inputs_keep_their_places() -> None:
    names = ["b.log", "run.log", "job.2", "run.log.1", "job.1", "a/run.log.2", "a.json"]
    assert oldest_first(names, str) == [
        "b.log", "run.log.1", "job.2", "run.log", "job.1", "a/run.log.2", "a.json",
    ]  # fmt: skip


def test_a_folder_and_the_command_line(tmp_path: Path) -> None:
    names = ["run.log", "run.log.1", "run.log.2.gz", "run.log.10.gz"]
    for number, name in enumerate(names):
        record = f"_PROV_2026-11-26T10:00:0{number}_PROV_{{'activity_id': 'a{number}', 'name': '{name}'}}\n"
        data = record.encode()
        (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    expected = names[::-1]
    assert [log.place for log in find_logs([str(tmp_path)], print)] == expected
    graph = provlog.read(*(tmp_path / name for name in names))
    assert [activity.label for activity in graph.activities.values()] == expected
