"""Job definitions in a store describe the jobs of other logs, in any order."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.graphs.select import select
from provlog.model.descriptions import ActivityDescription
from provlog.model.graph import ProvGraph
from provlog.store.store import Store
from tests.building.test_builder import T1, T2, T3, line
from tests.store.ingest.test_adding import sizes
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data" / "opus"
JDL, JOB = DATA / "gammapy_crab_vot.xml", DATA / "gammapy_crab-b213a3.uws.xml"
# It used a result of the first job.
NEXT = DATA / "test_activity_2-7d8c87.uws.xml"
# A document that describes the job itself.
DESCRIBED = DATA / "gammapy_crab-b213a3.descriptions2.prov.json"
PLAIN = DATA / "plain_value-131798.uws.xml"
COUNT = [DATA / "count_events_vot.xml", DATA / "count_events-e01c78.uws.xml"]
ALL = [JDL, JOB, NEXT, DATA / "test_activity_2_vot.xml", *COUNT]


def other_version(folder: Path, change: tuple[str, str] = ("1.2", "1.3")) -> Path:
    """Return another version of the job definition, with other units."""
    path = folder / "other_vot.xml"
    text = JDL.read_text(encoding="utf-8").replace(*change).replace('unit="TeV"', 'unit="GeV"')
    path.write_text(text, encoding="utf-8")
    return path


def test_sources_in_any_order_equal_reading_them_together(url: str, tmp_path: Path) -> None:
    sources = [JDL, JOB, other_version(tmp_path), DESCRIBED]
    with Store(url) as store:
        for order in permutations(sources):
            store.add(*order)
            found, expected = store.graph(), provlog.read(*order)
            assert found.to_prov() == expected.to_prov(), order
            assert found.diagnostics == expected.diagnostics
            for path in order:
                assert store.graph(path).to_prov() == provlog.read(path).to_prov(), path
            assert store.remove(*order) == []


def test_the_first_log_decides_between_descriptions_with_one_id(url: str) -> None:
    """Also if the store has had the descriptions of a later one before."""
    brief = DATA / "gammapy_crab-b213a3.prov.json"
    with Store(url) as store:
        for order in ([DESCRIBED, brief], [brief, DESCRIBED]):
            store.add(*order)
            assert store.graph().to_prov() == provlog.read(*order).to_prov()
            store.remove(*order)


def test_a_removed_definition_describes_nothing(url: str) -> None:
    with Store(url) as store:
        store.add(JOB)
        before = store.graph().to_prov()
        store.add(JDL)
        described = store.graph().to_prov()
        assert described == provlog.read(JOB, JDL).to_prov() != before
        rows = sizes(url)
        assert [one.status for one in store.add(JOB, JDL)] == ["unchanged"] * 2
        assert [one.status for one in store.add(JOB, JDL, force=True)] == ["replaced"] * 2
        assert sizes(url) == rows
        assert store.graph().to_prov() == described
        store.remove(JDL)
        assert store.graph().to_prov() == before
        assert {rows for name, rows in sizes(url).items() if name.startswith("defin")} == {0}
        store.add(JDL)
        assert store.graph().to_prov() == described


def test_a_changed_definition_replaces_its_descriptions(url: str, tmp_path: Path) -> None:
    path = tmp_path / "job_vot.xml"
    shutil.copy(JDL, path)
    with Store(url) as store:
        store.add(JOB, path)
        path.write_bytes(other_version(tmp_path).read_bytes())
        assert [one.status for one in store.add(path)] == ["replaced"]
        assert store.graph().to_prov() == provlog.read(JOB, path).to_prov()
        [found] = store.graph().descriptions.activities.values()
        assert found.version == "1.3"


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    """A store of jobs and two job definitions."""
    with Store(url) as store:
        store.add(*ALL)
        yield store


def checked(found: ProvGraph, expected: ProvGraph) -> None:
    assert found.to_prov() == expected.to_prov()
    assert {*found.descriptions.activities} == {*expected.descriptions.activities}


def test_lineages_are_described(store: Store) -> None:
    """With the descriptions and contacts of the lineage in memory."""
    graph = provlog.read(*ALL)
    starts = {
        end for made in graph.relations["wasGeneratedBy"] for end in (made.source, made.target)
    }
    assert len(starts) > 8
    for start in starts:
        for depth in (None, 1, 2, 3):
            found = store.lineage(start.id, depth=depth)
            checked(found, lineage(graph, [start], depth=depth))
        down: dict[str, Any] = {"upstream": False, "downstream": True}
        checked(store.lineage(start.id, **down), lineage(graph, [start], **down))


def test_a_lineage_describes_inputs_by_its_own_activities(store: Store) -> None:
    """Another job used the same observation in a role with a definition."""
    store.add(PLAIN)
    graph = provlog.read(*ALL, PLAIN)
    [job] = [one for one in graph.activities.values() if one.label == "plain_value"]
    [use] = [use for use in graph.relations["used"] if use.source is job]
    assert graph.descriptions.of_entity(use.target) is not None
    assert not store.lineage(job.id).descriptions
    assert store.graph().to_prov() == graph.to_prov()


def test_contacts_have_what_other_logs_state_of_them(url: str, tmp_path: Path) -> None:
    document = tmp_path / "agent.provn"
    document.write_text(
        "document\n  prefix log <urn:provlog:log:>\n"
        "  agent(log:agent-analyst, [prov:type='prov:Person'])\nendDocument\n"
    )
    sources = [document, JDL, JOB]
    graph = provlog.read(*sources)
    [job] = graph.activities.values()
    with Store(url) as store:
        store.add(*sources)
        checked(store.lineage(job.id), lineage(graph, [job]))
        [contact] = [one for one in store.lineage(job.id).agents.values() if one.id == AGENT]
    assert {*contact.attributes} >= {"voprov:email", "prov:type"}


AGENT = "log:agent-analyst"


def test_selections_are_described(store: Store) -> None:
    graph = provlog.read(*ALL)
    for name in ("gammapy_crab", "test_activity_2", "count_events"):
        checked(store.find(activities=[name]), select(graph, activities=[name]))


def test_parameters_have_the_units_of_the_definition(url: str, tmp_path: Path) -> None:
    """As if one log held the job and its definition; the first definition decides."""
    pytest.importorskip("astropy")
    lowest = str(provlog.read(JOB).activities.popitem()[1].values("param:e_min")[0])
    later = other_version(tmp_path)
    with Store(url) as store:
        store.add(JOB)
        for bound in (f"<={lowest} TeV", f"<={float(lowest) * 1000} GeV"):
            with pytest.raises(provlog.ProvlogError, match="no activity"):
                store.find(parameters={"e_min": bound})
        assert store.find(parameters={"e_min": lowest}).activities
        store.add(JDL, later)
        for bound in (f"<={lowest} TeV", f"<={float(lowest) * 1001} GeV"):
            assert len(store.find(parameters={"e_min": bound}).activities) == 1
        with pytest.raises(provlog.ProvlogError, match="no activity"):
            store.find(parameters={"e_min": f"<{lowest} GeV"})
        with pytest.raises(provlog.ProvlogError, match="no activity"):
            store.find(parameters={"e_min": lowest})
        store.remove(JDL)
        assert store.find(parameters={"e_min": f"<={lowest} GeV"}).activities
        # The first definition has no such parameter.
        store.remove(later)
        store.add(other_version(tmp_path, ('"e_min"', '"e_low"')), JDL)
        assert store.find(parameters={"e_min": lowest}).activities


def test_definitions_use_the_prefixes_of_the_store(url: str, tmp_path: Path) -> None:
    """A document may have taken a prefix of provlog for another namespace."""
    document = tmp_path / "first.provn"
    document.write_text(
        "document\n  prefix log <https://example.org/>\n  prefix log2 <urn:provlog:param:>\n"
        "  entity(log:e)\nendDocument\n"
    )
    with Store(url) as store:
        store.add(document, JOB, JDL)
        assert store.graph(JOB, JDL).to_prov() == provlog.read(JOB, JDL).to_prov()
        [job] = store.graph(JOB).activities
        together = provlog.read(JOB, JDL)
        [start] = together.activities.values()
        assert store.lineage(job).to_prov() == lineage(together, [start]).to_prov()


DEFINITIONS = {
    "activities": {
        "fit": {
            "description": "Fit the models",
            "contact": "Ada",
            "parameters": [{"name": "energy_min", "unit": "TeV"}],
            "usage": [{"role": "data", "entityName": "Events", "value": "data"}],
            "generation": [{"role": "result", "entityName": "Fit", "value": "result"}],
        }
    },
    "entities": {"Events": {"contentType": "application/fits"}},
    "agents": {"Ada": {"email": "ada@example.org"}, "Bo": {"role": "Creator"}},
}


@pytest.fixture
def rotated(tmp_path: Path) -> list[Path]:
    """Two sessions of one process, whose log was rotated: the first one states the definitions."""
    first = [
        line(session_id="s1", definitions=DEFINITIONS),
        line(activity_id="a", name="fit", startTime=T1, in_session="s1"),
        line(activity_id="a", used_id="/data/e.fits", used_role="data", in_session="s1"),
        line(
            activity_id="a", generated_id="/data/a.yaml", generated_role="result", in_session="s1"
        ),
        line(session_id="s2"),
        line(activity_id="b", name="fit", startTime=T2, in_session="s2"),
    ]
    second = [
        line(session_id="s2"),
        line(activity_id="b", used_id="/data/a.yaml", used_role="data", in_session="s2"),
        # The first log describes the activity, this one names its input.
        line(activity_id="b", used_id="/data/late.fits", used_role="data", in_session="s2"),
        line(activity_id="c", name="fit", startTime=T3, in_session="s2"),
        line(activity_id="c", used_id="/data/a.yaml", used_role="data", in_session="s2"),
        line(
            activity_id="c", generated_id="/data/c.yaml", generated_role="result", in_session="s2"
        ),
    ]
    paths = [tmp_path / "run.log.1", tmp_path / "run.log"]
    for path, records in zip(paths, (first, second), strict=True):
        path.write_text("\n".join(records) + "\n")
    return paths


def test_definitions_of_a_session_describe_its_activities_in_the_next_log(
    url: str, rotated: list[Path]
) -> None:
    with Store(url) as store:
        for order in (rotated, rotated[::-1]):
            store.add(*order)
            graph = provlog.read(*order)
            assert store.graph().to_prov() == graph.to_prov()
            assert store.graph().diagnostics == graph.diagnostics
            for path in order:
                assert store.graph(path).to_prov() == provlog.read(path).to_prov()
            found = [one for one in graph.activities.values() if one.label == "fit"]
            assert len([graph.descriptions.described[one] for one in found]) == 3
            made = [made.source for made in graph.relations["wasGeneratedBy"]]
            for start in (*found, *made):
                for depth in (None, 1, 2):
                    checked(
                        store.lineage(start.id, depth=depth), lineage(graph, [start], depth=depth)
                    )
            checked(store.find(activities=["fit"]), select(graph, activities=["fit"]))
            store.remove(*order)
        store.add(*rotated)
        store.remove(rotated[0])
        assert store.graph().to_prov() == provlog.read(rotated[1]).to_prov()
        assert not store.lineage("/data/c.yaml").descriptions


def test_definitions_given_for_a_log_take_precedence(
    url: str, tmp_path: Path, rotated: list[Path]
) -> None:
    """Over those of its session in another log, which still describe all others."""
    given = tmp_path / "given.json"
    given.write_text(json.dumps({"activities": {"fit": {"description": "Given"}}}))
    with Store(url) as store:
        store.add(rotated[0])
        store.add(rotated[1], definitions=given)
        found = store.graph().descriptions.described
        texts = [
            described.description
            for described in found.values()
            if isinstance(described, ActivityDescription)
        ]
    assert sorted(texts) == ["Fit the models", "Fit the models", "Given"]


def test_problems_of_definitions_are_reported_once(url: str, rotated: list[Path]) -> None:
    first = rotated[0].read_text()
    rotated[0].write_text(first.replace("'Fit the models'", "['no', 'text']"))
    with Store(url) as store:
        store.add(*rotated)
        graph = provlog.read(*rotated)
        assert len(graph.diagnostics) == 1
        assert store.graph().diagnostics == graph.diagnostics
