"""The lines of sample logs, and the statements of their graphs."""

from __future__ import annotations

import lzma
from pathlib import Path
from typing import Any

from provlog.model.graph import ProvGraph


def facts(graph: ProvGraph) -> list[Any]:
    """Return all that a graph states."""
    elements = [
        (str(name), str(attribute), str(value))
        for group in (graph.activities, graph.entities, graph.agents)
        for name, element in group.items()
        for attribute in element.attributes
        for value in element.values(attribute)
    ]
    times = [(str(name), str(item.start), str(item.end)) for name, item in graph.activities.items()]
    relations = [
        (str(kind), str(relation.source.name), str(relation.target.name), str(relation.role))
        for kind, group in graph.relations.items()
        for relation in group
    ]
    return sorted(elements) + sorted(times) + sorted(relations)


def lines_of(path: Path) -> list[str]:
    data = path.read_bytes()
    text = (lzma.decompress(data) if path.suffix == ".xz" else data).decode()
    return text.removesuffix("\n").split("\n")
