"""A real gammapy analysis gives the same results with and without recording."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import provlog
from provlog.model.events import SessionStarted
from provlog.model.graph import Activity, ProvGraph
from provlog.writers import FORMATS
from provlog.writers.pictures.options import Drawing
from tests.capture.reading import activity, generated, progenitors, used, written
from tests.drawings import dot_of, parsed
from tests.samples import SAMPLES, codes
from tests.test_layout import ROOT
from tests.timeless import timeless

pytestmark = pytest.mark.slow

FOLDER = ROOT / "docs" / "gammapy"
LOGPROV = SAMPLES / "logprov-gammapy-sessions.log"
STEPS = ["get_observations", "get_datasets", "set_models", "run_fit", "get_flux_points"]

BY_HAND = """
import runpy

import gammapy.analysis

import provlog
from provlog.capture import Capture

capture = Capture.from_yaml("definition.yaml", log="by hand.log")
capture.trace_methods(gammapy.analysis.Analysis)
analysis = runpy.run_path("analysis.py")["analysis"]
analysis.update_config('''
general: {datasets_file: datasets.yaml, models_file: models.yaml}
light_curve: {source: crab, energy_edges: {min: 0.5 TeV, max: 30 TeV, nbins: 1}}
''')
analysis.write_datasets()
analysis.write_models()
analysis.read_models("models.yaml", extend=False)
analysis.read_datasets()
analysis.run_fit()
analysis.run_fit()
analysis.get_light_curve()
provlog.write(capture.graph(), "graph.json")
"""
RUN = ("-m", "provlog", "run", "--log")
RUNS = {
    "nothing": ("analysis.py",),
    # Only what the definitions name, as in the sample.
    "program": (*RUN, "program.log", "--files", "none", "-d", "definition.yaml", "analysis.py"),
    "by hand": ("-c", BY_HAND),
    # logprov's own definitions, with the names that its decorator finds.
    "logprov": (
        *RUN, "logprov.log", "-d", "logprov.json", "-t", "gammapy.analysis:Analysis", "analysis.py",
    ),
    "switched off": (*RUN, "switched off.log", "-d", "definition.yaml", "analysis.py"),
}  # fmt: skip
ENVIRONMENTS = {"switched off": {"PROVLOG_CAPTURE": "0"}}
CAPTURED = [name for name in RUNS if name not in ("nothing", "switched off")]


class Ran(NamedTuple):
    """The output of a run, and its log."""

    printed: str
    errors: str
    log: Path

    @property
    def graph(self) -> ProvGraph:
        return provlog.read(self.log)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Run the analysis with each way of recording and with none, in parallel."""
    folder = tmp_path_factory.mktemp("analysis") / "crab"
    shutil.copytree(FOLDER, folder)
    (folder / "logprov.json").write_text(json.dumps(definitions_in(LOGPROV)))
    started = {
        name: subprocess.Popen(
            [sys.executable, *arguments], cwd=folder, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | ENVIRONMENTS.get(name, {}),
        )
        for name, arguments in RUNS.items()
    }  # fmt: skip
    ended = {
        name: Ran(*process.communicate(), folder / f"{name}.log")
        for name, process in started.items()
    }
    assert {process.returncode for process in started.values()} == {0}, ended
    return ended


def definitions_in(log: Path) -> Any:
    """Return the definitions in the first session's record."""
    started = next(event for event in provlog.events(log) if isinstance(event, SessionStarted))
    return started.attributes["log:definitions"]


def test_the_fit_is_the_same_to_the_last_bit(runs: dict[str, Ran]) -> None:
    printed = runs["nothing"].printed
    assert [line.split()[0] for line in printed.splitlines()] == ["index", "amplitude"]
    assert printed.count("0x1.") == 4
    assert {ran.printed for ran in runs.values()} == {printed}


def test_a_disabled_capture_leaves_no_log(runs: dict[str, Ran]) -> None:
    ran = runs["switched off"]
    assert ran.printed == runs["nothing"].printed
    assert not ran.log.exists()


def test_the_only_warnings_are_about_missing_things(runs: dict[str, Ran]) -> None:
    def warnings(name: str) -> list[str]:
        # matplotlib reports that it builds its cache if that takes long.
        lines = runs[name].errors.splitlines()
        return [line for line in lines if not line.startswith("Matplotlib")]

    def own(name: str) -> list[str]:
        return [line for line in warnings(name) if "activity" in line]

    assert warnings("program") == warnings("switched off") == warnings("nothing")
    assert own("program") == own("by hand") == []
    # gammapy 2 lacks these arguments.
    assert [line.split(": ")[2].partition(" leads")[0] for line in own("logprov")] == [
        "cannot resolve 'kwargs.filename'", "cannot resolve 'kwargs.optimize_opts'",
    ]  # fmt: skip


