"""OPUS's own provenance documents, in both models, both formats and all versions."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.model.graph import Activity, ProvGraph, Statements
from tests.cli.test_cli import run
from tests.judges import judge
from tests.readers.opus.test_uws import DATA, job, roles, store
from tests.samples import document

DOCUMENTS = sorted(path for path in DATA.iterdir() if ".prov" in path.suffixes)
CRAB = "gammapy_crab-b213a3"
COUNT = "count_events-e01c78"
COUNTS = "log:entity-f6b79c9ca25ec2b7cd463105f5b62cd88927a497"


def facts(graph: Statements) -> dict[str, object]:
    """Return what a graph states, without regard to order."""
    found: dict[str, object] = {
        element.id: (
            type(element),
            {name: sorted(map(str, element.values(name))) for name in element.attributes},
        )
        for element in graph.elements()
    }
    for kind, relations in graph.relations.items():
        found[kind] = {(item.source.id, item.target.id, item.role, item.type) for item in relations}
    return found


def described(graph: ProvGraph) -> dict[str, object]:
    return {
        item.id: [
            getattr(item, name)
            for name in ("name", "description", "min", "unit")
            if hasattr(item, name)
        ]
        for item, _ in graph.descriptions.all()
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_document_is_read_and_valid_afterwards(path: Path) -> None:
    graph = provlog.read(path)
    assert graph.diagnostics == []
    assert graph.activities
    judge(graph)
    for command in ("show", "check"):
        assert run(command, path, *(["--fail-on", "never"] if command == "check" else [])).code == 0


@pytest.mark.parametrize("name", [CRAB, f"{CRAB}.w3c", f"{COUNT}.bundle-2021", COUNT])
def test_json_and_xml_give_equal_graphs(name: str) -> None:
    one, other = (provlog.read(DATA / f"{name}.prov.{suffix}") for suffix in ("json", "xml"))
    assert facts(one) == facts(other)
    assert described(one) == described(other)
    assert [facts(bundle) for bundle in one.bundles.values()] == [
        facts(bundle) for bundle in other.bundles.values()
    ]


def test_both_models_give_equal_graphs() -> None:
    ivoa, w3c = (
        provlog.read(DATA / f"{CRAB}.{name}.prov.json") for name in ("descriptions2", "w3c")
    )
    assert document(ivoa, "provn") == document(w3c, "provn")
    assert described(ivoa) == described(w3c)


@pytest.mark.parametrize("name", [CRAB, COUNT, "test_activity_2-7d8c87", "failing_job-65be3d"])
def test_a_provenance_document_and_the_document_of_the_job_agree(name: str) -> None:
    paths = DATA / f"{name}.prov.json", DATA / f"{name}.uws.xml"
    provenance, uws = map(provlog.read, paths)
    assert provenance.activities.keys() == uws.activities.keys()
    for kind in ("used", "wasGeneratedBy"):
        assert roles(provenance, kind) == roles(uws, kind)
    assert provenance.agents.keys() == uws.agents.keys()
    [one] = provenance.activities.values()
    [other] = uws.activities.values()
    parameters = {key for key in one.attributes if key.startswith("param:")}
    assert parameters == {key for key in other.attributes if key.startswith("param:")}
    both = provlog.read(*paths)
    assert both.activities.keys() == uws.activities.keys()
    assert both.entities.keys() == uws.entities.keys()


def test_descriptions() -> None:
    graph = provlog.read(DATA / f"{CRAB}.descriptions2.prov.json")
    [activity] = graph.activities.values()
    found = graph.descriptions.of_activity(activity)
    assert found is not None
    assert (found.name, found.version, found.subtype) == ("gammapy_crab", "1.2", "spectrum")
    assert {flow.role for flow in found.usages} == {"config", "obs_ids"}
    assert {flow.role for flow in found.generations} == {"fit_result", "flux_points", "log"}
    assert {entity.name for flow in found.generations for entity in flow.entities} == {
        "application/x-yaml", "text/csv", "text/plain",
    }  # fmt: skip
    lowest = graph.descriptions.of_parameter(activity, "param:e_min")
    assert lowest is not None
    assert (lowest.value_type, lowest.unit) == ("double", "TeV")
    contacts = [
        item.target.label for item in graph.relations["wasAssociatedWith"] if item.role == "Contact"
    ]
    assert contacts == ["analyst"]


def test_parameters_are_described_without_descriptions() -> None:
    graph = provlog.read(DATA / f"{CRAB}.prov.json")
    [activity] = graph.activities.values()
    assert activity.values("param:e_min") == ["0.5"]
    method = graph.descriptions.of_parameter(activity, "param:method")
    assert method is not None
    assert method.options == ("reflected", "ring")
    assert graph.bundles == {}


def test_the_internal_provenance_of_2021_is_a_bundle_that_the_job_generated() -> None:
    graph = provlog.read(DATA / f"{COUNT}.bundle-2021.prov.json")
    [bundle] = graph.bundles.values()
    [made] = [item for item in graph.relations["wasGeneratedBy"] if item.source.id == bundle.id]
    assert made.target.id == job("count_events/e01c78")
    assert {"select_events", "count_events"} <= {item.label for item in bundle.activities.values()}
    # `current_job` is the job.
    assert job("count_events/e01c78") in bundle.activities
    assert COUNTS in bundle.entities


@pytest.mark.parametrize("version", ["merged-2022", "merged-1.0"])
def test_the_internal_provenance_of_later_versions_is_the_jobs_own(version: str) -> None:
    graph = provlog.read(DATA / f"{COUNT}.{version}.prov.json")
    assert ("counts", COUNTS) in roles(graph, "wasGeneratedBy")
    assert ("counts", store("7bafc1")) in roles(graph, "wasGeneratedBy")


def test_jobs_of_several_versions() -> None:
    graph = provlog.read(DATA / f"{CRAB}.forward.prov.json")
    flux = store("d5779b")
    users = [item.source for item in graph.relations["used"] if item.target.id == flux]
    assert {user.label for user in users} == {"test_activity_2", "failing_job"}
    assert all(isinstance(user, Activity) for user in users)


@pytest.mark.parametrize(
    "content",
    [
        '{"prefix": {"opus_job": 3}, "activity": [], "entity": {"a": 3}, "used": {"b": {"prov:activity": []}}}',
        '{"prefix": {"opus_job": "x"}, "bundle": {"b": {"bundle": {"c": {"entity": {"x": null}}}}}}',
        '{"prefix": {"opus_job": "x"}, "wasConfiguredBy": {"_:1": {"voprov:configured": "a:b"}}}',
        '{"prefix": {"opus_job": "x"}, "entity": {"e": {"prov:type": {"$": "voprov:", "type": "prov:QUALIFIED_NAME"}}}}',
        '{"prefix": {"opus_job": "x"}',
        '{"prefix": {"opus_job": ' + '{"a":' * 100_000,
        "<document xmlns:opus_job='x'><activity/><used><activity/></used></document>",
    ],
)
def test_unusual_documents_cause_no_internal_error(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    assert run("convert", path).code in (0, 3)


def test_a_repeated_key_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    text = (DATA / f"{CRAB}.prov.json").read_text()
    section = '"activity": {'
    [before, after] = text.split(section, 1)
    path.write_text(f'{before}"activity": {{"opus_job:a/b": {{}}}}, {section}{after}')
    graph = provlog.read(path)
    assert [item.code for item in graph.diagnostics] == ["PL011"]
    assert {*graph.activities} == {job("a/b"), job("gammapy_crab/b213a3")}
