"""Measure writing documents alone, with the graph in memory.

    python benchmarks/documents.py run.log provjson votable

Prints the processor time of each format in seconds, as JSON; the best of several rounds, in turn.
"""

from __future__ import annotations

import gc
import json
import sys
import time
from io import BytesIO

import provlog
from provlog.model.graph import ProvGraph

ROUNDS = 5


def seconds(graph: ProvGraph, name: str) -> float:
    """Return the processor time of writing a document."""
    gc.collect()
    begun = time.process_time()
    provlog.write(graph, BytesIO(), name)
    return time.process_time() - begun


def main() -> None:
    """Write each document several times."""
    path, *names = sys.argv[1:]
    graph = provlog.read(path)
    rounds = [{name: seconds(graph, name) for name in names} for _ in range(ROUNDS)]
    print(json.dumps({name: min(each[name] for each in rounds) for name in names}))


if __name__ == "__main__":
    main()
