"""Lines about descriptions, and the FAIR criteria."""

from __future__ import annotations

import pytest

import provlog
from provlog.graphs.descriptive import described_lines, parameter_line
from provlog.graphs.fair import fair
from provlog.model.descriptions import (
    ActivityDescription,
    DatasetDescription,
    Descriptions,
    ParameterDescription,
    ValueDescription,
)
from provlog.model.graph import Activity, Entity
from tests.samples import SAMPLES

FIT = Activity("log:activity-fit", {"param:energy_min": "1"})
ENERGY = ParameterDescription(
    id="log:p", name="energy_min", unit="TeV", description="minimum energy of the fit"
)


def described(*parameters: ParameterDescription) -> Descriptions:
    description = ActivityDescription(
        id="log:d",
        name="fit",
        version="2",
        type="Analysis",
        description="Fit",
        parameters=parameters,
    )
    return Descriptions(described={FIT: description})


@pytest.mark.parametrize(
    ("value", "line"),
    [
        (1, "energy_min 1 TeV, minimum energy of the fit"),
        ("1.0 TeV", "energy_min 1.0 TeV, minimum energy of the fit"),
        ("x" * 200, f"energy_min {'x' * 79}… TeV, minimum energy of the fit"),
        ("a\n b", "energy_min a b TeV, minimum energy of the fit"),
    ],
)
def test_a_parameter_has_its_unit_and_description(value: object, line: str) -> None:
    assert parameter_line(described(ENERGY), FIT, "param:energy_min", value) == line


def test_a_parameter_without_a_description_has_no_line() -> None:
    assert parameter_line(described(), FIT, "param:energy_min", 1) is None


def test_an_activity_and_an_entity_have_lines() -> None:
    entity, value = Entity("log:e", {}), Entity("log:v", {})
    descriptions = described()
    descriptions.described |= {
        entity: DatasetDescription(id="log:ed", name="Events", content_type="application/fits"),
        value: ValueDescription(id="log:vd", name="T", value_type="double", unit="K"),
    }
    assert [*described_lines(descriptions, FIT)] == [
        "description: Fit", "type: Analysis", "version: 2",
    ]  # fmt: skip
    assert [*described_lines(descriptions, entity)] == ["content type: application/fits"]
    assert [*described_lines(descriptions, value)] == ["value: double [K]"]
    assert [*described_lines(Descriptions(), FIT)] == []


def test_fair_counts_elements_that_meet_a_criterion() -> None:
    found = {item.criterion: item for item in fair(provlog.read(SAMPLES / "provlog-gammapy.log"))}
    assert found["entities with a location"][2:] == (8, 16)
    assert found["activities with a description"][2:] == (5, 6)
    assert found["activities with an agent"][2:] == (6, 6)
    assert found["activities with the version of their code"][2:] == (0, 6)
    assert all(0 <= item.met <= item.total for item in found.values())
