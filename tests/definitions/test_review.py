"""The review of descriptions: units, UCDs, media types, multiplicities and limits."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given

from provlog.cli.main import main
from provlog.definitions.load import examine
from provlog.definitions.review import review
from tests.strategies import values
from tests.test_layout import ROOT

SHIPPED = [ROOT / "docs/gammapy/definition.yaml", ROOT / "tests/data/presentation-definition.yaml"]


def found_in(parameter: str = "", usage: str = "", entity: str = "") -> list[str]:
    import yaml

    fit = f"{{parameters: [{{name: p, {parameter}}}], usage: [{{value: x, {usage}}}]}}"
    data = yaml.safe_load(f"activities: {{fit: {fit}}}\nentities: {{E: {{{entity}}}}}")
    return [f"{found.code} {found.message}" for found in review(data, "d.yaml", {})]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"parameter": "unit: parsek"}, "PL715 activity 'fit': parameters[0]: unit: 'parsek' is not a unit"),
        ({"parameter": "ucd: em.enrgy"}, "PL716 activity 'fit': parameters[0]: ucd: 'em.enrgy' is not a UCD"),
        ({"parameter": "min: 2, max: 1"}, "PL614 activity 'fit': parameters[0]: min: 2 is above the maximum 1"),
        ({"parameter": "min: 2 TeV, max: 1 TeV, unit: TeV"}, "PL614 activity 'fit': parameters[0]: min: 2 TeV is above"),
        ({"parameter": "min: 1, default: 0"}, "PL614 activity 'fit': parameters[0]: default: 0 is below the minimum 1"),
        ({"parameter": "max: 1, default: 3"}, "PL614 activity 'fit': parameters[0]: default: 3 is above the maximum 1"),
        ({"parameter": "options: [a, b], default: c"}, "PL614 activity 'fit': parameters[0]: default: 'c' is not one of the options"),
        ({"usage": "multiplicity: many"}, "PL712 activity 'fit': usage[0]: multiplicity: 'many' is not a multiplicity"),
        ({"usage": "contentType: fits"}, "PL717 activity 'fit': usage[0]: contentType: 'fits' is not a media type"),
        ({"usage": "has_members: {list: x, contentType: fits}"}, "PL717 activity 'fit': usage[0]: has_members: contentType: 'fits'"),
        ({"entity": "ucd: em.enrgy"}, "PL716 entity 'E': ucd: 'em.enrgy' is not a UCD"),
    ],
)  # fmt: skip
def test_each_fault_is_found(parts: dict[str, str], expected: str) -> None:
    (found,) = found_in(**parts)
    assert found.startswith(expected)


@pytest.mark.parametrize(
    "parameter",
    [
        "unit: cm-2 s-1 TeV-1, ucd: em.energy;stat.min, min: 1, max: 2, default: 1.5",
        "min: 1 GeV, max: 1e-3 TeV, unit: TeV",
        "options: [1, 2], default: 2",
        "min: low, max: high",
        "unit: 1, ucd: [em.energy], min: true, options: 3, default: x",
    ],
)
def test_what_is_right_or_cannot_be_compared_is_not_reported(parameter: str) -> None:
    assert found_in(parameter=parameter) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_the_definitions_of_this_project_pass(path: Path) -> None:
    _, found = examine(path)
    assert examine(path, with_review=True)[1] == found


@pytest.mark.parametrize(
    "unit",
    [
        "10**99999999999 m",
        "10 ^ (-99999999999) m",
        "10+99999999999 m",
        "(" * 3000,
        "m/" * 3000 + "s",
    ],
)
def test_a_hostile_unit_costs_no_time(unit: str) -> None:
    # A power of ten with so many digits would take hours.
    assert len(review({"entities": {"E": {"unit": unit}}}, "d.yaml", {})) in (0, 1)


@given(values)
def test_any_data_can_be_reviewed(data: object) -> None:
    review({"activities": data, "entities": {"E": data}}, "d.yaml", {})
    review(data, "d.yaml", {})


def test_the_command_reports_words_with_their_place(tmp_path: Path) -> None:
    path = tmp_path / "d.yaml"
    path.write_text("activities:\n  fit:\n    parameters:\n    - {name: e, unit: parsek}\n")
    result = CliRunner().invoke(main, ["definitions", "check", str(path)])
    assert result.exit_code == 0
    assert (
        "d.yaml:4:23: warning PL715 activity 'fit': parameters[0]: unit: 'parsek'"
        in result.stderr + result.stdout
    )
