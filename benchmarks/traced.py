"""A traced call, by provlog or by logprov; print microseconds a call.

    python benchmarks/traced.py provlog run.log 300
    .bench/peer/bin/python benchmarks/traced.py logprov run.log 300

The call has one parameter and one result, a small object: five records. Runs in the
environment of what it measures; ``captures.py`` starts it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from time import perf_counter


class Spectrum:
    """A small object."""

    def __init__(self, bins: int) -> None:
        self.bins = bins


def make(energy_bins: int = 20) -> Spectrum:
    """Make a small object."""
    return Spectrum(energy_bins)


Make = Callable[..., Spectrum]


def untraced(log: str) -> tuple[Make, Callable[[], None]]:
    """Trace nothing."""
    return make, lambda: None


def by_provlog(log: str) -> tuple[Make, Callable[[], None]]:
    """Return the function traced by provlog, and a function that switches the tracing off."""
    from provlog.capture import Capture

    capture = Capture(log=log)
    return capture.trace(make), lambda: setattr(capture, "enabled", False)


def by_logprov(log: str) -> tuple[Make, Callable[[], None]]:
    """Return the function traced by logprov, and a function that switches the tracing off."""
    from logprov.capture import ProvCapture

    # It asks who is logged in at a terminal; a batch job has none.
    os.getlogin = lambda: "user"
    config = {"capture": True, "log_filename": log}
    return ProvCapture(config=config).trace(make), lambda: config.update(capture=False)


TRACERS = {"untraced": untraced, "provlog": by_provlog, "logprov": by_logprov}


def cost(function: Make, calls: int) -> float:
    """Return the microseconds per call of the first calls, since logprov's take ever longer."""
    begun = perf_counter()
    for _ in range(calls):
        function(energy_bins=3)
    return (perf_counter() - begun) / calls * 1e6


def main() -> None:
    """Print the costs of a recorded and of an unrecorded call."""
    tracer, log, calls = sys.argv[1:]
    function, switch_off = TRACERS[tracer](log)
    function(energy_bins=3)
    found = {"recorded": cost(function, int(calls))}
    switch_off()
    found["off"] = cost(function, int(calls))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
