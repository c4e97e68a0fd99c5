"""The profiles of property tests, and how many examples each profile tries.

``make test`` tries a quarter of the examples, ``make slow`` all of them.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# The same examples in every run, so that a failure on another machine can be reproduced.
_THOROUGH = settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
# The least that a test tries in each profile, unless it has fewer examples altogether.
_LEAST = 10


def load() -> None:
    """Load the profile that HYPOTHESIS_PROFILE names."""
    settings.register_profile("default", _THOROUGH, max_examples=25)
    settings.register_profile("thorough", _THOROUGH)
    settings.register_profile("search", _THOROUGH, derandomize=False)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def examples(count: int) -> int:
    """Return how many of the examples of a test the loaded profile tries."""
    share = settings().max_examples / _THOROUGH.max_examples
    return min(count, max(_LEAST, round(count * share)))
