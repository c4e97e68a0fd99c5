"""Every code is explained by an example on which it is reported, and no other one."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

import provlog
from provlog.diagnostics.codes import CODES
from provlog.diagnostics.explanations import EXPLANATIONS, explained
from tests.samples import log_of
from tests.test_layout import ROOT

PAGE = ROOT / "docs" / "diagnostics.md"
BEGINNING = "## Code by code\n\n"


def cut_log(folder: Path) -> Path:
    path = folder / "cut.log.gz"
    record = EXPLANATIONS["PL103"].example[0]
    path.write_bytes(gzip.compress(f"{record}\n".encode() * 1000, mtime=0)[:-20])
    return path


def absent_log(folder: Path) -> Path:
    return folder / "absent.log"


def log_with(value: str) -> Callable[[Path], Path]:
    def written(folder: Path) -> Path:
        start = "_PROV_2020-01-01T00:00:02_PROV_{'entity_id': 'e2', 'value': "
        return log_of(folder, [EXPLANATIONS["PL105"].example[0], f"{start}{value}}}"])

    return written


# Where the example only says what a log would have to be.
MADE = {
    "PL001": cut_log,
    "PL003": absent_log,
    "PL105": log_with(repr("x" * (2 << 20))),
    "PL106": log_with("[" * 500 + "]" * 500),
}


def example_log(code: str, folder: Path) -> Path:
    if code in MADE:
        return MADE[code](folder)
    return log_of(folder, EXPLANATIONS[code].example)


# What happens to a batch is not in a log.
ONLY_IN_A_BATCH = {"PL004", "PL005", "PL006", "PL007"}


@pytest.mark.parametrize("code", [code for code in CODES if code not in ONLY_IN_A_BATCH])
def test_the_example_of_a_code_shows_it_and_nothing_else(code: str, tmp_path: Path) -> None:
    found = provlog.check(example_log(code, tmp_path))
    assert {item.code for item in found} == {code}


def test_every_code_is_explained() -> None:
    assert list(EXPLANATIONS) == list(CODES)
    assert all(all(explanation) for explanation in EXPLANATIONS.values())


def test_the_page_says_what_the_program_says(accept: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, beginning, _ = page.partition(BEGINNING)
    expected = head + beginning + "\n".join(explained(CODES))
    if accept:
        PAGE.write_text(expected, encoding="utf-8")
    assert beginning
    assert PAGE.read_text(encoding="utf-8") == expected
