"""The record of a session: machine, user, software and configuration."""

from __future__ import annotations

import os
import platform
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture.process.environment import ENVIRONMENT
from provlog.definitions.load import definitions_of
from tests.capture.fixtures import Make
from tests.capture.reading import Document, payloads


def started(log: Path) -> list[Document]:
    return [one for one in payloads(log) if "session_id" in one]


def work() -> int:
    return 1


class Analysis:
    def __init__(self, data: Any = None) -> None:
        self.data = data

    def run(self) -> None:
        pass


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Set an environment with secrets."""
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    for name, value in {
        "LOGNAME": "analyst",
        "GAMMAPY_DATA": "https://me:hunter2@example.org/dl3",
        "GITHUB_TOKEN": "hunter2",
        "OTHER": "hunter2",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "argv", ["/opt/bin/fit.py", "--password", "hunter2", "crab"])
    monkeypatch.chdir(tmp_path)


def test_the_session_of_a_program_has_script_and_user(make: Make, log: Path) -> None:
    make(configuration={"bins": 3, "password": "hunter2"}).trace(work)()
    session, activity, *_ = payloads(log)
    assert [*session] == [
        "session_id", "startTime", "agent_name", "session_name", "system", "configuration",
    ]  # fmt: skip
    assert session["session_id"] == activity["in_session"]
    assert session["agent_name"] == activity["agent_name"] == "analyst"
    assert session["session_name"] == "fit.py"
    assert session["configuration"] == {"bins": 3, "password": "(withheld)"}
    begun, called = (datetime.fromisoformat(one["startTime"]) for one in (session, activity))
    assert begun <= called
    assert begun.tzinfo is not None


def test_a_session_has_machine_and_software(make: Make, log: Path) -> None:
    make().trace(work)()
    [session] = started(log)
    system = session["system"]
    assert [*system] == [
        "executable", "platform", "python", "environment", "arguments", "working_directory",
        "process_id", "packages",
    ]  # fmt: skip
    assert system["executable"] == sys.executable
    machine = platform.uname()
    recorded = system["platform"]
    assert [recorded[name] for name in ("node", "system", "release", "version", "machine")] == [
        machine.node, machine.system, machine.release, machine.version, machine.machine,
    ]  # fmt: skip
    assert recorded["num_cpus"] == os.cpu_count()
    assert system["python"]["version"] == platform.python_version()
    assert system["python"]["implementation"] == platform.python_implementation()
    assert system["arguments"] == ["/opt/bin/fit.py", "--password", "(withheld)", "crab"]
    assert system["environment"] == {
        "GAMMAPY_DATA": "https://***@example.org/dl3", "LOGNAME": "analyst",
    }  # fmt: skip
    assert system["working_directory"] == os.getcwd()
    assert system["process_id"] == os.getpid()
    assert system["packages"]["provlog"] == provlog.__version__
    assert system["packages"]["pytest"] == pytest.__version__
    assert not system["packages"].keys() & sys.stdlib_module_names
    assert "hunter2" not in log.read_text()


def test_sessions_of_objects_have_the_class_and_the_first_one_the_definitions(
    make: Make, log: Path
) -> None:
    described = {"activities": {"run": {"usage": [{"role": "data", "value": "data"}]}}}
    capture = make(definitions_of(described), configuration={"bins": 3})
    kind: Any = type("Analysis", (Analysis,), dict(vars(Analysis)))
    capture.trace_methods(kind)
    for _ in range(2):
        kind().run()
    capture.trace(work)()
    first, second, process = started(log)
    assert first["definitions"] == described
    assert "definitions" not in second | process
    for session in (first, second):
        assert session["session_name"] == f"{__name__}.Analysis"
        assert (session["module"], session["class"]) == (__name__, "Analysis")
    assert process["session_name"] == "fit.py"
    for session in (first, second, process):
        assert session["agent_name"] == "analyst"
        assert session["configuration"] == {"bins": 3}
        assert session["system"]["process_id"] == os.getpid()
    assert len({session["session_id"] for session in (first, second, process)}) == 3


def test_an_object_that_two_sessions_use_is_described_in_each(make: Make, log: Path) -> None:
    capture = make(
        definitions_of({"activities": {"run": {"usage": [{"role": "data", "value": "data"}]}}})
    )
    kind: Any = type("Analysis", (Analysis,), dict(vars(Analysis)))
    capture.trace_methods(kind)
    shared = Analysis()
    for analysis in (kind(shared), kind(shared)):
        for _ in range(2):
            analysis.run()
    [entity] = {one["used_id"] for one in payloads(log) if "used_id" in one}
    described = [one for one in payloads(log) if one.get("entity_id") == entity]
    assert [one["in_session"] for one in described] == [one["session_id"] for one in started(log)]
    assert {one["entity_type"] for one in described} == {"PythonObject"}
    assert len(described) == 2
