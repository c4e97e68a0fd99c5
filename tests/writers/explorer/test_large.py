"""Views of thousands of nodes: on a canvas, in blocks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

import provlog
from provlog.diagnostics.codes.examples import record_line, time_text
from provlog.graphs.lineage import lineage
from provlog.model.graph import ProvGraph
from tests.browsers import Browser
from tests.samples import log_of
from tests.writers.explorer.test_interactions import SHOWN, click, ids

Show = Callable[..., Browser]
SESSIONS = 12
RUNS = 20
# Only ids that are hashes are those of the same file in all sessions.
SHARED = "0123456789abcdef0123456789abcdef"
OPEN_ALL = "explorer.change({ open: new Set(explorer.graph.items.keys()) }); explorer.fit()"
# The place of an item on the screen.
PLACE = """
const place = explorer.placeOf(explorer.graph.byId.get(arguments[0]));
const { x, y, zoom } = explorer.camera;
const { left, top } = document.getElementById("picture").getBoundingClientRect();
return [left + place.x * zoom + x, top + place.y * zoom + y].map(Math.round);
"""
PAINTED = """
const { width, height } = document.getElementById("canvas");
const { data } = document.getElementById("canvas").getContext("2d").getImageData(0, 0, width, height);
return data.some((each) => each);
"""


@pytest.fixture
def graph(tmp_path: Path) -> ProvGraph:
    """Return a graph of 12 sessions, in which 20 activities each make a file of one that all share."""
    lines = []
    for session in range(SESSIONS):
        lines.append(record_line(session, session_id=f"s{session}"))
        for run in range(RUNS):
            name, file = f"s{session}r{run}", f"f{session}.{run}"
            lines += [
                record_line(
                    session,
                    session_id=f"s{session}",
                    activity_id=name,
                    name=f"reduce{run}",
                    startTime=time_text(session),
                ),
                record_line(
                    session,
                    session_id=f"s{session}",
                    activity_id=name,
                    used_id=SHARED,
                    used_role="calibration",
                ),
                record_line(
                    session,
                    session_id=f"s{session}",
                    activity_id=name,
                    generated_id=file,
                    generated_role="image",
                ),
            ]
    return provlog.read(log_of(tmp_path, lines))


@pytest.fixture
def large(shown: Show, graph: ProvGraph) -> Browser:
    browser = shown(graph)
    browser.run(OPEN_ALL)
    assert browser.run("return explorer.view.nodes.length") > SESSIONS * RUNS * 2
    return browser


def press(browser: Browser, x: int, y: int) -> None:
    actions = ActionChains(browser.driver)
    actions.w3c_actions.pointer_action.move_to_location(x, y)  # type: ignore[no-untyped-call]
    actions.w3c_actions.pointer_action.click()
    actions.perform()


def test_a_click_selects_and_shows_the_lineage(large: Browser, graph: ProvGraph) -> None:
    large.wait_for(PAINTED)
    assert large.driver.find_elements(By.CSS_SELECTOR, "#graph .node") == []
    for id in ("f3.7", SHARED):
        (entity,) = (each for each in graph.entities.values() if each.id.endswith(id))
        press(large, *large.run(PLACE, entity.id))
        assert large.run("return explorer.graph.items[explorer.state.selected].id") == entity.id
        assert large.run(SHOWN) == ids(lineage(graph, [entity], upstream=True, downstream=True))
    press(large, 20, 200)
    assert large.run("return explorer.state.selected") is None
    assert large.messages() == []


def test_frames_fold_and_groups_unfold_on_the_canvas(large: Browser) -> None:
    session, left, top = large.run(
        """
        const frame = explorer.picture.layout.frames[5];
        explorer.camera.show(300 - frame.x, 100 - frame.y, 1);
        const { left, top } = document.getElementById("picture").getBoundingClientRect();
        return [frame.item, left, top];
        """
    )
    press(large, round(left) + 320, round(top) + 116)
    item = large.run("return explorer.graph.around[arguments[0]]", session)
    node = "return explorer.view.nodes.some((each) => each.item === arguments[0] && each.isGroup)"
    assert large.run(node, item)
    # The toggle of the folded session is at the upper right corner of its node.
    toggle = large.run(
        """
        const node = explorer.view.nodes.find((each) => each.item === arguments[0]);
        const { x, y, width, height } = explorer.picture.layout.nodes.find((each) => each.item === node.item);
        explorer.camera.show(300 - x, 200 - y, 1);
        return [300 + width / 2 - 2, 200 - height / 2 + 2];
        """,
        item,
    )
    press(large, round(left + toggle[0]), round(top + toggle[1]))
    assert not large.run(node, item)


def test_edges_between_sessions_are_exported_with_a_selection(large: Browser) -> None:
    def exported() -> str:
        click(large, "#exports [data-format=svg]")
        path = large.downloaded(".svg")
        text = path.read_text(encoding="utf-8")
        path.unlink()
        return text

    whole = exported()
    assert whole.count('class="node') > SESSIONS * RUNS * 2
    assert 'data-kind="used"' not in whole
    assert large.driver.find_elements(By.CSS_SELECTOR, "#graph .node") == []
    shared = "return explorer.graph.leaves.find((each) => explorer.graph.items[each].id.endsWith(arguments[0]))"
    large.run("explorer.select(arguments[0])", large.run(shared, SHARED))
    assert exported().count('data-kind="used"') == SESSIONS * RUNS


def test_a_small_view_after_a_large_one_is_svg(large: Browser) -> None:
    large.run("explorer.change({ open: new Set() })")
    assert large.driver.find_elements(By.CSS_SELECTOR, "#graph .node")
    assert not large.driver.find_element(By.ID, "canvas").is_displayed()
    assert large.messages() == []
