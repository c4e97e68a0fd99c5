"""Wrapped logs that a terminal broke, before or afterwards, at one width or two, with lost blanks."""

from __future__ import annotations

import logging
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from subprocess import PIPE

import pytest
from rich.console import Console
from rich.logging import RichHandler

import provlog
from provlog.errors import InputError
from tests.grids import grid
from tests.readers.log.wrappers.comparing import (
    assert_same_or_reported,
    facts,
    folded,
    lines_of,
)
from tests.readers.log.wrappers.wrapping import WRAPPERS
from tests.samples import LOGS, SAMPLES, codes

Change = Callable[[list[str]], list[str]]


def wrapped(name: str) -> Change:
    return lambda lines: WRAPPERS[name](lines).removesuffix("\n").split("\n")


def coloured(pattern: str) -> Change:
    return lambda lines: [re.sub(pattern, "\x1b[32m\\1\x1b[0m", line) for line in lines]


def broken(width: int) -> Change:
    return lambda lines: folded(lines, width)


def broken_twice(first: int, second: int) -> Change:
    def change(lines: list[str]) -> list[str]:
        middle = len(lines) // 2
        return folded(lines[:middle], first) + folded(lines[middle:], second)

    return change


def without_blanks(lines: list[str]) -> list[str]:
    return [line.rstrip() for line in lines]


def orders(name: str, width: int, other: int) -> dict[str, list[Change]]:
    wrap, fold = wrapped(name), broken(width)
    return {
        "broken, wrapped": [fold, wrap],
        "wrapped, broken": [wrap, fold],
        "broken without blanks, wrapped": [fold, without_blanks, wrap],
        "wrapped, broken without blanks": [wrap, fold, without_blanks],
        "broken at two widths, wrapped": [broken_twice(width, other), wrap],
        "wrapped, broken at two widths": [wrap, broken_twice(width, other)],
    }


def changed(folder: Path, sample: Path, changes: list[Change]) -> Path:
    lines = lines_of(sample)
    for change in changes:
        lines = change(lines)
    path = folder / "run.log"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    return path


# The excerpt was broken by a PDF before: broken once more and at two widths, it is unreadable.
SHORT = [
    path
    for path in LOGS
    if path.stat().st_size < 40_000 and path.suffix == ".log" and "excerpt" not in path.name
]
FIRST, RUNWISE = SAMPLES / "gammapy-2019-10-07.log", SAMPLES / "lstosa-runwise.log"
SECOND = SAMPLES / "gammapy-2019-10-30.log"


@pytest.mark.parametrize(
    ("sample", "changes"),
    [
        (FIRST, [wrapped("docker json-file"), broken(80)]),
        (FIRST, [wrapped("gh run view"), broken(41)]),
        (FIRST, [wrapped("notebook"), broken(41)]),
        (FIRST, [wrapped("gcloud"), broken_twice(79, 92)]),
        (SECOND, [wrapped("GitHub Actions"), broken(54)]),
        (SECOND, [wrapped("syslog"), broken(41)]),
        (SECOND, [wrapped("JSON strings"), broken(54)]),
        (RUNWISE, [wrapped("GitHub Actions"), broken(41)]),
        (RUNWISE, [wrapped("syslog"), broken(41), without_blanks]),
        (RUNWISE, [wrapped("bytes"), broken(54)]),
        (RUNWISE, [wrapped("bytes"), broken_twice(41, 54)]),
        (RUNWISE, [wrapped("structlog key=value"), broken_twice(228, 215)]),
        (RUNWISE, [wrapped("CloudWatch"), broken_twice(158, 145)]),
        (RUNWISE, [wrapped("CloudWatch"), broken(79), without_blanks]),
        (RUNWISE, [broken(119), wrapped("grep -n")]),
        (FIRST, [broken_twice(132, 119), wrapped("rsyslog")]),
        (SAMPLES / "logprov-selftest.log", [broken(41), wrapped("indented by a reporter")]),
    ],
)
def test_the_text_shows_how_it_was_broken(
    tmp_path: Path, sample: Path, changes: list[Change]
) -> None:
    graph = provlog.read(changed(tmp_path, sample, changes))
    assert facts(graph) == facts(provlog.read(sample))


