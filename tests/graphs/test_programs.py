"""What a summary says of recorded programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from provlog.graphs.programs import parameters_of_calls, programs
from provlog.model.graph import ProvGraph
from tests.cli.test_cli import run
from tests.samples import graph_of

RECORDS: list[dict[str, Any]] = [
    {"session_id": "s", "startTime": "2026-01-01T10:00:00"},
    {"activity_id": "1", "activity_name": "flow.py", "in_session": "s"},
    {"activity_id": "1", "parameters": {"arguments": ["data.csv", "--n", "3"]}},
    {"activity_id": "1", "type": "Program", "working_directory": "/tmp/flow"},
    {"activity_id": "1", "git_commit": "5f4c3bf1", "git_is_dirty": True},
    {"activity_id": "1", "exit_status": 0, "packages": {"numpy": "2.4.6", "pandas": "3.1.1"}},
    {"activity_id": "2", "activity_name": "fit", "in_session": "s"},
    {"activity_id": "2", "parameters": {"C": 1.0, "kind": "x\n" * 60}},
    *(
        record
        for n in (3, 4, 9, 7)
        for record in (
            {"activity_id": f"{n}", "activity_name": "fit", "in_session": "s"},
            {"activity_id": f"{n}", "parameters": {"C": n % 6}},
        )
    ),
]
FACTS = [
    ("arguments", "data.csv --n 3"), ("working directory", "/tmp/flow"),
    ("git commit", "5f4c3bf1, with changes"), ("exit status", "0"),
    ("packages", "numpy 2.4.6, pandas 3.1.1"),
]  # fmt: skip


def graph(folder: Path, records: list[dict[str, Any]]) -> ProvGraph:
    return graph_of(folder, [f"_PROV_{record!r}" for record in records])


def test_a_program_has_arguments_commit_status_and_packages(tmp_path: Path) -> None:
    assert programs(graph(tmp_path, RECORDS)) == [
        {"name": "flow.py", "facts": [{"name": name, "value": value} for name, value in FACTS]}
    ]


def test_a_program_without_a_repository_and_without_an_end(tmp_path: Path) -> None:
    [row] = programs(graph(tmp_path, RECORDS[:4]))
    assert [fact["name"] for fact in row["facts"]] == ["arguments", "working directory"]


@pytest.mark.parametrize("value", [3, "text", ["x"], {"numpy": [1]}, "['a'"])
def test_any_value_is_accepted(tmp_path: Path, value: Any) -> None:
    records = [*RECORDS[:4], {"activity_id": "1", "packages": value, "git_is_dirty": value}]
    assert programs(graph(tmp_path, records))[0]["facts"]


def test_parameters_of_calls_have_up_to_three_values(tmp_path: Path) -> None:
    [row] = parameters_of_calls(graph(tmp_path, RECORDS))
    assert row["name"] == "fit"
    lines = row["parameters"]
    assert [line for line in lines if line.startswith("C ")] == ["C 1.0", "C 3", "C 4"]
    [kind] = [line for line in lines if line.startswith("kind ")]
    assert kind.startswith("kind x x x")
    assert len(kind) < 100


def test_calls_of_methods_are_in_the_sessions_of_their_objects(tmp_path: Path) -> None:
    records = [
        *RECORDS[:4],
        {"session_id": "s1", "startTime": "2026-01-01T10:00:01", "class": "Model"},
        {"activity_id": "9", "activity_name": "scale", "in_session": "s1"},
        {"activity_id": "9", "parameters": {"k": 2}},
    ]
    assert parameters_of_calls(graph(tmp_path, records)) == [
        {"name": "scale", "parameters": ["k 2"]}
    ]


def test_other_logs_have_no_programs(tmp_path: Path) -> None:
    records = [record for record in RECORDS if "type" not in record]
    found = graph(tmp_path, records)
    assert (programs(found), parameters_of_calls(found)) == ([], [])


def test_show_prints_both(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text("".join(f"_PROV_{record!r}\n" for record in RECORDS))
    lines = [" ".join(line.split()) for line in run("show", str(log)).output.splitlines()]
    assert "flow.py git commit 5f4c3bf1, with changes" in lines
    assert "fit C 1.0" in lines
