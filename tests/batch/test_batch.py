"""Batches: the outputs and their places, the reports, the logs that are converted again."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase
from sarif import loader

import provlog
from provlog.batch import work
from provlog.batch.layout import stem
from provlog.batch.manifest import MANIFEST, Manifest, opened
from provlog.batch.outcome import Finding, Outcome, Status
from provlog.batch.totals import Totals
from provlog.cli.messages import progress_of
from provlog.files import digest as contents
from provlog.graphs.bundles import in_bundles
from tests.cli.test_cli import Result, run
from tests.judges import read_back
from tests.nights import BROKEN, lines_of, night, outputs, write
from tests.samples import EXCERPT, LOGS, SAMPLES, document


def batch(*arguments: str | Path) -> Result:
    return run("batch", *arguments)


def report_of(folder: Path, *arguments: str | Path) -> dict[str, Any]:
    """Run a batch, and return its report."""
    path = folder / "report.json"
    batch(*arguments, "--report", path)
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def statuses(report: dict[str, Any]) -> list[str]:
    return [row["status"] for row in report["results"]]


# Outputs


def test_outputs_equal_those_of_convert(tmp_path: Path) -> None:
    result = batch(SAMPLES, "-d", tmp_path, "-f", "provjson", "-f", "provn", "-f", "provxml")
    assert result.code == 0
    for log in LOGS:
        graph = provlog.read(log)
        for name, suffix in (("provjson", ".json"), ("provn", ".provn"), ("provxml", ".xml")):
            output = tmp_path / f"{stem(log.name)}{suffix}"
            assert output.read_text(encoding="utf-8") == document(graph, name)
    assert len(outputs(tmp_path)) == 3 * len(LOGS)


def test_pictures_bundles_and_namespaces(tmp_path: Path) -> None:
    log = SAMPLES / "gammapy-2020-04.log"
    options = ["--bundles", "--namespace", "https://example.org/prov/"]
    assert batch(log, "-d", tmp_path, "-f", "svg").code == 0
    assert (tmp_path / "gammapy-2020-04.svg").read_bytes().startswith(b"<?xml")
    assert batch(log, "-d", tmp_path, "-f", "trig", *options).code == 0
    graph = in_bundles(provlog.read(log, namespaces={"log": "https://example.org/prov/"}))
    written = (tmp_path / "gammapy-2020-04.trig").read_text(encoding="utf-8")
    assert read_back(written, "trig") == graph.to_prov()


DESCRIBED = SAMPLES / "provlog-gammapy.log"
DEFINITIONS = Path("tests/data/presentation-definition.yaml")


@pytest.mark.parametrize(
    "options",
    [
        ["--definitions", DEFINITIONS],
        ["--no-descriptions"],
        ["--parameters", "entities"],
        ["--definitions", DEFINITIONS, "--parameters", "entities", "--bundles", "--jobs", "2"],
        ["--definitions", DEFINITIONS, "--merge"],
    ],
    ids=lambda options: " ".join(map(str, options[::2])),
)
def test_descriptions_are_those_of_convert(options: list[str | Path], tmp_path: Path) -> None:
    of_convert = [option for option in options if option not in ("--jobs", "2", "--merge")]
    assert batch(DESCRIBED, EXCERPT, "-d", tmp_path / "out", *options).code == 0
    groups = {log.stem: [log] for log in (DESCRIBED, EXCERPT)}
    for name, logs in (
        {"merged": [DESCRIBED, EXCERPT]}.items() if "--merge" in options else (groups.items())
    ):
        expected = tmp_path / f"{name}.json"
        assert run("convert", *logs, "-o", expected, *of_convert).code == 0
        assert (tmp_path / "out" / f"{name}.json").read_bytes() == expected.read_bytes()


def test_another_definition_file_means_to_convert_again(tmp_path: Path) -> None:
    definitions = tmp_path / "definition.yaml"
    definitions.write_text("activities: {run_fit: {description: one}}\n", encoding="utf-8")
    options: list[str | Path] = ["-d", tmp_path / "out", "--definitions", definitions]
    assert statuses(report_of(tmp_path, DESCRIBED, *options)) == ["converted"]
    assert statuses(report_of(tmp_path, DESCRIBED, *options)) == ["unchanged"]
    definitions.write_text("activities: {run_fit: {description: two}}\n", encoding="utf-8")
    assert statuses(report_of(tmp_path, DESCRIBED, *options)) == ["converted"]
    assert '"two"' in (tmp_path / "out" / "provlog-gammapy.json").read_text(encoding="utf-8")


def test_problems_of_a_definition_file_are_reported_once(tmp_path: Path) -> None:
    definitions = tmp_path / "definition.yaml"
    definitions.write_text("activities: {run_fit: {agent: x}}\n", encoding="utf-8")
    result = batch(DESCRIBED, EXCERPT, "-d", tmp_path / "out", "--definitions", definitions)
    assert result.code == 0
    assert result.errors.count("definition.yaml:1:") == 1
    definitions.write_text("activities: {run_fit: {usage: x}}\n", encoding="utf-8")
    result = batch(DESCRIBED, "-d", tmp_path / "none", "--definitions", definitions)
    assert result.code == 3
    assert "definition.yaml:1:" in result.errors
    assert not (tmp_path / "none").exists()


def test_outputs_have_the_layout_of_the_logs(tmp_path: Path) -> None:
    night(tmp_path / "logs", 201)
    assert batch(tmp_path / "logs", "-d", tmp_path / "out").code == 0
    assert [*outputs(tmp_path / "out")][::100] == [
        "000/run00000.json", "001/run00100.json", "002/run00200.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("run.log", "run"), ("a.b/run.log.gz", "a.b/run"), ("run.LOG.xz", "run"), ("run.txt", "run"),
        ("run.log.1", "run.log.1"), ("run.2020-01-17", "run.2020-01-17"), ("run", "run"),
        (".log", ".log"), ("x/.gz", "x/.gz"), ("run.log.gz.zst", "run.log.gz"),
    ],
)  # fmt: skip
def test_the_name_of_an_output(place: str, expected: str) -> None:
    assert stem(place) == expected


def test_two_logs_with_one_output_are_an_error_before_any_conversion(tmp_path: Path) -> None:
    night(tmp_path / "logs", 3)
    (tmp_path / "logs" / "000" / "run00001.log.gz").write_bytes(gzip.compress(b"x"))
    result = batch(tmp_path / "logs", "-d", tmp_path / "out")
    assert result.code == 2
    assert "run00001.log and " in result.errors
    assert "run00001.log.gz would both be written to" in result.errors
    assert not (tmp_path / "out").exists()


def test_an_output_cannot_be_the_folder_of_another_output(tmp_path: Path) -> None:
    (tmp_path / "logs" / "a.json").mkdir(parents=True)
    write(tmp_path / "logs" / "a.log", lines_of(1))
    write(tmp_path / "logs" / "a.json" / "b.log", lines_of(2))
    result = batch(tmp_path / "logs", "-d", tmp_path / "out")
    assert (result.code, (tmp_path / "out").exists()) == (2, False)
    assert "a.json would be the output of" in result.errors
    assert batch(tmp_path / "logs", "-d", tmp_path / "out", "-f", "provn").code == 0


def test_an_output_cannot_be_an_input(tmp_path: Path) -> None:
    write(tmp_path / "run.json", lines_of(1))
    before = outputs(tmp_path)
    result = batch(tmp_path / "run.json", "-d", tmp_path / "x" / "..", "-f", "provn")
    assert (result.code, [*outputs(tmp_path)]) == (0, ["run.json", "run.json.provn"])
    (tmp_path / "run.log").write_bytes(before["run.json"])
    (tmp_path / "run").symlink_to(tmp_path / "run.log")
    attempts: list[list[str | Path]] = [
        [tmp_path, "-d", tmp_path],
        [tmp_path / "run.log", tmp_path / "run.json", "-d", tmp_path],
    ]
    for arguments in attempts:
        result = batch(*arguments)
        assert result.code == 2
        assert "name another folder" in result.errors
    assert (tmp_path / "run.json").read_bytes() == before["run.json"]


def test_the_output_folder_may_be_among_the_logs(tmp_path: Path) -> None:
    night(tmp_path, 2)
    assert batch(tmp_path, "-d", tmp_path / "out").code == 0
    result = batch(tmp_path, "-d", tmp_path / "out")
    assert "2 of 2 logs" in result.errors
    assert "2 unchanged" in result.errors


# One document of all


def test_a_merged_document_equals_that_of_convert(tmp_path: Path) -> None:
    result = batch(*LOGS, "--merge", "-d", tmp_path, "-f", "provjson", "-f", "provn")
    assert result.code == 0
    assert f"{len(LOGS)} of {len(LOGS)} logs" in result.errors
    graph = provlog.read(*LOGS)
    assert (tmp_path / "merged.json").read_text(encoding="utf-8") == document(graph, "provjson")
    assert (tmp_path / "merged.provn").read_text(encoding="utf-8") == document(graph, "provn")
    assert len(outputs(tmp_path)) == 2


def test_merge_skips_unreadable_logs_and_is_not_repeated(tmp_path: Path) -> None:
    broken = night(tmp_path / "logs", 40, every=4)
    arguments: list[str | Path] = [tmp_path / "logs", "--merge", "-d", tmp_path / "out"]
    report = report_of(tmp_path, *arguments)
    assert report["merged"] == {"provjson": str(tmp_path / "out" / "merged.json")}
    told = {
        Path(row["log"]).relative_to(tmp_path / "logs").as_posix(): [*row["codes"]]
        for row in report["results"]
        if row["codes"]
    }
    assert told == {place: [way.code] for place, way in broken.items()}
    again = report_of(tmp_path, *arguments)
    # What could not be read may be readable now.
    assert statuses(again) == statuses(report)
    for link in (tmp_path / "logs" / "000").iterdir():
        if link.is_symlink():
            link.unlink()
    report_of(tmp_path, *arguments)
    again = report_of(tmp_path, *arguments)
    assert set(statuses(again)) == {"unchanged", "empty"}
    assert again["merged"] == report["merged"]
    write(tmp_path / "logs" / "000" / "run00000.log", lines_of(99))
    assert "unchanged" not in statuses(report_of(tmp_path, *arguments))


def test_merge_accepts_logs_with_the_same_name(tmp_path: Path) -> None:
    for folder, line in (("a", "INFO nothing"), ("b", lines_of(1)[1])):
        (tmp_path / folder).mkdir()
        write(tmp_path / folder / "x.log", [line])
    arguments: list[str | Path] = [
        tmp_path / "a", tmp_path / "b", "--merge", "-d", tmp_path / "out", "--fail-on", "warning",
    ]  # fmt: skip
    for expected in (["empty", "converted"], ["empty", "unchanged"]):
        assert statuses(report_of(tmp_path, *arguments)) == expected
        assert batch(*arguments).code == 1


def test_merge_retries_unreadable_logs(tmp_path: Path) -> None:
    night(tmp_path / "logs", 2)
    (tmp_path / "logs" / "gone.log").symlink_to(tmp_path / "later.log")
    arguments: list[str | Path] = [tmp_path / "logs", "--merge", "-d", tmp_path / "out"]
    assert batch(*arguments).code == 1
    assert "2 unchanged" not in batch(*arguments).errors
    write(tmp_path / "later.log", lines_of(3))
    assert batch(*arguments).code == 0
    assert "unchanged" in batch(*arguments).errors


def test_an_output_of_a_log_without_records_is_reported(tmp_path: Path) -> None:
    night(tmp_path / "logs", 1)
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    assert batch(*arguments).code == 0
    write(tmp_path / "logs" / "000" / "run00000.log", ["INFO nothing"])
    (row,) = report_of(tmp_path, *arguments)["results"]
    assert row["codes"] == {"PL002": 1, "PL007": 1}
    assert "run00000.json: is kept" in row["diagnostics"][1]["message"]


def test_an_unwritable_merged_document_is_reported(tmp_path: Path) -> None:
    night(tmp_path / "logs", 2)
    (tmp_path / "out" / "merged.json").mkdir(parents=True)
    result = batch(tmp_path / "logs", "--merge", "-d", tmp_path / "out")
    assert result.code == 1
    assert "error PL004" in result.errors
    assert "is a directory" in result.errors.lower()


def test_merge_uses_one_process(tmp_path: Path) -> None:
    result = batch(SAMPLES, "--merge", "-j", "2", "-d", tmp_path / "out")
    assert result.code == 2
    assert not (tmp_path / "out").exists()


# Doing it again


def test_unchanged_logs_are_not_converted_again(tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    night(logs, 6)
    arguments: list[str | Path] = [logs, "-d", out, "-f", "provjson", "-f", "provn"]
    assert statuses(report_of(tmp_path, *arguments)) == ["converted"] * 6
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.json")}
    assert statuses(report_of(tmp_path, *arguments)) == ["unchanged"] * 6
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.json")} == before

    with (logs / "000" / "run00001.log").open("a") as log:
        log.write("INFO more\n")
    (out / "000" / "run00002.provn").unlink()
    (out / "000" / "run00003.json").write_text("{}")
    os.utime(logs / "000" / "run00004.log")
    expected = ["unchanged", "converted", "converted", "converted", "unchanged", "unchanged"]
    assert statuses(report_of(tmp_path, *arguments)) == expected
    assert statuses(report_of(tmp_path, *arguments)) == ["unchanged"] * 6
    assert statuses(report_of(tmp_path, *arguments, "--force")) == ["converted"] * 6
    assert statuses(report_of(tmp_path, *arguments, "--bundles")) == ["converted"] * 6
    assert statuses(report_of(tmp_path, logs, "-d", out)) == ["converted"] * 6


def test_the_verdict_is_the_same_for_unchanged_logs(tmp_path: Path) -> None:
    night(tmp_path / "logs", 40, every=4)
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    first, second = batch(*arguments), batch(*arguments)
    assert first.code == second.code == 1
    assert first.errors.splitlines()[:-2] == second.errors.splitlines()[:-2]
    assert first.errors.splitlines()[-1] == second.errors.splitlines()[-1]


@pytest.mark.parametrize("outcome", [b"[" * 100_000, b"", b'{"log": "cut', b"{}", b"\xff"])
def test_a_damaged_result_is_computed_again(tmp_path: Path, outcome: bytes) -> None:
    night(tmp_path / "logs", 3)
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    batch(*arguments)
    with closing(sqlite3.connect(tmp_path / "out" / MANIFEST, isolation_level=None)) as database:
        statement = "UPDATE outcomes SET outcome = ? WHERE log LIKE '%2.log'"
        assert database.execute(statement, (outcome,)).rowcount == 1
    assert statuses(report_of(tmp_path, *arguments)) == ["unchanged", "unchanged", "converted"]
    assert statuses(report_of(tmp_path, *arguments)) == ["unchanged"] * 3


@pytest.mark.parametrize("content", [b"another program's file\n" * 500, b"SQLite format 3\0cut"])
def test_a_damaged_manifest_is_reported_and_kept(tmp_path: Path, content: bytes) -> None:
    night(tmp_path / "logs", 3)
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    batch(*arguments)
    manifest = tmp_path / "out" / MANIFEST
    manifest.write_bytes(content)
    result = batch(*arguments)
    assert result.code == 4
    assert "is damaged or belongs to another program" in result.errors
    assert manifest.read_bytes() == content
    manifest.unlink()
    assert statuses(report_of(tmp_path, *arguments)) == ["converted"] * 3


@pytest.mark.parametrize("position", [0, 5000, 9000])
def test_a_truncated_manifest_loses_no_log(tmp_path: Path, position: int) -> None:
    night(tmp_path / "logs", 30)
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    assert batch(*arguments).code == 0
    os.truncate(tmp_path / "out" / MANIFEST, position)
    result = batch(*arguments)
    assert (result.code, "Traceback" in result.errors) in ((0, False), (4, False))
    assert len(outputs(tmp_path / "out")) == 30


def test_the_manifest_keeps_the_latest_result_of_a_log(tmp_path: Path) -> None:
    path = str(tmp_path / MANIFEST)
    manifest = Manifest(path)
    long = [Finding("PL201", number, 1, "x" * 500) for number in range(100)]
    for number in range(3000):
        place = f"run{number % 3}"
        manifest.put(
            Outcome(place, place, Status.CONVERTED, sizes={"provn": number}, findings=long)
        )
    manifest.end()
    manifest.close()
    again = Manifest(path)
    kept = [again.get(f"run{number}") for number in range(3)]
    assert [outcome.sizes["provn"] for outcome in kept if outcome] == [2997, 2998, 2999]
    assert all(outcome is not None and outcome.findings == long for outcome in kept)
    assert again.get("run4") is None
    again.close()
    # Earlier results take no space.
    assert os.path.getsize(path) < 4 * len(long) * 600


def test_only_partial_files_of_killed_runs_are_removed(tmp_path: Path) -> None:
    night(tmp_path / "logs", 1)
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    batch(tmp_path / "logs", "-d", out)
    with closing(sqlite3.connect(out / MANIFEST, isolation_level=None)) as database:
        database.execute("INSERT INTO unfinished VALUES ('0badf00d')")
    (tmp_path / "elsewhere").mkdir()
    (out / "link").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (out / "loop").symlink_to(out, target_is_directory=True)
    gone = [
        out / "sub" / ".run.json.abcd12340badf00d.part",
        out / ".a\nb.json.abcd12340badf00d.part",
        tmp_path / "elsewhere" / ".run.json.abcd12340badf00d.part",
    ]
    kept = [
        out / ".run.json.abcd12340badf00e.part", out / ".run.json.abcd1234.part",
        out / "0badf00d.part",
    ]  # fmt: skip
    for path in (*gone, *kept):
        path.touch()
    assert batch(tmp_path / "logs", "-d", out).code == 0
    assert not any(path.exists() for path in gone)
    assert all(path.exists() for path in kept)


def test_one_batch_at_a_time_writes_to_a_folder(tmp_path: Path) -> None:
    night(tmp_path / "logs", 1)
    with opened(str(tmp_path / "out")):
        result = batch(tmp_path / "logs", "-d", tmp_path / "out")
    assert (result.code, result.errors.count("another batch is writing there")) == (2, 1)


# What is wrong with a log


@pytest.mark.parametrize(
    ("logs", "every", "jobs"), [(90, 5, 1), pytest.param(10_000, 33, 2, marks=pytest.mark.slow)]
)
def test_broken_logs_are_named_and_all_others_are_converted(
    logs: int, every: int, jobs: int, tmp_path: Path
) -> None:
    broken = night(tmp_path / "logs", logs, every)
    assert len({way.code for way in broken.values()}) == len(BROKEN)
    junit = tmp_path / "junit.xml"
    result = batch(
        tmp_path / "logs", "-d", tmp_path / "out", "--junit", junit,
        "--report", tmp_path / "report.json", "--jobs", str(jobs),
    )  # fmt: skip
    assert result.code == 1
    told = dict(
        line.split(": ", 1)
        for line in result.errors.splitlines()
        if "run0" in line and line[0] != " "
    )
    by_log = {where.rsplit(":", 2)[0]: where for where in told}
    assert len(told) == len(by_log) == len(broken)
    for place, way in broken.items():
        where = by_log[f"{tmp_path}/logs/{place}"]
        assert told[where].split()[1] == way.code
        assert way.line in (0, int(where.rpartition(":")[0].rpartition(":")[2] or 0))
    report = json.loads((tmp_path / "report.json").read_text())
    converted = {row["log"] for row in report["results"] if row["status"] == "converted"}
    lost = {
        f"{tmp_path}/logs/{place}"
        for place, way in broken.items()
        if way.code in ("PL002", "PL003")
    }
    assert len(converted) == logs - len(lost)
    assert converted.isdisjoint(lost)
    assert len(outputs(tmp_path / "out")) == len(converted)
    assert report["codes"] == Counter(way.code for way in broken.values())
    judge_junit(junit, report)
    checked = run("check", tmp_path / "logs", "--format", "sarif", "--select", "PL0,PL1,PL2")
    (tmp_path / "provlog.sarif").write_text(checked.output, encoding="utf-8")
    read = loader.load_sarif_file(str(tmp_path / "provlog.sarif")).get_records()
    assert Counter(row["Code"] for row in read) == report["codes"]
    places = {(row["Location"].rpartition("/logs/")[2], row["Code"]) for row in read}
    assert places == {(place, way.code) for place, way in broken.items()}


def judge_junit(path: Path, report: dict[str, Any]) -> None:
    """Compare a JUnit file, as another tool reads it, with the report."""
    suite = next(iter(JUnitXml.fromfile(str(path))))
    cases = list(suite)
    assert all(isinstance(case, TestCase) for case in cases)
    assert suite.tests == len(cases) == report["logs"]
    kinds: Counter[type] = Counter(type(result) for case in cases for result in case.result)
    assert (suite.errors, suite.failures, suite.skipped) == (
        kinds[Error], kinds[Failure], kinds[Skipped],
    )  # fmt: skip
    assert suite.errors == report["failed"]
    assert suite.errors + suite.failures == report["failing"]
    for case, row in zip(cases, report["results"], strict=True):
        assert case._elem.get("file") == row["log"]
        if row["diagnostics"] and case.result:
            assert row["diagnostics"][0]["message"] in case.result[0].message
            assert row["diagnostics"][0]["code"] == case.result[0].type


@pytest.mark.parametrize(
    ("level", "code", "failures", "skipped"),
    [("error", 1, 3, 1), ("warning", 1, 8, 0), ("never", 0, 0, 1)],
)
def test_logs_that_count_as_failed(
    tmp_path: Path, level: str, code: int, failures: int, skipped: int
) -> None:
    night(tmp_path / "logs", 9, every=1)
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out", "--fail-on", level]
    result = batch(*arguments, "--junit", tmp_path / "junit.xml")
    assert result.code == code
    suite = next(iter(JUnitXml.fromfile(str(tmp_path / "junit.xml"))))
    assert (suite.errors, suite.failures, suite.skipped) == (1, failures, skipped)


def test_an_internal_error_costs_one_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night(tmp_path / "logs", 3)
    failures = iter([None, ZeroDivisionError("division\nby zero"), MemoryError()])
    original = contents.digest

    def fail(path: str) -> str:
        failure = next(failures)
        if failure is not None:
            raise failure
        return original(path)

    monkeypatch.setattr(work, "digest", fail)
    result = batch(tmp_path / "logs", "-d", tmp_path / "out")
    assert result.code == 1
    assert "run00001.log:1:1: error PL006 provlog itself failed" in result.errors
    assert "ZeroDivisionError: division" in result.errors
    assert "run00002.log:1:1: error PL005 not enough memory for this log" in result.errors
    assert [*outputs(tmp_path / "out")] == ["000/run00000.json"]


def test_file_names_of_any_bytes_become_text(tmp_path: Path) -> None:
    logs = os.fsencode(tmp_path / "logs")
    os.makedirs(logs)
    names = (
        b"a b.log",
        b"\xff\xfe.log",
        b"[bold]x[red].log",
        b"esc\x1b[31m.log",
        b'<&">.log',
        b"x\ny.log",
    )
    for number, name in enumerate(names):
        with open(os.path.join(logs, name), "w", encoding="utf-8") as log:
            log.write(
                "\n".join(lines_of(number)[:4]) + "\n_PROV_2020-01-01T00:00:00_PROV_{'no': 1}\n"
            )
    result = batch(
        tmp_path / "logs", "-d", tmp_path / "out", "--junit", tmp_path / "junit.xml",
        "--report", tmp_path / "report.json",
    )  # fmt: skip
    assert result.code == 0
    assert "\x1b" not in result.errors
    assert len(outputs(tmp_path / "out")) == len(names)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert statuses(report) == ["converted"] * len(names)
    judge_junit(tmp_path / "junit.xml", report)
    assert set(statuses(report_of(tmp_path, tmp_path / "logs", "-d", tmp_path / "out"))) == {
        "unchanged"
    }


def test_similar_names_are_two_logs(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs" / r"x\udcff.log", lines_of(1))
    with open(os.fsencode(tmp_path / "logs") + b"/x\xff.log", "w", encoding="utf-8") as log:
        log.write("\n".join(lines_of(2)))
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    assert statuses(report_of(tmp_path, *arguments)) == ["converted", "converted"]
    assert statuses(report_of(tmp_path, *arguments)) == ["unchanged", "unchanged"]


def test_special_files_do_not_block(tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes with names")
    night(tmp_path / "logs", 1)
    os.mkfifo(tmp_path / "logs" / "pipe.log")
    result = batch(tmp_path / "logs", "-d", tmp_path / "out")
    assert result.code == 1
    assert "pipe.log: error PL003 not a regular file" in result.errors


def test_findings_of_one_log_beyond_a_limit_are_only_counted(tmp_path: Path) -> None:
    write(
        tmp_path / "run.log", [*lines_of(1), *["_PROV_2020-01-01T00:00:00_PROV_{'no': 1}"] * 5000]
    )
    report = report_of(
        tmp_path, tmp_path / "run.log", "-d", tmp_path / "out", "--junit", tmp_path / "j"
    )
    (row,) = report["results"]
    assert row["codes"] == {"PL201": 5000}
    assert len(row["diagnostics"]) == 100
    assert "... and 4900 more" in (tmp_path / "j").read_text()


def test_failed_logs_are_listed_again_after_long_output(tmp_path: Path) -> None:
    night(tmp_path / "logs", 100, every=2)
    result = batch(tmp_path / "logs", "-d", tmp_path / "out")
    again = result.errors.partition("provlog: logs that failed:\n")[2].splitlines()[:-2]
    failing = [
        line for line in result.errors.splitlines() if ": error PL" in line and line[0] != " "
    ]
    assert again[:20] == [f"  {line}" for line in failing[:20]]
    assert again[20:] == [f"  ... and {len(failing) - 20} more"]


@pytest.mark.parametrize("is_terminal", [False, True])
def test_progress_is_shown(
    is_terminal: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("provlog.cli.messages._EVERY", 0.0)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    totals = Totals("error")
    with progress_of(totals, 2000) as (advance, say):
        totals.add(Outcome("a", "a", Status.CONVERTED))
        advance(1)
        say("[bold]run.log[/bold]:1:1: error")
        totals.add(Outcome("b", "b", Status.FAILED, counts={"PL003": 1}))
        advance(1999)
    shown = capsys.readouterr().err
    assert "[bold]run.log[/bold]:1:1: error\n" in shown
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown)
    for part in ("1,999 of 2,000 logs", "/s", "1 failed", "left"):
        assert part in plain


# What the system refuses


def as_a_user(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the program without the privilege to read and write everything."""
    command: list[str | Path] = [sys.executable, "-m", "provlog", *arguments]
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("permissions do not bind this user")
        caps = "-dac_override,-dac_read_search"
        command = [setpriv, "--bounding-set", caps, "--inh-caps", caps, *command]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.skipif(os.name == "nt", reason="other permissions")
