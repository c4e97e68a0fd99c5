"""Collect the records of a capture, for the tests of a program.

Examples
--------
>>> from provlog.capture import Capture
>>> capture = Capture()
>>> @capture.trace
... def excess(on, off, *, alpha=0.1):
...     return on - alpha * off
>>> with recorded(capture) as run:
...     excess(20, 30)
17.0
>>> call = run.call("excess")
>>> call.parameters
{'on': 20, 'off': 30, 'alpha': 0.1}
>>> call.generated["result"].values("prov:value")
[17.0]
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from provlog.capture.capture import Capture
from provlog.graphs.select import select
from provlog.model.graph import Activity, ProvGraph

if TYPE_CHECKING:
    from provlog.model.graph import Entity

__all__ = ["Recorded", "RecordedCall", "recorded"]

_PARAMETER = "param:"


class RecordedCall:
    """A recorded activity.

    Attributes
    ----------
    activity : Activity
        The activity in the graph.
    """

    def __init__(self, graph: ProvGraph, activity: Activity) -> None:
        self._graph = graph
        self.activity = activity

    @property
    def failure(self) -> str | None:
        """Its failure, such as ``failed: ValueError``; ``None`` if it succeeded."""
        return self.activity.failure

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters by name."""
        return {
            name.removeprefix(_PARAMETER): self.activity.values(name)[0]
            for name in self.activity.attributes
            if name.startswith(_PARAMETER)
        }

    @property
    def used(self) -> dict[str | None, Entity]:
        """The used entities by role."""
        return {
            relation.role: relation.target  # type: ignore[misc]
            for relation in self._graph.relations["used"]
            if relation.source is self.activity
        }

    @property
    def generated(self) -> dict[str | None, Entity]:
        """The generated entities by role."""
        return {
            relation.role: relation.source  # type: ignore[misc]
            for relation in self._graph.relations["wasGeneratedBy"]
            if relation.target is self.activity
        }


class Recorded:
    """The records of a ``with`` block.

    Attributes
    ----------
    graph : ProvGraph
        The activities that started in the block, and their entities; empty until it ends.
    """

    def __init__(self) -> None:
        self.graph = ProvGraph()

    def calls(self, name: str) -> list[RecordedCall]:
        """Return the activities with a name, in the order of their starts."""
        sessions = set(self.graph.sessions.values())
        return [
            RecordedCall(self.graph, activity)
            for activity in self.graph.activities.values()
            if activity.label == name and activity not in sessions
        ]

    def call(self, name: str) -> RecordedCall:
        """Return the only activity with a name.

        Raises
        ------
        AssertionError
            If no activity or several activities have the name.
        """
        calls = self.calls(name)
        if len(calls) != 1:
            raise AssertionError(f"{len(calls)} activities have the name {name!r}, not one")
        return calls[0]


@contextmanager
def recorded(capture: Capture) -> Iterator[Recorded]:
    """Collect the records that a capture makes in a ``with`` block; they also go to its log.

    Parameters
    ----------
    capture : Capture
        The capture of the tested program.
    """
    before = _activities(capture.graph())
    run = Recorded()
    try:
        yield run
    finally:
        graph = capture.graph()
        new = _activities(graph) - before
        if new:
            run.graph = select(graph, activities=new)


def _activities(graph: ProvGraph) -> set[str]:
    sessions = set(graph.sessions.values())
    return {id for id, activity in graph.activities.items() if activity not in sessions}
