"""Logs that other programs wrapped are read like the bare logs."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.readers.log.wrappers import wrapper_of
from tests.grids import grid
from tests.readers.log.wrappers.comparing import facts, folded, lines_of
from tests.readers.log.wrappers.wrapping import WRAPPERS
from tests.samples import LOGS, SAMPLES, codes

SMALL = ("gammapy-2019-10-07.log", "logprov-gammapy-rich80.log", "lstosa-runwise.log")
RECORD = (
    "_PROV_2024-03-11T20:04:02_PROV_{'entity_id': 'e', 'name': \"Crab's\", 'value': 'C:\\\\data'}"
)


def assert_same(tmp_path: Path, sample: Path, name: str) -> None:
    wrapped = tmp_path / "run.log"
    wrapped.write_text(WRAPPERS[name](lines_of(sample)), encoding="utf-8")
    bare, graph = provlog.read(sample), provlog.read(wrapped)
    assert facts(graph) == facts(bare)
    assert [code for code in codes(graph) if code != "PL012"] == codes(bare)


@pytest.mark.parametrize(("name", "sample"), grid(WRAPPERS, SMALL))
def test_a_wrapped_log_gives_the_same_graph(tmp_path: Path, name: str, sample: str) -> None:
    assert_same(tmp_path, SAMPLES / sample, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("sample", [path for path in LOGS if path.name not in SMALL], ids=str)
def test_every_sample_in_every_wrapper(tmp_path: Path, sample: Path, name: str) -> None:
    assert_same(tmp_path, sample, name)


@pytest.mark.parametrize("sample", LOGS, ids=lambda path: path.name)
def test_a_bare_log_has_no_wrapper(sample: Path) -> None:
    assert wrapper_of(lines_of(sample)[:400]) is None


def test_the_wrappers_are_named(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text(WRAPPERS["docker around GitHub Actions"]([RECORD] * 3), encoding="utf-8")
    (note,) = provlog.read(log).diagnostics
    assert note.code == "PL012"
    assert note.message == "unwrapped: JSON lines, times (GitHub Actions, docker, kubectl)"


@pytest.mark.parametrize(
    "name", ["docker json-file", "compose", "CSV", "CRI", "notebook", "CloudWatch", "bytes"]
)
def test_diagnostics_name_the_line_of_the_file(tmp_path: Path, name: str) -> None:
    log = tmp_path / "run.log"
    broken = "_PROV_2024-03-11T20:04:03_PROV_{'name': 'no id'}"
    text = WRAPPERS[name]([RECORD, "reading", "writing", broken, RECORD])
    log.write_text(text, encoding="utf-8")
    (place,) = [item.origin for item in provlog.read(log).diagnostics if item.code == "PL201"]
    # A notebook may have a line in two pieces.
    assert broken[:16] in text.split("\n")[place.line - 1]


@pytest.mark.parametrize("name", ["notebook", "CloudWatch"])
def test_the_complete_part_of_a_truncated_document_is_read(tmp_path: Path, name: str) -> None:
    records = [
        rf"_PROV_2024-03-11T20:04:03_PROV_{{'entity_id': 'e{number}', 'location': 'C:\\a'}}"
        for number in range(5)
    ]
    text = WRAPPERS[name](records)
    log = tmp_path / "run.log"
    log.write_text(text[: text.index("'e4'")], encoding="utf-8")
    graph = provlog.read(log)
    assert [next(iter(one.values("prov:location"))) for one in graph.entities.values()] == [
        r"C:\a"
    ] * 4
    found = [item for item in graph.diagnostics if item.code == "PL013"]
    assert [item.origin.line for item in found] == [len(text[: text.index("'e4'")].split("\n"))]


@pytest.mark.parametrize(
    "template", ["worker-{}  | {}", "[pod/run-{}/main] {}", "{}: {}", "[1,{}]<stdout>:{}"]
)
def test_records_of_two_processes_are_not_mixed(tmp_path: Path, template: str) -> None:
    records = [
        f"_PROV_2024-03-11T20:04:0{process}_PROV_{{'entity_id': 'e{process}', 'value': array([1,\n"
        f"       {process}]), 'name': 'a mask'}}"
        for process in (1, 2)
    ]
    first, second = (
        [template.format(process, line) for line in record.split("\n")]
        for process, record in enumerate(records, start=1)
    )
    mixed = [line for pair in zip(first, second, strict=True) for line in pair]
    log, bare = tmp_path / "run.log", tmp_path / "bare.log"
    log.write_text("".join(f"{line}\n" for line in mixed), encoding="utf-8")
    bare.write_text("".join(f"{record}\n" for record in records), encoding="utf-8")
    assert facts(provlog.read(log)) == facts(provlog.read(bare))


def test_pieces_of_two_outputs_are_not_mixed(tmp_path: Path) -> None:
    half = len(RECORD) // 2
    time = "2024-03-11T20:04:02.1Z"
    log = tmp_path / "run.log"
    log.write_text(
        f"{time} stdout P {RECORD[:half]}\n{time} stderr F a warning\n"
        f"{time} stdout F {RECORD[half:]}\n",
        encoding="utf-8",
    )
    (entity,) = provlog.read(log).entities.values()
    assert entity.label == "Crab's"


@pytest.mark.parametrize(
    "text",
    ['{"log": "\\', "{" * 100_000, '[{"a":' * 5000, "b'" + "\\" * 100_001, '"a,' * 50_000],
    ids=["cut JSON", "braces", "nested JSON", "backslashes", "quotes"],
)
def test_hostile_lines_are_read_to_the_end(tmp_path: Path, text: str) -> None:
    log = tmp_path / "run.log"
    log.write_text(f"{text}\nreading\n{RECORD}\n", encoding="utf-8")
    assert len(provlog.read(log).entities) == 1


@pytest.mark.parametrize("value", ["#012345", "a #012abc", "(#012fff)"])
def test_a_colour_that_rsyslog_may_have_made_of_a_line_break_is_kept_and_reported(
    tmp_path: Path, value: str
) -> None:
    log = tmp_path / "run.log"
    record = RECORD.replace("C:\\\\data", value)
    log.write_text(WRAPPERS["rsyslog"]([record, "reading"]), encoding="utf-8")
    graph = provlog.read(log)
    (entity,) = graph.entities.values()
    assert value in map(str, entity.values("prov:value"))
    assert sorted(codes(graph)) == ["PL012", "PL109"]


@pytest.mark.parametrize("before", ["'colour': 'a", "'list': array([1,", "'files': ['a']"])
def test_a_line_break_before_three_digits_is_one(tmp_path: Path, before: str) -> None:
    log, bare = tmp_path / "run.log", tmp_path / "bare.log"
    lines = [f"_PROV_2024-03-11T20:04:02_PROV_{{'entity_id': 'e', {before}", "345 b', 'x': 1}"]
    log.write_text(WRAPPERS["rsyslog"](lines), encoding="utf-8")
    bare.write_text("\n".join(lines), encoding="utf-8")
    assert facts(provlog.read(log)) == facts(provlog.read(bare)) or "PL109" in codes(
        provlog.read(log)
    )


def test_doubts_of_all_layers_are_reported(tmp_path: Path) -> None:
    # A line that lacks quotes, in a log that a terminal broke.
    lines = WRAPPERS["strings"]([RECORD] * 19).split("\n")[:-1]
    lines[4] = lines[4][: len(lines[4]) // 2]
    log = tmp_path / "run.log"
    log.write_text("\n".join(folded([f"node | {line}" for line in lines], 60)), encoding="utf-8")
    assert "PL109" in codes(provlog.read(log))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_the_minutes_of_records_are_not_numbers_of_lines(count: int) -> None:
    times = [f"2024-03-11T20:0{minute}:02" for minute in range(count)]
    records = [f"_PROV_{time}_PROV_{{'entity_id': 'e'}}" for time in times]
    assert wrapper_of(records) is None
    assert wrapper_of([f"{time}_PROV_{{'entity_id': 'e'}}" for time in times]) is None


def test_columns_within_a_report_are_removed_after_it(tmp_path: Path) -> None:
    assert_same(tmp_path, SAMPLES / "logprov-gammapy-rich80.log", "JUnit CDATA")
