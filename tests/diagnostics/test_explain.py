"""Every code is declared with an example for which provlog reports it and no other code."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

import provlog
from provlog.checks import COMPLETENESS
from provlog.definitions.load import examine
from provlog.diagnostics.codes import CODES
from provlog.diagnostics.explain import code_table, explained
from tests.samples import log_of
from tests.test_layout import ROOT

PAGE = ROOT / "docs" / "diagnostics.md"
BEGINNING = "## Code by code\n\n"


def cut_log(folder: Path) -> Path:
    path = folder / "cut.log.gz"
    record = CODES["PL103"].example[0]
    path.write_bytes(gzip.compress(f"{record}\n".encode() * 1000, mtime=0)[:-20])
    return path


def absent_log(folder: Path) -> Path:
    return folder / "absent.log"


def log_with(value: str) -> Callable[[Path], Path]:
    def written(folder: Path) -> Path:
        start = "_PROV_2020-01-01T00:00:02_PROV_{'entity_id': 'e2', 'value': "
        return log_of(folder, [CODES["PL105"].example[0], f"{start}{value}}}"])

    return written


# Examples that only describe the log in words.
MADE = {
    "PL001": cut_log,
    "PL003": absent_log,
    "PL105": log_with(repr("x" * (2 << 20))),
    "PL106": log_with("[" * 500 + "]" * 500),
}


def example_log(code: str, folder: Path) -> Path:
    if code in MADE:
        return MADE[code](folder)
    return log_of(folder, CODES[code].example)


# Codes of a batch have no example log.
ONLY_IN_A_BATCH = {"PL004", "PL005", "PL006", "PL007"}


IN_FILES = [code for code in CODES if code.startswith("PL6")]
IN_LOGS = [code for code in CODES if code not in {*ONLY_IN_A_BATCH, *IN_FILES}]


@pytest.mark.parametrize("code", IN_LOGS)
def test_the_example_log_of_a_code_has_only_that_finding(code: str, tmp_path: Path) -> None:
    path = example_log(code, tmp_path)
    found = {item.code for item in provlog.check(path, completeness=code in COMPLETENESS)}
    # Lines of which the origin is not known were broken by something.
    assert found - ({"PL012"} if code == "PL109" else set()) == {code}


@pytest.mark.parametrize("code", IN_FILES)
def test_the_example_file_of_a_code_has_only_that_finding(code: str, tmp_path: Path) -> None:
    path = tmp_path / "definition.yaml"
    path.write_text("\n".join(CODES[code].example), encoding="utf-8")
    definitions, found = examine(path, with_review=True)
    assert [item.code for item in found] == [code]
    assert (definitions is None) == (CODES[code].severity == "error")


def test_every_code_is_complete_and_in_order() -> None:
    assert list(CODES) == sorted(CODES)
    assert all(all(msgspec.structs.astuple(code)) for code in CODES.values())


def test_the_page_has_the_table_and_the_explanation_of_every_code(accept: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, beginning, _ = page.partition(BEGINNING)
    head = re.sub(r"\| code \| severity \|.*\n(?:\|.*\n)*", code_table(), head)
    expected = head + beginning + "\n".join(explained(CODES))
    if accept:
        PAGE.write_text(expected, encoding="utf-8")
    assert beginning
    assert code_table() in head
    assert PAGE.read_text(encoding="utf-8") == expected
