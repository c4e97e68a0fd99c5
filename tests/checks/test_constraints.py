"""The table of PROV-CONSTRAINTS in docs/diagnostics.md, and a log for each constraint in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from provlog.checks import CHECKS
from provlog.diagnostics.codes import CODES
from tests.building.test_builder import line
from tests.checks.test_checks import at, check, described, end, makes, start, uses
from tests.checks.test_events import DOCUMENTS
from tests.checks.test_identifiers import BROKEN as IDENTIFIERS
from tests.test_layout import ROOT

PAGE = (ROOT / "docs" / "diagnostics.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (\d+) \| ([\w-]+) \| ([^|]*)\|([^|]*)\|$", PAGE, re.MULTILINE)
TABLE = {int(number): re.findall(r"PL\d+", codes) for number, _, codes, _ in ROWS}

EARLY = [start(1, "a1"), makes(2, "a1", "early"), end(3, "a1")]
LATE = [start(5, "a2"), makes(6, "a2", "late"), end(7, "a2")]
# A log that breaks each constraint, by constraint and code.
BROKEN = {
    (28, "PL301"): [start(1), end(2), start(3), end(4)],
    (29, "PL302"): [start(1), end(2), end(3)],
    (30, "PL401"): [start(5), end(4, written=6)],
    (33, "PL402"): [start(5), described("e"), uses(2), end(6)],
    (34, "PL403"): [start(5), makes(2), end(6)],
    (37, "PL404"): [*EARLY, start(2, "u"), uses(2, "u", "late"), end(3, "u"), *LATE],
    (39, "PL405"): [*EARLY, start(5, "b"), makes(6, "b", "early"), end(7, "b")],
    (42, "PL406"): [line(at(1), entity_id="e", progenitor_id="e")],
    (42, "PL408"): [*EARLY, *LATE, line(at(9), entity_id="early", progenitor_id="late")],
    (50, "PL407"): [start(1, "x"), end(2, "x"), described("x")],
    (55, "PL407"): [start(1, "x"), end(2, "x"), described("x")],
}  # fmt: skip


def test_the_table_has_every_constraint_and_every_code() -> None:
    assert list(TABLE) == list(range(22, 57))
    codes = {code for codes in TABLE.values() for code in codes}
    assert codes <= CODES.keys()
    assert {code for code in CHECKS if code.startswith("PL4")} <= codes
    documents = {(number, "PL409") for number in DOCUMENTS} | {(52, "PL410")} | IDENTIFIERS.keys()
    stated = {(number, code) for number, codes in TABLE.items() for code in codes}
    assert stated == BROKEN.keys() | documents


def test_a_constraint_without_a_code_has_a_reason() -> None:
    assert all(codes.strip() or remark.strip() for _, _, codes, remark in ROWS)


@pytest.mark.parametrize(("number", "code"), BROKEN)
def test_a_log_that_breaks_a_constraint_is_reported(number: int, code: str, tmp_path: Path) -> None:
    assert {found.code for found in check(tmp_path, BROKEN[number, code])} == {code}
