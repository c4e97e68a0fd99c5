"""Provenance logs of ctapipe, from 0.8 to 0.32."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import provlog
from provlog.cli import main
from provlog.model.graph import Activity, ProvGraph
from tests.judges import judge
from tests.readers.ctapipe.ctapipe_logs import DATA, LOGS, NIGHT, activities_of, lists_of, text_of


def runs(graph: ProvGraph) -> list[Activity]:
    return [item for item in graph.activities.values() if item not in graph.sessions.values()]


def activity(graph: ProvGraph, name: str) -> Activity:
    [found] = [item for item in runs(graph) if item.label == name]
    return found


def write(path: Path, *activities: dict[str, Any]) -> Path:
    path.write_text(json.dumps(activities, indent=3))
    return path


def made(name: str, number: int, start: int, stop: int, **others: Any) -> dict[str, Any]:
    return {
        "activity_name": name,
        "activity_uuid": f"00000000-0000-4000-8000-{number:012}",
        "start": {"time_utc": f"2026-01-01T00:00:00.{start:03}"},
        "stop": {"time_utc": f"2026-01-01T00:00:00.{stop:03}"},
        "system": {"platform": {"node": others.pop("node", "node07")}},
        "input": [{"url": url, "role": None} for url in others.pop("input", ())],
        "output": [{"url": url, "role": None} for url in others.pop("output", ())],
        **others,
    }


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_all_activities_inputs_outputs_and_versions_are_read(path: Path) -> None:
    graph = provlog.read(path)
    assert graph.diagnostics == []
    expected = activities_of(path)
    by_id = {str(item.values("dcterms:identifier")[0]): item for item in graph.activities.values()}
    files = {kind: Counter[tuple[str, str, str | None]]() for kind in ("used", "wasGeneratedBy")}
    for kind, counts in files.items():
        for relation in graph.relations[kind]:
            file, act = relation.source, relation.target
            if kind == "used":
                file, act = act, file
            [raw] = act.values("dcterms:identifier")
            for url in file.values("prov:location"):
                counts[raw, url, relation.role] += 1
    for raw, item in expected.items():
        found = by_id[raw]
        assert found.label == item["activity_name"]
        assert found.start == item["start"]["time_utc"] + "Z"
        assert found.end == item["stop"]["time_utc"] + "Z"
        assert found.values("log:exit_code") == ([item["exit_code"]] if "exit_code" in item else [])
        session = found.session
        assert session is not None
        version = item["system"]["ctapipe_version"]
        assert session.values("log:software_version") == [f"ctapipe {version}"]
        for key, kind in (("input", "used"), ("output", "wasGeneratedBy")):
            stated = {(entry["url"], entry["role"]) for entry in item[key]}
            assert {(url, role) for act, url, role in files[kind] if act == raw} == stated
    others = {str(item.values("dcterms:identifier")[0]) for item in runs(graph)} - set(expected)
    # The activities of other logs that made the inputs of this one.
    assert all(f'"CTA ACTIVITY ID": "{other}"' in text_of(path) for other in others)
    assert len(graph.sessions) == len(
        {found[0]["activity_uuid"] for found in lists_of(path) if found}
    )


@pytest.mark.parametrize("path", LOGS, ids=lambda path: path.name)
def test_the_documents_are_valid_and_nothing_contradicts(path: Path) -> None:
    graph = provlog.read(path)
    judge(graph)
    assert [item.code for item in provlog.check(path)] == []


def test_products_link_activities() -> None:
    graph = provlog.read(NIGHT)
    [merged] = [item for item in graph.entities.values() if item.label == "runs.dl1.h5"]
    assert merged.id == "log:entity-5cff8ba4-e64e-4147-a3e3-c9e5142f7278"
    users = {item.source.label for item in graph.relations["used"] if item.target is merged}
    assert users == {"ctapipe-process", "ctapipe-dump-instrument"}


def test_an_invented_product_id_identifies_nothing() -> None:
    graph = provlog.read(NIGHT)
    [optics] = [item for item in graph.entities.values() if ".optics." in item.label]
    path = "/data/cta/sketch/instrument/SketchArray.optics.fits.gz"
    assert optics.values("dcterms:identifier") == [f"file://node07{path}"]
    assert not any(name.startswith("log:CTA") for name in optics.attributes)


def test_nesting_is_inferred_from_the_times() -> None:
    for name in ("nested-0.32.0.json.gz", "nested-compact-0.32.0.json.gz"):
        graph = provlog.read(DATA / name)
        night = activity(graph, "process night")
        inner = {
            relation.source
            for relation in graph.relations["wasInfluencedBy"]
            if relation.target is night
        }
        assert sorted(item.label for item in inner) == ["calibrate", "calibrate", "quality check"]
        for item in graph.activities.values():
            assert bool(item.values("provlog:inferred")) == (item in inner)
        assert activity(graph, "quality check").values("log:status") == ["completed"]


def test_equal_milliseconds_do_not_prove_nesting(tmp_path: Path) -> None:
    log = write(
        tmp_path / "x.log", made("first", 1, 10, 20), made("second", 2, 20, 30),
        made("instant", 3, 30, 30), made("third", 4, 30, 40), made("inner", 5, 50, 60),
        made("outer", 6, 50, 60),
    )  # fmt: skip
    graph = provlog.read(log)
    nested = [
        (item.source.label, item.target.label)
        for item in graph.relations["wasInfluencedBy"]
        if item.target not in graph.sessions.values()
    ]
    assert nested == [("inner", "outer")]


def test_configuration_system_and_agent_have_the_form_of_the_log_reader() -> None:
    graph = provlog.read(NIGHT)
    merge = activity(graph, "ctapipe-merge")
    assert merge.values("param:MergeTool.HDF5Merger.output_path") == [
        "/data/cta/sketch/runs.dl1.h5"
    ]
    session = merge.session
    assert session is not None
    system = json.loads(session.values("log:system")[0])
    assert system["packages"]["ctapipe-io-sketch"] == "0.1.0"
    assert system["python"]["version"] == "3.12.1"
    assert graph.agent_names()[merge] == ["observer"]


def test_failed_activities_are_read_as_failed() -> None:
    graph = provlog.read(DATA / "failures-0.32.0.provenance.log.gz")
    failed = [item for item in runs(graph) if item.session is not None]
    assert [item.failure for item in failed] == ["error"] * 6
    assert [item.values("log:exit_code") for item in failed] == [[1], [1], [2], [2], [2], [1]]
    graph = provlog.read(DATA / "interrupted-0.32.0.provenance.log.gz")
    assert activity(graph, "ctapipe-process").failure == "interrupted"


def test_a_path_written_twice_is_two_files(tmp_path: Path) -> None:
    log = write(
        tmp_path / "x.log",
        made("read original", 1, 0, 10, input=["/d/a"]), made("write", 2, 20, 30, output=["/d/a"]),
        made("read", 3, 40, 50, input=["/d/a"]), made("write again", 4, 60, 70, output=["/d/a"]),
        made("read again", 5, 80, 90, input=["/d/a"]),
        made("elsewhere", 6, 91, 92, input=["/d/a"], node="node08"),
    )  # fmt: skip
    graph = provlog.read(log)
    file = {item.source.label: item.target.id for item in graph.relations["used"]}
    file |= {item.target.label: item.source.id for item in graph.relations["wasGeneratedBy"]}
    assert file["read"] == file["write"]
    assert file["read again"] == file["write again"]
    assert len({*file.values()}) == 4


def test_a_path_written_in_two_logs_is_one_file_and_reported(tmp_path: Path) -> None:
    """The identifiers of a log stay the same, whatever else is read with it."""
    first = write(tmp_path / "a.log", made("draw", 1, 0, 10, output=["/data/n.txt"]))
    second = write(tmp_path / "b.log", made("draw", 2, 20, 30, output=["/data/n.txt"]))
    both = provlog.read(first, second)
    assert both.entities.keys() == provlog.read(first).entities.keys()
    assert len(both.relations["wasGeneratedBy"]) == 2
    result = CliRunner().invoke(main, ["check", str(first), str(second)])
    assert "PL405" in result.stdout


def test_the_generator_of_an_input_is_added_without_its_log(tmp_path: Path) -> None:
    lists = lists_of(NIGHT)
    alone = write(tmp_path / "merge.log", *lists[3])
    graph = provlog.read(alone)
    makers = [
        item for item in graph.relations["wasGeneratedBy"] if item.target.label == "ctapipe-process"
    ]
    assert [item.source.label for item in makers] == ["run2031.dl1.h5", "run2032.dl1.h5"]
    assert all(item.role is None for item in makers)
    maker = makers[0].target
    assert isinstance(maker, Activity)
    assert (maker.start, maker.session) == ("2026-11-26T13:15:27.553Z", None)
    # With its log, in whatever order, there is one activity and one generation.
    first = write(tmp_path / "first.log", *lists[1])
    for paths in ((alone, first), (first, alone)):
        graph = provlog.read(*paths)
        run = graph.activities[maker.id]
        assert run.session is not None
        assert run.values("log:exit_code") == [0]
        [generation] = [item for item in graph.relations["wasGeneratedBy"] if item.target is run]
        assert generation.role == "DL1/Event"


def test_a_truncated_log(tmp_path: Path) -> None:
    path = tmp_path / "cut.log"
    text = text_of(NIGHT)
    whole = provlog.read(NIGHT)
    path.write_text(text[: text.rindex('"output"') + 100])
    graph = provlog.read(path)
    assert [item.code for item in graph.diagnostics] == ["PL102"]
    assert graph.diagnostics[0].origin.line == text[: text.rindex('"activity_name"')].count("\n")
    assert graph.activities.keys() == whole.activities.keys()
    last = activity(graph, "ctapipe-dump-instrument")
    assert last.end == activity(whole, "ctapipe-dump-instrument").end


@pytest.mark.parametrize("step", [997])
def test_a_log_truncated_anywhere_is_read_up_to_its_end(tmp_path: Path, step: int) -> None:
    path = tmp_path / "cut.log"
    text = text_of(DATA / "tools-0.12.0.provenance.log.gz")
    starts = [at for at in range(len(text)) if text.startswith('"activity_uuid"', at)]
    for size in range(500, len(text), step):
        path.write_text(text[:size])
        graph = provlog.read(path)
        found = len(graph.activities) - len(graph.sessions)
        assert found == sum(start + 60 < size for start in starts)


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ('[{"activity_name": "a", "x": ' + "[" * 100_000, "PL106"),
        ('[{"activity_name": "a"},', "PL201"),
        ('[{"activity_name": "a" "b"},', "PL104"),
        ('[{"activity_name": "a", "n": ' + "9" * 10_000 + "},", "PL201"),
        ('[{"activity_name": "a"}] lost words [', "PL201"),
        ('{"activity_name": ' * 50_000, "PL106"),
    ],
)
def test_damaged_activities_are_reported_and_the_next_list_is_read(
    tmp_path: Path, broken: str, code: str
) -> None:
    path = tmp_path / "x.log"
    path.write_text(broken + "][" + json.dumps(made("good", 1, 0, 1)) + "]")
    graph = provlog.read(path)
    assert {item.code for item in graph.diagnostics} == {code}
    assert activity(graph, "good").start == "2026-01-01T00:00:00.000Z"


def test_memory_and_processor_time_of_2017_are_kept(tmp_path: Path) -> None:
    fields = made("old", 1, 0, 1)
    fields["start"]["memory"] = {"rss": 5}
    fields["stop"]["cpu"] = 3.5
    run = activity(provlog.read(write(tmp_path / "x.log", fields)), "old")
    assert run.start == "2026-01-01T00:00:00.000Z"
    assert run.values("log:start") == ['{"memory":{"rss":5}}']
    assert run.values("log:stop") == ['{"cpu":3.5}']


def test_values_of_any_type_are_accepted(tmp_path: Path) -> None:
    odd = made("odd", 1, 0, 1) | {
        "start": 3, "stop": {"time_utc": "never"},
        "system": {"python": {"packages": [1, {"name": {}}, {"name": [1], "version": {}}]}}, "input": {"a": 1},
        "output": [None, {"url": 3}, {"url": "/d/a", "role": 5, "reference_meta": "x"}],
        "config": None, "status": {"a": 1}, "exit_code": [1],
    }  # fmt: skip
    graph = provlog.read(write(tmp_path / "x.log", odd))
    run = activity(graph, "odd")
    assert (run.start, run.end) == (None, None)
    assert run.values("log:start") == [3]
    assert run.values("log:stop") == ['{"time_utc":"never"}']
    assert [item.label for item in graph.entities.values()] == ["a"]