def test_denied_permissions_are_reported(tmp_path: Path) -> None:
    logs, out = tmp_path / "logs", tmp_path / "out"
    night(logs, 401)
    unreadable = logs / "000" / "run00007.log"
    unreadable.chmod(0)
    (logs / "002").chmod(0)
    (out / "003").mkdir(parents=True)
    (out / "003").chmod(0o500)
    try:
        result = as_a_user("batch", logs, "-d", out, "--report", tmp_path / "r.json")
    finally:
        (logs / "002").chmod(0o700)
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert f"{unreadable}: error PL003 cannot be read: permission denied" in result.stderr
    assert f"{logs}/002: error PL003 cannot be listed: permission denied" in result.stderr
    refused = (
        "error PL004 "
        + str(out / "003" / "run00300.json")
        + ": cannot be written: Permission denied"
    )
    assert f"{logs}/003/run00300.log:1:1: {refused}" in result.stderr
    report = json.loads((tmp_path / "r.json").read_text())
    assert (report["converted"], report["failed"]) == (200, 102)


@pytest.mark.skipif(os.name == "nt", reason="other permissions")
def test_an_unwritable_folder_is_reported_once(tmp_path: Path) -> None:
    night(tmp_path / "logs", 2)
    (tmp_path / "out").mkdir(mode=0o500)
    result = as_a_user("batch", tmp_path / "logs", "-d", tmp_path / "out" / "sub")
    assert (result.returncode, result.stdout) == (4, "")
    assert result.stderr == f"provlog: {tmp_path}/out/sub: cannot be written: Permission denied\n"
    (tmp_path / "file").touch()
    assert batch(tmp_path / "logs", "-d", tmp_path / "file").code == 4


