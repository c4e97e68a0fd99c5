"""Descriptions on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import provlog
from tests.cli.test_cli import run
from tests.samples import EXCERPT, SAMPLES

LOG = SAMPLES / "provlog-gammapy.log"
DEFINITIONS = Path("docs/gammapy/definition.yaml")


def test_a_log_is_converted_to_votable_and_then_to_prov(tmp_path: Path) -> None:
    table, document = tmp_path / "run.vot", tmp_path / "run.provn"
    assert run("convert", LOG, "-o", table).code == 0
    assert run("convert", table, "-o", document).code == 0
    direct = tmp_path / "direct.provn"
    assert run("convert", LOG, "-o", direct).code == 0
    assert sorted(document.read_text().splitlines()[8:]) != []
    assert provlog.read(table).to_prov() == provlog.read(LOG).to_prov()


def test_a_definition_file_describes_a_log_without_definitions(tmp_path: Path) -> None:
    output = tmp_path / "run.json"
    result = run("convert", EXCERPT, "--definitions", DEFINITIONS, "-o", output)
    assert result.code == 0
    content = json.loads(output.read_text())
    described = [
        item for item in content["wasInfluencedBy"].values()
        if item["prov:type"]["$"] == "voprov:DescriptionRelation"
    ]  # fmt: skip
    assert any("activity-" in item["prov:influencee"] for item in described)


def test_no_descriptions_omits_all_descriptions(tmp_path: Path) -> None:
    output = tmp_path / "run.provn"
    assert run("convert", LOG, "--no-descriptions", "-o", output).code == 0
    assert "voprov:" not in output.read_text()


def test_parameters_as_entities(tmp_path: Path) -> None:
    output = tmp_path / "run.provn"
    assert run("convert", LOG, "--parameters", "entities", "-o", output).code == 0
    assert "voprov:ConfigurationRelation" in output.read_text()


def test_check_reports_completeness_only_if_selected() -> None:
    assert "PL7" not in run("check", LOG).output
    selected = run("check", LOG, "--select", "PL7")
    assert "PL703" in selected.output
    assert "PL5" not in selected.output


@pytest.mark.parametrize("command", ["convert", "graph", "show", "check"])
def test_a_bad_definition_file_is_reported_with_its_place(command: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text("activities:\n  fit:\n    usage: datasets\n", encoding="utf-8")
    result = run(command, LOG, "--definitions", path)
    assert result.code == 3
    assert "bad.yaml:3:12" in result.errors
    assert "a list is expected" in result.errors


@pytest.mark.parametrize("command", ["convert", "graph", "show", "check", "lineage"])
def test_a_votable_is_read_by_all_commands(command: str, tmp_path: Path) -> None:
    table = tmp_path / "run.vot"
    provlog.write(provlog.read(LOG), table)
    name = ["FitResult"] if command == "lineage" else []
    assert run(command, table, *name).code in (0, 1)


def test_usage_types_select(tmp_path: Path) -> None:
    definitions = tmp_path / "d.yaml"
    definitions.write_text(
        "activities:\n"
        "  run_fit:\n"
        "    usage: [{role: datasets, value: datasets, type: Main}]\n"
        "    generation: [{role: fit_result, value: fit_result, type: Log}]\n",
        encoding="utf-8",
    )
    result = run(
        "convert", LOG, "-f", "provn", "--definitions", definitions, "--no-usage-type", "Log"
    )
    assert result.code == 0
    assert "wasGeneratedBy" in result.output
    assert '[prov:role="fit_result"' not in result.output
