"""Documents answer the questions that logs answer: descriptions are no entities there."""

from __future__ import annotations

from pathlib import Path

import pytest

import provlog
from provlog.graphs.fair import fair
from provlog.graphs.summary import summary
from provlog.graphs.typed_entities import lift_descriptions
from provlog.graphs.usage_types import of_usage_types
from provlog.model.graph import ProvGraph
from tests.cli.test_cli import run
from tests.samples import SAMPLES

LOG = SAMPLES / "provlog-gammapy.log"
VOPROV = Path("tests/data/ivoa/voprov-0.0.4-full-ivoa.json")
DEFINITIONS = """\
activities:
  run_fit:
    description: Fit
    usage: [{role: datasets, value: datasets, type: Main}]
    generation: [{role: fit_result, value: fit_result, type: Log}]
"""


@pytest.fixture(scope="module", params=["json", "xml", "provn", "ttl", "trig", "jsonld"])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("lifted") / f"run.{request.param}"
    provlog.write(provlog.read(LOG), path)
    return path


def lifted(path: Path) -> ProvGraph:
    graph = provlog.read(path)
    lift_descriptions(graph)
    return graph


def test_a_document_and_its_log_have_the_same_summary(document: Path) -> None:
    log, graph = provlog.read(LOG), lifted(document)
    assert fair(graph) == fair(log)
    found, expected = summary(graph), summary(log)
    assert found["activities"] == expected["activities"]
    assert len(found["inputs"]) == len(expected["inputs"])
    # The statements are those of the log again.
    assert graph.to_prov() == log.to_prov()


def test_a_document_and_its_log_are_equally_complete(document: Path) -> None:
    def findings(path: Path) -> list[str]:
        found = provlog.check(path, completeness=True)
        return sorted(item.message for item in found if item.code.startswith("PL7"))

    assert findings(document) == findings(LOG)


def test_a_graph_without_descriptions_stays_as_it_is() -> None:
    graph = provlog.read(SAMPLES / "gammapy-2020-04.log")
    entities = graph.entities
    lift_descriptions(graph)
    assert graph.entities is entities


def test_types_of_usage_are_those_that_a_document_states(tmp_path: Path) -> None:
    definitions = tmp_path / "definition.yaml"
    definitions.write_text(DEFINITIONS, encoding="utf-8")
    provlog.write(provlog.read(LOG, definitions=definitions), tmp_path / "run.json")
    graph = provlog.read(tmp_path / "run.json")
    roles = {item.role for item in of_usage_types(graph, without=["Log"]).relations["used"]}
    assert "datasets" in roles
    kept = of_usage_types(graph, ["Main"])
    assert [item.role for item in kept.relations["used"]] == ["datasets"]
    assert not kept.relations["wasGeneratedBy"]


@pytest.mark.parametrize("command", ["show", "lineage"])
def test_commands_do_not_count_descriptions(command: str, document: Path) -> None:
    name = ["FitResult"] if command == "lineage" else []
    assert run(command, document, *name).output == run(command, LOG, *name).output


def test_convert_leaves_the_statements_of_documents_as_they_are(
    document: Path, tmp_path: Path
) -> None:
    again = tmp_path / document.name
    assert run("convert", document, "-o", again).code == 0
    assert provlog.read(again).to_prov() == provlog.read(document).to_prov()
    assert "voprov:UsageDescription" in provlog.read(again).to_prov().get_provn()


def test_descriptions_of_voprov_are_lifted() -> None:
    graph = lifted(VOPROV)
    (described,) = graph.descriptions.activities.values()
    assert (described.name, described.version, described.type) == ("make_map", "1.2", "Analysis")
    assert [item.role for item in described.usages] == ["events"]
    assert not any("Description" in name for item in graph.elements() for name in item.types())