@pytest.mark.parametrize("name", CAPTURED)
def test_each_step_uses_the_result_of_the_previous_one(name: str, runs: dict[str, Ran]) -> None:
    graph = runs[name].graph
    steps = [first(graph, step) for step in STEPS]
    for before, after in pairwise(steps):
        made = set(generated(graph, before).values())
        assert made & set(used(graph, after).values()), (before.label, after.label)
        assert before.end is not None
        assert after.start is not None
        assert before.end <= after.start
    assert len({step.session for step in steps}) == 1


def first(graph: ProvGraph, name: str) -> Activity:
    return next(one for one in graph.activities.values() if one.session and one.label == name)


def test_entities_have_roles(runs: dict[str, Ran]) -> None:
    graph = runs["program"].graph
    assert [one.label for one in graph.activities.values() if one.session] == [
        "analysis.py",
        *STEPS,
    ]
    steps = [activity(graph, step) for step in STEPS]
    selected, reduced, modelled, fitted, points = (generated(graph, step) for step in steps)
    inputs = [used(graph, step) for step in steps]
    assert {role: entity.label for role, entity in inputs[0].items()} == {"datastore": "DataStore"}
    assert inputs[1] == {**selected, "exclusion_mask": inputs[1]["exclusion_mask"]}
    assert inputs[2] == reduced
    assert inputs[3] == modelled
    assert inputs[4] == {role: fitted[role] for role in ("datasets", "models")}
    assert points["flux_points"].label == "FluxPointsDataset"
    assert fitted["fit_result"].label == "FitResult"
    for role in ("datasets", "models"):
        assert progenitors(graph, fitted[role]) == [modelled[role]]


@pytest.mark.parametrize("name", CAPTURED)
def test_the_observations_are_members_with_the_hashes_of_their_files(
    name: str, runs: dict[str, Ran]
) -> None:
    graph = runs[name].graph
    [observations] = {
        entity
        for role, entity in generated(graph, first(graph, "get_observations")).items()
        if role and role.startswith("observations")
    }
    found = {
        str(one.values("dcterms:identifier")[0]): one.values("log:hash")
        for one in (
            relation.target
            for relation in graph.relations["hadMember"]
            if relation.source is observations
        )
    }
    assert found == {
        f"gamma-events:{int(file.name[-14:-8])}": [hashlib.sha256(file.read_bytes()).hexdigest()]
        for file in (FOLDER / "hess-dl3" / "data").iterdir()
    }
    assert len(found) == 4


@pytest.mark.parametrize("name", CAPTURED)
def test_the_log_becomes_a_document_in_each_format(name: str, runs: dict[str, Ran]) -> None:
    graph = runs[name].graph
    assert codes(graph) == []
    for form in FORMATS:
        stream = io.BytesIO()
        provlog.write(graph, stream, form)
        assert stream.getvalue()


@pytest.mark.parametrize("name", CAPTURED)
def test_check_reports_nothing(name: str, runs: dict[str, Ran]) -> None:
    assert provlog.check(runs[name].log) == []


def test_the_graph_in_memory_equals_the_log(runs: dict[str, Ran]) -> None:
    log = runs["by hand"].log
    assert json.loads(log.with_name("graph.json").read_text()) == written(provlog.read(log))


def test_written_files_are_the_ones_that_are_read(runs: dict[str, Ran]) -> None:
    graph = runs["by hand"].graph
    made = generated(graph, activity(graph, "write_models"))["models_file"]
    outer = activity(graph, "read_datasets")
    inputs = used(graph, outer)
    assert inputs["models_file"] is made
    assert (
        inputs["datasets_file"]
        is (generated(graph, activity(graph, "write_datasets"))["datasets_file"])
    )
    # The same datasets, with their models: one call is nested in the other.
    makers = {
        relation.target.label
        for relation in graph.relations["wasGeneratedBy"]
        if relation.source is generated(graph, outer)["datasets"]
    }
    assert makers == {"read_datasets", "read_models", "set_models"}


def test_the_sample_log_equals_a_new_recording(runs: dict[str, Ran]) -> None:
    def drawn(graph: ProvGraph) -> Any:
        nodes, edges, frames = parsed(dot_of(graph, Drawing(agents=False)))
        return timeless(str([list(nodes.values()), [edge[2] for edge in edges], frames]))

    assert drawn(runs["program"].graph) == drawn(provlog.read(SAMPLES / "provlog-gammapy.log"))
