"""A job of OPUS and the log of the program that it ran, at both levels of detail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.graphs.collapsing import collapsed
from provlog.graphs.nesting import InnerProvenance, nest, outer_activity
from provlog.model.graph import Activity, Entity, ProvGraph, Relation, Statements
from tests.cli.test_cli import run
from tests.drawings import svg_nodes
from tests.judges import judge
from tests.readers.opus.test_uws import job as job_id
from tests.readers.opus.test_uws import store
from tests.test_layout import ROOT

DATA = ROOT / "tests" / "data" / "opus"
JOBS = {
    "count_events-e01c78": "inside", "gammapy_crab-b213a3": "analysis",
}  # fmt: skip
SHA1 = {
    "events.csv": "87ff5f8e0d9ca2e0481cef60510e65278f8a1932",
    "selected.csv": "b2e0213769c287169a0af22cd8d760e0f8f9083d",
    "counts.csv": "f6b79c9ca25ec2b7cd463105f5b62cd88927a497",
}
COUNTS = f"log:entity-{SHA1['counts.csv']}"


def paths(job: str) -> tuple[Path, Path]:
    return DATA / f"{job}.uws.xml", DATA / f"{job}.{JOBS[job]}.log"


def nested(
    job: str, form: str = "bundle", link: str = "derivation", outer: Path | None = None
) -> ProvGraph:
    document, log = paths(job)
    graph = provlog.read(outer or document)
    inner = InnerProvenance.of_file(provlog.read(log), str(log))
    nest(graph, inner, outer_activity(graph, inner), form, link)
    return graph


def names(statements: Statements) -> set[str]:
    return {element.id for element in statements.elements()}


def ends(statements: Statements, kind: str) -> set[tuple[str, str]]:
    return {(item.source.id, item.target.id) for item in statements.relations[kind]}


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_both_levels_are_one_valid_document(job: str, form: str) -> None:
    document, log = paths(job)
    graph = nested(job, form)
    judge(graph)
    outer, inner = provlog.read(document), provlog.read(log)
    [activity] = outer.activities
    home: Statements = graph
    if form == "bundle":
        [home] = graph.bundles.values()
        [made] = [
            item for item in graph.relations["wasGeneratedBy"] if item.source.id in graph.bundles
        ]
        assert made.target.id == activity
        assert [str(kind) for kind in made.source.values("prov:type")] == ["prov:Bundle"]
    assert names(inner) <= names(home)
    assert names(outer) <= names(graph)
    for kind in ("used", "wasGeneratedBy", "hadMember"):
        assert ends(inner, kind) <= ends(home, kind)


def test_the_inner_activities_are_part_of_the_job() -> None:
    graph = nested("count_events-e01c78", "activities")
    parts = {a for a, b in ends(graph, "wasInfluencedBy") if b == job_id("count_events/e01c78")}
    assert parts == {"log:session-0f3fa335131f35b1"}
    graph = nested("gammapy_crab-b213a3", "activities")
    parts = {a for a, b in ends(graph, "wasInfluencedBy") if b == job_id("gammapy_crab/b213a3")}
    assert {graph.activities[part].label for part in parts} == {
        "get_observations", "get_datasets", "set_model", "run_fit", "get_flux_points",
    }  # fmt: skip


@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_the_same_files_are_linked_by_their_digests(form: str) -> None:
    # Unlike the document of the job, the database also has the digest of the input.
    graph = nested("count_events-e01c78", form, outer=DATA / "job_database.sql")
    assert {
        (store("7bafc1"), COUNTS), (f"log:entity-{SHA1['events.csv']}", store("bdd56b")),
    } <= ends(graph, "wasDerivedFrom")  # fmt: skip
    assert not any(
        SHA1["selected.csv"] in end for pair in ends(graph, "wasDerivedFrom") for end in pair
    )


@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_the_inner_entity_can_be_a_specialization(form: str) -> None:
    graph = nested("count_events-e01c78", form, "specialization")
    judge(graph)
    assert ends(graph, "specializationOf") == {
        (COUNTS, store("7bafc1")), (f"log:entity-{SHA1['events.csv']}", store("bdd56b")),
    }  # fmt: skip
    assert graph.relations["wasDerivedFrom"] == {}
    assert names(collapsed(graph)) == names(collapsed(nested("count_events-e01c78", form)))


def test_files_without_digests_are_linked_by_name() -> None:
    # OPUS's own documents have no digests, but the names of all files.
    graph = nested("count_events-e01c78", outer=DATA / "count_events-e01c78.prov.json")
    assert ends(graph, "wasDerivedFrom") == {
        (store("7bafc1"), COUNTS), (f"log:entity-{SHA1['events.csv']}", store("bdd56b")),
    }  # fmt: skip


@pytest.mark.parametrize("count", [1, 2])
def test_an_input_without_digest_and_name_is_linked_by_its_role(count: int, tmp_path: Path) -> None:
    """The document of a job has only the URL of an uploaded file."""
    document, log = paths("count_events-e01c78")
    # Two inputs in one role.
    text = document.read_text()
    start = text.index('<uws:parameter id="events"')
    end = text.index("</uws:parameters>", start)
    more = "".join(text[start:end].replace("bdd56b", f"bdd56{n}") for n in range(1, count))
    outer = tmp_path / "job.xml"
    outer.write_text(text[:end] + more + text[end:])
    graph = provlog.read(outer)
    nest(graph, InnerProvenance(provlog.read(log)), next(iter(graph.activities.values())))
    linked = {(f"log:entity-{SHA1['events.csv']}", store("bdd56b"))}
    assert (linked <= ends(graph, "wasDerivedFrom")) == (count == 1)


@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_the_same_observations_are_linked_by_their_ids(form: str) -> None:
    graph = nested("gammapy_crab-b213a3", form)
    derived = {
        str(item.source.values("dcterms:identifier")[0])
        for item in graph.relations["wasDerivedFrom"]
        if item.source.values("dcterms:identifier") == item.target.values("dcterms:identifier")
    }
    assert derived == {"23523", "23526", "23529", "23532"}


@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_the_same_entity_can_have_one_id(form: str) -> None:
    graph = nested("count_events-e01c78", form, "same")
    judge(graph)
    home: Statements = next(iter(graph.bundles.values())) if form == "bundle" else graph
    assert COUNTS not in names(home)
    assert graph.relations["wasDerivedFrom"] == {}
    makers = {b for a, b in ends(home, "wasGeneratedBy") if a == store("7bafc1")}
    assert "log:activity-0f3fa335131f35b1-84c90b28000002" in makers
    counts = home.entities[store("7bafc1")]
    assert "/scratch/opus/workdir/e01c78/counts.csv" in counts.values("prov:location")


@pytest.mark.parametrize("job", JOBS)
def test_a_picture_shows_both_levels(job: str, tmp_path: Path) -> None:
    picture = tmp_path / "whole.svg"
    assert run("nest", *paths(job), "-o", picture).code == 0
    labels = str(svg_nodes(picture.read_text()))
    for activity in provlog.read(*paths(job)).activities.values():
        assert activity.label in labels or activity.label == "count_events.py"


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_collapsing_restores_the_job(job: str, form: str) -> None:
    outer = provlog.read(paths(job)[0])
    graph = collapsed(nested(job, form))
    assert graph.bundles == {}
    [activity] = graph.activities.values()
    assert activity.id in outer.activities
    assert names(outer) <= names(graph)
    assert ends(outer, "used") <= ends(graph, "used")
    assert ends(outer, "wasGeneratedBy") <= ends(graph, "wasGeneratedBy")
    inner = names(graph) - names(outer)
    if job.startswith("count"):
        # All entities at the border of the inner provenance are also outer ones.
        assert inner == {"log:agent-opus"}
    else:
        labels = {graph.entities[name].values("prov:type")[0] for name in inner}
        assert {"DataStore", "FluxPointsDataset"} <= labels
        assert not labels & {"Datasets", "FitResult", "Observations"}


def test_collapsing_a_log_keeps_only_its_sessions() -> None:
    log = paths("count_events-e01c78")[1]
    graph = collapsed(provlog.read(log))
    session = "log:session-0f3fa335131f35b1"
    assert [*graph.activities] == [session]
    assert ends(graph, "used") == {(session, f"log:entity-{SHA1['events.csv']}")}
    assert ends(graph, "wasGeneratedBy") == {(COUNTS, session)}
    [use], [made] = graph.relations["used"], graph.relations["wasGeneratedBy"]
    assert (use.role, made.role) == ("events", "counts")


def test_collapsing_a_flat_graph_changes_nothing() -> None:
    graph = provlog.read(paths("gammapy_crab-b213a3")[0])
    assert names(collapsed(graph)) == names(graph)


@pytest.mark.parametrize("form", ["bundle", "activities", None])
def test_the_command_says_if_there_is_nothing_to_collapse(tmp_path: Path, form: str | None) -> None:
    job, log = paths("gammapy_crab-b213a3")
    whole = tmp_path / "whole.json"
    source = ("convert", job) if form is None else ("nest", job, log, "--as", form)
    assert run(*source, "-o", whole).code == 0

    result = run("nest", whole, "--collapse", "-o", tmp_path / "job.json")

    assert result.code == 0
    assert ("nothing to collapse" in result.errors) == (form is None)


def test_collapsing_a_cycle_of_activities() -> None:
    graph = ProvGraph()
    a, b = Activity("log:a", {}), Activity("log:b", {})
    graph.activities |= {a.id: a, b.id: b}
    for pair in ((a, b), (b, a)):
        graph.relations["wasInfluencedBy"][Relation(*pair, None, "provone:wasPartOf")] = None
    assert names(collapsed(graph)) == {"log:a", "log:b"}


def internal(*arguments: str | Path, tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "internal_provenance.json"
    result = run("nest", *arguments, "--internal", path)
    assert (result.code, result.output) == (0, "")
    found: dict[str, Any] = json.loads(path.read_text())
    return found


@pytest.mark.parametrize("with_outer", [False, True])
def test_the_internal_provenance_of_a_job(tmp_path: Path, with_outer: bool) -> None:
    outer, log = paths("count_events-e01c78")
    document = internal(*((outer, log) if with_outer else (log,)), tmp_path=tmp_path)
    assert document["prefix"]["default"] == "urn:provlog:job:"
    assert "current_job" in document["activity"]
    job = {
        (kind, item["prov:entity"], item["prov:role"])
        for kind in ("used", "wasGeneratedBy")
        for item in document[kind].values()
        if item["prov:activity"] == "current_job"
    }
    assert job == {
        ("used", f"log:entity-{SHA1['events.csv']}", "events"), ("wasGeneratedBy", COUNTS, "counts"),
    }  # fmt: skip
    # OPUS 0.5 raises KeyError for an association of any other activity.
    activities = {item["prov:activity"] for item in document["wasAssociatedWith"].values()}
    assert activities == {"current_job"}
    # Each entity with a location is registered in the store.
    assert all(item["prov:location"] for item in document["entity"].values())
    assert len(document["activity"]) == 4


def test_an_unknown_outer_activity_is_an_error(tmp_path: Path) -> None:
    database = DATA / "job_database.sql"
    log = tmp_path / "changed.log"
    log.write_bytes(paths("count_events-e01c78")[1].read_bytes() + b"\n")
    result = run("nest", database, log)
    assert result.code == 2
    assert "use --into NAME; there are test_activity_1, gammapy_crab, " in result.errors
    result = run("nest", database, log, "--into", "e01c78", "-f", "provn")
    assert result.code == 0
    assert (
        f"wasGeneratedBy(log:bundle-0f3fa335131f35b1, {job_id('count_events/e01c78')}"
        in result.output
    )
    assert "is not an activity" in run("nest", database, log, "--into", store("7bafc1")).errors
    assert run("nest", database).code == 2


def test_contradicting_digests_are_not_the_same_file(tmp_path: Path) -> None:
    log = tmp_path / "inner.log"
    log.write_text(
        "_PROV_2026-01-01T00:00:00_PROV_{'activity_id': 'a', 'activity_name': 'make'}\n"
        "_PROV_2026-01-01T00:00:00_PROV_{'activity_id': 'a', 'generated_id': 'x'}\n"
        "_PROV_2026-01-01T00:00:00_PROV_{'entity_id': 'x', 'location': '/d/x', 'entity_sha1': "
        f"'{SHA1['counts.csv']}'}}\n"
    )
    for digest, linked in ((SHA1["counts.csv"], True), (SHA1["events.csv"], False)):
        job, made = (
            Activity("log:job", {}),
            Entity("log:x", {"prov:location": "/d/x", "log:hash": digest}),
        )
        graph = ProvGraph(activities={job.id: job}, entities={made.id: made})
        graph.relations["wasGeneratedBy"][Relation(made, job)] = None
        nest(graph, InnerProvenance(provlog.read(log)), job)
        assert bool(graph.relations["wasDerivedFrom"]) == linked


@pytest.mark.parametrize("job", JOBS)
@pytest.mark.parametrize("form", ["bundle", "activities"])
def test_provlogs_own_documents_nest_like_their_sources(
    job: str, form: str, tmp_path: Path
) -> None:
    outer, inner = (tmp_path / name for name in ("outer.json", "inner.json"))
    document, log = paths(job)
    assert run("convert", document, "-o", outer).code == 0
    assert run("convert", log, "-o", inner).code == 0
    whole, expected = tmp_path / "whole.json", tmp_path / "expected.json"
    for target, sources in ((whole, (outer, inner)), (expected, (document, log))):
        result = run("nest", *sources, "--as", form, "-o", target)
        assert result.code == 0, result.errors
    one, other = provlog.read(whole), provlog.read(expected)
    # The bundle is named after its file.
    assert {*one.activities} == {*other.activities}
    assert {*one.entities} - {*one.bundles} == {*other.entities} - {*other.bundles}
    assert {*map(type, one.bundles.values())} == {*map(type, other.bundles.values())}
    assert ends(one, "wasDerivedFrom") == ends(other, "wasDerivedFrom")
    for part, same in zip(one.bundles.values(), other.bundles.values(), strict=True):
        assert names(part) == names(same)
