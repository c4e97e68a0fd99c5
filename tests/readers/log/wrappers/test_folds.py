"""Logs that a terminal, a PDF or fold broke at a fixed width."""

from __future__ import annotations

import json
import quopri
import shutil
import subprocess
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import provlog
from provlog.readers.log.wrappers.folds import detect_folds
from tests.profiles import examples
from tests.readers.log.wrappers.comparing import (
    assert_same_or_reported,
    facts,
    folded,
    lines_of,
)
from tests.samples import LOGS, SAMPLES, codes

WIDTHS = range(40, 241)
SMALL = (
    "gammapy-2019-10-07.log", "gammapy-2020-04.log", "lstosa-runwise.log",
    "logprov-gammapy-rich80.log", "presentation-excerpt.log",
)  # fmt: skip
RECORD = "_PROV_2024-03-11T20:04:02_PROV_{'entity_id': 'e', 'entity_name': 'the dl1 table of one night', 'value': 1}"


def assert_all_widths(folder: Path, sample: Path, widths: Iterable[int]) -> None:
    assert_broken(folder, sample, widths, folded)


@pytest.mark.parametrize("name", SMALL)
def test_a_log_broken_at_a_fixed_width_gives_the_same_graph_or_a_diagnostic(
    tmp_path: Path, name: str
) -> None:
    # 40 and 60 are parts of rich's width, 80.
    assert_all_widths(tmp_path, SAMPLES / name, (40, 41, 60, 67, 79, 80, 85, 119, 127, 204))


def stripped(lines: list[str], width: int) -> list[str]:
    return [line.rstrip() for line in folded(lines, width)]


def narrower(lines: list[str], width: int) -> list[str]:
    middle = len(lines) // 2
    return folded(lines[:middle], width + 17) + folded(lines[middle:], width)


def wider(lines: list[str], width: int) -> list[str]:
    middle = len(lines) // 2
    return folded(lines[:middle], width) + folded(lines[middle:], width + 17)


def in_docker(lines: list[str], width: int) -> list[str]:
    return [json.dumps({"log": f"{line}\n", "stream": "stdout"}) for line in folded(lines, width)]


def behind_times(lines: list[str], width: int) -> list[str]:
    return [f"2026-11-22T17:17:17.55Z {line}" for line in folded(lines, width)]


def times_broken(lines: list[str], width: int) -> list[str]:
    return folded([f"2026-11-22T17:17:17.55Z {line}" for line in lines], width)


def quoted_printable(lines: list[str], width: int) -> list[str]:
    text = "\n".join(folded(lines, width))
    return quopri.encodestring(text.encode()).decode().split("\n")


BROKEN = [stripped, narrower, wider, in_docker, behind_times, times_broken, quoted_printable]


def assert_broken(
    folder: Path, sample: Path, widths: Iterable[int], broken: Callable[[list[str], int], list[str]]
) -> None:
    path = folder / "run.log"
    lines = lines_of(sample)
    for width in widths:
        path.write_text("\n".join(broken(lines, width)) + "\n", encoding="utf-8")
        assert_same_or_reported(sample, path)


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("name", ["gammapy-2019-10-07.log", "logprov-selftest.log"])
def test_broken_lines_that_something_else_changed_give_the_same_graph_or_a_diagnostic(
    tmp_path: Path, name: str, broken: Callable[[list[str], int], list[str]]
) -> None:
    assert_broken(tmp_path, SAMPLES / name, (40, 80, 119), broken)


# A PDF broke the lines of the excerpt before.
SHORT = [path for path in LOGS if path.stat().st_size < 40_000 and "excerpt" not in path.name]


@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("sample", SHORT, ids=lambda path: path.name)
def test_broken_lines_of_every_sample_that_something_else_changed(
    tmp_path: Path, sample: Path, broken: Callable[[list[str], int], list[str]]
) -> None:
    assert_broken(tmp_path, sample, WIDTHS[::40], broken)


@pytest.mark.slow
@pytest.mark.parametrize("sample", LOGS, ids=lambda path: path.name)
def test_every_sample_broken_at_every_width(tmp_path: Path, sample: Path) -> None:
    # The largest log takes a second to read.
    step = 20 if sample.suffix == ".xz" else 1
    assert_all_widths(tmp_path, sample, WIDTHS[::step])


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("gammapy-2019-10-30.log", 119),
        ("logprov-gammapy-rich80.log", 67),
        ("lstosa-runwise.log", 80),
    ],
)
def test_values_are_joined_without_blanks_and_without_doubt(
    tmp_path: Path, name: str, width: int
) -> None:
    broken = tmp_path / "run.log"
    broken.write_text("\n".join(folded(lines_of(SAMPLES / name), width)), encoding="utf-8")
    graph = provlog.read(broken)
    assert facts(graph) == facts(provlog.read(SAMPLES / name))
    assert sorted(codes(graph)) == sorted(["PL012", *codes(provlog.read(SAMPLES / name))])


