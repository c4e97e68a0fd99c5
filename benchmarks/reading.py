"""Compare reading a PROV document with the prov library, in one process and in turn.

    python benchmarks/reading.py run.json json

Prints the seconds of each and the median of the ratios as JSON.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
import warnings
from collections.abc import Callable

from prov.model import ProvDocument

import provlog

ROUNDS = 3


def seconds(read: Callable[[], object]) -> float:
    """Return the processor time of one reading, with nothing else in memory."""
    gc.collect()
    begun = time.process_time()
    found = read()
    taken = time.process_time() - begun
    del found
    return taken


def main() -> None:
    """Read a document several times with each."""
    warnings.simplefilter("ignore")
    path, name = sys.argv[1:]
    provlog.read(path)
    pairs = [
        (
            seconds(lambda: provlog.read(path)),
            seconds(lambda: ProvDocument.deserialize(path, format=name)),
        )
        for _ in range(ROUNDS)
    ]
    ours, theirs = (min(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(theirs / ours for ours, theirs in pairs)
    print(json.dumps({"provlog": ours, "prov": theirs, "ratio": ratio}))


if __name__ == "__main__":
    main()
