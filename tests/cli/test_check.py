"""``provlog check``: output, messages and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from provlog.diagnostics.codes import CODES
from provlog.diagnostics.explain import explained
from provlog.diagnostics.listings import LISTINGS, listing
from tests.cli.test_cli import RECORD, one_line, provlog_process, run
from tests.samples import EXCERPT, SAMPLES

GOOD = SAMPLES / "lstosa-runwise.log"
NOTED = SAMPLES / "gammapy-2020-04.log"


def test_a_log_without_findings() -> None:
    assert run("check", GOOD) == (0, "", "provlog: 1 log, nothing found\n")


def test_findings_go_to_standard_output_and_the_summary_to_standard_error() -> None:
    result = run("check", EXCERPT)
    assert result.code == 1
    assert [line.split(": ")[1][:13] for line in result.output.splitlines()] == [
        "warning PL101", "warning PL103",
    ]  # fmt: skip
    assert one_line(result) == "provlog: 2 warnings (PL101 1x, PL103 1x)"


@pytest.mark.parametrize("format", LISTINGS)
def test_formats(format: str) -> None:
    result = run("check", EXCERPT, "--format", format)
    assert result.code == 1
    assert result.output == "".join(listing(provlog.check(EXCERPT), format))
    assert (result.errors == "") == (format != "text")


def test_folders_patterns_and_standard_input(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    for name in ("b.log", "a.log"):
        (tmp_path / "night" / name).write_text("nothing\n")
    expected = [f"{tmp_path}/night/{name}: warning PL002" for name in ("a.log", "b.log")]
    for logs in (tmp_path, tmp_path / "night", tmp_path / "*" / "*.log"):
        lines = run("check", logs).output.splitlines()
        assert [line[: len(expected[0])] for line in lines] == expected
    result = run("check", "-", GOOD, stdin=EXCERPT.read_bytes())
    assert result.output.startswith("<stdin>:4:42: warning PL101 ")


def test_logs_are_checked_together(tmp_path: Path) -> None:
    time = "2020-01-01T00:00:01"
    for name, key in (("a", "used_id"), ("b", "generated_id")):
        (tmp_path / f"{name}.log").write_text(
            f"_PROV_{time}_PROV_{ {'activity_id': name, 'name': name, 'startTime': time} }\n"
            f"_PROV_{time}_PROV_{ {'activity_id': name, key: '/data/x.fits'} }\n"
            f"_PROV_{time}_PROV_{ {'activity_id': name, 'endTime': time} }\n"
        )
    assert run("check", tmp_path / "a.log").code == 1
    assert run("check", tmp_path) == (0, "", "provlog: 2 logs, nothing found\n")


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        (["--select", "PL1"], ["PL101", "PL103"]),
        (["--select", "PL101"], ["PL101"]),
        (["--select", "PL5,PL103"], ["PL103"]),
        (["--select", "PL5", "--select", "PL103"], ["PL103"]),
        (["--ignore", "PL101"], ["PL103"]),
        (["--ignore", "PL101, PL103"], []),
        (["--select", "PL1", "--ignore", "PL103"], ["PL101"]),
    ],
)
def test_select_and_ignore(options: list[str], shown: list[str]) -> None:
    result = run("check", EXCERPT, "--format", "json", *options)
    assert [item["code"] for item in json.loads(result.output)] == shown
    assert result.code == (1 if shown else 0)


@pytest.mark.parametrize("option", ["--select", "--ignore", "--explain"])
@pytest.mark.parametrize("codes", ["XX", "PL101,PL9", "", "PL1,"])
def test_a_code_that_does_not_exist(option: str, codes: str) -> None:
    result = run("check", EXCERPT, option, codes)
    assert (result.code, result.output) == (2, "")
    assert one_line(result).startswith("provlog: no code begins with ")
    assert "; there are PL001, PL002, " in result.errors


@pytest.mark.parametrize(
    ("log", "fail_on", "code"),
    [
        (EXCERPT, "error", 0), (EXCERPT, "warning", 1), (EXCERPT, "note", 1), (EXCERPT, "never", 0),
        (NOTED, "error", 0), (NOTED, "warning", 0), (NOTED, "note", 1), (NOTED, "never", 0),
        (GOOD, "note", 0),
    ],
)  # fmt: skip
def test_fail_on(log: Path, fail_on: str, code: int) -> None:
    assert run("check", log, "--fail-on", fail_on).code == code


def test_logs_that_cannot_be_read(tmp_path: Path) -> None:
    absent = tmp_path / "absent.log"
    result = run("check", absent)
    assert (result.code, result.output) == (3, f"{absent}: error PL003 no such file\n")
    summary = ["provlog: 1 error (PL003 1x)", f"provlog: {absent}: no log could be read"]
    assert result.errors.splitlines() == summary
    assert run("check", absent, "--fail-on", "never").code == 3
    assert run("check", absent, "--ignore", "PL003").code == 3
    assert run("check", absent, GOOD).code == 1
    assert run("check", absent, GOOD, "--fail-on", "never").code == 0


def test_a_folder_without_logs(tmp_path: Path) -> None:
    message = f"provlog: {tmp_path}: no log found\n"
    assert run("check", tmp_path) == (3, "", message)
    assert run("batch", tmp_path, "-d", tmp_path / "out") == (3, "", message)


def test_a_log_without_records(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.touch()
    result = run("check", log)
    assert result.code == 1
    assert "warning PL002 no provenance record found" in result.output


@pytest.mark.skipif(os.name == "nt", reason="names are bytes elsewhere only")
@pytest.mark.parametrize("format", LISTINGS)
def test_a_file_name_that_is_not_text(tmp_path: Path, format: str) -> None:
    name = os.fsencode(tmp_path) + b"/\xff\x1b[2J.log"
    Path(os.fsdecode(name)).write_bytes(b"nothing\n")
    result = subprocess.run(
        [os.fsencode(sys.executable), b"-m", b"provlog", b"check", name, b"-f", format.encode()],
        capture_output=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert b"Traceback" not in result.stderr
    if format == "text":
        assert b"\x1b" not in result.stdout


def test_explain() -> None:
    assert run("check", "--explain", "PL101").output == next(explained(["PL101"]))
    everything = run("check", "--explain", "PL")
    assert (everything.code, everything.errors) == (0, "")
    assert everything.output == "\n".join(explained(CODES))
    one, two = (
        run("check", "--explain", "PL50"),
        run("check", "--explain", "PL501,PL502,PL503,PL504,PL505"),
    )
    assert one == two


def test_missing_arguments() -> None:
    result = run("check")
    assert result.code == 2
    assert "LOGS" in result.errors


def test_a_closed_standard_output() -> None:
    command = f"{sys.executable} -m provlog check {EXCERPT} >&-"
    process = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (4, "provlog: standard output is closed\n")


def test_a_closed_pipe(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    log.write_text(RECORD + "_PROV_2020-01-01T00:00:00_PROV_{'x': 1}\n" * 20_000)
    command = f"{sys.executable} -m provlog check {log} | head -1"
    process = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert process.stdout.count("\n") == 1
    assert "Traceback" not in process.stderr


def test_findings_do_not_depend_on_the_hash_seed() -> None:
    logs = sorted(SAMPLES.glob("*.log"))
    printed = {
        provlog_process("check", *logs, env=os.environ | {"PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(printed) == 1


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom provlog.cli import main\n"
        "try: main(['check', '--help'])\nexcept SystemExit: pass\n"
        "heavy = {'msgspec', 'prov', 'provlog.diagnostics.codes', 'provlog.api'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert process.returncode == 0, process.stderr
