"""Selections from a graph, and bundles."""

from __future__ import annotations

from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import provlog
from provlog.errors import UsageError
from provlog.graphs.bundles import in_bundles
from provlog.graphs.select import select
from provlog.model.graph import ProvGraph, Statements
from provlog.model.identifiers import digest
from tests.profiles import examples
from tests.samples import SAMPLES, document, graph_of
from tests.strategies import logs


def labels(graph: ProvGraph) -> list[str]:
    sessions = set(graph.sessions.values())
    return [activity.label for activity in graph.activities.values() if activity not in sessions]


def dangling(statements: Statements) -> list[str]:
    """Return the elements that relations refer to without a declaration."""
    declared = set(statements.elements())
    ends = chain.from_iterable(
        (relation.source, relation.target)
        for relations in statements.relations.values()
        for relation in relations
    )
    return [element.id for element in ends if element not in declared]


@pytest.fixture(scope="module")
def graph() -> ProvGraph:
    """Two sessions of gammapy."""
    return provlog.read(SAMPLES / "gammapy-2020-04.log")


def test_by_activity_name(graph: ProvGraph) -> None:
    part = select(graph, activities=["run_fit"])
    assert set(labels(part)) == {"run_fit"}
    assert dangling(part) == []
    assert part.relations["used"]
    assert part.sessions


def test_by_activity_id_and_qualified_name(graph: ProvGraph) -> None:
    name, activity = next(
        (name, activity)
        for name, activity in graph.activities.items()
        if activity.label == "run_fit"
    )
    raw = str(activity.values("dcterms:identifier")[0])
    assert list(select(graph, activities=[raw]).activities) == list(
        select(graph, activities=[name]).activities
    )


def test_by_session(graph: ProvGraph) -> None:
    first, second = graph.sessions
    part = select(graph, sessions=[first])
    assert list(part.sessions) == [first]
    assert dangling(part) == []
    both = select(graph, sessions=[first, second])
    assert document(both, "provn") == document(graph, "provn")


def test_by_time(graph: ProvGraph) -> None:
    sessions = set(graph.sessions.values())
    activities = [a for a in graph.activities.values() if a not in sessions and a.start and a.end]
    for chosen in activities:
        part = select(graph, since=chosen.start, until=chosen.end)
        expected = {
            a.id for a in activities
            if str(a.end) >= str(chosen.start) and str(a.start) <= str(chosen.end)
        }  # fmt: skip
        assert {a.id for a in part.activities.values() if a in activities} == expected
        assert dangling(part) == []


@pytest.mark.parametrize(
    "time", ["2026", "2026-11", "2026-W47", "2026W47", "2026-11-22", "20261122"]
)
def test_a_year_month_week_or_day_means_the_whole_period(graph: ProvGraph, time: str) -> None:
    assert labels(select(graph, since=time, until=time)) == labels(graph)
    assert labels(select(graph, until=time)) == labels(graph)


@pytest.mark.parametrize("time", ["9999", "9999-12", "9999-12-31", "9999-12-31T23:59:59Z"])
def test_the_last_year_of_the_calendar_is_valid(graph: ProvGraph, time: str) -> None:
    assert labels(select(graph, until=time)) == labels(graph)


@pytest.mark.parametrize("time", ["2025", "2026-10", "2026-W46", "2026-11-21", "2026-W47-6"])
def test_nothing_after_the_end_of_a_period_is_selected(graph: ProvGraph, time: str) -> None:
    with pytest.raises(UsageError, match="no activity matches"):
        select(graph, until=time)


def test_all_criteria_must_match(graph: ProvGraph) -> None:
    first, second = graph.sessions
    fits = len(select(graph, activities=["run_fit"]).relations["wasGeneratedBy"])
    parts = [
        len(select(graph, activities=["run_fit"], sessions=[one]).relations["wasGeneratedBy"])
        for one in (first, second)
    ]
    assert sum(parts) == fits


def test_members_of_a_collection_are_included(graph: ProvGraph) -> None:
    part = select(graph, activities=["get_observations"])
    assert part.relations["hadMember"]


@pytest.mark.parametrize(
    ("criteria", "message"),
    [
        ({"sessions": ["absent"]}, "no session 'absent'"),
        ({"activities": ["absent"]}, "no activity 'absent'; the activities are .*run_fit"),
        ({"activities": ["runfit"]}, r"no activity 'runfit' \(did you mean 'run_fit'\?\); the "),
        ({"since": "yesterday"}, "--since: 'yesterday' is not a valid ISO 8601 time"),
        ({"until": "soon"}, "--until: 'soon' is not a valid ISO 8601 time"),
        ({"since": "2027-13"}, "--since: '2027-13' is not a valid ISO 8601 time"),
        (
            {"since": "2100-01-01"},
            "the activities ran from 2026-11-22T17:17:17.* to 2026-11-22T17:22",
        ),
    ],
)
def test_missing_names_are_reported(
    graph: ProvGraph, criteria: dict[str, str | list[str]], message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        select(graph, **criteria)  # type: ignore[arg-type]


@settings(max_examples=examples(50))
@given(logs(), st.data())
def test_no_selection_has_dangling_relations(lines: list[str], data: st.DataObject) -> None:
    with TemporaryDirectory() as folder:
        graph = graph_of(Path(folder), lines)
    sessions = data.draw(st.lists(st.sampled_from(list(graph.sessions) or [""]), max_size=2))
    names = data.draw(st.lists(st.sampled_from(list(graph.activities) or [""]), max_size=2))
    try:
        part = select(graph, sessions=sessions, activities=names)
    except UsageError:
        return
    assert dangling(part) == []
    for bundle in (in_bundles(part), *in_bundles(part).bundles.values()):
        sessions_outside = set(graph.sessions.values())
        assert [
            name for name in dangling(bundle)
            if name not in {session.id for session in sessions_outside}
        ] == []  # fmt: skip


def test_bundles_hold_the_statements_of_their_session(graph: ProvGraph) -> None:
    bundled = in_bundles(graph)
    assert len(bundled.bundles) == len(graph.sessions) == 2
    for bundle in bundled.bundles.values():
        assert bundle.activities
        assert bundle.relations["used"]
    for kind, relations in graph.relations.items():
        stated = set(bundled.relations[kind]).union(
            *(bundle.relations[kind] for bundle in bundled.bundles.values())
        )
        assert stated >= set(relations)
    assert {relation.source.id for relation in bundled.relations["wasGeneratedBy"]} == set(
        bundled.bundles
    )


def test_a_selection_with_entities_of_another_session_can_be_bundled(tmp_path: Path) -> None:
    lines = []
    for session, key in (("s1", "generated_id"), ("s2", "used_id")):
        records = [
            {"session_id": session},
            {"activity_id": f"a{session}", "name": "x", "startTime": "2020-01-01T00:00:00"},
            {"activity_id": f"a{session}", key: "/data/x"},
        ]
        lines += [f"_PROV_{record!r}" for record in records]
    part = in_bundles(select(graph_of(tmp_path, lines), sessions=["s2"]))
    (bundle,) = part.bundles.values()
    assert list(bundle.entities) == ["log:entity-data_x-" + digest("/data/x")]
