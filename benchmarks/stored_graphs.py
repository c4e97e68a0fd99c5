"""Graphs of a fictitious observatory for measuring stores: the content of one log of a night."""

from __future__ import annotations

import hashlib

from provlog.building.positions import Positions
from provlog.model.elements import Activity, Agent, Entity
from provlog.model.graph import ProvGraph, Relation
from provlog.model.values import Literal, qname
from provlog.origin import Origin

__all__ = ["STEPS", "night"]

STEPS = ("r0_to_dl1", "merge", "train", "dl1_to_dl2", "select", "dl2_to_dl3", "stack", "fit")
_PART_OF = "provone:wasPartOf"


def _file(name: str) -> Entity:
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    location = f"/data/{name}"
    attributes: dict[str, object] = {
        "dcterms:identifier": digest, "prov:label": name.rpartition("_")[0],
        "prov:type": "File", "prov:location": location, "log:hash": digest,
    }  # fmt: skip
    return Entity(f"log:entity-{digest}", attributes)  # type: ignore[arg-type]


def night(number: int, activities: int = 1000) -> tuple[ProvGraph, Positions]:
    """Return the graph of a log: chains of steps from a raw file to a result.

    Each step uses the result of the one before and one of a few calibration files, which
    all logs share, and generates two files: ten statements an activity.
    """
    graph, positions = ProvGraph(), Positions()
    session = Activity(
        f"log:session-{number}",
        {"prov:type": qname("provlog:Session"), "dcterms:identifier": str(number)},
        "2026-01-01T20:00:00",
    )
    graph.activities[session.id] = session
    graph.sessions[str(number)] = session
    agent = graph.agents.setdefault("log:agent-lst", Agent("log:agent-lst", {"prov:label": "lst"}))
    relations = graph.relations
    calibration = [_file(f"calibration_{number % 50}_{step}") for step in range(len(STEPS))]
    previous: Entity | None = None
    for count in range(activities):
        step = count % len(STEPS)
        name = STEPS[step]
        attributes = {
            "dcterms:identifier": f"{number}-{count}", "prov:label": name,
            "param:energy_min": f"{count % 7}.5 TeV", "param:bins": Literal("42", "xsd:int"),
        }  # fmt: skip
        minute, second = divmod(count % 3600, 60)
        activity = Activity(
            f"log:activity-{number}-{count}", attributes,  # type: ignore[arg-type]
            f"2026-01-01T20:{minute:02}:{second:02}", f"2026-01-01T21:{minute:02}:{second:02}",
            session,
        )  # fmt: skip
        graph.activities[activity.id] = activity
        if step == 0 or previous is None:
            previous = _file(f"{number}_{count}_raw_x")
        made = [_file(f"{number}_{count}_{name}_{n}") for n in (1, 2)]
        for entity in (previous, calibration[step], *made):
            graph.entities.setdefault(entity.id, entity).session = session
            positions.elements[entity] = Origin("x.log", count + 1, 1)
        positions.elements[activity] = Origin("x.log", count + 1, 1)
        relations["used"][Relation(activity, previous, "input")] = None
        relations["used"][Relation(activity, graph.entities[calibration[step].id], "cal")] = None
        for entity in made:
            relations["wasGeneratedBy"][Relation(entity, activity, "output")] = None
        relations["wasAssociatedWith"][Relation(activity, agent)] = None
        relations["wasInfluencedBy"][Relation(activity, session, None, _PART_OF)] = None
        relations["hadMember"][Relation(made[0], made[1])] = None
        previous = made[0]
    return graph, positions
