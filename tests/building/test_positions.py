"""The position of each statement: the line of its first record."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from provlog.building.positions import Positions
from provlog.building.reading import Reading
from provlog.model.graph import ProvGraph
from tests.building.test_builder import SESSION, T1, T2, T3, identifier, line
from tests.samples import LOGS, NAMES, document, log_of

MD5 = "d41d8cd98f00b204e9800998ecf8427e"


def read(*paths: Path) -> tuple[ProvGraph, Positions]:
    positions = Positions()
    with Reading(positions=positions) as reading:
        for path in paths:
            reading.add_readable(str(path))
        return reading.finish(), positions


def element_lines(positions: Positions) -> dict[str, int]:
    return {identifier(element): origin.line for element, origin in positions.elements.items()}


def relation_lines(positions: Positions, kind: str) -> dict[tuple[str, str], int]:
    return {
        (identifier(relation.source), identifier(relation.target)): origin.line
        for relation, origin in positions.relations[kind].items()
    }


def test_each_statement_of_a_session_has_its_line(tmp_path: Path) -> None:
    _, positions = read(log_of(tmp_path, SESSION))
    assert element_lines(positions) == {"s1": 1, "a": 2, "e1": 4, "e2": 6, "m1": 8}
    assert relation_lines(positions, "used") == {("a", "e1"): 5}
    assert relation_lines(positions, "wasGeneratedBy") == {("e2", "a"): 7}
    assert relation_lines(positions, "hadMember") == {("e2", "m1"): 8}
    assert relation_lines(positions, "wasDerivedFrom") == {("e2", "e1"): 9}
    assert [origin.line for origin in positions.ends.values()] == [10]
    assert {(identifier(a), name): o.line for (a, name), o in positions.parameters.items()} == {
        ("a", f"param:{name}"): 3 for name in ("n", "b", "x", "l", "no")
    }


@pytest.mark.parametrize("seed", range(20))
def test_a_delayed_statement_has_the_line_of_its_record(tmp_path: Path, seed: int) -> None:
    shuffled = SESSION[:]
    random.Random(seed).shuffle(shuffled)
    _, positions = read(log_of(tmp_path, shuffled))

    def number(*records: int) -> int:
        return min(shuffled.index(SESSION[record - 1]) + 1 for record in records)

    assert element_lines(positions) == {
        "s1": number(1, 2), "a": number(2, 3, 5, 7, 10), "e1": number(4, 5, 9),
        "e2": number(6, 7, 8, 9), "m1": number(8),
    }  # fmt: skip
    assert relation_lines(positions, "used") == {("a", "e1"): number(5)}
    assert [origin.line for origin in positions.ends.values()] == [number(10)]


@pytest.mark.parametrize("seed", range(20))
def test_two_sessions_line_by_line(tmp_path: Path, seed: int) -> None:
    def session(name: str) -> list[str]:
        return [
            line(session_id=name, name=name, startTime=T1),
            line(activity_id="a", name=f"fit {name}", startTime=T2, in_session=name),
            line(activity_id="a", parameters={"p": name}, in_session=name),
            line(entity_id="e", name=f"in {name}", in_session=name),
            line(activity_id="a", used_id="e", in_session=name),
            line(entity_id="f", progenitor_id="e", in_session=name),
            line(activity_id="a", endTime=T3, status=name, in_session=name),
        ]

    first, second = session("s1"), session("s2")
    chance = random.Random(seed)
    merged = []
    while first or second:
        merged.append((first if not second or (first and chance.random() < 0.5) else second).pop(0))
    graph, positions = read(log_of(tmp_path, merged))
    for name, scope in graph.sessions.items():
        numbers = [merged.index(record) + 1 for record in session(name)]
        of = {
            identifier(element): origin.line
            for element, origin in positions.elements.items()
            if getattr(element, "session", None) is scope
        }
        assert of == {"a": numbers[1], "e": numbers[3], "f": numbers[5]}
        activity = next(a for a in graph.activities.values() if a.session is scope)
        assert positions.ends[activity].line == numbers[6]
        assert positions.parameters[activity, "param:p"].line == numbers[2]
        assert [
            origin.line
            for relation, origin in positions.relations["used"].items()
            if relation.source is activity
        ] == [numbers[4]]


def test_the_same_two_entities_related_in_two_ways(tmp_path: Path) -> None:
    log = log_of(
        tmp_path, [line(entity_id="e", member_id="f"), line(entity_id="e", progenitor_id="f")]
    )
    _, positions = read(log)
    assert relation_lines(positions, "hadMember") == {("e", "f"): 1}
    assert relation_lines(positions, "wasDerivedFrom") == {("e", "f"): 2}


def test_a_statement_that_is_repeated_has_its_first_line(tmp_path: Path) -> None:
    _, positions = read(log_of(tmp_path, SESSION + SESSION))
    assert element_lines(positions)["a"] == 2
    assert relation_lines(positions, "used") == {("a", "e1"): 5}
    assert [origin.line for origin in positions.ends.values()] == [10]


def test_united_entities_have_one_position(tmp_path: Path) -> None:
    # Only the last record says that the id is a hash.
    lines = [
        line(activity_id="a", name="x", startTime=T1, in_session="s1"),
        line(activity_id="a", generated_id="h", in_session="s1"),
        line(activity_id="b", name="y", startTime=T1, in_session="s2"),
        line(activity_id="b", used_id="h", in_session="s2"),
        line(entity_id="h", hash="h", in_session="s2"),
    ]
    graph, positions = read(log_of(tmp_path, lines))
    (entity,) = graph.entities.values()
    assert [origin.line for item, origin in positions.elements.items() if item is entity] == [2]
    assert set(positions.relations["used"]) == set(graph.relations["used"])
    assert set(positions.relations["wasGeneratedBy"]) == set(graph.relations["wasGeneratedBy"])
    assert relation_lines(positions, "used") == {("b", "h"): 4}


def test_the_first_of_several_logs_counts(tmp_path: Path) -> None:
    logs = []
    for name, empty_lines in (("b", 5), ("a", 0)):
        (tmp_path / name).mkdir()
        lines = [*[""] * empty_lines, line(entity_id=MD5, progenitor_id="e", name=name)]
        logs.append(log_of(tmp_path / name, lines))
    graph, positions = read(*logs)
    (entity,) = (entity for entity in graph.entities.values() if identifier(entity) == MD5)
    assert positions.elements[entity].file == str(logs[0])
    files = [origin.file for origin in sorted(positions.elements.values(), key=positions.position)]
    assert files == [str(logs[0]), str(logs[0]), str(logs[1])]


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_every_statement_of_a_real_log_has_a_position(path: Path) -> None:
    graph, positions = read(path)
    assert document(graph, "provn") == document(read_plainly(path), "provn")
    for kind in ("used", "wasGeneratedBy", "hadMember", "wasDerivedFrom"):
        assert positions.relations[kind].keys() == graph.relations[kind].keys()
    assert positions.elements.keys() == {*graph.entities.values(), *graph.activities.values()}
    assert {a for a in graph.activities.values() if a.end is not None} == positions.ends.keys()


def read_plainly(path: Path) -> ProvGraph:
    with Reading() as reading:
        reading.add_readable(str(path))
        return reading.finish()
