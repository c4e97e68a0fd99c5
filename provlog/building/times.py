"""Set the start and end times of activities, and report times that contradict each other."""

from __future__ import annotations

from typing import Any

from provlog.building.attributes import Merger
from provlog.diagnostics.diagnostic import Diagnostic, Report
from provlog.model.graph import Activity
from provlog.model.instants import Instant, instant, same_instant
from provlog.model.values import Literal, date_time, literal, moment
from provlog.origin import Origin

__all__ = ["Times"]


class Times:
    """Start and end times, compared as instants and kept as written.

    Parameters
    ----------
    merger : Merger
        Receives the times that contradict another one, as attributes.
    report : callable
        Receives the diagnostics.
    """

    def __init__(self, merger: Merger, report: Report) -> None:
        self._merger = merger
        self._report = report
        # The instants that each attribute for contradicting times already holds.
        self._kept: dict[tuple[Activity, str], set[Instant]] = {}
        # The first record that states a different start, by session.
        self._restarts: dict[Activity, Origin] = {}

    def parse(self, activity: Activity, name: str, raw: Any, origin: Origin) -> str | None:
        """Return a time as ``xsd:dateTime``; keep an invalid time as an attribute."""
        time = date_time(raw)
        if time is None:
            self._report(Diagnostic("PL202", origin, f"invalid time {raw!r}: kept as {name}"))
            self._merger.add(activity, name, literal(raw), origin)
        return time

    def restarts(self, activity: Activity, raw: Any, origin: Origin) -> bool:
        """Set the start of an activity; return true if it already has a different one."""
        start = self.parse(activity, "log:startTime", raw, origin)
        if start is None:
            return False
        if activity.start is None:
            activity.start = start
        elif not same_instant(start, activity.start):
            message = (
                f"activity id {activity.values('dcterms:identifier')[0]!r} is used again at "
                f"{start}, first at {activity.start}: taken for another activity"
            )
            self._report(Diagnostic("PL301", origin, message))
            return True
        return False

    def end(self, activity: Activity, raw: Any, origin: Origin) -> bool:
        """Set the end of an activity that has none; return whether the time is valid."""
        end = self.parse(activity, "log:endTime", raw, origin)
        if end is None:
            return False
        if activity.end is None:
            activity.end = end
        elif not same_instant(end, activity.end):
            message = (
                f"activity {activity.values('dcterms:identifier')[0]!r} ended at {activity.end} "
                f"already: {end} is kept as log:endTime"
            )
            self._report(Diagnostic("PL302", origin, message))
            self._keep(activity, "log:endTime", end, origin)
        return True

    def start_session(self, session: Activity, raw: Any, origin: Origin) -> None:
        """Set the start of a session to the earliest stated one."""
        start = self.parse(session, "log:startTime", raw, origin)
        if start is None:
            return
        if session.start is None:
            session.start = start
        elif not same_instant(start, session.start):
            self._restarts.setdefault(session, origin)
            session.start, later = sorted((start, session.start), key=moment)
            self._keep(session, "log:startTime", later, origin)

    def _keep(self, activity: Activity, name: str, time: str, origin: Origin) -> None:
        kept = self._kept.setdefault((activity, name), set())
        if (key := instant(time)) not in kept:
            kept.add(key)
            self._merger.add(activity, name, Literal(time, "xsd:dateTime"), origin)

    def report_restarts(self) -> None:
        """Report the sessions that were described with several starts."""
        for session, origin in self._restarts.items():
            starts = len(self._kept[session, "log:startTime"]) + 1
            message = (
                f"session {session.values('dcterms:identifier')[0]!r} is described with {starts} "
                "starts: the earliest is its start, the others are kept as log:startTime"
            )
            self._report(Diagnostic("PL303", origin, message))
