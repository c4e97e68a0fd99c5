"""Drawings of graphs in DOT, with labels that are always plain text."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pydot
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.errors import UsageError
from provlog.writers.pictures.captions import caption, one_line
from provlog.writers.pictures.folding import fold
from provlog.writers.pictures.graphviz import render
from provlog.writers.pictures.nodes import Node
from provlog.writers.pictures.options import Drawing
from tests.drawings import dot_of, parsed, svg_nodes, svg_tooltips
from tests.grids import some
from tests.profiles import examples
from tests.samples import EXCERPT, LOGS, NAMES, SAMPLES, graph_of
from tests.strategies import HOSTILE_TEXTS
from tests.writers.pictures.test_folding import histories

LOG = SAMPLES / "gammapy-2020-04.log"
HOSTILE = (
    *HOSTILE_TEXTS, '"', '\\"', "<b>bold</b>", "<<i>x</i>>", "<br/>", "&lt;b&gt; &amp; &#65;", "&",
    "{a|b}|<f0> c", "\\N \\G \\L \\n \\l \\E", "a\\", "\\\\", "a -> b; c [label=x]", '"]; evil [URL="x"',
    "/* x */ // y # z", "label=<b>", "node", "subgraph", "strict", "x:y:z", "10 kB: " + "x" * 10_000,
    "<script>alert(1)</script>", "javascript:alert(1)", "]]>", "%s {0}", "\u202egnp.exe", "\u2028",
)  # fmt: skip
TIMES = "\N{MULTIPLICATION SIGN}"
SHAPES = {"svg", "g", "title", "polygon", "ellipse", "path", "polyline", "text", "a"}


def name(node: Node) -> str:
    rest = len(node.elements) - 1
    return f"{node.head.id} and {rest} more" if rest else node.head.id


def check(graph: provlog.ProvGraph, drawing: Drawing) -> None:
    """Compare a drawing with the nodes and edges of the folding."""
    folding = fold(graph, drawing)
    drawn = parsed(dot_of(graph, drawing))
    names = {name(node): node for node in folding.nodes}
    framed = set(names) - set(drawn.nodes)
    assert {names[one].kind for one in framed} <= {"session"}
    assert len(framed) == len(drawn.frames)
    assert set(drawn.nodes) == set(names) - framed
    ends = {end for source, target, _ in drawn.edges for end in (source, target)}
    assert ends <= set(drawn.nodes) | set(drawn.frames)
    # Exactly the edges that no frame shows are drawn.
    expected: Counter[tuple[str, str, str]] = Counter()
    associated = 0
    for edge in folding.edges:
        at_frame = {name(edge.source), name(edge.target)} & framed
        if edge.kind == "wasAssociatedWith":
            associated += edge.times
        elif not edge.is_part:
            assert not at_frame or edge.kind == "wasPartOf"
            expected[name(edge.source), name(edge.target), edge.kind] += edge.times
    seen: Counter[tuple[str, str, str]] = Counter()
    for source, target, label in drawn.edges:
        kind, _, _ = label[0].partition(" ")
        if kind == "wasAssociatedWith":
            associated -= times(label[0])
        else:
            seen[source, target, kind] += times(label[0])
    assert associated == 0
    assert {edge: count for edge, count in expected.items() if not framed & set(edge[:2])} == {
        edge: count for edge, count in seen.items() if not set(drawn.frames) & set(edge[:2])
    }
    assert expected.total() == seen.total()


def times(label: str) -> int:
    _, _, number = label.partition(f" {TIMES}")
    return int(number.replace(",", "")) if number else 1


@pytest.mark.parametrize("max_nodes", [0, 5, 40])
@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_drawings_of_samples_match_their_folding(path: Path, max_nodes: int) -> None:
    check(provlog.read(path), Drawing(max_nodes=max_nodes))


@settings(max_examples=examples(200))
@given(histories(), st.sampled_from([0, 3, 8]), st.booleans())
def test_drawings_of_graphs_match_their_folding(
    graph: provlog.ProvGraph, max_nodes: int, agents: bool
) -> None:
    check(graph, Drawing(max_nodes=max_nodes, agents=agents))


@pytest.mark.parametrize("path", [LOG, EXCERPT], ids=lambda path: path.stem)
def test_pydot_reads_it_back(path: Path) -> None:
    dot = dot_of(provlog.read(path), Drawing(parameters=True, attributes=True, legend=True))
    (again,) = pydot.graph_from_dot_data(dot) or []
    assert again.get_name() == "provenance"


def test_the_excerpt_is_one_activity_its_data_store_and_the_observations() -> None:
    drawn = parsed(dot_of(provlog.read(EXCERPT)))
    assert sorted(drawn.nodes.values()) == [
        ["DataStore", "hess-dl3-dr1", "3585…9df2"],
        ["Observation", "23523"],
        ["Observation", "23526"],
        ["Observation", "23559"],
        ["Observation", "23592"],
        ["Observations", "4 members", "295524570"],
        ["get_observations", "2019-10-07 11:20:05, 0.2 s", "9456793112"],
    ]
    scope = "eed17095"
    activity, collection = f"log:activity-{scope}-9456793112", f"log:entity-{scope}-295524570"
    store = f"log:entity-{scope}-3585d8a6f0ad20fece226aa22dd9df2"
    assert sorted(drawn.edges) == [
        (activity, store, ["used", "(datastore)"]),
        *(
            (collection, f"log:entity-{scope}-{n}", ["hadMember"])
            for n in (23523, 23526, 23559, 23592)
        ),
    ]


def test_sessions_are_frames() -> None:
    drawn = parsed(dot_of(provlog.read(LOG)))
    assert drawn.frames == {
        "cluster_session_1": "session gammapy.analysis.core.Analysis, 2026-11-22 17:17:17 to 17:20:52",
        "cluster_session_2": "session gammapy.analysis.core.Analysis, 2026-11-22 17:21:29 to 17:22:01",
    }
    assert not any(name.startswith("log:session") for name in drawn.nodes)
    # One edge from the frame shows an agent that all activities of the session have.
    agents = [edge for edge in drawn.edges if edge[2][0].startswith("wasAssociatedWith")]
    assert [(source, label) for source, _, label in agents] == [
        ("cluster_session_1", [f"wasAssociatedWith {TIMES}5"]),
        ("cluster_session_2", [f"wasAssociatedWith {TIMES}4"]),
    ]


def test_options() -> None:
    graph = provlog.read(LOG)
    assert "analyst" not in dot_of(graph, Drawing(agents=False)).replace("/analyst", "")
    assert "rankdir=LR" in dot_of(graph, Drawing(direction="LR"))
    assert 'label="A <b> &amp; \\"title\\""' in dot_of(graph, Drawing(title='A <b> & "title"'))
    noted = parsed(dot_of(graph, Drawing(parameters=True)))
    notes = {name: lines for name, lines in noted.nodes.items() if name.startswith("note on ")}
    shown = [line for lines in notes.values() for line in lines]
    assert shown.count("datastore_path = /data/hess-dl3") == 2
    assert all("prov:" not in line for line in shown)
    others = parsed(dot_of(graph, Drawing(attributes=True))).nodes
    lines = [line for name, lines in others.items() if name.startswith("note") for line in lines]
    assert "prov:type = File" in lines
    assert not any(line.startswith("datastore_path") for line in lines)


def test_a_legend_shows_each_kind_of_node_and_edge() -> None:
    drawn = parsed(dot_of(provlog.ProvGraph(), Drawing(legend=True)))
    assert set(drawn.frames.values()) == {"legend"}
    assert {label[0].split(" ")[0] for _, _, label in drawn.edges} == {
        "", "wasGeneratedBy", "used", "wasAssociatedWith", "wasDerivedFrom", "hadMember", "wasPartOf",
    }  # fmt: skip
    assert {lines[0] for lines in drawn.nodes.values()} == {
        "entity", "activity", "part of it", "agent", "collection", "11 entities", "parameters",
    }  # fmt: skip


def test_the_focus_is_kept_and_highlighted() -> None:
    graph = provlog.read(LOG)
    focus = "log:entity-8745959932477-430032922596335269"
    dot = dot_of(graph, Drawing(max_nodes=5, focus=focus))
    assert parsed(dot).nodes[focus] == ["FitResult", "4300…5269"]
    assert dot.count("penwidth=3") == 1


def test_members_are_counted_independent_of_their_place() -> None:
    drawn = parsed(dot_of(provlog.read(LOG), Drawing(max_nodes=40)))
    labels = list(drawn.nodes.values())
    assert labels.count(["Observation, 4 entities", "23523 ... 23532"]) == 1
    assert [lines[1] for lines in labels if lines[0] == "Observations"] == ["4 members"] * 2
    assert labels.count(["Datasets: 4 members", "obs_23523 ... obs_23532"]) == 2


def test_relations_of_an_element_to_itself_are_drawn(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, ["_PROV_{'entity_id': 'e', 'progenitor_id': 'e'}"])
    ((source, target, label),) = parsed(dot_of(graph)).edges
    assert (source == target, label) == (True, ["wasDerivedFrom"])


def test_the_tooltip_of_an_edge_of_a_frame_names_the_session() -> None:
    svg = render(dot_of(provlog.read(LOG)), "svg").decode()
    said = "session gammapy.analysis.core.Analysis: 5 activities\nwasAssociatedWith"
    assert any(tooltip.startswith(said) for tooltip in svg_tooltips(svg))


def test_the_tooltip_of_an_edge_of_several_sessions_names_none() -> None:
    dot = dot_of(provlog.read(SAMPLES / "logprov-gammapy-sessions.log"), Drawing(max_nodes=4))
    assert "3 sessions" in dot
    assert "session 8767140800029:" not in dot


def test_omitted_text_is_marked() -> None:
    blanks = " " * 300
    assert one_line(f"begin{blanks}middle{blanks}end") == "begin \N{HORIZONTAL ELLIPSIS} end"


def test_an_agent_of_some_activities_is_associated_with_these(tmp_path: Path) -> None:
    lines = ["_PROV_{'session_id': 's'}"]
    lines += [
        f"_PROV_{{'activity_id': '{one}', 'name': '{one}', 'in_session': 's'{agent}}}"
        for one, agent in (("a", ", 'agent_name': 'me'"), ("b", ", 'agent_name': 'me'"), ("c", ""))
    ]
    drawn = parsed(dot_of(graph_of(tmp_path, lines)))
    assert sorted(edge[:2] for edge in drawn.edges) == [
        ("log:activity-s-a", "log:agent-me"), ("log:activity-s-b", "log:agent-me"),
    ]  # fmt: skip


@pytest.mark.parametrize("others", ["", "b", "bc"])
def test_the_agent_of_a_session_and_of_all_in_it_is_associated_once(
    others: str, tmp_path: Path
) -> None:
    lines = ["_PROV_{'session_id': 's', 'agent_name': 'me'}"]
    lines += [
        f"_PROV_{{'activity_id': '{one}', 'name': '{one}', 'in_session': 's', 'agent_name': 'me'}}"
        for one in f"a{others}"
    ]
    dot = dot_of(graph_of(tmp_path, lines))
    shown = [f"wasAssociatedWith {TIMES}{len(others) + 2}"]
    assert parsed(dot).edges == [("cluster_session_1", "log:agent-me", shown)]
    assert f'tooltip="session s: {len(others) + 1} activit' in dot


def test_the_agent_of_a_session_alone_is_not_that_of_its_activities(tmp_path: Path) -> None:
    lines = ["_PROV_{'session_id': 's', 'agent_name': 'me'}"]
    lines += [
        f"_PROV_{{'activity_id': '{one}', 'name': '{one}', 'in_session': 's', 'agent_name': '{who}'}}"
        for one, who in (("a", "me"), ("b", "you"))
    ]
    drawn = parsed(dot_of(graph_of(tmp_path, lines)))
    assert sorted(edge[:2] for edge in drawn.edges) == [
        ("cluster_session_1", "log:agent-me"), ("log:activity-s-a", "log:agent-me"),
        ("log:activity-s-b", "log:agent-you"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("start", "end", "shown"),
    [
        ("2018-06-01T00:00:00", "2020-07-01T00:12:15", "2018-06-01 00:00:00, 18264 h 12 min"),
        ("2020-06-01T00:12:00", "2020-04-01T00:00:00", "2020-06-01 00:12:00, -1464 h 12 min"),
        ("2020-06-01T00:00:00+02:00", "2020-06-01T00:01:15+02:00",
         "2020-06-01 00:00:00+02:00, 1 min 15 s"),
        (None, "2020-06-01T00:01:15", "ended 2020-06-01 00:01:15"),
        ("2020-06-01T00:01:15", None, "2020-06-01 00:01:15"),
    ],
)  # fmt: skip
def test_times_are_shown_completely(
    start: str | None, end: str | None, shown: str, tmp_path: Path
) -> None:
    lines = [f"_PROV_{{'activity_id': 'a', 'name': 'x', 'startTime': {start!r}}}"] if start else []
    lines += [f"_PROV_{{'activity_id': 'a', 'endTime': {end!r}}}"] if end else []
    (label,) = parsed(dot_of(graph_of(tmp_path, lines))).nodes.values()
    assert shown in label


def test_ids_that_graphviz_cannot_read_are_shortened(tmp_path: Path) -> None:
    lines = [f"_PROV_{{'entity_id': '{'a' * 17_000}{end}'}}" for end in "bc"]
    svg = render(dot_of(graph_of(tmp_path, lines)), "svg").decode()
    assert len(dict(svg_nodes(svg))) == 2


def test_an_entity_with_the_type_of_a_session_is_drawn_as_an_entity(tmp_path: Path) -> None:
    lines = [f"_PROV_{{'entity_id': '{one}', 'type': 'provlog:Session'}}" for one in "abc"]
    drawn = parsed(dot_of(graph_of(tmp_path, lines), Drawing(max_nodes=1)))
    assert list(drawn.nodes.values()) == [["provlog:Session, 3 entities", "a ... c"]]


def test_long_edges_are_straight(tmp_path: Path) -> None:
    def log(steps: int) -> list[str]:
        return [
            f"_PROV_{{'activity_id': 'a{step}', 'name': 'a{step}', '{key}': '{value}'}}"
            for step in range(steps)
            for key, value in (
                ("used_id", "config"), ("used_id", f"e{step}"), ("generated_id", f"e{step + 1}"),
            )
        ]  # fmt: skip

    assert "splines" not in dot_of(graph_of(tmp_path, log(20)))
    assert "splines=line" in dot_of(graph_of(tmp_path, log(80)))


def test_notes_of_several_runs_count_different_values(tmp_path: Path) -> None:
    lines = [
        line
        for run in range(9)
        for line in (
            f"_PROV_{{'activity_id': 'a{run}', 'name': 'stack', 'startTime': '2020-01-01T00:00:00'}}",
            f"_PROV_{{'activity_id': 'a{run}', 'parameters': {{'run': {run}, 'method': 'mean'}}}}",
        )
    ]
    drawn = parsed(dot_of(graph_of(tmp_path, lines), Drawing(parameters=True, max_nodes=5)))
    (note,) = [lines for name, lines in drawn.nodes.items() if name.startswith("note on")]
    assert note[:2] == ["run: 9 values", "method = mean"]


@pytest.mark.parametrize(
    ("drawing", "message"),
    [
        (Drawing(direction="UP"), "'UP' is not one of BT, TB, LR, RL"),
        (Drawing(members="few"), "'few' is not one of auto, show, hide"),
    ],
)
def test_invalid_options_are_an_error(drawing: Drawing, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        dot_of(provlog.ProvGraph(), drawing)


def test_a_graph_with_bundles_cannot_be_drawn() -> None:
    from provlog.graphs.bundles import in_bundles

    with pytest.raises(UsageError, match="cannot show bundles"):
        dot_of(in_bundles(provlog.read(LOG)))


def hostile_graph(folder: Path, text: str) -> provlog.ProvGraph:
    """Return a graph with a text in all places that can hold it."""
    return graph_of(
        folder,
        [
            f"_PROV_{record!r}"
            for record in (
                {"session_id": "s", "name": text},
                {"activity_id": "a", "name": text, "in_session": "s", "agent_name": text},
                {"activity_id": "a", "parameters": {text: text, "p": text}},
                {"activity_id": "a", "used_id": text, "used_role": text, "entity_name": text},
                {"activity_id": "a", "generated_id": "e", "generated_role": text},
                {"entity_id": "e", "name": text, "location": text, "value": text, "x": text},
                {"entity_id": "e", "member_id": "m", "member_name": text},
            )
        ],
    )


def check_text(folder: Path, text: str) -> None:
    graph = hostile_graph(folder, text)
    drawing = Drawing(title=text, parameters=True, attributes=True)
    folding = fold(graph, drawing)
    dot = dot_of(graph, drawing)
    drawn = parsed(dot)
    svg = render(dot, "svg").decode()
    nodes = dict(svg_nodes(svg))
    assert Counter(name for name, _ in svg_nodes(svg)).most_common(1)[0][1] == 1
    assert set(nodes) == set(drawn.nodes)
    for node in folding.nodes:
        if name(node) in nodes:
            lines = nodes[name(node)]
            assert lines[0] == caption(node)[0]
            assert drawn.nodes[name(node)] == lines
    root = ET.fromstring(svg)
    assert {element.tag.partition("}")[2] for element in root.iter()} <= SHAPES
    assert not [key for element in root.iter() for key in element.attrib if key.endswith("href")]
    shown = "".join(svg_tooltips(svg))
    visible = "".join(char for char in text if char.isprintable() and not char.isspace())
    assert visible[:100] in "".join(shown.split())


@pytest.mark.parametrize("text", [text for text in HOSTILE if text.strip()])
def test_hostile_text_is_displayed_literally(text: str, tmp_path: Path) -> None:
    check_text(tmp_path, text)


@pytest.mark.parametrize("text", some((text for text in HOSTILE if text.strip()), 8))
def test_pydot_reads_hostile_text(text: str, tmp_path: Path) -> None:
    drawing = Drawing(title=text, parameters=True, attributes=True)
    (again,) = pydot.graph_from_dot_data(dot_of(hostile_graph(tmp_path, text), drawing)) or []
    assert again.get_name() == "provenance"


def test_a_failure_is_visible(tmp_path: Path) -> None:
    start = "{'activity_id': %r, 'name': 'fit', 'startTime': '2020-01-01T00:00:01'}"
    end = "{'activity_id': %r, 'endTime': '2020-01-01T00:00:05', 'status': %r, 'exception': 'OSError'}"
    lines = [start % "a1", end % ("a1", "failed"), start % "a2", end % ("a2", "done")]
    log = tmp_path / "run.log"
    log.write_text("".join(f"_PROV_{line}\n" for line in lines))
    graph = provlog.read(log)
    text = dot_of(graph, Drawing())
    failed, done = (line for line in text.splitlines() if "label=" in line and "shape=box" in line)
    assert ("failed: OSError" in failed, "#D00000" in failed) == (True, True)
    assert ("failed" in done, "#D00000" in done) == (False, False)
    folded = dot_of(graph, Drawing(max_nodes=1))
    assert "1 failed" in folded
    assert "#D00000" in folded
