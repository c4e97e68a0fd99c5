"""Configuration files: from a definition and a recorded call to the IVOA's ConfigFile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from astropy.io.votable import parse

import provlog
from provlog.graphs.ivoa_view import plain
from provlog.model.graph import ProvGraph
from tests.capture.programs import environment
from tests.judges import judge

DEFINITION = """\
activities:
  maps:make_map:
    description: Make a map
    usage:
      - {role: events, location: events, contentType: application/fits, type: Main}
      - role: settings
        location: settings
        type: Setup
        contentType: application/yaml
        description: Settings of the map
    generation:
      - {role: map, value: result, entityType: PythonObject}
"""
PROGRAM = """\
def make_map(events, settings):
    return [events, settings]
"""


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> ProvGraph:
    folder = tmp_path_factory.mktemp("configuration")
    (folder / "definition.yaml").write_text(DEFINITION, encoding="utf-8")
    (folder / "maps.py").write_text(PROGRAM, encoding="utf-8")
    for name in ("events.fits", "settings.yaml"):
        (folder / name).write_text(name, encoding="utf-8")
    code = "import maps\nmaps.make_map('events.fits', 'settings.yaml')\n"
    (folder / "program.py").write_text(code, encoding="utf-8")
    command = ["run", "-d", "definition.yaml", "--log", "run.log", "program.py"]
    subprocess.run(
        [sys.executable, "-m", "provlog", *command], cwd=folder, env=environment(), check=True
    )
    return provlog.read(folder / "run.log")


def test_the_description_of_the_activity_has_the_file(graph: ProvGraph) -> None:
    (described,) = graph.descriptions.activities.values()
    (file,) = described.config_files
    assert dict(file.roles()) == {
        "name": "settings", "contentType": "application/yaml", "description": "Settings of the map",
    }  # fmt: skip


def test_votable_has_the_file_beside_its_usage(graph: ProvGraph, tmp_path: Path) -> None:
    provlog.write(graph, tmp_path / "run.vot")
    tables: dict[str, Any] = {
        table.name: table.to_table() for table in parse(tmp_path / "run.vot").iter_tables()
    }
    (file,) = tables["ConfigFile"]
    (described,) = tables["ConfigFileDescription"]
    (configured,) = tables["WasConfiguredBy"][
        tables["WasConfiguredBy"]["artefact_type"] == "Configfile"
    ]
    assert (file["name"], described["name"]) == ("settings", "settings")
    assert file["location"].endswith("/settings.yaml")
    assert file["configfiledescription_id"] == described["id"]
    assert configured["configfile_id"] == file["id"]
    assert {row["role"] for row in tables["Used"]} == {"script", "events", "settings"}
    again = provlog.read(tmp_path / "run.vot")
    assert again.to_prov() == graph.to_prov()
    assert plain(again, parameters=True).to_prov() == plain(graph, parameters=True).to_prov()
    assert again.diagnostics == []


def test_w3c_documents_have_it_as_an_entity_on_request(graph: ProvGraph, tmp_path: Path) -> None:
    assert "voprov:ConfigFile'" not in graph.to_prov().get_provn()
    view = plain(graph, parameters=True)
    judge(view, ["provjson", "provxml", "provn", "turtle", "trig", "jsonld"])
    (file,) = (it for it in view.entities.values() if "voprov:ConfigFile" in it.values("prov:type"))
    influences = view.relations["wasInfluencedBy"]
    (configured,) = (it for it in influences if it.target is file)
    assert dict(configured.pairs())["voprov:artefactType"] == "Configfile"
    assert configured.source.label == "make_map"
    (described,) = (it.target for it in influences if it.source is file)
    assert described.values("voprov:contentType") == ["application/yaml"]
    # A document with both has the file once in a VOTable.
    provlog.write(view, tmp_path / "run.json")
    provlog.write(provlog.read(tmp_path / "run.json"), tmp_path / "again.vot")
    tables = {table.name: table for table in parse(tmp_path / "again.vot").iter_tables()}
    assert len(tables["ConfigFile"].array) == 1
    assert provlog.read(tmp_path / "again.vot").to_prov() == view.to_prov()
