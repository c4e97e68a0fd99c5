"""Compare provlog with the floor, in one process and in turn.

    python benchmarks/floor.py run.log

The floor is the least work of any program: ``orjson.loads`` of each record's JSON,
and ``orjson.dumps`` of the finished document.
"""

from __future__ import annotations

import gc
import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import orjson

import provlog
from provlog.files.source import Source
from provlog.readers.log import log_records
from provlog.writers import FORMATS

ROUNDS = 5
FLOORS = 4


def jsonable(value: Any) -> Any:
    """Return a value that orjson can write, which does not support integers beyond 64 bits."""
    if isinstance(value, dict):
        return {key: jsonable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [jsonable(item) for item in value]
    return str(value) if isinstance(value, int) and abs(value) >= 2**63 else value


def convert(path: str) -> bytes:
    """Convert a log to PROV-JSON, as the command line does."""
    graph = provlog.read(path)
    gc.freeze()
    return "".join(map(str, FORMATS["provjson"].write(graph))).encode()


def _records(path: str) -> list[bytes]:
    """Return the JSON of each record of a log."""
    with Source(path) as source:
        records = log_records(source, lambda _: None)
        return [orjson.dumps(jsonable(fields)) for _, fields in records]


def seconds(work: Callable[[], object]) -> float:
    """Return the duration of a call."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def main() -> None:
    """Print both times, in seconds, and the median of the rounds' ratios."""
    path = sys.argv[1]
    records = _records(path)
    document = orjson.loads(convert(path))
    # The garbage collector must not visit these objects during the measurement.
    gc.freeze()

    def floor() -> None:
        for record in records:
            orjson.loads(record)
        orjson.dumps(document)

    rounds = []
    for _ in range(ROUNDS):
        # The floor is short, so it is measured before and after the other one.
        before = [seconds(floor) for _ in range(FLOORS)]
        own = seconds(lambda: convert(path))
        after = [seconds(floor) for _ in range(FLOORS)]
        rounds.append((statistics.mean(before + after), own))
    print(
        json.dumps(
            {
                "records": len(records),
                "floor": statistics.median(round[0] for round in rounds),
                "provlog": statistics.median(round[1] for round in rounds),
                "ratio": statistics.median(own / bare for bare, own in rounds),
            }
        )
    )


if __name__ == "__main__":
    main()
