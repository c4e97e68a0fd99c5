"""Measure the explorer in headless Chromium: when a page is drawn, and how large views move."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generate import SAMPLES
from measuring import MEGA, PROVLOG, WORK, run, table
from selenium.webdriver import Chrome
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.wait import WebDriverWait

ARGUMENTS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1500,900")
ROUNDS = 5
PAINT = "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
DRAWN = "return performance.getEntriesByName('drawn')[0]?.startTime"

# Unfold from the outermost group to the innermost, as long as there are at most 5,000 nodes.
UNFOLD = """
const { graph } = explorer;
const open = new Set();
let count = graph.around.filter((outer) => outer < 0).length;
graph.around.forEach((outer, item) => {
  const more = graph.parts[item].length - 1;
  if (more < 0 || (outer >= 0 && !open.has(outer)) || count + more > 5000) return;
  open.add(item);
  count += more;
});
explorer.change({ open });
explorer.fit();
"""
SELECT = "const { nodes } = explorer.view; explorer.select(nodes[nodes.length >> 1].item)"
FILTER = "explorer.change({ names: new Set([explorer.graph.activities.name[0]]) })"
CLEAR = "explorer.select(null); explorer.clearFilters()"
# The time until the frame after the change is painted.
TIMED = """
const [script, done] = arguments;
const begun = performance.now();
new Function(script)();
requestAnimationFrame(() => {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => done(performance.now() - begun);
  channel.port2.postMessage(0);
});
"""
FRAMES = """
const [move, done] = arguments;
const step = new Function("camera", "isBack", move);
const times = [];
let last = null;
function frame(time) {
  if (last !== null) times.push(time - last);
  last = time;
  if (times.length === 60) return done(times);
  step(explorer.camera, times.length >= 30);
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
"""
PAN = "camera.panBy(isBack ? 15 : -15, 3)"
ZOOM = "camera.zoomBy(isBack ? 1 / 1.03 : 1.03)"


@contextmanager
def chromium() -> Iterator[Chrome | None]:
    """Start the browser; yield ``None`` if it is not installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        yield None
        return
    options = Options()
    options.binary_location = program
    for argument in ARGUMENTS:
        options.add_argument(argument)
    running = Chrome(options=options, service=Service(driver))
    try:
        yield running
    finally:
        running.quit()


def page(log: Path) -> Path:
    """Write the page of a log."""
    output = WORK / f"{log.name}.html"
    run([PROVLOG, "graph", log, "-o", output])
    return output


def opened(driver: Chrome, page: Path) -> tuple[float, float]:
    """Open a page; return the milliseconds to its first paint and to its graph."""
    driver.get("about:blank")
    driver.get(page.as_uri())
    # The browser may report the first paint after the script has drawn the graph.
    return _value(driver, PAINT), _value(driver, DRAWN)


def _value(driver: Chrome, script: str) -> float:
    """Return the value of a script as soon as it has one."""
    found: float = WebDriverWait(driver, 60, 0.05).until(lambda _: driver.execute_script(script))
    return found


def pages_table(large: Path) -> str:
    """Measure the pages of the sample logs and of a large log."""
    rows = []
    with chromium() as driver:
        if driver is None:
            return "Chromium is not installed.\n"
        for log in (*sorted(SAMPLES.glob("*.log*")), large):
            written = page(log)
            times = [opened(driver, written) for _ in range(ROUNDS)]
            paint, drawn = (min(each) for each in zip(*times, strict=True))
            rows.append([log.name, f"{written.stat().st_size / MEGA:.2f} MB",
                         f"{paint / 1000:.2f} s", f"{drawn / 1000:.2f} s"])  # fmt: skip
    return table(["log", "page", "first paint", "graph drawn"], rows)


def large_views_table(logs: list[Path]) -> str:
    """Measure views of almost 5,000 nodes."""
    rows = []
    with chromium() as driver:
        if driver is None:
            return "Chromium is not installed.\n"
        driver.set_script_timeout(120)
        for log in logs:
            opened(driver, page(log))
            rows.append([log.name, *_view(driver)])
    header = [
        "log",
        "nodes",
        "edges",
        "pan",
        "zoom",
        "unfold all",
        "select",
        "filter",
        "unfold one",
    ]
    return table(header, rows)


def _view(driver: Chrome) -> Iterator[str]:
    def timed(script: str) -> str:
        found: float = driver.execute_async_script(TIMED, script)
        return f"{found / 1000:.2f} s"

    unfolded = timed(UNFOLD)
    for count in driver.execute_script(
        "return [explorer.view.nodes.length, explorer.view.edges.length]"
    ):
        yield f"{count:,}"
    for move in (PAN, ZOOM):
        rounds = [sorted(driver.execute_async_script(FRAMES, move)) for _ in range(ROUNDS)]
        times = min(rounds, key=statistics.median)
        yield f"{statistics.median(times):.0f}, {times[57]:.0f} ms"
    yield unfolded
    yield timed(SELECT)
    driver.execute_script(CLEAR)
    yield timed(FILTER)
    driver.execute_script(CLEAR)
    last = "const group = [...explorer.state.open].at(-1);"
    driver.execute_script(f"{last} explorer.fold(group); explorer.last = group")
    yield timed("explorer.unfold(explorer.last)")
