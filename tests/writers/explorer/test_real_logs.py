"""The page of every real log: no errors, no requests, and the answers of Python."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import provlog
from provlog.errors import InputError, UsageError
from provlog.graphs.lineage import lineage
from tests.browsers import Browser
from tests.samples import SAMPLES
from tests.writers.explorer.test_interactions import SHOWN, ids

Show = Callable[..., Browser]
SHARED = SAMPLES.parent.parent / "shared"
PATTERNS = (
    "logs/*.log",
    "ctapipe/*.provenance.log",
    "ctapipe/*.json",
    "opus/jobs/*.log",
    "opus/jobs/*prov.*",
)
LOGS = sorted(path for pattern in PATTERNS for path in SHARED.glob(pattern))


@pytest.mark.slow
@pytest.mark.skipif(not LOGS, reason="needs the logs in ../shared, which are not published")
@pytest.mark.filterwarnings("ignore")
def test_every_shared_log_is_shown(shown: Show) -> None:
    """One test for all, because most logs have a page within a second."""
    pages = 0
    for log in LOGS:
        try:
            graph = provlog.read(log)
        except InputError:
            # Some files hold what the logs refer to.
            continue
        elements = [*graph.entities.values(), *graph.activities.values()]
        if graph.bundles:
            with pytest.raises(UsageError, match="bundles"):
                shown(graph)
            continue
        browser = shown(graph)
        pages += 1
        browser.run("explorer.change({ timeline: true, filters: true })")
        browser.run("explorer.unfoldAll()")
        for start in elements[:: max(1, len(elements) // 5)]:
            browser.run("explorer.reveal(explorer.graph.byId.get(arguments[0]))", start.id)
            browser.wait_for("return !document.getElementById('panel').hidden")
            assert browser.run(SHOWN) == ids(lineage(graph, [start], downstream=True)), log.name
        assert browser.messages() == [], log.name
        assert len(browser.requests()) == 1, log.name
    assert pages > 20
