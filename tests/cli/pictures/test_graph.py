"""``provlog graph``, and the selections that it shares with other commands."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.graphs.lookup import find_one
from provlog.writers.pictures.options import Drawing
from tests.cli.test_cli import LOG, one_line, run
from tests.drawings import dot_of, parsed
from tests.samples import SAMPLES, document, log_of
from tests.writers.pictures.test_folding import members_log

FIT = "430032922596335269"
NIGHT = SAMPLES / "lstosa-simulated-data.log.xz"


def test_svg_is_the_default() -> None:
    result = run("graph", LOG)
    assert result.code == 0
    assert result.output.startswith("<?xml")
    assert "<svg" in result.output


@pytest.mark.parametrize(
    ("arguments", "drawing"),
    [
        ([], Drawing()),
        (["--members", "hide"], Drawing(members="hide")),
        (["--parameters"], Drawing(parameters=True)),
        (["--attributes"], Drawing(attributes=True)),
        (["--no-agents"], Drawing(agents=False)),
        (["--direction", "LR"], Drawing(direction="LR")),
        (["--title", "A night"], Drawing(title="A night")),
        (["--legend"], Drawing(legend=True)),
        (["--max-nodes", "0"], Drawing(max_nodes=0)),
    ],
)
def test_each_option_changes_the_drawing(arguments: list[str], drawing: Drawing) -> None:
    result = run("graph", LOG, "-f", "dot", *arguments)
    graph = provlog.read(LOG)
    assert result == (0, dot_of(graph, drawing), "")
    assert (result.output == dot_of(graph)) == (drawing in (Drawing(), Drawing(max_nodes=0)))


def test_members_are_shown_on_request(tmp_path: Path) -> None:
    log = log_of(tmp_path, members_log(42))
    nodes = [
        parsed(run("graph", log, "-f", "dot", "--members", choice).output).nodes
        for choice in ("auto", "show", "hide")
    ]
    assert list(map(len, nodes)) == [2, 44, 2]


def test_each_step_of_folding_is_reported() -> None:
    result = run("graph", NIGHT, "-f", "dot", "--max-nodes", "20")
    *_, first, second, more = result.errors.splitlines()
    assert "-o NAME.html writes the explorer" in more
    assert first == (
        "provlog: folded: runs of one activity are one node, with sets of what they used and "
        "generated, 30 nodes and 48 edges of 174 and 480"
    )
    assert second == (
        "provlog: folded: sessions are one node each, 10 nodes and 16 edges of 174 and 480"
    )


def test_a_large_picture_is_drawn_with_advice() -> None:
    said = run("graph", NIGHT, "-f", "dot").errors.splitlines()[-1]
    assert said == (
        "provlog: 174 nodes are many for one picture: --max-nodes 50 folds it, "
        "--focus and --session draw a part"
    )
    assert run("graph", NIGHT, "-f", "dot", "--session", "01807").code == 0


def test_the_focus_selects_its_lineage(tmp_path: Path) -> None:
    graph = provlog.read(LOG)
    start = find_one(graph, FIT)
    ways = {
        (): lineage(graph, [start], upstream=True, downstream=True),
        ("--upstream",): lineage(graph, [start]),
        ("--downstream",): lineage(graph, [start], upstream=False, downstream=True),
        ("--upstream", "--depth", "3"): lineage(graph, [start], depth=3),
    }
    for options, part in ways.items():
        drawn = run("graph", LOG, "-f", "dot", "--focus", FIT, *options).output
        assert drawn == dot_of(part, Drawing(focus=start.id))
        shown = run("convert", LOG, "-f", "provn", "--focus", FIT, *options).output
        assert shown == document(part, "provn")
    traced = tmp_path / "fit.dot"
    assert run("lineage", LOG, FIT, "--depth", "3", "-o", traced).code == 0
    part = ways["--upstream", "--depth", "3"]
    assert traced.read_text() == dot_of(part, Drawing(focus=start.id))


def test_a_focus_found_by_a_role_outside_its_lineage(tmp_path: Path) -> None:
    """The downstream lineage of an entity does not include the generation with its role."""
    log = SAMPLES / "gammapy-2019-10-30.log"
    arguments = ["--focus", "flux_points_dataset", "--downstream"]
    result = run("graph", log, "-f", "dot", *arguments)
    assert result.code == 0
    assert result.output.count("penwidth=3") == 1


def test_a_selection_is_drawn() -> None:
    labels = parsed(run("graph", LOG, "-f", "dot", "--activity", "set_models").output).nodes
    assert {lines[0] for lines in labels.values()} == {"set_models", "Models", "analyst"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["-f", "provjson"],
            "graph draws svg, png, pdf, html, dot; write provjson with provlog convert",
        ),
        (["-o", "run.ttl"], "write turtle with provlog convert"),
        (
            ["--focus", "absent"],
            "no entity or activity has the id, label, location, file name or role 'absent'",
        ),
        (["--depth", "2"], "need --focus NAME"),
        (["--upstream"], "need --focus NAME"),
    ],
)
def test_wrong_usage_is_reported(arguments: list[str], message: str) -> None:
    result = run("graph", LOG, *arguments)
    assert (result.code, result.output) == (2, "")
    assert message in one_line(result)


def test_all_matches_of_a_focus_are_listed() -> None:
    result = run("graph", LOG, "--focus", "run_fit")
    assert result.code == 2
    assert len(result.errors.splitlines()) == 3


def test_bundles_are_not_drawn() -> None:
    result = run("convert", LOG, "-f", "svg", "--bundles")
    assert result.code == 2
    assert "cannot show bundles" in one_line(result)


def test_an_empty_graph_is_a_picture() -> None:
    assert parsed(dot_of(provlog.ProvGraph())).nodes == {}


def test_time_can_go_to_the_right() -> None:
    """Data is on the left, results on the right."""
    result = run("graph", NIGHT, "-f", "dot", "--time-direction", "right", "--theme", "grey")
    assert result.code == 0
    assert "rankdir=RL" in result.output
    assert "#FFFC87" not in result.output
