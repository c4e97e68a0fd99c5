"""``provlog lineage``: upstream and downstream, as a tree, rows and documents."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.building.builder import build
from provlog.errors import UsageError
from provlog.graphs.lineage import lineage
from provlog.graphs.lookup import find, find_one
from provlog.graphs.tree import as_row, lines, walk
from provlog.model.events import (
    ActivityStarted,
    EntityDerived,
    EntityGenerated,
    EntityUsed,
    Event,
    LogStarted,
    MemberAdded,
)
from provlog.model.graph import Activity, Element, ProvGraph
from provlog.model.relations import RELATIONS
from provlog.origin import Origin
from tests.cli.test_cli import LOG, one_line, run
from tests.graphs.test_select import dangling
from tests.profiles import examples
from tests.samples import SAMPLES, document

ORIGIN = Origin("run.log", 1, 1)
FIT = "430032922596335269"


@pytest.fixture(scope="module")
def graph() -> ProvGraph:
    """Two sessions of gammapy."""
    return provlog.read(LOG)


names = st.sampled_from("abcdefgh")
activities = st.sampled_from(["A", "B", "C", "D"])
histories = st.lists(
    st.one_of(
        st.builds(EntityUsed, st.just(ORIGIN), activities, names, st.none()),
        st.builds(EntityGenerated, st.just(ORIGIN), activities, names, st.none()),
        st.builds(EntityDerived, st.just(ORIGIN), names, names),
        st.builds(MemberAdded, st.just(ORIGIN), names, names),
        st.builds(ActivityStarted, st.just(ORIGIN), activities, st.none(), names, st.just({})),
    ),
    min_size=1,
    max_size=20,
)


ALL_KINDS = tuple(RELATIONS)
SHOWN_KINDS = ("used", "wasGeneratedBy", "wasDerivedFrom", "hadMember")


def closure(
    graph: ProvGraph, start: Element, downstream: bool, depth: int | None, kinds: Iterable[str]
) -> set[Element]:
    """Follow every relation as often as there are elements, without optimisation."""
    pairs = [
        (relation.target, relation.source) if downstream else (relation.source, relation.target)
        for kind in kinds
        for relation in graph.relations[kind]
    ]
    reached = {start}
    for _ in range(len(list(graph.elements())) if depth is None else depth):
        reached |= {far for near, far in pairs if near in reached}
    return reached


@settings(max_examples=examples(300))
@given(histories, st.booleans(), st.none() | st.integers(0, 4), st.data())
def test_lineage_is_the_closure(
    history: list[Event], downstream: bool, depth: int | None, data: st.DataObject
) -> None:
    graph = build([LogStarted(ORIGIN, "deadbeef"), *history])
    start = data.draw(st.sampled_from(list(graph.elements())))
    part = lineage(graph, [start], upstream=not downstream, downstream=downstream, depth=depth)
    assert set(part.elements()) == closure(graph, start, downstream, depth, ALL_KINDS)
    assert dangling(part) == []
    walked = {step.element for step in walk(graph, start, downstream=downstream, depth=depth)}
    assert walked == closure(graph, start, downstream, depth, SHOWN_KINDS)


@given(histories, st.booleans())
def test_trees_are_finite_and_parents_come_first(history: list[Event], downstream: bool) -> None:
    graph = build([LogStarted(ORIGIN, "deadbeef"), *history])
    start = next(graph.elements())
    shown: list[Element] = []
    for step in walk(graph, start, downstream=downstream):
        assert step.parent is None or step.parent in shown
        assert step.is_repeated == (step.element in shown)
        shown.append(step.element)


def test_both_directions_together_do_not_include_siblings(graph: ProvGraph) -> None:
    start = find_one(graph, FIT)
    up = set(lineage(graph, [start]).elements())
    down = set(lineage(graph, [start], upstream=False, downstream=True).elements())
    both = set(lineage(graph, [start], downstream=True).elements())
    assert both == up | down


def test_a_long_chain_has_a_lineage() -> None:
    count = 100_000
    events = [EntityDerived(ORIGIN, f"e{number + 1}", f"e{number}") for number in range(count)]
    graph = build([LogStarted(ORIGIN, "deadbeef"), *events])
    start = find_one(graph, f"e{count}")
    assert len(lineage(graph, [start]).entities) == count + 1
    assert sum(1 for _ in walk(graph, start)) == count + 1


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        (FIT, ["FitResult"]), (f"log:entity-8745959932477-{FIT}", ["FitResult"]),
        ("run_fit", ["run_fit"] * 2), ("*exclusion_mask.fits*", ["Mask"]),
        ("exclusion_mask.fits.gz", ["Mask"]), ("gamma-events:2352?", ["Observation"] * 3),
        ("absent", []), ("[", []), ("", []),
    ],
)  # fmt: skip
def test_the_elements_with_a_name(graph: ProvGraph, name: str, labels: list[str]) -> None:
    assert [element.label for element in find(graph, name)] == labels


def test_an_ambiguous_name_is_an_error(graph: ProvGraph) -> None:
    with pytest.raises(UsageError, match=r"'run_fit' matches 2;.*\n  log:activity-.*\n  log"):
        find_one(graph, "run_fit")
    with pytest.raises(
        UsageError,
        match=r"no entity or activity has the id, label, location, file name or role 'absent'",
    ):
        find_one(graph, "absent")


def test_the_tree_names_activity_time_role_and_file() -> None:
    result = run("lineage", LOG, FIT)
    assert result.code == 0
    shown = result.output.splitlines()
    assert shown[0] == f"FitResult  {FIT}  PythonObject"
    assert shown[1] == (
        "└── generated by  [fit_result]  run_fit  2026-11-22 17:21:52  9.3 s  fee8c3  by analyst"
    )
    assert any("[exclusion_mask]  Mask  exclusion_mask.fits.gz" in line for line in shown)
    assert sum("gamma-events:" in line for line in shown) == 4
    assert "(shown elsewhere)" in result.output


def test_depth_and_direction() -> None:
    assert len(run("lineage", LOG, FIT, "--depth", "1").output.splitlines()) == 2
    down = run("lineage", LOG, "exclusion_mask.fits.gz", "--downstream").output
    assert "used by  [exclusion_mask]  get_datasets" in down
    assert "generated  [reduced_datasets]  Datasets" in down


def test_the_former_name_of_the_command_is_kept() -> None:
    assert run("trace", LOG, FIT) == run("lineage", LOG, FIT)
    assert run("trace", "--help").code == 0


def test_a_selection_limits_the_lineage(graph: ProvGraph) -> None:
    whole = run("lineage", LOG, FIT)
    fit = find_one(graph, "fee8c3")
    assert isinstance(fit, Activity)
    late = run("lineage", LOG, FIT, "--since", str(fit.start))
    assert (late.code, "run_fit" in late.output) == (0, True)
    assert "get_datasets" in whole.output
    assert "get_datasets" not in late.output
    assert run("lineage", LOG, FIT, "--since", "2026", "--until", "2026") == whole
    assert fit.session is not None
    assert run("lineage", LOG, FIT, "--session", fit.session.id) == whole
    assert run("lineage", LOG, FIT, "--until", "2025").code == 2


@pytest.mark.parametrize("arguments", [[], [LOG]])
def test_a_missing_name_is_reported(arguments: list[Path]) -> None:
    result = run("lineage", *arguments)
    assert (result.code, result.errors.splitlines()[-1]) == (2, "Error: Missing argument 'NAME'.")


def test_rows_for_scripts() -> None:
    rows: list[dict[str, Any]] = json.loads(run("lineage", LOG, FIT, "--json").output)
    assert rows[0]["parent"] is None
    assert rows[1]["label"] == "run_fit"
    assert rows[1]["role"] == "fit_result"
    known = {row["id"] for row in rows}
    assert all(row["parent"] in known for row in rows[1:])


def test_a_lineage_as_a_document(graph: ProvGraph, tmp_path: Path) -> None:
    output = tmp_path / "fit.provn"
    assert run("lineage", LOG, FIT, "-o", output).code == 0
    part = lineage(graph, [find_one(graph, FIT)])
    assert output.read_text() == document(part, "provn")
    assert "get_flux_points" not in output.read_text()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["absent"],
            "no entity or activity has the id, label, location, file name or role 'absent'",
        ),
        ([FIT, "--json", "-f", "provn"], "--json prints the tree"),
    ],
)
def test_wrong_usage_is_reported(arguments: list[str], message: str) -> None:
    result = run("lineage", LOG, *arguments)
    assert (result.code, result.output) == (2, "")
    assert message in one_line(result)


def test_all_matches_of_a_name_are_listed(graph: ProvGraph) -> None:
    result = run("lineage", LOG, "*_2352*")
    found = find(graph, "*_2352*")
    assert (result.code, result.output) == (2, "")
    first, *listed = result.errors.splitlines()
    assert first == f"provlog: '*_2352*' matches {len(found)}; choose one by its id:"
    assert [line.split()[0] for line in listed] == [element.id for element in found]
    assert len(listed) > 3
    assert "run_fit  2026-11-22T17:21:52" in run("lineage", LOG, "run_fit").errors


def test_labels_are_shown_as_text(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("_PROV_{'entity_id': 'e', 'name': '[red]x\\x1b[31m\\n\\u202e'}\n")
    assert run("lineage", log, "e").output == "[red]x\\x1b[31m��  e\n"


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.log")), ids=lambda path: path.stem)
def test_every_entity_of_every_sample_has_a_lineage(path: Path) -> None:
    graph = provlog.read(path)
    for entity in graph.entities.values():
        steps = list(walk(graph, entity))
        shown = list(lines(iter(steps), graph))
        assert len(shown) == len(steps)
        assert all(line.isprintable() for line in shown)
        assert as_row(steps[0])["id"] == entity.id
