"""Check the provenance in logs and documents.

A check is a function from a graph and the positions of its statements to
diagnostics, one function for each code. The violations of W3C PROV-CONSTRAINTS are in
:mod:`~provlog.checks.constraints`, :mod:`~provlog.checks.derivations`,
:mod:`~provlog.checks.cycles`, :mod:`~provlog.checks.events` and
:mod:`~provlog.checks.identifiers`, gaps in the provenance in :mod:`~provlog.checks.advice`.
To add a check, write it and its line in :data:`CHECKS`.

Most frameworks write an activity's records only after it has ended. A record therefore
proves only that something had happened when it was written, and checks report only the
consequences of that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from provlog.building.positions import Positions
from provlog.checks.advice import (
    addresses_as_parameters,
    changing_ids,
    endless_activities,
    undescribed_inputs,
)
from provlog.checks.completeness import (
    activities_without_agent,
    activities_without_description,
    entities_without_creator,
    entities_without_type_or_location,
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
from provlog.checks.derivations import generated_before_source
from provlog.checks.descriptions import (
    invalid_media_types,
    invalid_ucds,
    invalid_units,
    multiplicities_that_fail,
    options_that_are_not_allowed,
    unknown_roles,
    values_outside_limits,
)
from provlog.checks.events import events_out_of_order, specialized_by_itself
from provlog.checks.identifiers import (
    events_with_several_identifiers,
    identifiers_with_several_meanings,
    inconsistent_derivations,
    members_of_empty_collections,
)
from provlog.checks.names import quoted
from provlog.diagnostics.diagnostic import Diagnostic
from provlog.model.graph import Bundle, ProvGraph

__all__ = ["CHECKS", "COMPLETENESS", "findings"]

Check = Callable[[ProvGraph, Positions], Iterator[Diagnostic]]

CHECKS: dict[str, Check] = {
    "PL401": end_before_start,
    "PL402": used_outside_activity,
    "PL403": generated_outside_activity,
    "PL404": used_before_generation,
    "PL405": generated_twice,
    "PL406": derived_from_itself,
    "PL407": entities_that_are_activities,
    "PL408": generated_before_source,
    "PL409": events_out_of_order,
    "PL410": specialized_by_itself,
    "PL411": identifiers_with_several_meanings,
    "PL412": events_with_several_identifiers,
    "PL413": inconsistent_derivations,
    "PL414": members_of_empty_collections,
    "PL501": endless_activities,
    "PL502": undescribed_inputs,
    "PL503": addresses_as_parameters,
    "PL504": changing_ids,
    "PL505": part_of_itself,
    "PL711": unknown_roles,
    "PL712": multiplicities_that_fail,
    "PL713": values_outside_limits,
    "PL714": options_that_are_not_allowed,
    "PL715": invalid_units,
    "PL716": invalid_ucds,
    "PL717": invalid_media_types,
}
"""The checks of every graph, by the code of their findings."""

COMPLETENESS: dict[str, Check] = {
    "PL701": activities_without_description,
    "PL702": entities_without_type_or_location,
    "PL703": entities_without_creator,
    "PL704": activities_without_agent,
}
"""The checks that run on request only, by the code of their findings."""


def findings(
    graph: ProvGraph, positions: Positions, *, completeness: bool = False
) -> Iterator[Diagnostic]:
    """Yield the findings of all checks, in the graph and in each bundle of a document.

    Parameters
    ----------
    graph : ProvGraph
        The provenance.
    positions : Positions
        The positions of its statements.
    completeness : bool, optional
        Whether to run the checks on completeness, too.
    """
    checks = {**CHECKS, **COMPLETENESS} if completeness else CHECKS
    for check in checks.values():
        yield from check(graph, positions)
    for name, held in positions.bundles.items():
        for found in findings(_as_graph(graph.bundles[name]), held, completeness=completeness):
            yield replace(found, message=f"in bundle {quoted(name)}: {found.message}")


def _as_graph(bundle: Bundle) -> ProvGraph:
    """Return the statements of a bundle, which the Recommendation validates on their own."""
    return ProvGraph(
        entities=bundle.entities,
        activities=bundle.activities,
        agents=bundle.agents,
        relations=bundle.relations,
    )
