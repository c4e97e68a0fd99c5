"""The explorer in a browser shows every log, without errors, requests or markup from logs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

import provlog
from provlog.errors import UsageError
from provlog.graphs.bundles import in_bundles
from provlog.writers.explorer.page import script
from provlog.writers.pictures.captions import one_line
from tests.browsers import Browser
from tests.grids import some
from tests.samples import EXCERPT, LOGS, SAMPLES, document
from tests.writers.pictures.test_dot import HOSTILE, hostile_graph

PAGE = Path(provlog.__file__).parent / "writers" / "explorer" / "page"
Show = Callable[..., Browser]
TEXTS = "return [...document.querySelectorAll('#graph text')].map(each => each.textContent)"
# The number of elements that no part of the page makes, in the panel of every element.
EVERY_PANEL = """
(async (done) => {
  let found = 0;
  for (const item of explorer.graph.leaves) {
    explorer.select(item);
    await explorer.ready;
    found += document.querySelectorAll("MARKUP").length;
  }
  done(found);
})(arguments[0]);
""".replace(
    "MARKUP", "#panel :is(b, i, script, img, br), #graph :not(g, path, rect, circle, text, title)"
)


@pytest.mark.parametrize("log", some(LOGS, 3))
def test_every_log_is_shown_without_errors_or_requests(log: Path, shown: Show) -> None:
    browser = shown(provlog.read(log))
    assert browser.run("return document.querySelectorAll('.node').length") > 2
    browser.run("explorer.change({ timeline: true, filters: true })")
    browser.run("explorer.unfoldAll()")
    assert browser.messages() == []
    (page,) = browser.requests()
    assert page.startswith("file:")


def test_hostile_text_is_displayed_literally(shown: Show, tmp_path: Path) -> None:
    """Text from a log creates no dialogs, requests or elements of the page."""
    logs = []
    for number, text in enumerate(each for each in HOSTILE if each.strip()):
        folder = tmp_path / str(number)
        folder.mkdir()
        hostile_graph(folder, text)
        logs.append(folder / "run.log")
    graph = provlog.read(*logs)
    browser = shown(graph)
    browser.run("explorer.change({ open: new Set(explorer.graph.items.keys()), filters: true })")
    texts = set(browser.run(TEXTS))
    assert {one_line(entity.name) for entity in graph.entities.values()} <= texts
    assert browser.driver.execute_async_script(EVERY_PANEL) == 0
    assert browser.messages() == []
    assert len(browser.requests()) == 1


def test_data_cannot_end_its_block() -> None:
    graph = provlog.read(EXCERPT)
    entity = next(iter(graph.entities.values()))
    entity.attributes["prov:label"] = "</script><script>alert(1)</script>"
    page = document(graph, "html")
    assert "alert(1)" not in page
    assert page.count("</script>") == 4


def test_the_page_is_small_and_the_same_every_time() -> None:
    graph = provlog.read(EXCERPT)
    page = document(graph, "html")
    assert page == document(provlog.read(EXCERPT), "html")
    assert len(page) < 2_500_000


def test_the_page_names_no_address() -> None:
    """The namespaces of SVG are excluded, because they are only names."""
    page = document(provlog.read(EXCERPT), "html")
    own = re.sub(r'<script type="module">function vr.*?</script>', "", page, flags=re.DOTALL)
    assert set(re.findall(r"https?://[\w./]+", own)) == {"http://www.w3.org/2000/svg"}


def test_modules_can_be_joined() -> None:
    """No name is declared twice, and no imports remain."""
    names = re.findall(r"^(?:async )?(?:function\*?|const|let|class) (\w+)", script(), re.MULTILINE)
    assert len(names) == len(set(names))
    assert not re.search(r"^(import|export)\b", script(), re.MULTILINE)


def test_bundles_are_not_supported() -> None:
    graph = in_bundles(provlog.read(SAMPLES / "gammapy-2020-04.log"))
    with pytest.raises(UsageError, match="bundles"):
        document(graph, "html")


def test_a_notebook_shows_the_page_in_a_frame(chromium: Browser, tmp_path: Path) -> None:
    graph = provlog.read(EXCERPT)
    frame = graph._repr_html_()
    assert frame is not None
    notebook = tmp_path / "notebook.html"
    notebook.write_text(f'<!DOCTYPE html><meta charset="utf-8">{frame}', encoding="utf-8")
    chromium.driver.get(notebook.as_uri())
    chromium.driver.switch_to.frame(0)
    chromium.wait_for("return !!globalThis.explorer")
    assert chromium.run("return explorer.view.nodes.length") == 7
    chromium.run("explorer.select(3)")
    assert chromium.messages() == []
    chromium.driver.switch_to.default_content()
    assert in_bundles(provlog.read(SAMPLES / "gammapy-2020-04.log"))._repr_html_() is None


def test_the_focus_is_selected(shown: Show, tmp_path: Path) -> None:
    graph = provlog.read(EXCERPT)
    (activity,) = graph.activities.values()
    page = tmp_path / "focus.html"
    provlog.write(graph, page, drawing=provlog.Drawing(focus=activity.id))
    browser = shown(graph)
    assert browser.run("return explorer.state.selected") is None
    browser.open(page)
    assert browser.run("return explorer.graph.items[explorer.state.selected].id") == activity.id
    assert not browser.run("return document.getElementById('panel').hidden")


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_code_never_makes_markup_of_text(path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b", code)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_modules_are_valid(tmp_path: Path) -> None:
    for path in PAGE.glob("*.js"):
        module = tmp_path / f"{path.stem}.mjs"
        module.write_bytes(path.read_bytes())
        done = subprocess.run(
            ["node", "--check", module], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
