"""Measure how the time of a lineage grows with the number of relations; print JSON.

The graph is one history: a chain of activities, each with an input of its own, one
that all share, and the output of the one before; the last output leads back to the
first, so that it is a circle, too.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from time import perf_counter

from provlog.building.builder import build
from provlog.graphs.lineage import lineage
from provlog.graphs.lookup import find_one
from provlog.model.events import EntityDerived, EntityGenerated, EntityUsed, Event, LogStarted
from provlog.origin import Origin

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
ORIGIN = Origin("run.log", 1, 1)


def history(relations: int) -> Iterator[Event]:
    """Yield the events of a history with about as many relations."""
    yield LogStarted(ORIGIN, "deadbeef")
    steps = relations // 4
    for step in range(steps):
        activity = f"a{step}"
        yield EntityUsed(ORIGIN, activity, f"in{step}", "input")
        yield EntityUsed(ORIGIN, activity, "config", "config")
        yield EntityUsed(ORIGIN, activity, f"out{step}", "previous")
        yield EntityGenerated(ORIGIN, activity, f"out{step + 1}", "output")
    yield EntityDerived(ORIGIN, "out0", f"out{steps}")


def main() -> None:
    """Measure each size."""
    seconds = {}
    for size in SIZES:
        graph = build(history(size))
        gc.freeze()
        start = find_one(graph, f"out{size // 4}")
        taken = []
        for _ in range(ROUNDS):
            begun = perf_counter()
            part = lineage(graph, [start])
            taken.append(perf_counter() - begun)
            assert len(part.entities) == len(graph.entities)
        seconds[size] = min(taken)
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
