"""Descriptions that definitions give to a graph."""

from __future__ import annotations

from typing import Any

import pytest

import provlog
from provlog.building.reading import Reading
from provlog.definitions.load import definitions_of
from provlog.model.graph import Activity, Entity, ProvGraph
from tests.test_layout import ROOT

DEFINITIONS: dict[str, Any] = {
    "activities": {
        "fit": {
            "description": "Fit the models",
            "contact": "Ada",
            "parameters": [{"name": "energy min", "unit": "TeV"}],
            "usage": [{"role": "data", "entityName": "Events", "value": "data"}],
            "generation": [
                {
                    "role": "result", "entityName": "Fit", "value": "result",
                    "has_members": {"list": "parts", "entityName": "Part"},
                }
            ],
        }
    },
    "entities": {"Events": {"contentType": "application/fits"}, "Other": {"description": "Other"}},
    "agents": {"Ada": {"email": "ada@example.org", "type": "Person", "role": "Operator"}},
}  # fmt: skip


def record(**fields: Any) -> str:
    return f"_PROV_2020-01-01T00:00:00_PROV_{fields}"


RUN = [
    record(activity_id="a", activity_name="fit", startTime="2020-01-01T00:00:00"),
    record(activity_id="a", parameters={"energy min": 1}),
    record(activity_id="a", used_id="e", used_role="data"),
    record(activity_id="a", generated_id="f", generated_role="result"),
    record(entity_id="f", member_id="p"),
    record(entity_id="o", name="Other"),
]
SESSION = record(session_id="s", name="run", definitions=DEFINITIONS)


def read(*lines: str, **options: Any) -> ProvGraph:
    with Reading(**options) as reading:
        reading.add_lines(lines, "run.log")
        return reading.finish()


def activity(graph: ProvGraph) -> Activity:
    return next(found for found in graph.activities.values() if found.label == "fit")


def entity(graph: ProvGraph, id: str) -> Entity:
    return next(
        found for found in graph.entities.values() if found.values("dcterms:identifier") == [id]
    )


@pytest.mark.parametrize(
    "graph",
    [
        read(SESSION, *RUN),
        read(*RUN, definitions=definitions_of(DEFINITIONS)),
        read(SESSION, record(session_id="t", name="second"), *RUN),
    ],
    ids=["session", "file", "first session of a process"],
)
def test_activity_roles_parameters_and_entities_are_described(graph: ProvGraph) -> None:
    descriptions, fit = graph.descriptions, activity(graph)
    described = descriptions.of_activity(fit)
    assert described is not None
    assert described.description == "Fit the models"
    (use,) = graph.relations["used"]
    assert descriptions.of_relation("used", use) is described.usages[0]
    (generation,) = graph.relations["wasGeneratedBy"]
    assert descriptions.of_relation("wasGeneratedBy", generation) is described.generations[0]
    (parameter,) = (name for name in fit.attributes if name.startswith("param:"))
    assert descriptions.of_parameter(fit, parameter) is described.parameters[0]
    names = {id: descriptions.of_entity(entity(graph, id)) for id in "efpo"}
    assert {id: found and found.name for id, found in names.items()} == {
        "e": "Events", "f": "Fit", "p": "Part", "o": "Other",
    }  # fmt: skip


def test_a_definition_file_takes_precedence_over_the_session() -> None:
    other = {"activities": {"fit": {"description": "Another one"}}}
    graph = read(SESSION, *RUN, definitions=definitions_of(other))
    described = graph.descriptions.of_activity(activity(graph))
    assert described is not None
    assert described.description == "Another one"


def test_a_log_does_not_inherit_the_definitions_of_another_one() -> None:
    with Reading() as reading:
        reading.add_lines([SESSION], "first.log")
        reading.add_lines([record(session_id="t", name="x"), *RUN], "second.log")
        graph = reading.finish()
    assert not graph.descriptions.described


def test_descriptions_can_be_omitted() -> None:
    assert not read(SESSION, *RUN, describe=False).descriptions


def test_contact_and_agents_are_associated() -> None:
    graph = read(SESSION, *RUN)
    (agent,) = graph.agents.values()
    assert agent.values("voprov:email") == ["ada@example.org"]
    assert agent.values("prov:type") == ["prov:Person"]
    (association,) = graph.relations["wasAssociatedWith"]
    assert (association.source.label, association.role) == ("fit", "Contact")


def test_invalid_definitions_of_a_log_are_reported_and_the_rest_is_used() -> None:
    bad = {"activities": {"fit": {"description": "Fit", "usage": "data"}}}
    graph = read(record(session_id="s", definitions=bad), *RUN)
    (found,) = graph.diagnostics
    assert (found.code, found.origin.line) == ("PL602", 1)
    assert "activity 'fit': usage" in found.message
    described = graph.descriptions.of_activity(activity(graph))
    assert described is not None
    assert described.description == "Fit"


def test_a_log_without_definitions_has_no_descriptions() -> None:
    assert not provlog.read("sample_logs/gammapy-2020-04.log").descriptions


def test_generated_entities_are_attributed_to_a_creator() -> None:
    agents = {"Bob": {"role": "Creator", "affiliation": "Observatory", "orcid": 7}}
    graph = read(record(session_id="s", definitions=DEFINITIONS | {"agents": agents}), *RUN)
    (attribution,) = graph.relations["wasAttributedTo"]
    assert attribution.source is entity(graph, "f")
    assert dict(attribution.pairs()) == {"voprov:role": "Creator"}
    assert attribution.target.values("voprov:affiliation") == ["Observatory"]
    assert attribution.target.values("log:orcid") == [7]


def test_the_unit_of_a_value_completes_a_description_without_a_unit() -> None:
    defined = {
        "activities": {"fit": {"parameters": [{"name": "low"}, {"name": "high", "unit": "GeV"}]}}
    }
    values = {"low": "1.0 TeV", "high": "10.0 TeV"}
    units = {"low": "TeV", "high": "TeV", "other": "cm"}
    graph = read(
        record(session_id="s", definitions=defined),
        *RUN[:1],
        record(activity_id="a", parameters=values, units=units),
    )
    (described,) = graph.descriptions.activities.values()
    assert graph.descriptions.of_activity(activity(graph)) is described
    assert [parameter.unit for parameter in described.parameters] == ["TeV", "GeV"]


def test_a_document_keeps_its_descriptions() -> None:
    """Definitions for other activities add none to it, whichever sources are read together."""
    data = ROOT / "tests" / "data" / "opus"
    document = data / "gammapy_crab-b213a3.descriptions2.prov.json"
    alone = provlog.read(document)
    [job] = alone.descriptions.described
    assert alone.descriptions.flows("used", alone.descriptions.described[job])
    other = data / "count_events_vot.xml"
    together = provlog.read(document, other).descriptions.described
    assert {one.id: found.id for one, found in together.items()} == {
        one.id: found.id for one, found in alone.descriptions.described.items()
    }