@pytest.mark.skipif(shutil.which("fold") is None, reason="needs fold")
@pytest.mark.parametrize(
    ("sample", "width", "change"),
    [
        (FIRST, 41, wrapped("mail")),
        (FIRST, 58, lambda lines: lines),
        (SAMPLES / "logprov-gammapy-objects.log", 68, wrapped("GitHub Actions")),
        (SAMPLES / "logprov-gammapy-objects.log", 210, coloured(r"('\w+')(?=:)")),
    ],
)
def test_lines_that_fold_broke_at_blanks(
    tmp_path: Path, sample: Path, width: int, change: Change
) -> None:
    def fold(lines: list[str]) -> list[str]:
        text = "\n".join(lines).encode()
        run = subprocess.run(["fold", "-s", f"-w{width}"], input=text, stdout=PIPE, check=True)
        return run.stdout.decode().split("\n")

    assert_same_or_reported(sample, changed(tmp_path, sample, [fold, change]))


def test_a_width_that_changes_loses_nothing_silently(tmp_path: Path) -> None:
    assert_same_or_reported(FIRST, changed(tmp_path, FIRST, [broken_twice(41, 54)]))


@pytest.mark.parametrize("name", WRAPPERS)
def test_one_order_and_width_for_every_wrapper(tmp_path: Path, name: str) -> None:
    chance = random.Random(name)
    width = chance.randint(40, 240)
    changes = chance.choice([*orders(name, width, width + 13).values()])
    sample = chance.choice(SHORT)
    assert_same_or_reported(sample, changed(tmp_path, sample, changes))


# No record is complete, which provlog reports.
UNREADABLE = {("lstosa-runwise.log", "loguru", "wrapped, broken at two widths")}


@pytest.mark.slow
@pytest.mark.parametrize("name", WRAPPERS)
@pytest.mark.parametrize("sample", SHORT, ids=lambda path: path.name)
def test_every_order_for_every_wrapper(tmp_path: Path, sample: Path, name: str) -> None:
    chance = random.Random(f"{sample.name} {name}")
    for order in orders(name, 80, 80):
        width = chance.randint(40, 240)
        for other in (width + 13, width - 13):
            path = changed(tmp_path, sample, orders(name, width, other)[order])
            if (sample.name, name, order) in UNREADABLE:
                assert {"PL109", "PL201"} <= {*codes(provlog.read(path))}
            else:
                assert_same_or_reported(sample, path)


PAIRS = [
    ("structlog key=value", "structlog logfmt"),
    ("structlog logfmt", "rsyslog"),
    ("gh run view", "structlog logfmt"),
    ("gh run view", "rsyslog"),
    ("Loki", "GitHub Actions"),
    ("Loki", "parallel --tag"),
    ("CloudWatch", "gcloud"),
    ("CloudWatch", "CSV"),
    ("notebook", "JSON strings"),
    ("notebook", "quoted-printable"),
    ("CSV", "CSV"),
    ("CSV around JSON", "tabs"),
    ("CSV", "CR LF"),
    ("bytes", "JSON strings"),
    ("strings", "parallel --tag"),
    ("HTML", "JUnit"),
    ("HTML", "bytes behind a level"),
    ("HTML in spans", "rsyslog"),
    ("JUnit CDATA", "JUnit CDATA"),
    ("quoted-printable", "quoted-printable"),
    ("rsyslog", "compose around docker"),
    ("rsyslog", "CSV"),
    ("grep -n", "GitHub Actions"),
    ("honcho", "grep -n"),
    ("honcho", "indented by a reporter"),
    ("progress bars", "indented by a reporter"),
]
RICH = SAMPLES / "logprov-gammapy-rich80.log"


@pytest.mark.parametrize(("pair", "sample"), grid(PAIRS, (FIRST, RUNWISE, RICH)))
def test_a_wrapper_in_a_wrapper(tmp_path: Path, pair: tuple[str, str], sample: Path) -> None:
    graph = provlog.read(changed(tmp_path, sample, [wrapped(name) for name in pair]))
    assert facts(graph) == facts(provlog.read(sample))


@pytest.mark.slow
@pytest.mark.parametrize("outer", WRAPPERS)
def test_every_wrapper_in_every_wrapper(tmp_path: Path, outer: str) -> None:
    for inner in WRAPPERS:
        # One of the samples for each pair, and always the one without markers.
        for sample in (random.Random(f"{inner} {outer}").choice(SHORT), RUNWISE):
            assert_same_or_reported(
                sample, changed(tmp_path, sample, [wrapped(inner), wrapped(outer)])
            )


def through_rich(lines: list[str], width: int, show_path: bool) -> list[str]:
    stream = StringIO()
    logger = logging.Logger("wrapped")
    logger.addHandler(RichHandler(console=Console(file=stream, width=width), show_path=show_path))
    for line in lines:
        logger.info("%s", line)
    return stream.getvalue().split("\n")


