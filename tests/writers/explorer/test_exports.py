"""The PROV-JSON that the page exports is what Python writes of the same selection."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.graphs.lineage import lineage
from provlog.model.graph import ProvGraph
from tests.browsers import Browser
from tests.graphs.test_usage_types import path
from tests.samples import SAMPLES, document

__all__ = ["path"]

Show = Callable[..., Browser]
EXPORTS = """
const [starts, done] = arguments;
(async () => {
  const found = [];
  for (const id of starts) {
    explorer.change({ selected: explorer.graph.byId.get(id), up: true, down: false });
    found.push(await explorer.selectedDocument());
  }
  done(found);
})();
"""


def statements(text: str, *, with_types: bool = True) -> dict[str, Any]:
    """Return the elements of a document by id, and how often it states each relation."""
    found: dict[str, Any] = json.loads(text)
    found.pop("prefix")
    for records in found.values():
        for record in () if with_types else records.values():
            record.pop("prov:type", None)
    return {
        section: records
        if section in ("entity", "activity", "agent")
        else Counter(json.dumps(record, sort_keys=True) for record in records.values())
        for section, records in found.items()
    }


def compare(browser: Browser, graph: ProvGraph, some: int) -> None:
    elements = [*graph.entities.values(), *graph.activities.values()]
    starts = elements[:: max(1, len(elements) // some)]
    exported = browser.driver.execute_async_script(EXPORTS, [each.id for each in starts])
    for start, text in zip(starts, exported, strict=True):
        part = lineage(graph, [start])
        # The classes of a described graph stay, even if nothing in the part is described.
        with_types = bool(part.descriptions.described)
        expected = statements(document(part, "provjson"), with_types=with_types)
        assert statements(text, with_types=with_types) == expected


@pytest.mark.parametrize(
    "name", ["logprov-gammapy-rich80.log", "logprov-selftest.log", "provlog-gammapy.log"]
)
def test_descriptions_are_exported_with_what_they_describe(name: str, shown: Show) -> None:
    graph = provlog.read(SAMPLES / name)
    compare(shown(graph), graph, 12)


def test_types_of_use_are_exported(shown: Show, path: Path) -> None:
    graph = provlog.read(path)
    compare(shown(graph), graph, 100)


@pytest.mark.parametrize("is_large", [False, True])
def test_the_whole_picture_is_printed(shown: Show, is_large: bool) -> None:
    browser = shown(provlog.read(SAMPLES / "lstosa-0.9.5.log"))
    browser.run("explorer.change({ open: new Set(explorer.graph.items.keys()) })")
    browser.run("explorer.picture.show(explorer.picture.layout, arguments[0])", is_large)
    browser.run("explorer.camera.show(-500, -500, 2)")
    browser.run("dispatchEvent(new Event('beforeprint'))")
    outside = browser.run(
        """
        const whole = document.getElementById("picture").getBoundingClientRect();
        return [...document.querySelectorAll("#graph .outline")].filter((each) => {
          const { left, right, top, bottom } = each.getBoundingClientRect();
          return left < whole.left || right > whole.right || top < whole.top || bottom > whole.bottom;
        }).length;
        """
    )
    assert outside == 0
    assert browser.run("return document.querySelectorAll('#graph .outline').length") > 100
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert browser.run("return explorer.camera.zoom") == 2
    assert browser.run("return document.querySelectorAll('#graph .outline').length > 0") != is_large
