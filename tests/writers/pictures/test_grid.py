"""A grid for the nodes of a picture without edges."""

from __future__ import annotations

import re
from collections import Counter
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import provlog
from provlog.capture import Capture
from provlog.model.graph import Activity, Entity
from provlog.writers.pictures.grid import grid_links
from provlog.writers.pictures.nodes import Edge, Node


def nodes(count: int, home: Activity | None = None) -> list[Node]:
    return [Node("activity", [Activity(f"log:a{n}", {})], home) for n in range(count)]


def rows(group: list[Node], links: list[tuple[Node, Node]]) -> Counter[int]:
    """Return the number of nodes in each row, the first of which is 0."""
    row = dict.fromkeys(group, 0)
    for _ in group:
        for lower, upper in links:
            row[lower] = max(row[lower], row[upper] + 1)
    return Counter(row.values())


@given(st.integers(6, 60))
def test_all_rows_but_the_last_are_full(count: int) -> None:
    group = nodes(count)
    links = list(grid_links(group, []))
    sizes = [size for _, size in sorted(rows(group, links).items())]
    assert sum(sizes) == count
    assert len({*sizes[:-1]}) == 1
    assert 0 < sizes[-1] <= sizes[0]
    assert len(sizes) > 1
    # Each node is placed once, below a node of the row above it.
    assert all(group.index(lower) > group.index(upper) for lower, upper in links)


@pytest.mark.parametrize("count", [0, 1, 5])
def test_a_few_nodes_are_one_row(count: int) -> None:
    assert list(grid_links(nodes(count), [])) == []


def test_connected_nodes_and_other_frames_are_left_alone() -> None:
    group = nodes(12)
    entity = Node("entity", [Entity("log:e", {})])
    edges = [Edge("used", node, entity, Counter([None])) for node in group[:4]]
    others = [*nodes(5, Activity("log:s1", {})), *nodes(5, Activity("log:s2", {}))]
    links = list(grid_links([*group, entity, *others], edges))
    assert {node for link in links for node in link} == {*group[4:]}


def test_a_picture_of_many_unconnected_activities_is_not_a_row() -> None:
    capture = Capture()
    for n in range(40):
        with capture.activity(f"step {n}"):
            pass
    stream = BytesIO()
    provlog.write(capture.graph(), stream, format="svg")
    size = re.search(rb'<svg width="(\d+)pt" height="(\d+)pt"', stream.getvalue())
    assert size is not None
    width, height = map(int, size.groups())
    assert height / 3 < width < 3 * height
