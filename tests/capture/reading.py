"""Contents of logs and graphs for comparison."""

from __future__ import annotations

import ast
import json
import logging
from io import BytesIO
from pathlib import Path
from typing import Any

import provlog
from provlog.model.graph import Activity, Entity, ProvGraph

Document = dict[str, Any]


def payloads(log: Path) -> list[Document]:
    """Return the payloads of a log."""
    lines = log.read_text(encoding="utf-8").splitlines()
    return [ast.literal_eval(line.split("_PROV_", 2)[2]) for line in lines]


class Keeping(logging.Handler):
    """A handler that keeps its records."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def written(graph: ProvGraph) -> Document:
    stream = BytesIO()
    provlog.write(graph, stream, format="provjson")
    document: Document = json.loads(stream.getvalue())
    return document


def activities(graph: ProvGraph, name: str) -> list[Activity]:
    return [one for one in graph.activities.values() if one.session and one.label == name]


def activity(graph: ProvGraph, name: str) -> Activity:
    [found] = activities(graph, name)
    return found


def parameters(one: Activity) -> dict[str, Any]:
    return {
        name.removeprefix("param:"): one.values(name)[0]
        for name in one.attributes
        if name.startswith("param:")
    }


def used(graph: ProvGraph, one: Activity) -> dict[str | None, Entity]:
    return {
        relation.role: relation.target  # type: ignore[misc]
        for relation in graph.relations["used"]
        if relation.source is one
    }


def generated(graph: ProvGraph, one: Activity) -> dict[str | None, Entity]:
    return {
        relation.role: relation.source  # type: ignore[misc]
        for relation in graph.relations["wasGeneratedBy"]
        if relation.target is one
    }


def progenitors(graph: ProvGraph, entity: Entity) -> list[Any]:
    return [
        relation.target
        for relation in graph.relations["wasDerivedFrom"]
        if relation.source is entity
    ]
