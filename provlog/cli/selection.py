"""What all commands share that write a part of a graph: options, and taking it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from provlog.errors import UsageError

if TYPE_CHECKING:
    from provlog.model.graph import ProvGraph

__all__ = ["Selection", "depth_option", "selected", "selection_options"]


class Selection(NamedTuple):
    """The part of a graph that is asked for; see :mod:`provlog.select`."""

    since: str | None
    until: str | None
    sessions: tuple[str, ...]
    activities: tuple[str, ...]
    focus: str | None
    upstream: bool
    downstream: bool
    depth: int | None


depth_option = click.option(
    "--depth", type=click.IntRange(min=1), metavar="N", help="Follow N relations at most."
)

_OPTIONS = (
    click.option("--since", metavar="TIME", help="Only activities that ran at this time or later."),
    click.option(
        "--until", metavar="TIME", help="Only activities that ran at this time or earlier."
    ),
    click.option(
        "--session",
        "sessions",
        metavar="NAME|ID",
        multiple=True,
        help="Only these sessions; can be repeated.",
    ),
    click.option(
        "--activity",
        "activities",
        metavar="NAME|ID",
        multiple=True,
        help="Only these activities; can be repeated.",
    ),
    click.option(
        "--focus",
        metavar="NAME",
        help="Only the lineage of this entity or activity: an id, a label, a path, a file name, "
        "a role or a pattern.",
    ),
    click.option("--upstream", is_flag=True, help="Of the focus, only what it comes from."),
    click.option("--downstream", is_flag=True, help="Of the focus, only what came of it."),
    depth_option,
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command, which gets them as one argument, ``selection``."""

    @wraps(command)
    def with_selection(**given: Any) -> Any:
        selection = Selection(**{name: given.pop(name) for name in Selection._fields})
        if selection.focus is None and (
            selection.upstream or selection.downstream or selection.depth
        ):
            raise UsageError("--upstream, --downstream and --depth speak of a --focus: name one")
        return command(selection=selection, **given)

    for option in reversed(_OPTIONS):
        with_selection = option(with_selection)
    return with_selection


def selected(graph: ProvGraph, selection: Selection) -> tuple[ProvGraph, str | None]:
    """Return the part of a graph that is asked for, and the qualified name of the focus."""
    from provlog.graphs.select import find_one, lineage, select

    since, until, sessions, activities, focus, upstream, downstream, depth = selection
    if since is not None or until is not None or sessions or activities:
        graph = select(graph, since=since, until=until, sessions=sessions, activities=activities)
    if focus is None:
        return graph, None
    start = find_one(graph, focus)
    both = upstream == downstream
    part = lineage(
        graph, [start], upstream=upstream or both, downstream=downstream or both, depth=depth
    )
    return part, start.id