@pytest.mark.skipif(shutil.which("fold") is None, reason="needs fold")
@pytest.mark.parametrize("options", [[], ["-s"], ["-b"]], ids=["fold", "fold -s", "fold -b"])
@pytest.mark.parametrize("change", ["none", "letters", "colours"])
@pytest.mark.parametrize("name", ["gammapy-2019-10-07.log", "lstosa-runwise.log"])
def test_what_fold_makes_of_a_log(
    tmp_path: Path, name: str, change: str, options: list[str]
) -> None:
    changes = {
        "none": ("", ""),
        "letters": ("'File'", "'Fílé ε ümlaut €'"),
        "colours": ("'entity_id'", "\x1b[32m'entity_id'\x1b[0m"),
    }
    text = "\n".join(lines_of(SAMPLES / name)).replace(*changes[change]) + "\n"
    bare, broken = tmp_path / "bare.log", tmp_path / "run.log"
    bare.write_text(text, encoding="utf-8")
    for width in (40, 58, 76, 130, 193):
        process = subprocess.run(
            ["fold", *options, f"-w{width}"], input=text.encode(), capture_output=True, check=True
        )
        broken.write_bytes(process.stdout)
        assert_same_or_reported(bare, broken)


@pytest.mark.parametrize("sample", LOGS, ids=lambda path: path.name)
def test_a_bare_log_is_not_broken(sample: Path) -> None:
    assert detect_folds(lines_of(sample)[:400]) is None


@pytest.mark.parametrize("width", [40, 60, 90])
def test_lines_that_were_broken_at_blanks_are_not_joined_here(width: int) -> None:
    lines = lines_of(SAMPLES / "gammapy-2019-10-30.log")
    assert detect_folds([part for line in lines for part in textwrap.wrap(line, width)]) is None


def test_a_width_that_the_text_does_not_prove_is_reported(tmp_path: Path) -> None:
    log = tmp_path / "run.log"
    cut = RECORD.index("tab") + 3
    log.write_text(f"{RECORD[:cut]}\n{RECORD[cut:]}\n", encoding="utf-8")
    assert "PL109" in codes(provlog.read(log))


def test_a_line_break_that_may_be_one_of_the_value_is_reported(tmp_path: Path) -> None:
    value = "array([" + ", ".join(f"{number}.25" for number in range(60)) + "])"
    record = f"_PROV_2024-03-11T20:04:02_PROV_{{'entity_id': 'e', 'value': {value}}}"
    log = tmp_path / "run.log"
    objects = record.replace("array(", "<Mask of the sky ").replace(")}", ">}")
    log.write_text("\n".join(folded([objects] * 3, 100)), encoding="utf-8")
    assert "PL109" in codes(provlog.read(log))


values = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=60)


@settings(max_examples=examples(80), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(values, min_size=3, max_size=12), st.integers(40, 240))
def test_generated_records_at_any_width(tmp_path: Path, texts: list[str], width: int) -> None:
    lines = [
        f"_PROV_2024-03-11T20:04:{number:02}_PROV_"
        + repr({"entity_id": f"e{number}", "entity_type": "File", "value": text})
        for number, text in enumerate(texts)
    ]
    bare, broken = tmp_path / "bare.log", tmp_path / "run.log"
    bare.write_text("\n".join(lines), encoding="utf-8")
    broken.write_text("\n".join(folded(lines, width)), encoding="utf-8")
    assert_same_or_reported(bare, broken)


@pytest.mark.parametrize("line", ["{'a(<" * 60, "PROV_" * 60, "'\\" * 120, "x" * 200])
def test_hostile_lines_take_linear_time(line: str) -> None:
    sample = [RECORD[:80], line[:80], line] * 100
    detect_folds(sample)


def test_a_log_with_wider_lines_was_not_broken_at_the_usual_width() -> None:
    usual = "_PROV_2020-01-17T20:00:11.994988_PROV_{'activity_id': '24127a', 'used_id': 8941405066}"
    wider = f"_PROV_2020-01-17T20:00:11_PROV_{{'entity_id': 1, 'name': '{'n' * 99}'}}"
    number = "score = 779245.05".rjust(len(usual), "x")
    assert (
        detect_folds([usual, ":05 and so on", number, "5 and on", wider, "INFO"] * 20) is not None
    )
    assert (
        detect_folds([usual, ":05 and so on", number, "5 and on", *[wider] * 3, "INFO"] * 20)
        is None
    )


@pytest.mark.skipif(shutil.which("fold") is None, reason="needs fold")
def test_fold_that_counts_bytes_and_breaks_at_blanks(tmp_path: Path) -> None:
    record = RECORD.replace("dl1 table", "ΩΩΩ für Größe €€ déjà vu çà et là")
    lines = [record.replace("'e'", f"'e{number}'") for number in range(9)]
    bare, broken = tmp_path / "bare.log", tmp_path / "run.log"
    bare.write_text("\n".join(lines), encoding="utf-8")
    run = ["fold", "-s", "-w60", str(bare)]
    broken.write_bytes(subprocess.run(run, capture_output=True, check=True).stdout)
    assert facts(provlog.read(broken)) == facts(provlog.read(bare))
