"""Activities within activities, from the log to documents and pictures."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.building.naming import PART_OF
from provlog.graphs.bundles import in_bundles
from provlog.graphs.lineage import lineage
from provlog.graphs.lookup import find_one
from provlog.graphs.select import select
from provlog.graphs.summary import summary
from provlog.graphs.tree import walk
from provlog.model.graph import Activity, ProvGraph
from provlog.writers.pictures.captions import caption, details
from provlog.writers.pictures.folding import fold
from provlog.writers.pictures.graphviz import render
from provlog.writers.pictures.nodes import rows_crossed_by
from provlog.writers.pictures.options import Drawing
from tests.building.test_builder import T1, T2, T3, identifier, line, pairs, read_logs, session_of
from tests.building.test_positions import read, relation_lines
from tests.drawings import dot_of, parsed
from tests.graphs.test_select import dangling, labels
from tests.judges import judge
from tests.samples import codes, graph_of, log_of
from tests.writers.pictures.test_folding import check as check_folding


def start(raw: str, name: str = "x", session: str = "s1", **fields: Any) -> str:
    return line(activity_id=raw, name=name, startTime=T1, in_session=session, **fields)


def uses(raw: str, entity: str) -> str:
    return line(activity_id=raw, used_id=entity)


def makes(raw: str, entity: str) -> str:
    return line(activity_id=raw, generated_id=entity)


def end(raw: str, **fields: Any) -> str:
    return line(activity_id=raw, endTime=T3, **fields)


# make_spectrum calls reduce, which calls read_events, and then fit.
NESTED = [
    line(session_id="s1", name="Analysis", startTime=T1),
    start("a1", "make_spectrum", in_activity=None),
    uses("a1", "observations"),
    start("a2", "reduce", in_activity="a1"),
    uses("a2", "observations"),
    start("a3", "read_events", in_activity="a2"),
    uses("a3", "/dl3/obs_23523.fits"),
    makes("a3", "events"),
    end("a3"),
    makes("a2", "dataset"),
    end("a2"),
    start("a4", "fit", in_activity="a1"),
    uses("a4", "dataset"),
    makes("a4", "spectrum"),
    end("a4"),
    end("a1"),
]
PARTS = {("a2", "a1"), ("a3", "a2"), ("a4", "a1")}


def parts(graph: ProvGraph) -> set[tuple[str, str]]:
    """Return the pairs of activities of which one is part of the other."""
    return {
        (part, whole) for part, whole in pairs(graph, "wasInfluencedBy")
        if whole not in graph.sessions
    }  # fmt: skip


def test_nested_activities_are_part_of_each_other_and_of_their_session(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, NESTED)
    assert graph.diagnostics == []
    in_session = {(raw, "s1") for raw in ("a1", "a2", "a3", "a4")}
    assert pairs(graph, "wasInfluencedBy") == PARTS | in_session
    assert {relation.type for relation in graph.relations["wasInfluencedBy"]} == {PART_OF}
    assert {
        name for activity in graph.activities.values() for name in activity.attributes
    } == {"prov:type", "prov:label", "dcterms:identifier"}  # fmt: skip
    judge(graph)
    judge(in_bundles(graph))


@pytest.mark.parametrize("seed", range(20))
def test_the_order_of_nested_activities_does_not_matter(tmp_path: Path, seed: int) -> None:
    shuffled = NESTED[:]
    random.Random(seed).shuffle(shuffled)
    assert graph_of(tmp_path, shuffled).to_prov() == graph_of(tmp_path, NESTED).to_prov()


def test_any_record_of_an_activity_may_name_its_outer_activity(tmp_path: Path) -> None:
    lines = [start("a"), start("b"), start("c"), end("b", in_activity="a")]
    lines += [line(activity_id="c", in_activity="a")] * 2
    assert parts(graph_of(tmp_path, lines)) == {("b", "a"), ("c", "a")}


@pytest.mark.parametrize("is_first", [True, False])
def test_the_enclosing_activity_may_be_in_another_session(tmp_path: Path, is_first: bool) -> None:
    whole, part = start("a", session="s1"), start("b", session="s2", in_activity="a")
    graph = graph_of(tmp_path, [whole, part] if is_first else [part, whole])
    assert {identifier(item): session_of(item) for item in graph.activities.values()} == {
        "s1": None, "s2": None, "a": "s1", "b": "s2",
    }  # fmt: skip
    assert parts(graph) == {("b", "a")}


@pytest.mark.parametrize("seed", range(10))
def test_an_enclosing_activity_of_the_same_session_takes_precedence(
    tmp_path: Path, seed: int
) -> None:
    lines = [
        record
        for session in ("s1", "s2")
        for record in (start("a", session=session), start("b", session=session, in_activity="a"))
    ]
    random.Random(seed).shuffle(lines)
    graph = graph_of(tmp_path, lines)
    assert parts(graph) == {("b", "a")}
    found = [
        (relation.source, relation.target)
        for relation in graph.relations["wasInfluencedBy"]
        if identifier(relation.target) == "a"
    ]
    sessions = [[session_of(end) for end in ends if isinstance(end, Activity)] for ends in found]
    assert sorted(map(str, sessions)) == ["['s1', 's1']", "['s2', 's2']"]


def test_an_unknown_enclosing_activity_is_added(tmp_path: Path) -> None:
    log = log_of(tmp_path, [start("b", in_activity="a"), start("c", in_activity="a"), end("b")])
    graph = provlog.read(log)
    assert parts(graph) == {("b", "a"), ("c", "a")}
    (whole,) = (item for item in graph.activities.values() if identifier(item) == "a")
    assert (session_of(whole), whole.start) == ("s1", None)
    # PL501 reports the missing end at the first record that names the activity.
    assert [(item.code, item.origin.line) for item in provlog.check(log)] == [
        ("PL501", 1), ("PL501", 2),
    ]  # fmt: skip


def test_the_enclosing_activity_may_be_in_the_log_of_another_process(tmp_path: Path) -> None:
    worker, main = [start("b", in_activity="a"), end("b")], [start("a", "main"), end("a")]
    graph = read_logs(tmp_path, worker, main)
    assert labels(graph) == ["x", "main"]
    assert parts(graph) == {("b", "a")}
    assert graph.to_prov() == read_logs(tmp_path, main, worker).to_prov()


def test_the_latest_activity_with_a_reused_id_counts(tmp_path: Path) -> None:
    lines = [
        start("a", "first"), start("b", in_activity="a"),
        line(activity_id="a", name="second", startTime=T2), start("c", in_activity="a"),
    ]  # fmt: skip
    graph = graph_of(tmp_path, lines)
    assert codes(graph) == ["PL301"]
    assert {
        (identifier(relation.source), relation.target.label)
        for relation in graph.relations["wasInfluencedBy"]
    } >= {("b", "first"), ("c", "second")}


def test_no_event_that_waits_for_an_id_in_two_sessions_is_lost(tmp_path: Path) -> None:
    # With quadratic time, this would take too long.
    count = 20_000
    lines = [
        line(activity_id="a", used_id=f"e{number}", in_session=f"s{number}")
        for number in range(count)
    ]
    graph = graph_of(tmp_path, lines)
    assert pairs(graph, "used") == {("a", f"e{number}") for number in range(count)}
    assert len(graph.activities) == 2 * count


def test_the_position_of_a_part(tmp_path: Path) -> None:
    _, places = read(log_of(tmp_path, NESTED))
    assert relation_lines(places, "wasInfluencedBy") == {
        ("a2", "a1"): 4, ("a3", "a2"): 6, ("a4", "a1"): 12,
    }  # fmt: skip


def test_a_cycle_of_activities_is_reported_and_drawn(tmp_path: Path) -> None:
    lines = [start("a", in_activity="a"), start("b", in_activity="c"), start("c", in_activity="b")]
    log = log_of(tmp_path, [*lines, *map(end, "abc")])
    first, second = provlog.check(log)
    assert (first.code, first.origin.line) == ("PL505", 1)
    assert first.message == "activity 'a' (x) is part of itself"
    assert (second.code, second.origin.line) == ("PL505", 3)
    assert second.message == ("2 activities are part of each other in a cycle: 'c' (x) and 'b' (x)")
    graph = provlog.read(log)
    judge(graph)
    drawn = [(source[-1], target[-1]) for source, target, _ in parsed(dot_of(graph)).edges]
    assert sorted(drawn) == [("a", "a"), ("b", "c"), ("c", "b")]
    check_folding(graph, fold(graph, Drawing(max_nodes=1)))


def test_every_activity_without_an_end_is_reported(tmp_path: Path) -> None:
    # The log of a process that was killed within reduce.
    cut = NESTED[: NESTED.index(end("a3"))]
    found = provlog.check(log_of(tmp_path, cut))
    assert [(item.code, item.origin.line) for item in found if item.code[:3] == "PL5"] == [
        ("PL501", 2), ("PL502", 3), ("PL501", 4), ("PL501", 6), ("PL502", 7),
    ]  # fmt: skip


def test_an_activity_that_raised_has_failed(tmp_path: Path) -> None:
    failed = end("a", status="failed", exception="ValueError")
    log = log_of(tmp_path, [start("a", "fit"), failed, start("b", "fit"), end("b")])
    graph = provlog.read(log)
    (row,) = summary(graph)["activities"]
    assert (row["count"], row["failed"], row["unfinished"]) == (2, 1, 0)
    activity = find_one(graph, "a")
    assert activity.values("log:status") == ["failed"]
    assert activity.values("log:exception") == ["ValueError"]
    assert "log:exception: ValueError" in dot_of(graph)
    assert provlog.check(log) == []


@pytest.mark.parametrize("name", ["make_spectrum", "reduce", "read_events"])
def test_a_selection_includes_the_session_but_not_outer_or_inner_activities(
    tmp_path: Path, name: str
) -> None:
    part = select(graph_of(tmp_path, NESTED), activities=[name])
    assert labels(part) == [name]
    assert list(part.sessions) == ["s1"]
    assert dangling(part) == []


def test_activities_selected_together_stay_nested(tmp_path: Path) -> None:
    part = select(graph_of(tmp_path, NESTED), activities=["make_spectrum", "fit", "read_events"])
    assert parts(part) == {("a4", "a1")}
    assert dangling(part) == []


def test_a_lineage_does_not_lead_from_part_to_whole(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, NESTED)
    events = find_one(graph, "events")
    assert labels(lineage(graph, [events])) == ["read_events"]
    spectrum = lineage(graph, [find_one(graph, "spectrum")])
    assert labels(spectrum) == ["reduce", "fit"]
    assert list(spectrum.sessions) == ["s1"]
    onwards = lineage(graph, [find_one(graph, "dataset")], upstream=False, downstream=True)
    assert labels(onwards) == ["fit"]
    # The nesting of the selected activities is kept.
    whole = lineage(graph, [find_one(graph, "observations")], upstream=False, downstream=True)
    assert labels(whole) == ["make_spectrum", "reduce", "fit"]
    assert parts(whole) == {("a2", "a1"), ("a4", "a1")}
    assert [dangling(item) for item in (spectrum, onwards, whole)] == [[], [], []]
    names = [step.element.name for step in walk(graph, events)]
    assert names == ["events", "read_events", "/dl3/obs_23523.fits"]


def test_a_bundle_relates_its_activities_to_outer_ones_in_other_sessions(tmp_path: Path) -> None:
    lines = [
        line(session_id="s1"), line(session_id="s2"), start("a", "run"),
        start("b", "fit", "s2", in_activity="a"), end("b"), end("a"),
    ]  # fmt: skip
    bundled = in_bundles(graph_of(tmp_path, lines))
    judge(bundled)
    first, second = bundled.bundles.values()
    assert [activity.label for activity in first.activities.values()] == ["run"]
    assert [activity.label for activity in second.activities.values()] == ["run", "fit"]
    of_activities = [
        (relation.source.label, relation.target.label)
        for relation in second.relations["wasInfluencedBy"]
        if relation.target.label == "run"
    ]
    assert of_activities == [("fit", "run")]
    assert bundled.relations["wasInfluencedBy"] == {}


@pytest.mark.parametrize("direction", ["BT", "LR"])
def test_a_picture_has_a_dashed_edge_from_part_to_whole(tmp_path: Path, direction: str) -> None:
    graph = graph_of(tmp_path, NESTED)
    dot = dot_of(graph, Drawing(direction=direction))
    drawn = parsed(dot)
    assert list(drawn.frames.values()) == ["session Analysis, 2020-01-01 00:00:01 to 00:00:03"]
    edges = [(source, target) for source, target, label in drawn.edges if label == ["wasPartOf"]]
    assert {tuple(end.rpartition("-")[2] for end in ends) for ends in edges} == PARTS
    assert render(dot, "svg").count(b'stroke-dasharray="5,2"') == len(PARTS)
    # An edge between activities needs space; there is no edge to the session.
    assert rows_crossed_by(fold(graph).edges) > rows_crossed_by(
        edge for edge in fold(graph).edges if edge.kind != "wasPartOf"
    )


def runs(count: int) -> list[str]:
    lines = [line(session_id="s1", name="Analysis", startTime=T1)]
    for number in range(count):
        lines += [
            start(f"run{number}", "run"),
            start(f"step{number}", "step", in_activity=f"run{number}"),
            start(f"again{number}", "step", in_activity=f"step{number}"),
        ]
    return lines


def test_folded_runs_count_their_parts(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, runs(30))
    folding = fold(graph, Drawing(max_nodes=5, agents=False))
    check_folding(graph, folding)
    nodes = {caption(node)[0]: node for node in folding.nodes}
    assert set(nodes) == {"session Analysis", "run, 30 times", "step, 60 times"}
    assert Counter(
        (edge.source.head.label, edge.target.head.label, edge.times) for edge in folding.edges
    ) == {("run", "Analysis", 30): 1, ("step", "run", 30): 1, ("step", "Analysis", 60): 1}
    # A step within a step.
    step = nodes["step, 60 times"]
    assert details(step, folding.inside[step])[:2] == ["60 activities", "wasPartOf within: 30"]
    ((*_, label),) = parsed(dot_of(graph, Drawing(max_nodes=5))).edges
    assert label == ["wasPartOf \N{MULTIPLICATION SIGN}30"]


def test_the_focus_is_drawn_beside_its_folded_session(tmp_path: Path) -> None:
    other = [line(session_id="s2"), *(start(f"b{number}", "other", "s2") for number in range(5))]
    graph = graph_of(tmp_path, [*NESTED, *other])
    drawn = parsed(dot_of(graph, Drawing(max_nodes=5, focus="log:activity-s1-a2")))
    assert drawn.frames == {}
    session, focus = "log:session-s1 and 8 more", "log:activity-s1-a2"
    assert sorted(drawn.edges) == [
        (focus, session, ["used"]),
        (focus, session, ["wasPartOf \N{MULTIPLICATION SIGN}2"]),
        (session, focus, ["wasGeneratedBy"]),
        (session, focus, ["wasPartOf"]),
    ]
