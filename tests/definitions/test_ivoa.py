"""Definitions as descriptions of the IVOA model."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provlog.definitions.ivoa import descriptions_of
from provlog.definitions.load import definitions_of, load
from provlog.definitions.parse import valid_parts
from provlog.model.descriptions import DatasetDescription, ValueDescription

FIT: dict[str, Any] = {
    "activities": {
        "fit": {
            "description": "Fit the models",
            "version": "1.2",
            "docurl": "https://example.org/fit",
            "type": "Analysis",
            "subtype": "spectral",
            "parameters": [
                {
                    "name": "energy_min",
                    "value": "kwargs.energy_min",
                    "description": "minimum energy",
                    "datatype": "double",
                    "arraysize": "2",
                    "xtype": "interval",
                    "unit": "TeV",
                    "ucd": "em.energy",
                    "utype": "x:y",
                    "min": 0.01,
                    "max": 100,
                    "default": 1,
                    "options": [1, 10],
                }
            ],
            "usage": [
                {
                    "role": "data", "entityName": "Events", "value": "data", "type": "Main",
                    "description": "what is fitted", "multiplicity": "1..*",
                    "has_members": {"entityName": "Run", "list": "runs", "description": "a run"},
                },
            ],
            "generation": [{"role": "result", "entityName": "Index", "value": "result"}],
        }
    },
    "entities": {
        "Events": {"description": "Event list", "contentType": "application/fits", "type": "File"},
        "Index": {"datatype": "double", "unit": "", "ucd": "spect.index", "docurl": "https://e.org"},
    },
}  # fmt: skip


def test_a_media_type_without_the_name_of_an_entity_describes_an_entity_named_by_the_role() -> None:
    item = {"role": "settings", "location": "settings", "contentType": "application/yaml"}
    data = {"activities": {"fit": {"usage": [item]}}}
    described = descriptions_of(definitions_of(data)).of("fit")
    assert described is not None
    (kind,) = described.usages[0].entities
    assert dict(kind.roles()) == {"name": "settings", "contentType": "application/yaml"}


def test_every_key_of_an_activity_becomes_an_attribute() -> None:
    described = descriptions_of(definitions_of(FIT)).activities["fit"]
    assert dict(described.roles()) == {
        "name": "fit", "version": "1.2", "description": "Fit the models",
        "docurl": "https://example.org/fit", "type": "Analysis", "subtype": "spectral",
    }  # fmt: skip
    assert dict(described.parameters[0].roles()) == {
        "name": "energy_min", "valueType": "double[2]:interval", "description": "minimum energy",
        "unit": "TeV", "ucd": "em.energy", "utype": "x:y", "min": "0.01", "max": "100",
        "default": "1", "options": ("1", "10"),
    }  # fmt: skip
    assert dict(described.usages[0].roles()) == {
        "role": "data", "type": "Main", "description": "what is fitted", "multiplicity": "1..*",
    }  # fmt: skip


def test_entities_with_a_media_type_are_datasets_and_with_a_datatype_values() -> None:
    found = descriptions_of(definitions_of(FIT))
    events, index = found.entities["Events"], found.entities["Index"]
    assert isinstance(events, DatasetDescription)
    assert dict(events.roles()) == {
        "name": "Events", "description": "Event list", "contentType": "application/fits",
        "type": "File",
    }  # fmt: skip
    assert isinstance(index, ValueDescription)
    assert dict(index.roles()) == {
        "name": "Index", "valueType": "double", "ucd": "spect.index", "docurl": "https://e.org",
    }  # fmt: skip
    usage = found.activities["fit"].usages[0]
    assert usage.entities == (events,)
    assert found.members[usage]["hadMember"].description == "a run"


def test_equal_definitions_have_equal_ids_and_different_ones_do_not() -> None:
    one = descriptions_of(definitions_of(FIT)).activities["fit"]
    same = descriptions_of(definitions_of(FIT)).activities["fit"]
    changed = {"activities": {"fit": FIT["activities"]["fit"] | {"version": "1.3"}}}
    other = descriptions_of(definitions_of(changed)).activities["fit"]
    assert one.id == same.id
    assert one.id != other.id
    assert [part.id for part in one.parts()] == [part.id for part in same.parts()]


def test_ids_are_different_where_roles_are_the_same() -> None:
    item = {"role": "data", "value": "x"}
    defined = definitions_of({"activities": {"fit": {"usage": [item, item]}}})
    parts = [part.id for part in descriptions_of(defined).activities["fit"].parts()]
    assert len(set(parts)) == 2


def test_the_gammapy_definitions_are_described() -> None:
    found = descriptions_of(load("docs/gammapy/definition.yaml"))
    described = found.of("run_fit")
    assert described is not None
    assert [usage.role for usage in described.usages] == ["datasets", "models"]
    assert described.usages[0].entities[0].description == "Reduced datasets with their models"


def test_invalid_parts_leave_the_valid_ones() -> None:
    data = {"activities": {"fit": {"usage": 3, "description": "Fit"}, "cut": {"contact": "me"}}}
    definitions, findings = valid_parts(data, None)
    assert [found.code for found in findings] == ["PL602"]
    assert definitions.activities["fit"].description == "Fit"
    assert definitions.activities["cut"].contact == "me"


@given(st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(
        st.sampled_from(["activities", "fit", "usage", "type", "role", "options", "entities"])
        | st.text(), inner,
    ),
))  # fmt: skip
def test_any_definitions_in_a_log_can_be_converted(data: Any) -> None:
    definitions, _ = valid_parts(data, None)
    for described in descriptions_of(definitions).activities.values():
        assert described.id.startswith("log:activitydescription-")
