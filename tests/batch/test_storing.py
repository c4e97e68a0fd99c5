"""Adding many logs to a store through the engines of batches."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import provlog
from tests.cli.test_cli import run
from tests.samples import LOGS, SAMPLES


def test_folders_processes_and_reports(url: str, tmp_path: Path) -> None:
    """A log that cannot be read does not stop the others; the same command goes on."""
    broken = tmp_path / "broken.log.gz"
    broken.write_bytes(b"\x1f\x8b broken")
    report = tmp_path / "report.json"
    options = ("--store", url, "--jobs", "2", "--report", str(report))
    first = run("store", "add", str(SAMPLES), str(broken), "none.log", *options)
    assert first.code == 1
    assert f"{len(LOGS)} added, 2 without a record, 1 not added" in first.errors
    rows = {Path(row["log"]).name: row for row in json.loads(report.read_text())["results"]}
    assert rows["broken.log.gz"]["codes"] == {"PL001": 1, "PL002": 1}
    assert rows["gammapy-2020-04.log"]["status"] == "converted"
    assert rows["none.log"]["codes"] == {"PL003": 1}
    again = run("store", "add", str(SAMPLES), "--store", url)
    assert again.code == 0
    assert f"{len(LOGS)} unchanged, 1 without a record" in again.errors
    with provlog.Store(url) as store:
        graph = store.graph(LOGS[0])
    assert graph.to_prov() == provlog.read(LOGS[0]).to_prov()


def test_a_store_is_not_a_log_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "run.log").write_text(LOGS[0].read_text())
    for status in ("1 added", "1 unchanged"):
        assert status in run("store", "add", ".").errors
    assert run("store", "add", ".", "--jobs", "2", "--scheduler", "x").code == 2
