"""Convert a log with logprov 0.0.2, and print the duration of each step.

    .bench/peer/bin/python benchmarks/peer.py run.log json provn xml

Runs in an environment of its own; ``bench.py`` makes it.
"""

from __future__ import annotations

import json
import sys
import time
import warnings


def main() -> None:
    """Print seconds by step: read, document, and each format."""
    from logprov.io import provlist2provdoc, read_prov

    warnings.simplefilter("ignore")
    path, *formats = sys.argv[1:]
    seconds = {}
    begun = time.perf_counter()
    records = read_prov(path)
    seconds["read"] = time.perf_counter() - begun
    begun = time.perf_counter()
    document = provlist2provdoc(records)
    seconds["document"] = time.perf_counter() - begun
    for name in formats:
        begun = time.perf_counter()
        document.serialize(format=name)
        seconds[name] = time.perf_counter() - begun
    print(json.dumps(seconds))


if __name__ == "__main__":
    main()
