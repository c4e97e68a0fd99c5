"""Sessions that name their outer activity in another source."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.model.graph import ProvGraph
from tests.readers.opus.test_uws import job, store
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data" / "opus"
DATABASE = DATA / "job_database.sql"
COUNTS = "log:entity-f6b79c9ca25ec2b7cd463105f5b62cd88927a497"
EVENTS = "log:entity-87ff5f8e0d9ca2e0481cef60510e65278f8a1932"
SESSION = "log:session-0f3fa335131f35b1"


def inner(folder: Path, parent: str) -> Path:
    """Return the log of a program that ran with this value of PROVLOG_PARENT."""
    path = folder / "inner.log"
    text = (DATA / "count_events-e01c78.inside.log").read_text()
    path.write_text(text.replace("{'session_id'", f"{{'in_activity': {parent!r}, 'session_id'"))
    assert repr(parent) in path.read_text()
    return path


def parents(graph: ProvGraph) -> set[str]:
    return {
        item.target.id for item in graph.relations["wasInfluencedBy"] if item.source.id == SESSION
    }


@pytest.mark.parametrize(
    "parent",
    [
        "e01c78",
        "https://opus.example.org/rest/count_events/e01c78",
        "https://opus.example.org//rest/count_events/e01c78",
        job("count_events/e01c78"),
    ],
)
@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize("outer", [DATABASE, DATA / "count_events-e01c78.uws.xml"])
def test_common_files_are_linked(tmp_path: Path, parent: str, is_first: bool, outer: Path) -> None:
    log = inner(tmp_path, parent)
    graph = provlog.read(*((log, outer) if is_first else (outer, log)))
    assert parents(graph) == {job("count_events/e01c78")}
    derived = {(item.source.id, item.target.id) for item in graph.relations["wasDerivedFrom"]}
    assert {(store("7bafc1"), COUNTS), (EVENTS, store("bdd56b"))} <= derived


def test_an_absent_parent_stays_an_attribute(tmp_path: Path) -> None:
    graph = provlog.read(inner(tmp_path, "ffffff"), DATABASE)
    assert parents(graph) == set()
    assert graph.activities[SESSION].values("log:in_activity") == ["ffffff"]


def test_an_id_on_two_servers_links_to_neither(tmp_path: Path) -> None:
    first = DATA / "count_events-e01c78.uws.xml"
    other = tmp_path / "other.xml"
    other.write_text(first.read_text().replace("opus.example.org", "opus.example.com"))
    log = inner(tmp_path, "e01c78")
    assert parents(provlog.read(first, other, log)) == set()
    log = inner(tmp_path, "https://opus.example.com/rest/count_events/e01c78")
    graph = provlog.read(first, other, log)
    assert [graph.activities[parent].label for parent in parents(graph)] == ["count_events"]


def test_a_program_started_by_an_activity_of_another_program(tmp_path: Path) -> None:
    outer = tmp_path / "outer.log"
    outer.write_text(
        "_PROV_2026-01-01T00:00:00_PROV_{'session_id': 's', 'name': 'outer'}\n"
        "_PROV_2026-01-01T00:00:00_PROV_{'activity_id': 'a7', 'activity_name': 'submit', 'in_session': 's'}\n"
    )
    graph = provlog.read(outer, inner(tmp_path, "a7"))
    assert [graph.activities[parent].label for parent in parents(graph)] == ["submit"]
