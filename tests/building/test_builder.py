"""The graph built from events: sessions, order, repetitions, conflicts."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.model.graph import Activity, Element, ProvGraph
from tests.samples import codes, document, graph_of

T1, T2, T3 = (f"2020-01-01T00:00:0{second}" for second in (1, 2, 3))


def line(time: str = T1, **payload: Any) -> str:
    return f"_PROV_{time}_PROV_{payload!r}"


def identifier(element: Element) -> str:
    return str(element.values("dcterms:identifier")[0])


def pairs(graph: ProvGraph, kind: str) -> set[tuple[str, str]]:
    return {(identifier(r.source), identifier(r.target)) for r in graph.relations[kind]}


def session_of(activity: Activity) -> str | None:
    return None if activity.session is None else identifier(activity.session)


SESSION = [
    line(session_id="s1", name="Analysis", startTime=T1),
    line(activity_id="a", name="fit", startTime=T2, in_session="s1", agent_name="me"),
    line(activity_id="a", parameters={"n": 1, "b": True, "x": 1.5, "l": [1], "no": None}),
    line(entity_id="e1", name="Input", type="File"),
    line(activity_id="a", used_id="e1", used_role="input"),
    line(entity_id="e2", name="Output", type="File"),
    line(activity_id="a", generated_id="e2", generated_role="output"),
    line(entity_id="e2", member_id="m1"),
    line(entity_id="e2", progenitor_id="e1"),
    line(activity_id="a", endTime=T3, status="ok"),
]


def test_a_session_with_all_keys(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, SESSION)
    assert graph.diagnostics == []
    session, activity = graph.activities.values()
    assert graph.sessions == {"s1": session}
    assert (session.label, session.start) == ("Analysis", T1)
    assert (activity.label, activity.start, activity.end) == ("fit", T2, T3)
    assert activity.session is session
    assert activity.id == "log:activity-s1-a"
    assert {name: activity.values(name)[0] for name in activity.attributes if "param" in name} == {
        "param:n": 1, "param:b": True, "param:x": 1.5, "param:l": "[1]", "param:no": "null",
    }  # fmt: skip
    assert activity.values("log:status") == ["ok"]
    assert pairs(graph, "used") == {("a", "e1")}
    assert pairs(graph, "wasGeneratedBy") == {("e2", "a")}
    assert pairs(graph, "hadMember") == {("e2", "m1")}
    assert pairs(graph, "wasDerivedFrom") == {("e2", "e1")}
    assert pairs(graph, "wasAssociatedWith") == {("a", "me")}
    assert pairs(graph, "wasInfluencedBy") == {("a", "s1")}
    assert {r.role for r in graph.relations["used"]} == {"input"}
    assert graph.entities["log:entity-s1-e2"].values("prov:type") == ["File", "prov:Collection"]


@pytest.mark.parametrize("seed", range(30))
def test_the_order_of_a_sessions_records_does_not_matter(tmp_path: Path, seed: int) -> None:
    shuffled = SESSION[:]
    random.Random(seed).shuffle(shuffled)
    expected = graph_of(tmp_path, SESSION).to_prov()
    assert graph_of(tmp_path, shuffled).to_prov() == expected


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("key", ["in_session", "session_tag"])
def test_two_sessions_interleaved_line_by_line(tmp_path: Path, seed: int, key: str) -> None:
    # The same activity and entity ids in both, as short random ids may collide.
    def session(name: str) -> list[str]:
        tag = {key: name if key == "in_session" else f"fit:{name}"}
        return [
            line(session_id=name, name=name, startTime=T1, **({} if key == "in_session" else tag)),
            line(activity_id="a", name=f"fit {name}", startTime=T2, **tag),
            line(activity_id="a", parameters={"name": name}, **tag),
            line(entity_id="e", name=f"in {name}", **tag),
            line(activity_id="a", used_id="e", used_role="r", **tag),
            line(activity_id="a", endTime=T3, **tag),
        ]

    first, second = session("s1"), session("s2")
    chance = random.Random(seed)
    merged = []
    while first or second:
        merged.append((first if not second or (first and chance.random() < 0.5) else second).pop(0))
    graph = graph_of(tmp_path, merged)
    assert graph.diagnostics == []
    for name in ("s1", "s2"):
        activity = graph.activities[f"log:activity-{name}-a"]
        assert activity.label == f"fit {name}"
        assert activity.values("param:name") == [name]
        assert (activity.start, activity.end, session_of(activity)) == (T2, T3, name)
        assert graph.entities[f"log:entity-{name}-e"].values("prov:label") == [f"in {name}"]
        assert any(
            r.source is activity and r.target.id == f"log:entity-{name}-e"
            for r in graph.relations["used"]
        )


def test_interleaved_sessions_that_only_starts_name(tmp_path: Path) -> None:
    # As in logs of logprov: only starts of activities have in_session, and ids are unique.
    graph = graph_of(
        tmp_path,
        [
            line(session_id="s1", startTime=T1),
            line(session_id="s2", startTime=T1),
            line(activity_id="a1", name="fit", startTime=T2, in_session="s1"),
            line(activity_id="a2", name="fit", startTime=T2, in_session="s2"),
            line(entity_id="e", name="of 1"),
            line(activity_id="a1", used_id="e"),
            line(entity_id="e", name="of 2"),
            line(activity_id="a2", used_id="e"),
            line(activity_id="a1", endTime=T3),
            line(activity_id="a2", endTime=T3),
        ],
    )
    assert graph.entities["log:entity-s1-e"].values("prov:label") == ["of 1"]
    assert graph.entities["log:entity-s2-e"].values("prov:label") == ["of 2"]
    assert graph.activities["log:activity-s1-a1"].end == T3


def test_records_before_the_start_or_description_they_need(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        [
            line(activity_id="a", endTime=T2),
            line(activity_id="a", used_id="e"),
            line(activity_id="a", name="fit", startTime=T1),
            line(entity_id="e", name="Input"),
        ],
    )
    (activity,) = graph.activities.values()
    assert (activity.label, activity.start, activity.end) == ("fit", T1, T2)
    (entity,) = graph.entities.values()
    assert entity.label == "Input"
    assert pairs(graph, "used") == {("a", "e")}


def test_an_activity_without_a_start_is_kept(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path, [line(activity_id="a", used_id="e"), line(activity_id="a", endTime=T2)]
    )
    (activity,) = graph.activities.values()
    assert (activity.start, activity.end) == (None, T2)
    assert pairs(graph, "used") == {("a", "e")}


def test_a_reused_activity_id_is_another_activity(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        [
            line(activity_id="a", name="first", startTime=T1),
            line(activity_id="a", used_id="e1"),
            line(activity_id="a", name="second", startTime=T2),
            line(activity_id="a", used_id="e2"),
        ],
    )
    assert codes(graph) == ["PL301"]
    first, second = graph.activities.values()
    assert second.id == f"{first.id}.2"
    assert (first.label, second.label) == ("first", "second")
    uses = {(r.source.label, identifier(r.target)) for r in graph.relations["used"]}
    assert uses == {("first", "e1"), ("second", "e2")}


def test_the_same_start_again_is_the_same_activity(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, [line(activity_id="a", name="fit", startTime=T1)] * 2)
    assert len(graph.activities) == 1
    assert graph.diagnostics == []


def test_equal_values_are_kept_once_and_different_ones_all(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        [
            line(activity_id="a", name="fit", startTime=T1),
            *[line(activity_id="a", used_id="e", used_role="r")] * 2,
            line(activity_id="a", used_id="e", used_role="other"),
            *[line(entity_id="e", name="one", hash="h")] * 2,
            line(entity_id="e", name="two"),
        ],
    )
    assert [r.role for r in graph.relations["used"]] == ["r", "other"]
    (entity,) = graph.entities.values()
    assert entity.values("prov:label") == ["one", "two"]
    assert entity.values("log:hash") == ["h"]


def test_equal_instants_do_not_conflict(tmp_path: Path) -> None:
    first, second, zone = (
        "2024-03-11T20:00:00.5Z",
        "2024-03-11T20:00:00.500000+00:00",
        ("2024-03-11T21:00:00.5+01:00"),
    )
    lines = [
        record
        for time in (first, second, zone)
        for record in (
            line(session_id="s", startTime=time),
            line(activity_id="a", name="fit", startTime=time, in_session="s"),
            line(activity_id="a", endTime=time),
        )
    ]
    graph = graph_of(tmp_path, lines)
    assert codes(graph) == []
    session, activity = graph.activities.values()
    assert (session.start, activity.start, activity.end) == (first, first, first)
    assert not {"log:startTime", "log:endTime"} & (session.attributes.keys() | activity.attributes)


def test_a_conflicting_instant_is_kept_once(tmp_path: Path) -> None:
    times = ["2024-03-11T20:00:00Z", "2024-03-11T20:00:01Z", "2024-03-11T20:00:01+00:00"]
    lines = [line(session_id="s", startTime=time) for time in times]
    lines.append(line(activity_id="a", name="fit", startTime=T1, in_session="s"))
    lines += [line(activity_id="a", endTime=time) for time in times]
    graph = graph_of(tmp_path, lines)
    session, activity = graph.activities.values()
    assert [value.isoformat() for value in session.values("log:startTime")] == [
        "2024-03-11T20:00:01+00:00"
    ]
    assert len(activity.values("log:endTime")) == 1
    (found,) = (item for item in graph.diagnostics if item.code == "PL303")
    assert "described with 2 starts" in found.message


def test_conflicts_are_reported_and_both_values_kept(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        [
            line(session_id="s", startTime=T2),
            line(session_id="s", startTime=T1),
            line(activity_id="a", name="fit", startTime="yesterday", in_session="s"),
            line(activity_id="a", endTime=T2),
            line(activity_id="a", endTime=T3),
            line(entity_id="e", value=1),
            line(entity_id="e", value=2),
        ],
    )
    assert sorted(codes(graph)) == ["PL202", "PL302", "PL303", "PL304"]
    session, activity = graph.activities.values()
    assert session.start == T1
    assert [value.isoformat() for value in session.values("log:startTime")] == [T2]
    assert activity.values("log:startTime") == ["yesterday"]
    assert activity.end == T2
    assert [value.isoformat() for value in activity.values("log:endTime")] == [T3]
    (entity,) = graph.entities.values()
    assert (entity.values("prov:value"), entity.values("log:value")) == ([1], [2])


def test_a_repeated_description_of_a_session_adds_only_differences(tmp_path: Path) -> None:
    system = {"node": "n1", "packages": ["a", "b"], "now": T1}
    graph = graph_of(
        tmp_path,
        [
            line(session_id="s", system=system),
            line(session_id="s", system=system | {"now": T2}),
            line(session_id="s", system=system),
        ],
    )
    (session,) = graph.sessions.values()
    assert session.values("log:system") == [
        f'{{"node":"n1","packages":["a","b"],"now":"{T1}"}}',
        f'{{"now":"{T2}"}}',
    ]


def test_ids_of_different_type_are_one_id(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path, [line(entity_id=23592, name="a"), line(entity_id="23592", type="File")]
    )
    (entity,) = graph.entities.values()
    assert (entity.label, entity.values("prov:type")) == ("a", ["File"])


def test_logs_without_sessions_do_not_share_ids(tmp_path: Path) -> None:
    paths = []
    for number in (1, 2):
        path = tmp_path / f"{number}.log"
        path.write_text(line(time=f"2020-01-0{number}T00:00:00", entity_id="e") + "\n")
        paths.append(path)
    graph = provlog.read(*paths)
    assert len(graph.entities) == 2
    again = provlog.read(paths[0])
    assert set(again.entities) < set(graph.entities)


def test_global_ids_link_two_logs(tmp_path: Path) -> None:
    path_id, hash_id = "/data/dl1.h5", "a57b007aa6ac4fb5c65f6acacd719f5d"
    first, second = tmp_path / "1.log", tmp_path / "2.log"
    first.write_text(
        line(session_id="s1") + "\n" + line(activity_id="a", name="x", startTime=T1) + "\n"
        + line(activity_id="a", generated_id=path_id) + "\n"
        + line(entity_id="short", hash="short") + "\n"
    )  # fmt: skip
    second.write_text(
        line(session_id="s2") + "\n" + line(activity_id="b", name="y", startTime=T1) + "\n"
        + line(activity_id="b", used_id=path_id) + "\n"
        + line(activity_id="b", used_id=hash_id) + "\n"
        + line(activity_id="b", used_id="short") + "\n"
    )  # fmt: skip
    graph = provlog.read(first, second)
    assert sorted(map(identifier, graph.entities.values())) == sorted([path_id, "short", hash_id])
    assert all("-s1-" not in name and "-s2-" not in name for name in graph.entities)


def test_an_activity_with_a_global_id_continues_in_a_session_of_another_log(tmp_path: Path) -> None:
    """As in a log of ctapipe that was cut: its session is named by its first activity."""
    activity = "8c1b9d9c-0cba-4b5a-8a4f-29a1a3c3d3b8"
    paths = []
    for name in ("s1", "s2"):
        paths.append(tmp_path / f"{name}.log")
        records = [
            line(session_id=name),
            line(activity_id=activity, name="x", startTime=T1, in_session=name),
            line(activity_id=activity, used_id=f"/data/{name}", in_session=name),
            line(activity_id=activity, endTime=T2, in_session=name),
        ]
        paths[-1].write_text("\n".join(records) + "\n")
    graph = provlog.read(*paths)
    assert pairs(graph, "used") == {(activity, "/data/s1"), (activity, "/data/s2")}
    [one] = graph.activities.keys() - {session.id for session in graph.sessions.values()}
    assert session_of(graph.activities[one]) == "s1"


def test_an_id_in_a_namespace_keeps_its_prefix(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, [line(entity_id="c", member_id="gamma-events:23523")])
    assert "gamma-events:entity-23523" in graph.entities
    assert graph.namespaces["gamma-events"] == "urn:provlog:gamma-events:"


def test_the_same_log_gives_the_same_ids(tmp_path: Path) -> None:
    assert document(graph_of(tmp_path, SESSION), "provjson") == document(
        graph_of(tmp_path, SESSION), "provjson"
    )


@pytest.mark.parametrize("key", ["session_id", "activity_id", "entity_id", "used_id"])
@pytest.mark.parametrize("value", [None, "", 0, [1, 2], {"a": 1}, 1.5, True])
def test_unusual_ids_are_accepted(tmp_path: Path, key: str, value: object) -> None:
    graph = graph_of(
        tmp_path,
        [line(entity_id="e", name="x"), line(activity_id="a", name=["n"], startTime=T1), f"_PROV_{T1}_PROV_{ {key: value}!r}"],
    )  # fmt: skip
    assert document(graph, "provxml")


def read_logs(folder: Path, *logs: list[str]) -> ProvGraph:
    paths = [folder / f"{number}.log" for number in range(len(logs))]
    for path, lines in zip(paths, logs, strict=True):
        path.write_text("".join(f"{text}\n" for text in lines))
    return provlog.read(*paths)


def test_a_session_may_continue_in_another_log(tmp_path: Path) -> None:
    start = line(activity_id="a", name="fit", startTime=T1, in_session="S")
    end = line(activity_id="a", endTime=T2, in_session="S")
    made = line(activity_id="a", generated_id="g", in_session="S")
    graph = read_logs(tmp_path, [line(session_id="S"), start], [end, made])
    (activity,) = set(graph.activities.values()) - set(graph.sessions.values())
    assert (activity.start, activity.end) == (T1, T2)
    assert pairs(graph, "wasGeneratedBy") == {("g", "a")}


def test_a_session_named_late_by_another_log(tmp_path: Path) -> None:
    graph = read_logs(
        tmp_path,
        [line(session_id="S")],
        [
            line(activity_id="b", name="fit", startTime=T1),
            line(activity_id="b", used_id="e", in_session="S"),
            line(activity_id="b", endTime=T2, in_session="S"),
        ],
    )
    (activity,) = set(graph.activities.values()) - set(graph.sessions.values())
    assert (activity.start, activity.end, session_of(activity)) == (T1, T2, "S")
    assert pairs(graph, "used") == {("b", "e")}


@pytest.mark.parametrize("lines", [SESSION, SESSION[2:]], ids=["a session", "no session"])
def test_reading_a_log_twice_adds_nothing(tmp_path: Path, lines: list[str]) -> None:
    assert read_logs(tmp_path, lines, lines).to_prov() == read_logs(tmp_path, lines).to_prov()


def test_many_descriptions_wait_for_their_session(tmp_path: Path) -> None:
    count = 5000
    lines = [line(session_id="s1"), line(session_id="s2"), line(session_id="s1")]
    lines += [line(activity_id="a", name="x", startTime=T1, in_session="s1")]
    lines += [line(activity_id="b", name="x", startTime=T1, in_session="s2")]
    lines += [line(entity_id="e", name=f"n{number}") for number in range(count)]
    lines += [line(activity_id="a", used_id="e", used_role=f"r{number}") for number in range(count)]
    graph = graph_of(tmp_path, lines)
    (entity,) = graph.entities.values()
    assert len(entity.values("prov:label")) == count


def test_the_earliest_start_of_a_session_is_found_across_zones(tmp_path: Path) -> None:
    early, late = "2020-01-01T10:00:00+02:00", "2020-01-01T09:00:00+00:00"
    for starts in ((early, late), (late, early)):
        graph = graph_of(tmp_path, [line(session_id="s", startTime=start) for start in starts])
        assert graph.sessions["s"].start == early


def test_a_colon_in_the_name_of_an_agent_does_not_start_a_namespace(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, [line(activity_id="a", startTime=T1, agent_name="lst:analyzer")])
    assert all(name.startswith("log:agent-") for name in graph.agents)


def test_an_end_of_none_is_ignored(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, [line(activity_id="a", endTime=None)])
    assert graph.diagnostics == []


@pytest.mark.parametrize("key", ["used", "generated"])
def test_a_statement_with_a_role_replaces_the_same_one_without(tmp_path: Path, key: str) -> None:
    statements = [{f"{key}_id": "e"}, {f"{key}_id": "e", f"{key}_role": "events"}]
    other = [{f"{key}_id": "e", f"{key}_role": "table"}, {f"{key}_id": "f"}]
    kind = "used" if key == "used" else "wasGeneratedBy"
    for both in (statements, statements[::-1]):
        start = line(activity_id="a", name="fit", startTime=T1)
        lines = [line(activity_id="a", **one) for one in (*both, *other)]
        graph = graph_of(tmp_path, [start, *lines])
        roles = {one.role for one in graph.relations[kind]}
        assert (roles, len(graph.relations[kind])) == ({"events", "table", None}, 3)
