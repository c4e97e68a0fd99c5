"""A traced call, by provlog or by logprov; print microseconds a call.

    python benchmarks/traced.py provlog run.log
    .bench/peer/bin/python benchmarks/traced.py logprov run.log

The call has one parameter and one result, a small object: five records. Runs in the
environment of what it measures; ``captures.py`` starts it.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from time import perf_counter
from typing import Any

CALLS = 2000
ROUNDS = 7
DEFINITIONS: dict[str, Any] = {
    "activity_descriptions": {
        "make": {
            "description": "Make a spectrum",
            "parameters": [{"name": "energy_bins", "value": "kwargs.energy_bins"}],
            "usage": [],
            "generation": [
                {"role": "spectrum", "entity_description": "Spectrum", "value": "spectrum"}
            ],
        }
    },
    "entity_descriptions": {"Spectrum": {"description": "A spectrum", "type": "PythonObject"}},
    "agents": {},
}


class Spectrum:
    """A small object."""

    def __init__(self, bins: int) -> None:
        self.bins = bins


class Analysis:
    """What is traced."""

    spectrum: Spectrum

    def make(self, energy_bins: int = 20) -> Spectrum:
        """Make a small object."""
        self.spectrum = Spectrum(energy_bins)
        return self.spectrum


def untraced(log: str) -> Callable[[], None]:
    """Trace nothing."""
    return lambda: None


def by_provlog(log: str) -> Callable[[], None]:
    """Trace the class with provlog; return what switches that off."""
    from provlog.capture import Capture
    from provlog.capture.definitions import definitions_of

    capture = Capture(definitions_of(DEFINITIONS), log)
    capture.trace_methods(Analysis)
    return lambda: setattr(capture, "enabled", False)


def by_logprov(log: str) -> Callable[[], None]:
    """Trace the class with logprov, which is told to record no more than is defined."""
    from logprov.capture import ProvCapture

    # It asks who is logged in at a terminal; a batch job has none.
    os.getlogin = lambda: "user"
    config = {
        "capture": True, "hash_type": "sha1", "log_filename": log, "log_args": False,
        "log_kwargs": False, "log_args_as_entities": False, "log_returned_result": False,
    }  # fmt: skip
    capture = ProvCapture(definitions=DEFINITIONS, config=config)
    capture.trace_methods(Analysis)
    return lambda: config.update(capture=False)


TRACERS = {"untraced": untraced, "provlog": by_provlog, "logprov": by_logprov}


def cost(analysis: Analysis) -> float:
    """Return microseconds a call, of the fastest round."""
    fastest = float("inf")
    for _ in range(ROUNDS):
        begun = perf_counter()
        for _ in range(CALLS // ROUNDS):
            analysis.make(energy_bins=3)
        fastest = min(fastest, perf_counter() - begun)
    return fastest / (CALLS // ROUNDS) * 1e6


def main() -> None:
    """Print the costs of a call that is recorded, and of one that is not."""
    tracer, log = sys.argv[1:]
    switch_off = TRACERS[tracer](log)
    analysis = Analysis()
    analysis.make(energy_bins=3)
    found = {"recorded": cost(analysis)}
    switch_off()
    found["off"] = cost(analysis)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