def test_a_full_disk_is_reported(tmp_path: Path) -> None:
    """On a file system of 64 kB, in a name space of our own."""
    night(tmp_path / "logs", 60)
    (tmp_path / "out").mkdir()
    mount = f"mount -t tmpfs -o size=64k none {tmp_path}/out"
    unshare = shutil.which("unshare")
    if (
        unshare is None
        or subprocess.run(
            [unshare, "-m", "sh", "-c", mount], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no file system may be mounted")
    command = f"{sys.executable} -m provlog batch {tmp_path}/logs -d {tmp_path}/out -f provjson"
    report = f"--report {tmp_path}/r.json --junit {tmp_path}/out/junit.xml"
    script = (
        f"{mount} && {command} {report}; echo $?; find {tmp_path}/out -type f -printf '%f %s\\n'"
    )
    done = subprocess.run(
        [unshare, "-m", "sh", "-c", script], capture_output=True, text=True, check=True
    )
    code, *files = done.stdout.splitlines()
    assert code == "4"
    assert "Traceback" not in done.stderr
    assert "cannot be written: No space left on device" in done.stderr
    assert "the manifest could not be written" in done.stderr
    rows = json.loads((tmp_path / "r.json").read_text())["results"]
    assert len(rows) == 60
    assert {row["status"] for row in rows} == {"converted", "failed"}
    assert not any(name.endswith(".part") for name in files)
    whole = {Path(row["outputs"]["provjson"]).name for row in rows if row["status"] == "converted"}
    assert {name.split()[0] for name in files if not name.startswith(".")} == whole
    assert all(int(name.split()[1]) > 1000 for name in files if not name.startswith("."))


# Usage


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["nothing.log", "-d", "out"], 3, "no log found"),
        (["-", "-d", "out"], 2, "standard input"),
        ([str(SAMPLES), "-d", "out", "-f", "nonsense"], 2, "unknown format 'nonsense'"),
        ([str(SAMPLES)], 2, "Missing option"),
        ([str(SAMPLES), "-d", "out", "--namespace", "no iri"], 2, "not an absolute IRI"),
        ([str(SAMPLES), "-d", "out", "--scheduler", "tcp://127.0.0.1:1"], 2, "no Dask scheduler"),
        ([str(LOGS[0]), "-d", "out", "--report", str(LOGS[0])], 2, "is an input"),
    ],
)
def test_wrong_usage_is_an_error_before_any_conversion(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if "--scheduler" in arguments:
        pytest.importorskip("distributed")
        monkeypatch.setattr("provlog.batch.cluster._PATIENCE", 0.5)
    result = batch(*arguments)
    assert result.code == code
    assert told in result.errors
    assert "Traceback" not in result.errors
    assert list(tmp_path.iterdir()) == []


def test_unwritable_reports_are_an_error_before_any_conversion(tmp_path: Path) -> None:
    night(tmp_path / "logs", 1)
    (tmp_path / "file").touch()
    arguments: list[str | Path] = [tmp_path / "logs", "-d", tmp_path / "out"]
    wrong: list[tuple[list[str | Path], int, str]] = [
        (["--report", tmp_path / "file" / "r.json"], 4, "r.json: cannot be written: "),
        (["--report", tmp_path / "out" / MANIFEST], 2, "is the manifest of the batch"),
        (["--report", tmp_path / "r", "--junit", tmp_path / "." / "r"], 2, "two reports"),
        (["--junit", tmp_path / "out" / "000" / "run00000.json"], 2, "is the output of a log"),
        (["--report", tmp_path / "logs" / "000" / "run00000.log"], 2, "is an input"),
    ]
    for reports, code, told in wrong:
        if "000" in str(reports[1]):
            (tmp_path / "out" / "000").mkdir(parents=True, exist_ok=True)
        result = batch(*arguments, *reports)
        assert (result.code, result.errors.count(told)) == (code, 1), result.errors
        assert outputs(tmp_path / "out") == {}


def test_reports_may_be_among_logs_and_outputs(tmp_path: Path) -> None:
    night(tmp_path, 2)
    arguments: list[str | Path] = [
        tmp_path, "-d", tmp_path / "out", "--report", tmp_path / "r.json",
        "--junit", tmp_path / "out" / "new" / "junit.xml",
    ]  # fmt: skip
    for _ in range(2):
        assert batch(*arguments).code == 0
    assert json.loads((tmp_path / "r.json").read_text())["logs"] == 2
    assert (tmp_path / "out" / "new" / "junit.xml").exists()


def test_a_report_on_standard_output(tmp_path: Path) -> None:
    result = batch(EXCERPT, "-d", tmp_path, "--report", "-")
    assert json.loads(result.output)["converted"] == 1
