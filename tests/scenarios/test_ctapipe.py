"""Provenance logs that ctapipe itself writes, installed from the package index.

ctapipe cannot be installed beside gammapy, so it gets an environment of its own, which takes
690 MB and about two minutes.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from provlog.model.graph import Activity, ProvGraph
from tests.judges import judge

pytestmark = pytest.mark.slow

# Tools that read and write small text files; with "wait", one that waits to be interrupted.
TOOLS = """
import signal
import sys
import time
from pathlib import Path as Folder

from ctapipe.core import Provenance, Tool, run_tool
from ctapipe.core.traits import Float, Path


HERE = Folder.cwd()


class Draw(Tool):
    "Write numbers."

    name = "sketch-draw"
    output = Path(directory_ok=False, default_value="numbers.txt").tag(config=True)

    def start(self):
        self.output.write_text("1 5 3")
        Provenance().add_output_file(self.output, role="numbers", add_meta=False)


class Select(Tool):
    "Keep large numbers; wait to be interrupted if there can be none."

    name = "sketch-select"
    input = Path(exists=True, directory_ok=False).tag(config=True)
    output = Path(directory_ok=False, default_value="selected.txt").tag(config=True)
    least = Float(2.0).tag(config=True)
    aliases = {"least": "Select.least"}

    def start(self):
        Provenance().add_input_file(self.input, role="numbers", add_meta=False)
        if self.least < 0:
            raise ValueError("less than nothing")
        if self.least > 1000:
            print("waiting", flush=True)
            time.sleep(60)
        numbers = [text for text in self.input.read_text().split() if float(text) >= self.least]
        self.output.write_text(" ".join(numbers))
        Provenance().add_output_file(self.output, role="selected numbers", add_meta=False)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    log = ["--provenance-log", "ctapipe-provenance.log"]
    if sys.argv[1:] == ["wait"]:
        run_tool(Select(), ["--Select.input=numbers.txt", "--least=2000", *log], cwd=HERE, raises=False)
    else:
        run_tool(Draw(), log, cwd=HERE, raises=False)
        run_tool(Select(), ["--Select.input=numbers.txt", *log], cwd=HERE, raises=False)
        run_tool(Select(), ["--Select.input=numbers.txt", "--least=-1", *log], cwd=HERE, raises=False)
"""
LOG = "ctapipe-provenance.log"


@pytest.fixture(scope="module")
def bin(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ctapipe")
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    install = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "ctapipe >= 0.28"]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    if installed.returncode:
        pytest.skip(f"ctapipe cannot be installed: {installed.stderr.strip().splitlines()[-1]}")
    return folder / "bin"


@pytest.fixture(scope="module")
def night(bin: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run tools that succeed, that fail and that are interrupted; all write into one log."""
    folder = tmp_path_factory.mktemp("night")
    (folder / "tools.py").write_text(TOOLS)
    subprocess.run([bin / "python", "tools.py"], cwd=folder, check=True)
    waiting = subprocess.Popen(
        [bin / "python", "tools.py", "wait"], cwd=folder, stdout=subprocess.PIPE, text=True
    )
    assert waiting.stdout is not None
    assert waiting.stdout.readline() == "waiting\n"
    waiting.send_signal(signal.SIGINT)
    waiting.communicate(timeout=60)
    quick = ["--workdir", "quick", "--provenance-log", LOG, "--name=a", "--email=b@c.d", "--org=e"]
    subprocess.run([bin / "ctapipe-quickstart", *quick], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def graph(night: Path) -> ProvGraph:
    return provlog.read(night / LOG)


def runs(graph: ProvGraph) -> list[Activity]:
    return [item for item in graph.activities.values() if item not in graph.sessions.values()]


def test_all_activities_with_their_states(graph: ProvGraph) -> None:
    assert [(run.label, run.failure, *run.values("log:exit_code")) for run in runs(graph)] == [
        ("sketch-draw", None, 0),
        ("sketch-select", None, 0),
        ("sketch-select", "error", 1),
        ("sketch-select", "interrupted", 130),
        ("ctapipe-quickstart", None, 0),
    ]
    assert all(run.start and run.end for run in runs(graph))
    assert len(graph.sessions) == 3


def test_all_inputs_and_outputs(graph: ProvGraph, night: Path) -> None:
    [numbers] = [item for item in graph.entities.values() if item.label == "numbers.txt"]
    uses = [item for item in graph.relations["used"] if item.target is numbers]
    assert [item.role for item in uses] == ["numbers"] * 3
    made = {
        str(path): item.target.label
        for item in graph.relations["wasGeneratedBy"]
        for path in item.source.values("prov:location")
    }
    written = {str(path): "ctapipe-quickstart" for path in (night / "quick").iterdir()}
    assert made == written | {
        str(night / "numbers.txt"): "sketch-draw",
        str(night / "selected.txt"): "sketch-select",
    }


def test_all_versions(graph: ProvGraph, bin: Path) -> None:
    listed = subprocess.run(
        [bin / "python", "-m", "pip", "list", "--format=json"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    installed = {package["name"]: package["version"] for package in json.loads(listed)}
    for session in graph.sessions.values():
        system = json.loads(session.values("log:system")[0])
        assert system["packages"].items() >= installed.items()
        assert session.values("log:software_version") == [f"ctapipe {installed['ctapipe']}"]


def test_the_documents_are_valid(graph: ProvGraph, night: Path) -> None:
    judge(graph)
    assert provlog.check(night / LOG) == []
