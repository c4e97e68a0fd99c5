"""Measure the time to write formats of one graph, as JSON: the best of several alternating rounds.

python benchmarks/writing.py run.log provjson votable
"""

from __future__ import annotations

import gc
import json
import sys
from io import BytesIO
from time import perf_counter

import provlog

ROUNDS = 5


def seconds(graph: provlog.ProvGraph, name: str) -> float:
    """Return the time of writing a graph to memory."""
    begun = perf_counter()
    provlog.write(graph, BytesIO(), name)
    return perf_counter() - begun


def main() -> None:
    """Measure the formats that the command line names."""
    path, *names = sys.argv[1:]
    graph = provlog.read(path)
    # As the command does.
    gc.freeze()
    rounds = [{name: seconds(graph, name) for name in names} for _ in range(ROUNDS)]
    print(json.dumps({name: min(taken[name] for taken in rounds) for name in names}))


if __name__ == "__main__":
    main()
