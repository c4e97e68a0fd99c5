"""Contradictions between logs and definitions, and completeness in the IVOA's terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.checks import COMPLETENESS
from provlog.diagnostics.codes.examples import end_line, record_line, start_line
from tests.samples import LOGS, NAMES, log_of


def found(folder: Path, definition: dict[str, Any], *lines: str) -> list[tuple[str, int, str]]:
    definitions = {"activities": {"fit": definition}}
    start = (
        record_line(0, session_id="s1", definitions=definitions),
        start_line(1, "a1", "fit"),
    )
    path = log_of(folder, [*start, *lines, end_line(9, "a1")])
    return [
        (item.code, item.origin.line, item.message)
        for item in provlog.check(path)
        if item.code.startswith("PL7")
    ]


def parameter(**described: Any) -> dict[str, Any]:
    return {"parameters": [{"name": "energy", "value": "energy", **described}]}


def energy(value: Any) -> str:
    return record_line(2, activity_id="a1", parameters={"energy": value})


def use(id: str, role: str) -> str:
    return record_line(2, activity_id="a1", used_id=id, used_role=role, entity_name="Events")


@pytest.mark.parametrize(
    ("definition", "lines", "code", "words"),
    [
        (parameter(max=100), [energy(200)], "PL713", "is 200, above the maximum 100"),
        (parameter(min=0.1), [energy(-1.5)], "PL713", "below the minimum 0.1"),
        (parameter(min=1, unit="TeV"), [energy("0.5 TeV")], "PL713", "0.5 TeV, below"),
        (parameter(max=10), [energy([1, 20])], "PL713", "is 20, above"),
        (parameter(options=["1d", "3d"]), [energy("2d")], "PL714", "'2d', not one of 1d, 3d"),
        (parameter(unit="TeVv"), [energy(1)], "PL715", "invalid unit 'TeVv'"),
        (parameter(ucd="em.enrgy"), [energy(1)], "PL716", "invalid UCD 'em.enrgy'"),
        ({"usage": [{"role": "a", "value": "a"}]}, [use("e", "b")], "PL711", "role 'b'"),
        ({"usage": [{"role": "a", "value": "a", "multiplicity": "2"}]}, [use("e", "a")], "PL712",
         "1 entities"),
        ({"usage": [{"role": "a", "value": "a", "multiplicity": "1"}]}, [], "PL712", "0 entities"),
        ({"usage": [{"role": "a", "value": "a", "multiplicity": "many"}]}, [], "PL712",
         "not a multiplicity"),
    ],
)  # fmt: skip
def test_a_contradiction_is_reported_with_its_place(
    definition: dict[str, Any], lines: list[str], code: str, words: str, tmp_path: Path
) -> None:
    ((got, line, message),) = found(tmp_path, definition, *lines)
    assert got == code
    assert line in (2, 3)
    assert words in message


@pytest.mark.parametrize(
    ("definition", "lines"),
    [
        (parameter(min=1, max=100), [energy(1), energy(100)]),
        (parameter(min=1, max=100), [energy("all")]),
        (parameter(min=1, unit="TeV"), [energy("500 GeV")]),
        (parameter(options=["1d", "3d"]), [energy("1d")]),
        (parameter(options=[1, 10]), [energy(10)]),
        (parameter(unit="cm-2 s-1", ucd="em.energy;stat.min"), [energy(10)]),
        ({"usage": [{"role": "a", "value": "a", "multiplicity": "1..*"}]}, [use("e", "a")]),
        ({"usage": [{"role": "a", "value": "a", "multiplicity": "*"}]}, []),
        ({"usage": [{"role": "a", "value": "a"}]}, [use("e", "a"), use("f", "a")]),
        ({"usage": [{"role": "a", "value": "a"}], "unlisted": True}, [use("e", "b")]),
    ],
)
def test_agreement_with_a_description_is_not_reported(
    definition: dict[str, Any], lines: list[str], tmp_path: Path
) -> None:
    assert found(tmp_path, definition, *lines) == []


@pytest.mark.parametrize("path", LOGS, ids=NAMES)
def test_completeness_is_reported_on_request_only(path: Path) -> None:
    assert not {item.code for item in provlog.check(path)} & COMPLETENESS.keys()
    assert {item.code for item in provlog.check(path, completeness=True)} & COMPLETENESS.keys()
