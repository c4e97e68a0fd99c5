"""What can be wrong with provenance itself, though every record of it could be read.

A check is a function from a graph and the positions of its statements to
diagnostics, one function for each code. :mod:`~provlog.checks.constraints` holds
what W3C PROV-CONSTRAINTS forbids, :mod:`~provlog.checks.advice` what the owner of
a pipeline wants to hear. To add one, write it and its line in :data:`CHECKS`.

A log is a witness that comes late: frameworks write the records of an activity
when it has ended, so a record is no proof that something happened then, only that
it had happened by then. A check reports what the log proves, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from provlog.building.positions import Positions
from provlog.checks.advice import (
    addresses_as_parameters,
    changing_ids,
    endless_activities,
    undescribed_inputs,
)
from provlog.checks.constraints import (
    end_before_start,
    entities_that_are_activities,
    generated_outside_activity,
    generated_twice,
    used_before_generation,
    used_outside_activity,
)
from provlog.checks.cycles import derived_from_itself, part_of_itself
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import ProvGraph

__all__ = ["CHECKS", "findings"]

Check = Callable[[ProvGraph, Positions], Iterator[Diagnostic]]

CHECKS: dict[str, Check] = {
    "PL401": end_before_start,
    "PL402": used_outside_activity,
    "PL403": generated_outside_activity,
    "PL404": used_before_generation,
    "PL405": generated_twice,
    "PL406": derived_from_itself,
    "PL407": entities_that_are_activities,
    "PL501": endless_activities,
    "PL502": undescribed_inputs,
    "PL503": addresses_as_parameters,
    "PL504": changing_ids,
    "PL505": part_of_itself,
}
"""All checks by the code of what they find."""


def findings(graph: ProvGraph, positions: Positions) -> Iterator[Diagnostic]:
    """Yield what all checks find.

    Parameters
    ----------
    graph : ProvGraph
        The provenance.
    positions : Positions
        Where its statements stand.
    """
    for check in CHECKS.values():
        yield from check(graph, positions)