@pytest.mark.parametrize("show_path", [True, False])
@pytest.mark.parametrize("width", [80, 120, 200])
@pytest.mark.parametrize("name", ["gammapy-2019-10-30.log", "logprov-selftest.log"])
def test_what_rich_makes_of_a_log(tmp_path: Path, name: str, width: int, show_path: bool) -> None:
    path = tmp_path / "run.log"
    lines = through_rich(lines_of(SAMPLES / name), width, show_path)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert_same_or_reported(SAMPLES / name, path)


@pytest.mark.parametrize(("width", "show_path"), [(80, False), (100, False), (200, True)])
def test_records_without_markers_in_the_columns_of_rich(
    tmp_path: Path, width: int, show_path: bool
) -> None:
    path = tmp_path / "run.log"
    lines = through_rich(lines_of(RUNWISE), width, show_path)
    path.write_text("\n".join(lines), encoding="utf-8")
    assert facts(provlog.read(path)) == facts(provlog.read(RUNWISE))


def behind_columns(width: int, show_path: bool) -> Change:
    return lambda lines: through_rich(lines, width, show_path)


@pytest.mark.parametrize(
    ("sample", "changes"),
    [
        (FIRST, [behind_columns(74, False)]),
        (RUNWISE, [behind_columns(60, True)]),
        (RUNWISE, [behind_columns(185, True)]),
        (SAMPLES / "presentation-excerpt.log", [behind_columns(60, True)]),
        (SAMPLES / "presentation-excerpt.log", [behind_columns(204, False), wrapped("CRI")]),
        (RUNWISE, [wrapped("loguru"), behind_columns(163, False)]),
        (FIRST, [wrapped("grep -Hn"), behind_columns(81, False)]),
        (SECOND, [wrapped("CSV"), wrapped("CloudWatch"), behind_columns(170, True)]),
        (RUNWISE, [wrapped("quoted-printable"), behind_columns(221, True)]),
        (SAMPLES / "gammapy-2020-04.log", [wrapped("HTML in spans"), behind_columns(86, True)]),
        (RICH, [wrapped("HTML")]),
        (SAMPLES / "provlog-gammapy.log", [wrapped("notebook"), behind_columns(84, False)]),
    ],
)
def test_columns_of_rich_around_other_wrappers_and_records(
    tmp_path: Path, sample: Path, changes: list[Change]
) -> None:
    path = changed(tmp_path, sample, changes)
    assert_same_or_reported(sample, path)
    assert {item.code for item in provlog.read(path).diagnostics} <= {
        "PL012",
        "PL109",
        "PL111",
        *(item.code for item in provlog.read(sample).diagnostics),
    }


@pytest.mark.slow
@pytest.mark.parametrize("name", WRAPPERS)
def test_every_wrapper_beside_columns_of_rich(tmp_path: Path, name: str) -> None:
    chance = random.Random(f"{name} in columns")
    sample = chance.choice(SHORT)
    columns = behind_columns(chance.randint(60, 240), chance.random() < 0.5)
    assert_same_or_reported(sample, changed(tmp_path, sample, [columns, wrapped(name)]))
    if name != "tabs":
        assert_same_or_reported(sample, changed(tmp_path, sample, [wrapped(name), columns]))


def test_no_record_is_found_behind_tabs_that_rich_has_expanded(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no provenance record found"):
        provlog.read(changed(tmp_path, RUNWISE, [wrapped("tabs"), behind_columns(206, False)]))


@pytest.mark.parametrize("width", [None, 40, 97, 220])
@pytest.mark.parametrize("pattern", [r"('\w+')(?=:)", r"('[^']*')", "(.+)"])
@pytest.mark.parametrize("sample", [RUNWISE, SECOND], ids=["run-wise", "gammapy"])
def test_coloured_records(tmp_path: Path, sample: Path, pattern: str, width: int | None) -> None:
    lines = coloured(pattern)(lines_of(sample))
    path = tmp_path / "run.log"
    path.write_text("\n".join(folded(lines, width) if width else lines), encoding="utf-8")
    assert_same_or_reported(sample, path)


def test_a_line_that_lacks_the_quotes_of_the_others_is_reported(tmp_path: Path) -> None:
    lines = wrapped("strings")(lines_of(FIRST))
    long = max(range(len(lines)), key=lambda number: len(lines[number]))
    lines[long : long + 1] = [lines[long][:200], lines[long][200:]]
    path = tmp_path / "run.log"
    path.write_text("\n".join(lines), encoding="utf-8")
    places = [item.origin.line for item in provlog.read(path).diagnostics if item.code == "PL109"]
    assert long + 1 in places
