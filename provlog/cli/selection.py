"""Options that select a part of a graph, shared by the commands."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from provlog.cli.logs import open_store, read_logs, report_problems
from provlog.errors import UsageError

if TYPE_CHECKING:
    from provlog.cli.logs import Inputs
    from provlog.model.graph import ProvGraph

__all__ = [
    "Period",
    "Selection",
    "depth_option",
    "lineage_in_store",
    "period_options",
    "selection_options",
]

Command = Callable[..., Any]


class Period(NamedTuple):
    """Select activities by time and session, and usages and generations by type."""

    since: str | None
    until: str | None
    sessions: tuple[str, ...]
    usage_types: tuple[str, ...]
    no_usage_types: tuple[str, ...]

    def of(self, graph: ProvGraph, activities: tuple[str, ...] = ()) -> ProvGraph:
        """Return the selected part of a graph: the graph itself if no option is given."""
        if self.usage_types or self.no_usage_types:
            from provlog.graphs.usage_types import of_usage_types

            graph = of_usage_types(graph, self.usage_types, self.no_usage_types)
        since, until, sessions = self[:3]
        if since is None and until is None and not sessions and not activities:
            return graph
        from provlog.graphs.select import select

        return select(graph, since=since, until=until, sessions=sessions, activities=activities)

    def read(
        self, inputs: Inputs, activities: tuple[str, ...] = (), *, as_stated: bool = False
    ) -> ProvGraph:
        """Return the selected part of the provenance in logs, or in a store.

        Statements in bundles are treated as those outside, and descriptions that documents
        state as entities become descriptions, unless the result is to be ``as_stated``.
        """
        since, until, sessions = self[:3]
        if inputs.store is None or inputs.logs or not (since or until or sessions or activities):
            graph = read_logs(inputs)
            if not as_stated or activities or any(self):
                graph = _flat(graph)
            if not as_stated:
                from provlog.graphs.typed_entities import lift_descriptions

                lift_descriptions(graph)
            return self.of(graph, activities)
        with open_store(inputs) as store:
            found = store.find(since=since, until=until, sessions=sessions, activities=activities)
        report_problems(inputs, found)
        return self._replace(since=None, until=None, sessions=()).of(found)


def _flat(graph: ProvGraph) -> ProvGraph:
    if not graph.bundles:
        return graph
    from provlog.graphs.bundles import without_bundles

    return without_bundles(graph)


class Selection(NamedTuple):
    """Select activities, and within them the lineage of a focus."""

    period: Period
    activities: tuple[str, ...]
    focus: str | None
    upstream: bool
    downstream: bool
    depth: int | None

    def read(self, inputs: Inputs, *, as_stated: bool = False) -> tuple[ProvGraph, str | None]:
        """Return the selected part of the provenance in logs or a store, and the focus's id.

        ``as_stated`` is that of :meth:`Period.read`.
        """
        if self.focus is not None and not self.activities:
            both = self.upstream == self.downstream
            stored = lineage_in_store(
                inputs,
                self.period,
                self.focus,
                self.upstream or both,
                self.downstream or both,
                self.depth,
            )
            if stored is not None:
                return stored
        graph = self.period.read(inputs, self.activities, as_stated=as_stated)
        if self.focus is None:
            return graph, None
        from provlog.graphs.lineage import lineage
        from provlog.graphs.lookup import find_one

        graph = _flat(graph)
        start = find_one(graph, self.focus)
        both = self.upstream == self.downstream
        part = lineage(
            graph,
            [start],
            upstream=self.upstream or both,
            downstream=self.downstream or both,
            depth=self.depth,
        )
        return part, start.id


def lineage_in_store(
    inputs: Inputs,
    period: Period,
    name: str,
    upstream: bool,
    downstream: bool,
    depth: int | None,
) -> tuple[ProvGraph, str] | None:
    """Return the lineage of an element of a store, and its id.

    Return ``None`` unless the lineage is that of a whole store. It is then found in memory.
    """
    since, until, sessions, types, without = period
    if inputs.store is None or inputs.logs or since or until or sessions:
        return None
    with open_store(inputs) as store:
        found, start = store.lineage_of(
            name,
            upstream=upstream,
            downstream=downstream,
            depth=depth,
            usage_types=types,
            no_usage_types=without,
        )
    report_problems(inputs, found)
    return period.of(found), start


depth_option = click.option(
    "--depth", type=click.IntRange(min=1), metavar="N", help="Follow at most N relations."
)

_PERIOD = (
    click.option(
        "--since", metavar="TIME", help="Only activities that ran at this time or later (ISO 8601)."
    ),
    click.option(
        "--until", metavar="TIME", help="Only activities that ran at this time or earlier."
    ),
    click.option(
        "--session",
        "sessions",
        metavar="NAME|ID",
        multiple=True,
        help="Only this session; can be repeated.",
    ),
    click.option(
        "--usage-type",
        "usage_types",
        metavar="TYPE",
        multiple=True,
        help="Only usages and generations described with this type, such as Main; can be repeated.",
    ),
    click.option(
        "--no-usage-type",
        "no_usage_types",
        metavar="TYPE",
        multiple=True,
        help="No usages and generations of this type, such as Log; can be repeated.",
    ),
)
_SELECTION = (
    click.option(
        "--activity",
        "activities",
        metavar="NAME|ID",
        multiple=True,
        help="Only this activity; can be repeated.",
    ),
    click.option(
        "--focus",
        metavar="NAME",
        help="Only the lineage of this entity or activity: its id, label, path, file name or "
        "role, or a pattern.",
    ),
    click.option("--upstream", is_flag=True, help="Only the upstream lineage of the focus."),
    click.option("--downstream", is_flag=True, help="Only the downstream lineage of the focus."),
    depth_option,
)


def period_options(command: Command) -> Command:
    """Add ``--since``, ``--until`` and ``--session``; the command receives a ``period``."""

    @wraps(command)
    def with_period(**given: Any) -> Any:
        period = Period(*(given.pop(name) for name in Period._fields))
        return command(period=period, **given)

    return _with_options(with_period, _PERIOD)


def selection_options(command: Command) -> Command:
    """Add all options of a selection; the command receives a ``selection``."""

    @wraps(command)
    def with_selection(period: Period, **given: Any) -> Any:
        selection = Selection(period, *(given.pop(name) for name in Selection._fields[1:]))
        if selection.focus is None and (
            selection.upstream or selection.downstream or selection.depth
        ):
            raise UsageError("--upstream, --downstream and --depth need --focus NAME")
        return command(selection=selection, **given)

    return period_options(_with_options(with_selection, _SELECTION))


def _with_options(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
