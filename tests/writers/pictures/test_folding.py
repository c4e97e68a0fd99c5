"""Foldings of graphs, which must be faithful to the graph."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.building.builder import build
from provlog.building.naming import PART_OF
from provlog.errors import UsageError
from provlog.model.events import (
    ActivityEnded,
    ActivityNested,
    ActivityStarted,
    EntityDerived,
    EntityDescribed,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    MemberAdded,
    SessionStarted,
)
from provlog.model.graph import Activity, Agent, Entity, ProvGraph, Relation
from provlog.origin import Origin
from provlog.writers.pictures.captions import caption, details
from provlog.writers.pictures.folding import fold
from provlog.writers.pictures.nodes import PART, Folding, Node, rows_crossed_by
from provlog.writers.pictures.options import MEMBERS, Drawing
from tests.profiles import examples
from tests.samples import LOGS, NAMES, SAMPLES, graph_of

ORIGIN = Origin("run.log", 1, 1)
KINDS = {"activity": Activity, "agent": Agent, "entity": Entity}

sessions = st.sampled_from(["S", "T", "U", None])
activities = st.sampled_from(["A", "B", "C", "D", "E", "F"])
entities = st.sampled_from("abcdefghij")
roles = st.sampled_from(["in", "out", None])
here = st.just(ORIGIN)
labels = st.fixed_dictionaries({"prov:label": st.sampled_from(["x", "y", "z"])})
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(SessionStarted, here, sessions.filter(bool), st.none(), st.none() | entities, labels),
    st.builds(ActivityStarted, here, activities, st.none(), sessions, st.just({})),
    st.builds(ActivityStarted, here, activities, st.none(), sessions, labels),
    st.builds(ActivityEnded, here, activities, st.none(), st.just({})),
    st.builds(ActivityNested, here, activities, activities),
    st.builds(EntityUsed, here, activities, entities, roles),
    st.builds(EntityGenerated, here, activities, entities, roles),
    st.builds(EntityDescribed, here, entities, labels),
    st.builds(EntityDerived, here, entities, entities),
    st.builds(MemberAdded, here, entities, entities),
)


@st.composite
def histories(draw: st.DrawFn) -> ProvGraph:
    """Draw graphs with several sessions, runs of one name, agents, and cycles of collections."""
    made = draw(st.lists(events, min_size=1, max_size=40))
    graph = build([LogStarted(ORIGIN, "deadbeef"), *made])
    for activity in graph.activities.values():
        if draw(st.booleans()):
            agent = graph.agents.setdefault("log:agent-x", Agent("log:agent-x", {}))
            graph.relations["wasAssociatedWith"][Relation(activity, agent)] = None
    return graph


def check(graph: ProvGraph, folding: Folding, *, agents: bool = True) -> None:
    """Compare a folding with the graph, relation by relation."""
    elements = [*graph.activities.values(), *graph.entities.values()]
    if agents:
        elements += graph.agents.values()
    held = [element for node in folding.nodes for element in node.elements]
    assert Counter(held) == Counter(elements)
    places = {element: node for node in folding.nodes for element in node.elements}
    expected: Counter[tuple[str, Node, Node]] = Counter()
    for kind, relations in graph.relations.items():
        for relation in relations:
            if relation.source in places and relation.target in places:
                called = PART if relation.type == PART_OF else kind
                expected[called, places[relation.source], places[relation.target]] += 1
    drawn = {(edge.kind, edge.source, edge.target): edge.times for edge in folding.edges}
    assert all(
        edge.source is not edge.target or len(edge.source.elements) == 1 for edge in folding.edges
    )
    inside = {
        (kind, node, node): times
        for node, kinds in folding.inside.items()
        for kind, times in kinds.items()
    }
    assert len(drawn) == len(folding.edges)
    assert expected == drawn | inside
    for node in folding.nodes:
        if node.kind != "session":
            assert {type(element) for element in node.elements} == {KINDS[node.kind]}
        check_counts(graph, folding, node)


COUNTED = re.compile(r"(?:^|[\s:,]+)([\d,]+) (time|member|collection|session|activit|entit|agent)")


def check_counts(graph: ProvGraph, folding: Folding, node: Node) -> None:
    """Compare every number on a node with its content."""
    sessions = set(graph.sessions.values())
    within = set(node.elements)
    had = [had for had in graph.relations["hadMember"] if had.source in within]
    expected = {
        "time": sum(type(element) is Activity for element in within),
        "member": len(had),
        "collection": len({relation.source for relation in had}),
        "session": len(within & sessions),
        "activit": sum(type(element) is Activity for element in within - sessions),
        "entit": sum(type(element) is Entity for element in within),
        "agent": sum(type(element) is Agent for element in within),
    }
    lines = caption(node, folding.members.get(node))
    assert lines[0]
    seen = {
        what: int(number.replace(",", "")) for number, what in COUNTED.findall("\n".join(lines))
    }
    if len(node.elements) == 1:
        assert seen.items() <= {"member": expected["member"]}.items()
        return
    assert seen or node.collections
    # A session's name says that it is one.
    assert seen.items() <= expected.items()
    first = details(node, folding.inside.get(node, Counter()))[0]
    said = {what: int(number.replace(",", "")) for number, what in COUNTED.findall(first)}
    assert sum(said.values()) == len(node.elements)
    assert said.items() <= expected.items()


@settings(max_examples=examples(400))
@given(histories(), st.sampled_from(MEMBERS), st.sampled_from([0, 1, 2, 5, 10, 400]), st.booleans())
def test_foldings_of_graphs_are_faithful(
    graph: ProvGraph, members: str, max_nodes: int, agents: bool
) -> None:
    drawing = Drawing(members=members, max_nodes=max_nodes, agents=agents)
    check(graph, fold(graph, drawing), agents=agents)


@pytest.mark.parametrize("max_nodes", [0, 1, 5, 20, 50, 400])
@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_foldings_of_samples_are_faithful(path: Path, max_nodes: int) -> None:
    graph = provlog.read(path)
    folding = fold(graph, Drawing(max_nodes=max_nodes))
    check(graph, folding)
    if max_nodes > 4:
        assert len(folding.nodes) <= max_nodes
    if max_nodes == 0:
        assert folding.steps == []


def members_log(count: int) -> list[str]:
    head = "_PROV_{'activity_id': 'a', 'name': 'get', 'generated_id': 'all', 'entity_name': 'All'}"
    return [head, *(f"_PROV_{{'entity_id': 'all', 'member_id': '{i}'}}" for i in range(count))]


def test_many_members_are_one_node_with_their_collection(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, members_log(42))
    folding = fold(graph)
    assert len(folding.nodes) == 2
    node = next(node for node in folding.nodes if node.kind == "entity")
    assert caption(node, folding.members[node]) == ["All: 42 members", "0 ... 41"]
    assert [edge.kind for edge in folding.edges] == ["wasGeneratedBy"]
    assert folding.inside[node] == {"hadMember": 42}


def test_a_few_members_are_shown_and_on_request_all(tmp_path: Path) -> None:
    few = graph_of(tmp_path, members_log(4))
    assert len(fold(few).nodes) == 6
    assert len(fold(few, Drawing(members="hide")).nodes) == 2
    many = graph_of(tmp_path, members_log(42))
    assert len(fold(many, Drawing(members="show")).nodes) == 44


def test_a_member_with_other_relations_is_kept(tmp_path: Path) -> None:
    used = "_PROV_{'activity_id': 'b', 'name': 'use', 'used_id': '7'}"
    graph = graph_of(tmp_path, [*members_log(42), used])
    folding = fold(graph)
    assert len(folding.nodes) == 4
    assert {edge.kind for edge in folding.edges} == {"wasGeneratedBy", "used", "hadMember"}


def test_runs_are_one_node_with_sets_of_inputs_and_outputs(tmp_path: Path) -> None:
    lines = ["_PROV_{'session_id': 's', 'startTime': '2020-01-17T00:00:00'}"]
    for run in range(150):
        start = f"2020-01-17T{run // 60:02}:{run % 60:02}:00"
        lines += [
            f"_PROV_{{'activity_id': 'a{run}', 'name': 'r0_to_dl1', 'startTime': '{start}', 'in_session': 's'}}",
            f"_PROV_{{'activity_id': 'a{run}', 'used_id': '/r0/{run}.fits', 'used_role': 'raw', 'entity_type': 'R0'}}",
            f"_PROV_{{'activity_id': 'a{run}', 'used_id': '/calibration.h5', 'used_role': 'calibration'}}",
            f"_PROV_{{'activity_id': 'a{run}', 'generated_id': '/dl1/{run}.h5', 'generated_role': 'dl1', 'entity_type': 'DL1'}}",
        ]
    folding = fold(graph_of(tmp_path, lines))
    captions = {caption(node)[0] for node in folding.nodes}
    assert captions == {
        "session s", "r0_to_dl1, 150 times", "R0, 150 entities", "DL1, 150 entities",
        "calibration.h5",
    }  # fmt: skip
    assert {(edge.kind, edge.times) for edge in folding.edges} == {
        ("used", 150), ("wasGeneratedBy", 150), ("wasPartOf", 150),
    }  # fmt: skip
    assert len(folding.edges) == 4
    (step,) = folding.steps
    assert step.startswith("runs of one activity are one node, with sets of what they used and")
    assert step.endswith(", 5 nodes and 4 edges of 452 and 600")


def test_steps_continue_until_the_picture_is_small_enough() -> None:
    graph = provlog.read(SAMPLES / "lstosa-0.9.5.log")
    before = len(fold(graph, Drawing(max_nodes=0)).nodes)
    for max_nodes in (100, 30, 12):
        folding = fold(graph, Drawing(max_nodes=max_nodes))
        assert len(folding.nodes) < before
        before = len(folding.nodes)
    # One node each for sessions, activities, entities and agents is the minimum.
    assert [len(fold(graph, Drawing(max_nodes=few)).nodes) for few in (3, 2, 1)] == [4, 4, 4]


def test_long_edges_also_cause_folding(tmp_path: Path) -> None:
    lines = []
    for step in range(300):
        lines += [
            f"_PROV_{{'activity_id': 'a{step}', 'name': 'a{step}', 'used_id': 'config'}}",
            f"_PROV_{{'activity_id': 'a{step}', 'used_id': 'e{step}'}}",
            f"_PROV_{{'activity_id': 'a{step}', 'generated_id': 'e{step + 1}'}}",
        ]
    graph = graph_of(tmp_path, lines)
    everything = fold(graph, Drawing(max_nodes=0))
    # Each step takes two rows, and the longest edge crosses all of them.
    assert rows_crossed_by(everything.edges) == sum(range(1, 600, 2)) + 600
    assert fold(graph, Drawing(max_nodes=1000)).steps


def test_a_cycle_of_collections_is_one_node(tmp_path: Path) -> None:
    lines = [f"_PROV_{{'entity_id': 'c{one}', 'member_id': 'c{3 - one}'}}" for one in (1, 2)]
    graph = graph_of(tmp_path, lines)
    (node,) = fold(graph, Drawing(max_nodes=1)).nodes
    check(graph, fold(graph, Drawing(max_nodes=1)))
    assert len(node.elements) == 2


def test_shared_members_are_a_node_of_their_own(tmp_path: Path) -> None:
    lines = [
        f"_PROV_{{'entity_id': '{collection}', 'member_id': 'm{number}'}}"
        for collection in "ab"
        for number in range(20)
    ]
    graph = graph_of(tmp_path, lines)
    folding = fold(graph)
    check(graph, folding)
    assert sorted(len(node.elements) for node in folding.nodes) == [1, 1, 20]
    assert [edge.times for edge in folding.edges] == [20, 20]


def test_a_tooltip_counts_omitted_lines(tmp_path: Path) -> None:
    node = next(
        node for node in fold(graph_of(tmp_path, members_log(500))).nodes if node.kind == "entity"
    )
    lines = details(node, Counter({"hadMember": 500}))
    assert lines[:2] == ["501 entities", "hadMember within: 500"]
    assert len(lines) == 40
    # 500 and the collection, without the 37 that are listed.
    assert lines[-1] == "\N{HORIZONTAL ELLIPSIS} 464 more"


def test_a_negative_limit_is_an_error() -> None:
    with pytest.raises(UsageError, match="-1 is less than 0"):
        fold(ProvGraph(), Drawing(max_nodes=-1))


def test_an_unknown_value_for_members_is_an_error() -> None:
    with pytest.raises(UsageError, match="'some' is not one of auto, show, hide"):
        fold(ProvGraph(), Drawing(members="some"))
