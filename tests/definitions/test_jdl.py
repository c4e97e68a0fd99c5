"""Job definitions of OPUS as descriptions of jobs."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.model.descriptions import DatasetDescription
from tests.cli.test_cli import run
from tests.readers.opus.test_uws import store
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data" / "opus"
JDL = DATA / "gammapy_crab_vot.xml"
JOB = DATA / "gammapy_crab-b213a3.uws.xml"


@pytest.mark.parametrize("is_first", [False, True])
def test_a_definition_describes_its_jobs(is_first: bool) -> None:
    graph = provlog.read(*((JDL, JOB) if is_first else (JOB, JDL)))
    [job] = graph.activities.values()
    described = graph.descriptions.of_activity(job)
    assert described is not None
    assert (described.name, described.version) == ("gammapy_crab", "1.2")
    assert described.description == "Spectrum of a point source with gammapy"
    assert described.docurl == "https://docs.gammapy.org"
    assert described.attributes["log:executionDuration"] == "600"
    assert str(described.attributes["log:script"]).startswith("python analysis.py --config")
    lowest = graph.descriptions.of_parameter(job, "param:e_min")
    assert lowest is not None
    assert (lowest.unit, lowest.ucd, lowest.min, lowest.max) == ("TeV", "em.energy", "0.1", "1")
    method = graph.descriptions.of_parameter(job, "param:method")
    assert method is not None
    assert method.options == ("reflected", "ring")
    for kind, roles in (
        ("used", {"config", "obs_ids"}), ("wasGeneratedBy", {"fit_result", "flux_points", "log"}),
    ):  # fmt: skip
        found = {
            item.role: graph.descriptions.of_relation(kind, item) for item in graph.relations[kind]
        }
        assert found.keys() == roles
        assert all(flow is not None and flow.description for flow in found.values())
    points = graph.descriptions.of_entity(graph.entities[store("d5779b")])
    assert isinstance(points, DatasetDescription)
    assert points.content_type == "text/csv"
    contact = [
        item.target for item in graph.relations["wasAssociatedWith"] if item.role == "Contact"
    ]
    assert [agent.values("voprov:email") for agent in contact] == [["analyst@example.org"]]


def test_a_definition_alone() -> None:
    graph = provlog.read(JDL)
    assert [described.name for described in graph.descriptions.activities.values()] == [
        "gammapy_crab"
    ]
    assert run("show", JDL).code == 0


def test_every_definition_of_the_samples_describes_a_job() -> None:
    jobs = ("gammapy_crab-b213a3", "count_events-e01c78", "test_activity_2-7d8c87")
    graph = provlog.read(*(DATA / f"{job}.uws.xml" for job in jobs), *DATA.glob("*_vot.xml"))
    assert all(graph.descriptions.of_activity(job) for job in graph.activities.values())


def test_older_definitions(tmp_path: Path) -> None:
    path = tmp_path / "old_vot.xml"
    path.write_text(
        '<VOTABLE version="1.2"><RESOURCE name="old" utype="voprov:ActivityDescription">'
        '<LINK content-role="doc" href="https://example.org/doc"/>'
        '<PARAM name="executionduration" datatype="int" value="5"/>'
        '<GROUP name="InputParams"><PARAM name="n" datatype="int" value="3"/></GROUP></RESOURCE></VOTABLE>'
    )
    [described] = provlog.read(path).descriptions.activities.values()
    assert described.docurl == "https://example.org/doc"
    assert described.attributes == {"log:executionDuration": "5"}
    assert [(item.name, item.default) for item in described.parameters] == [("n", "3")]


def test_a_definition_with_entities_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb_vot.xml"
    path.write_text('<!DOCTYPE x [<!ENTITY a "aaa">]>' + JDL.read_text())
    assert "document type declaration is refused" in run("show", path).errors
