"""``provlog show``: summaries of logs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.graphs.summary import summary
from provlog.text import clock, duration, printable, seconds_between
from tests.cli.test_cli import LOG, run
from tests.samples import EXCERPT, LOGS, NAMES, SAMPLES, graph_of


@pytest.fixture(scope="module")
def shown() -> list[list[str]]:
    """Return a function that returns the tables of a log as lists of lines."""
    result = run("show", LOG)
    assert result.code == 0
    return [table.splitlines() for table in result.output.split("\n\n")]


def test_sessions_with_host_software_agent_start_and_duration(shown: list[list[str]]) -> None:
    header, first, second = shown[0]
    assert " ".join(header.split()) == "session id host software by start duration activities"
    assert first.split() == [
        "gammapy.analysis.core.Analysis", "8733353875101", "node01.lan", "gammapy", "2.1,", "Python", "3.11.7",
        "analyst", "2026-11-22", "17:17:17", "3", "min", "34", "s", "5",
    ]  # fmt: skip
    assert second.endswith(" 4")


def test_activities_with_count_and_durations(shown: list[list[str]]) -> None:
    header, *rows = shown[1]
    assert header.split() == ["activity", "count", "total", "mean", "failed", "no", "end"]
    assert "run_fit               2  38 s        19 s" in rows


SUMMARY = "{'activity_id': '2', 'calls': 40, 'failed_calls': 3, 'total_time': 0.5}"


@pytest.mark.parametrize(
    ("facts", "row"),
    [
        (SUMMARY, (41, 1.5, 1.5 / 41, 3, 0)),
        # Keys of another program, with a meaning of their own.
        ("{'activity_id': '2', 'calls': 40}", (2, 21.0, 10.5, 0, 0)),
        (SUMMARY.replace("40", "'many'"), (2, 21.0, 10.5, 0, 0)),
        (SUMMARY.replace("40", "0"), (2, 21.0, 10.5, 0, 0)),
    ],
)
def test_calls_that_are_recorded_together_count_each(
    tmp_path: Path, facts: str, row: tuple[float, ...]
) -> None:
    times = {"1": ("10:00:00", "10:00:01"), "2": ("10:00:10", "10:00:30")}
    records = [
        f"{{'activity_id': {id!r}, 'activity_name': 'f', 'startTime': '2026-01-01T{start}',"
        f" 'endTime': '2026-01-01T{end}'}}"
        for id, (start, end) in times.items()
    ]
    graph = graph_of(tmp_path, [f"_PROV_{record}" for record in (*records, facts)])
    [found] = summary(graph)["activities"]
    names = ("count", "seconds", "mean_seconds", "failed", "unfinished")
    assert tuple(found[name] for name in names) == pytest.approx(row)


def test_inputs_and_outputs(shown: list[list[str]]) -> None:
    entities, inputs, outputs = shown[2:]
    assert "PythonObject       25" in entities
    assert any(line.startswith("DataStore ") and "/data/hess-dl3" in line for line in inputs)
    assert any(line.startswith("FitResult ") for line in outputs)


@pytest.mark.parametrize(
    ("name", "software"),
    [
        ("gammapy-2019-10-30.log", ["gammapy 2.1", "Python 3.11.7"]),
        ("logprov-gammapy-sessions.log", ["gammapy 2.1", "Python 3.11.7"]),
        ("logprov-selftest.log", ["Python 3.11.7"]),
        ("lstosa-0.9.5.log", ["v0.12.3", "Python 3.11.7"]),
        ("lstosa-runwise.log", ["v0.12.3", "Python 3.11.7"]),
    ],
)
def test_software_of_a_session(name: str, software: list[str]) -> None:
    assert summary(provlog.read(SAMPLES / name))["sessions"][0]["software"] == software


@pytest.mark.parametrize("system", [3, "text", [], {"platform": 1, "version": [], "python": None}])
def test_any_description_of_the_system_is_accepted(system: object, tmp_path: Path) -> None:
    graph = graph_of(tmp_path, [f"_PROV_{{'session_id': 's', 'system': {system!r}}}"])
    (session,) = summary(graph)["sessions"]
    assert (session["name"], session["host"], session["software"]) == ("s", None, [])


def test_diagnostics_by_code() -> None:
    assert run("show", EXCERPT).output.splitlines()[-3:] == [
        "diagnostic  count  meaning",
        "PL101           1  record with a missing closing bracket",
        "PL103           1  record lost except for its timestamp",
    ]


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_the_numbers_add_up(path: Path) -> None:
    graph = provlog.read(path)
    found = summary(graph)
    assert json.loads(json.dumps(found)) == found
    activities = len(graph.activities) - len(graph.sessions)
    assert sum(row["activities"] for row in found["sessions"]) == activities
    assert sum(row["count"] for row in found["activities"]) == activities
    assert sum(found["entities"].values()) == len(graph.entities)
    assert sum(found["diagnostics"].values()) == len(graph.diagnostics)
    generated = {relation.source for relation in graph.relations["wasGeneratedBy"]}
    assert len(found["outputs"]) <= len(generated)


def test_failures_and_activities_without_an_end(tmp_path: Path) -> None:
    start, end = "2020-01-01T00:00:00", "2020-01-01T00:00:10"
    records: list[dict[str, Any]] = [
        {"activity_id": "a", "name": "fit", "startTime": start},
        {"activity_id": "a", "endTime": end, "status": "succeeded"},
        {"activity_id": "b", "name": "fit", "startTime": start},
        {"activity_id": "b", "endTime": f"{end}+02:00", "status": "error"},
        {"activity_id": "c", "name": "fit", "startTime": start},
    ]
    found = summary(graph_of(tmp_path, [f"_PROV_{record!r}" for record in records]))
    assert found["activities"] == [
        {"name": "fit", "count": 3, "seconds": 10.0, "mean_seconds": 10.0, "failed": 1,
         "unfinished": 1},
    ]  # fmt: skip
    assert [row["id"] for row in found["sessions"]] == [None]


def test_json_holds_all() -> None:
    found = json.loads(run("show", LOG, "--json").output)
    assert found == summary(provlog.read(LOG))


def test_a_selection_limits_the_summary() -> None:
    first, second = json.loads(run("show", LOG, "--json").output)["sessions"]
    for options in (["--session", second["id"]], ["--since", second["start"]]):
        found = json.loads(run("show", LOG, "--json", *options).output)
        assert [row["id"] for row in found["sessions"]] == [second["id"]]
    assert run("show", LOG, "--until", "2025").code == 2
    assert first["id"] in run("show", LOG, "--until", "2027").output


def test_long_lists_are_shortened_with_a_note(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    lines = ["_PROV_{'activity_id': 'a', 'name': 'x', 'startTime': '2020-01-01T00:00:00'}"]
    lines += [f"_PROV_{{'activity_id': 'a', 'used_id': 'e{number}'}}" for number in range(50)]
    log.write_text("\n".join(lines))
    assert "... and 30 more inputs; --json shows all" in run("show", log).output


def test_labels_are_shown_as_text(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("_PROV_{'activity_id': 'a', 'used_id': 'e', 'entity_name': '[red]x\\n[/]'}\n")
    assert "[red]x�[/]" in run("show", log).output


def test_durations_and_suggestions() -> None:
    assert [duration(value) for value in (0, 59.7, 60, 3599.6, 3600, -5, -90, 90_000)] == [
        "0.0 s", "1 min 0 s", "1 min 0 s", "1 h 0 min", "1 h 0 min", "-5.0 s", "-1 min 30 s", "25 h 0 min",
    ]  # fmt: skip
    assert (clock(None), clock("2020-01-01T00:00:00.5+02:00")) == ("", "2020-01-01 00:00:00+02:00")
    assert printable("a\tb\x1b é😀") == "a�b� é😀"
    assert seconds_between("2020-01-01T00:00:00", "2020-01-01T00:00:01Z") is None


def test_descriptions_of_activities_and_their_parameters(tmp_path: Path) -> None:
    described = run("show", SAMPLES / "provlog-gammapy.log").output
    assert "run_fit           Fit the models to the datasets" in described
    assert "get_flux_points   source crab, Name of the model" in described
    assert "parameter" not in run("show", SAMPLES / "gammapy-2020-04.log").output


def test_fair_counts_elements_that_meet_criteria() -> None:
    result = run("show", SAMPLES / "provlog-gammapy.log", "--fair")
    assert result.code == 0
    assert "reusable       activities with a description" in result.output
    assert "5 of 6" in result.output
    rows = json.loads(run("show", SAMPLES / "provlog-gammapy.log", "--fair", "--json").output)
    assert {row["principle"] for row in rows} == {
        "findable", "accessible", "interoperable", "reusable",
    }  # fmt: skip


def test_an_unknown_usage_type_is_an_error() -> None:
    result = run("show", SAMPLES / "provlog-gammapy.log", "--usage-type", "Mian")
    assert result.code == 2
    assert "unknown type of usage 'Mian'" in result.errors
