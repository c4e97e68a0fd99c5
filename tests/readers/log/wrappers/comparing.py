"""The lines of sample logs, and the statements of their graphs."""

from __future__ import annotations

import lzma
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import provlog
from provlog.model.graph import ProvGraph
from tests.readers.log.scanning import without_blanks
from tests.samples import codes


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


def folded(lines: Iterable[str], width: int) -> list[str]:
    """Return lines as a terminal breaks them."""
    return [line[i : i + width] for line in lines for i in range(0, max(len(line), 1), width)]


@lru_cache(16)
def _bare(path: Path, content: bytes) -> tuple[list[Any], Counter[str]]:
    graph = provlog.read(path)
    return facts(graph), Counter(codes(graph))


def assert_same_or_reported(sample: Path, changed: Path) -> None:
    """Assert that a changed sample gives the graph of the bare one, or reports that it does not.

    A graph without anything is no answer, whatever is reported. PL111 reports only blanks.
    """
    expected, known = _bare(sample, sample.read_bytes())
    graph = provlog.read(changed)
    others = Counter(code for code in codes(graph) if code != "PL012") - known
    found = facts(graph)
    assert found or not expected
    if not others:
        assert found == expected
    elif set(others) == {"PL111"}:
        assert sorted(map(str, without_blanks([*map(list, found)]))) == sorted(
            map(str, without_blanks([*map(list, expected)]))
        )
