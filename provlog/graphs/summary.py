"""Summarise a graph: sessions, activities, entities, inputs and outputs."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import PurePath
from typing import Any

from provlog.graphs.descriptive import parameter_line
from provlog.graphs.programs import parameters_of_calls, programs
from provlog.model.graph import Activity, Element, Entity, ProvGraph
from provlog.model.values import moment
from provlog.text import seconds_between

__all__ = ["summary"]

Row = dict[str, Any]


def summary(graph: ProvGraph) -> Row:
    """Return a summary of a graph as plain values for JSON.

    Parameters
    ----------
    graph : ProvGraph
        The graph.

    Returns
    -------
    dict
        ``sessions``: the id, name, host, software, agents, start, duration in seconds
        until the last activity ended, and number of activities of each session;
        activities without a session come last, without an id. ``activities``: for each
        name the number of runs, also of calls that are recorded together, the total and mean
        duration in seconds of those that ended, the number of failures, and the number of
        activities without an end. ``programs``: the facts of the recorded runs of
        programs. ``parameters``: those of the calls in them. ``entities``: the
        number of each type. ``inputs``: entities that were used but not generated in
        this graph. ``outputs``: entities that were generated but not used.
        ``diagnostics``: the number of each code.
    """
    sessions = set(graph.sessions.values())
    activities = [item for item in graph.activities.values() if item not in sessions]
    return {
        "sessions": _sessions(graph, activities),
        "activities": _activities(activities),
        "programs": programs(graph),
        "parameters": parameters_of_calls(graph),
        "descriptions": _descriptions(graph, activities),
        "entities": dict(Counter(map(_type, graph.entities.values())).most_common()),
        "inputs": [_entity(entity) for entity in _inputs(graph)],
        "outputs": [_entity(entity) for entity in _outputs(graph)],
        "diagnostics": dict(sorted(Counter(item.code for item in graph.diagnostics).items())),
    }


_MOST_VALUES = 3


def _descriptions(graph: ProvGraph, activities: Iterable[Activity]) -> list[Row]:
    """Return each activity description, with its parameters and their values."""
    rows: dict[str, Row] = {}
    lines: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for activity in activities:
        described = graph.descriptions.of_activity(activity)
        if described is None:
            continue
        rows.setdefault(
            described.id, {"name": described.name, "description": described.description}
        )
        for name in graph.descriptions.parameters(described):
            for value in activity.values(name):
                line = parameter_line(graph.descriptions, activity, name, value)
                lines[described.id, name][str(line)] = None
    for id, row in rows.items():
        row["parameters"] = [
            line
            for (owner, _), values in lines.items()
            if owner == id
            for line in [*values][:_MOST_VALUES]
        ]
    return list(rows.values())


def _sessions(graph: ProvGraph, activities: Iterable[Activity]) -> list[Row]:
    parts: defaultdict[Activity | None, list[Activity]] = defaultdict(list)
    for activity in activities:
        parts[activity.session].append(activity)
    agents = graph.agent_names()
    homes: list[Activity | None] = [*graph.sessions.values()]
    if None in parts:
        homes.append(None)
    return [_session(home, parts.get(home, []), agents) for home in homes]


def _session(
    session: Activity | None, parts: Collection[Activity], agents: dict[Element, list[str]]
) -> Row:
    # logprov may describe a session after its first activity has started.
    timed = [session, *parts] if session is not None else parts
    start = min((item.start for item in timed if item.start), key=moment, default=None)
    end = max((part.end for part in parts if part.end), key=moment, default=None)
    system = _system(session) if session is not None else {}
    return {
        "id": _identifier(session) if session is not None else None,
        "name": session.name if session is not None else None,
        "host": _host(system),
        "software": _software(session, system) if session is not None else [],
        "agents": list(dict.fromkeys(name for item in timed for name in agents.get(item, ()))),
        "start": start,
        "seconds": seconds_between(start, end),
        "activities": len(parts),
    }


def _system(session: Activity) -> Row:
    """Return the framework's description of the machine and its software, if readable."""
    for text in session.values("log:system"):
        with suppress(ValueError, TypeError):
            found = json.loads(text)
            if isinstance(found, dict):
                return found
    return {}


def _part(system: Row, name: str) -> Row:
    found = system.get(name)
    return found if isinstance(found, dict) else {}


def _host(system: Row) -> str | None:
    node = _part(system, "platform").get("node")
    return str(node) if node else None


def _software(session: Activity, system: Row) -> list[str]:
    """Return the software of a session, as recorded by lstosa, gammapy or logprov."""
    software = [str(version) for version in session.values("log:software_version")]
    own = _part(system, "version")
    if "version" in own:
        software.append(f"{PurePath(str(own.get('path', ''))).name} {own['version']}")
    versions = {**_part(system, "packages"), **system}
    for module in session.values("log:module"):
        package = str(module).partition(".")[0]
        if isinstance(versions.get(package), str):
            software.append(f"{package} {versions[package]}")
    python = _part(system, "python").get("version")
    if python:
        software.append(f"Python {python}")
    return list(dict.fromkeys(text.strip() for text in software))


def _activities(activities: Iterable[Activity]) -> list[Row]:
    by_name: defaultdict[str, list[Activity]] = defaultdict(list)
    for activity in activities:
        by_name[activity.label].append(activity)
    return [_runs(name, runs) for name, runs in by_name.items()]


def _runs(name: str, runs: Collection[Activity]) -> Row:
    calls = [*map(_calls, runs)]
    timed = [(count, seconds) for count, seconds, _ in calls if seconds is not None]
    total = sum(seconds for _, seconds in timed)
    return {
        "name": name,
        "count": sum(count for count, _, _ in calls),
        "seconds": total if timed else None,
        "mean_seconds": total / sum(count for count, _ in timed) if timed else None,
        "failed": sum(failed for _, _, failed in calls),
        "unfinished": sum(run.end is None for run in runs),
    }


def _calls(run: Activity) -> tuple[int, float | None, int]:
    """Return how many calls an activity stands for, how long they took, and how many failed."""
    together = [run.values(f"log:{key}") for key in ("calls", "total_time", "failed_calls")]
    match together:
        case [[int(count)], [int() | float() as seconds], [int(failed)]] if count > 0:
            return count, float(seconds), failed
    return 1, seconds_between(run.start, run.end), int(run.failure is not None)


def _inputs(graph: ProvGraph) -> list[Entity]:
    made = {relation.source for relation in graph.relations["wasGeneratedBy"]}
    made |= {relation.source for relation in graph.relations["wasDerivedFrom"]}
    inputs = {relation.target for relation in graph.relations["used"]} - made
    return [entity for entity in graph.entities.values() if entity in inputs]


def _outputs(graph: ProvGraph) -> list[Entity]:
    used = {relation.target for relation in graph.relations["used"]}
    used |= {relation.target for relation in graph.relations["wasDerivedFrom"]}
    outputs = {relation.source for relation in graph.relations["wasGeneratedBy"]} - used
    return [entity for entity in graph.entities.values() if entity in outputs]


def _identifier(element: Element) -> str:
    return str(next(iter(element.values("dcterms:identifier")), element.id))


def _type(entity: Entity) -> str:
    return next((kind for kind in entity.types() if kind != "prov:Collection"), "") or "no type"


def _entity(entity: Entity) -> Row:
    return {
        "id": _identifier(entity),
        "label": entity.name,
        "type": _type(entity),
        "location": next((str(path) for path in entity.values("prov:location")), None),
    }
