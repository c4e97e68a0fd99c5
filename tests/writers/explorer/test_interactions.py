"""What a user does in the explorer, and that the page then shows what Python computes."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

import provlog
from provlog.cli import main
from provlog.graphs.lineage import lineage
from provlog.graphs.lookup import find
from provlog.graphs.select import select
from provlog.graphs.usage_types import of_usage_types
from provlog.model.graph import Element, ProvGraph
from provlog.writers.explorer.tree import items, walk
from tests.browsers import Browser
from tests.graphs.test_usage_types import path
from tests.grids import some
from tests.samples import SAMPLES

__all__ = ["path"]

Show = Callable[..., Browser]
LOGS = ("gammapy-2020-04.log", "lstosa-0.9.5.log", "provlog-gammapy.log")
ROUNDS = 4

SHOWN = "return explorer.ids().sort()"
CLICK = (
    "document.querySelector(arguments[0]).dispatchEvent(new MouseEvent('click', {bubbles: true}))"
)


def ids(graph: ProvGraph) -> list[str]:
    return sorted(element.id for element in graph.elements())


def click(browser: Browser, selector: str) -> None:
    browser.run(CLICK, selector)


def search(browser: Browser, text: str) -> None:
    """Type a text into the search field and take the first suggestion."""
    field = browser.driver.find_element(By.ID, "search")
    field.send_keys(text)
    browser.wait_for("return document.querySelector('#suggestions li[data-item]') !== null")
    field.send_keys(Keys.ENTER)
    browser.run("document.getElementById('search').value = ''")


def suggested(browser: Browser, text: str) -> set[str]:
    """Return the ids of the elements that the page suggests for a text."""
    field = browser.driver.find_element(By.ID, "search")
    field.send_keys(text)
    browser.wait_for("return document.querySelector('#suggestions li') !== null")
    found = browser.run(
        "return [...document.querySelectorAll('#suggestions li[data-item]')]"
        ".map(line => explorer.graph.items[line.dataset.item].id)"
    )
    field.send_keys(Keys.ESCAPE)
    return set(found)


class Session:
    """A user with a page and the graph that it shows."""

    def __init__(self, browser: Browser, graph: ProvGraph, chance: random.Random) -> None:
        self.browser = browser
        self.graph = graph
        self.chance = chance
        self.count = 0

    def expect(self, part: ProvGraph) -> None:
        """Compare the elements that the page shows or selects with those of a graph."""
        self.count += 1
        assert self.browser.run(SHOWN) == ids(part)

    def element(self) -> Element:
        known = [*self.graph.entities.values(), *self.graph.activities.values()]
        return self.chance.choice(known)

    def lineage(self, start: Element, up: bool, down: bool, depth: int | None = None) -> ProvGraph:
        return lineage(self.graph, [start], upstream=up, downstream=down, depth=depth)

    def follow(self) -> None:
        """Search an element, choose the direction and the depth, look at each lineage."""
        start = self.element()
        search(self.browser, start.id)
        self.expect(self.lineage(start, True, True))
        click(self.browser, "#panel [data-toggle=down]")
        self.expect(self.lineage(start, True, False))
        click(self.browser, "#panel [data-toggle=down]")
        click(self.browser, "#panel [data-toggle=up]")
        self.expect(self.lineage(start, False, True))
        click(self.browser, "#panel [data-toggle=up]")
        depth = self.chance.randint(1, 4)
        field = self.browser.driver.find_element(By.CSS_SELECTOR, "#panel input[type=number]")
        field.send_keys(str(depth), Keys.ENTER)
        self.expect(self.lineage(start, True, True, depth))
        self.browser.run("explorer.change({ depth: null, selected: null })")

    def name(self) -> None:
        """Search by a name that a command accepts."""
        label = self.element().name
        self.count += 1
        assert {element.id for element in find(self.graph, label)[:5]} <= self._suggested(label)

    def _suggested(self, label: str) -> set[str]:
        found = suggested(self.browser, label)
        # The list is cut after 14 suggestions.
        return found if len(found) < 14 else found | {e.id for e in find(self.graph, label)}

    def filter(self) -> None:
        """Choose an activity and a session among the filters."""
        sessions = set(self.graph.sessions.values())
        runs = [run for run in self.graph.activities.values() if run not in sessions]
        run = self.chance.choice(runs)
        self.browser.driver.find_element(By.ID, "show-filters").click()
        boxes = "#filters fieldset:nth-of-type(2) input[type=checkbox]"
        for box in self.browser.driver.find_elements(By.CSS_SELECTOR, boxes):
            if box.get_attribute("data-value") == run.label:
                self.browser.run("arguments[0].click()", box)
                break
        self.expect(select(self.graph, activities=[run.label]))
        field = self.browser.driver.find_element(By.CSS_SELECTOR, "#filters [data-key=since]")
        assert run.start is not None
        field.send_keys(run.start, Keys.TAB)
        self.expect(select(self.graph, activities=[run.label], since=run.start))
        click(self.browser, "#no-filters")
        boxes = "#filters fieldset:nth-of-type(1) input[type=checkbox]"
        self.browser.run("document.querySelector(arguments[0]).click()", boxes)
        first = next(iter(self.graph.sessions.values()))
        self.expect(select(self.graph, sessions=[first.id]))
        click(self.browser, "#no-filters")
        self.expect(self.graph)
        self.browser.driver.find_element(By.ID, "show-filters").click()

    def unfold(self) -> None:
        """Unfold a group, select another, and look at the lineage of its elements."""
        groups = {
            number: item
            for number, (item, _) in enumerate(walk(items(self.graph)))
            if item.parts and item.node.kind != "session"
        }
        visible = self.browser.run(
            "return explorer.view.nodes.filter(node => node.isGroup).map(node => node.item)"
        )
        known = [number for number in visible if number in groups]
        if not known:
            return
        number = self.chance.choice(known)
        click(self.browser, f"[data-item='{number}'] .outline")
        self.expect(
            lineage(self.graph, groups[number].node.elements, upstream=True, downstream=True)
        )
        before = len(self.browser.run("return explorer.view.nodes"))
        click(self.browser, f"[data-item='{number}'] [data-action=unfold] circle")
        assert len(self.browser.run("return explorer.view.nodes")) == before - 1 + len(
            groups[number].parts
        )
        self.browser.run("document.activeElement.blur()")
        self.browser.driver.find_element(By.TAG_NAME, "body").send_keys(Keys.BACKSPACE)
        assert len(self.browser.run("return explorer.view.nodes")) == before
        self.browser.run("explorer.select(null)")

    def export(self) -> None:
        """Export the selection as PROV-JSON, and read it."""
        start = self.element()
        search(self.browser, start.id)
        click(self.browser, "#export-menu")
        click(self.browser, "#exports [data-format=provjson]")
        saved = self.browser.downloaded(".json")
        exported = provlog.read(saved, descriptions=False)
        saved.unlink()
        self.count += 1
        expected = self.lineage(start, True, True)
        assert ids(exported) == ids(expected)
        assert {kind: len(found) for kind, found in exported.relations.items()} == {
            kind: len(found) for kind, found in expected.relations.items()
        }
        self.browser.run("explorer.select(null)")


@pytest.mark.parametrize("name", some(LOGS, 3))
def test_the_page_answers_as_python_does(name: str, shown: Show) -> None:
    """20 answers or more for each log."""
    graph = provlog.read(SAMPLES / name, descriptions=False)
    user = Session(shown(graph), graph, random.Random(name))
    for _ in range(ROUNDS // 2):
        for action in (user.follow, user.name, user.filter, user.unfold, user.export):
            action()
    assert user.count >= 20
    assert user.browser.messages() == []
    assert len(user.browser.requests()) == 1


def test_the_lineage_is_that_of_the_command(
    shown: Show, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    log = SAMPLES / "gammapy-2020-04.log"
    graph = provlog.read(log)
    browser = shown(graph)
    entity = next(each for each in graph.entities.values() if each.label == "FluxPointsDataset")
    search(browser, "FluxPointsDataset")
    click(browser, "#panel [data-toggle=down]")
    output = tmp_path / "lineage.json"
    with pytest.raises(SystemExit) as done:
        main(["lineage", str(log), entity.id, "-o", str(output)])
    assert done.value.code in (0, None)
    document = json.loads(output.read_text(encoding="utf-8"))
    found = [name for kind in ("entity", "activity", "agent") for name in document.get(kind, {})]
    assert browser.run(SHOWN) == sorted(found)


def test_the_address_holds_the_view(shown: Show, tmp_path: Path) -> None:
    graph = provlog.read(SAMPLES / "gammapy-2020-04.log")
    browser = shown(graph)
    search(browser, "FluxPointsDataset")
    browser.run("explorer.change({ down: false, depth: 3, theme: 'dark', timeline: true })")
    browser.run("explorer.change({ names: new Set(['get_flux_points']) })")
    address = browser.driver.current_url
    state = "const { open, names, ...rest } = explorer.state; return [[...open].sort(), [...names], rest.selected, rest.up, rest.down, rest.depth, rest.theme, rest.timeline]"
    before = browser.run(state)
    browser.open(tmp_path / "page.html", address.partition("#")[2])
    assert browser.run(state) == before
    browser.run("location.hash = '#open=99999.x&select=gone&depth=-1&since=never'")
    browser.wait_for("return explorer.state.depth === null")
    assert browser.run("return explorer.state.selected") is None
    assert browser.messages() == []


def test_pictures_are_exported(shown: Show) -> None:
    browser = shown(provlog.read(SAMPLES / "gammapy-2019-10-30.log"))
    click(browser, "#exports [data-format=svg]")
    picture = browser.downloaded(".svg")
    text = picture.read_text(encoding="utf-8")
    assert "get_flux_points" in text
    assert "var(--" not in text
    click(browser, "#exports [data-format=png]")
    pixels = browser.downloaded(".png").read_bytes()
    assert pixels.startswith(b"\x89PNG")
    assert int.from_bytes(pixels[16:20]) > 1500


def test_keys_move_and_select(shown: Show) -> None:
    browser = shown(provlog.read(SAMPLES / "gammapy-2019-10-30.log"))
    page = browser.driver.find_element(By.TAG_NAME, "body")
    page.send_keys("n")
    first = browser.run("return explorer.state.selected")
    page.send_keys("n", "p")
    assert browser.run("return explorer.state.selected") == first
    page.send_keys("u")
    assert browser.run("return [explorer.state.up, explorer.state.down]") == [False, True]
    page.send_keys("t", "f", Keys.ESCAPE)
    assert browser.run("return explorer.state.selected") is None
    assert browser.run("return explorer.state.timeline && explorer.state.filters")
    zoom = browser.run("return explorer.camera.zoom")
    page.send_keys("+")
    assert browser.run("return explorer.camera.zoom") == pytest.approx(zoom * 1.25)
    # Keys also work after a click on a button.
    browser.driver.find_element(By.ID, "fold-all").click()
    browser.driver.switch_to.active_element.send_keys("n")
    assert browser.run("return explorer.state.selected") is not None
    page.send_keys("/")
    assert browser.run("return document.activeElement.id") == "search"


def test_a_period_of_the_timeline_filters(shown: Show) -> None:
    graph = provlog.read(SAMPLES / "gammapy-2020-04.log")
    browser = shown(graph)
    browser.run("explorer.change({ timeline: true })")
    browser.run(
        """
        const canvas = document.getElementById("lanes");
        const { left, top } = canvas.getBoundingClientRect();
        canvas.setPointerCapture = () => {};
        for (const [name, x] of [["pointerdown", 400], ["pointermove", 500], ["pointerup", 700]])
          canvas.dispatchEvent(new PointerEvent(name, { clientX: left + x, clientY: top + 60 }));
        """
    )
    since, until = browser.run("return [explorer.state.since, explorer.state.until]")
    assert since < until
    first, last = (datetime.fromtimestamp(time / 1000, UTC).isoformat() for time in (since, until))
    assert browser.run(SHOWN) == ids(select(graph, since=first, until=last))


def test_types_of_use_are_chosen_as_by_the_command(shown: Show, path: Path) -> None:
    graph = provlog.read(path)
    browser = shown(graph)
    browser.run("explorer.change({ filters: true })")
    box = "#filters fieldset:nth-of-type(3) [data-value={}]"
    assert len(browser.driver.find_elements(By.CSS_SELECTOR, box.format("Log"))) == 1
    click(browser, box.format("Log"))
    assert browser.run(SHOWN) == ids(of_usage_types(graph, ["Log"]))
    click(browser, box.format("Main"))
    assert browser.run(SHOWN) == ids(of_usage_types(graph, ["Log", "Main"]))
    click(browser, box.format("Log"))
    assert browser.run(SHOWN) == ids(of_usage_types(graph, ["Main"]))
