"""The run of a program as an activity."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import zipfile
from hashlib import sha256
from pathlib import Path
from textwrap import dedent

import pytest

import provlog
from provlog.model.graph import Activity, ProvGraph
from tests.capture.programs import environment
from tests.capture.reading import activities, activity, parameters, used


def run(
    folder: Path, *arguments: str, status: int = 0, **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run a program with `provlog run`."""
    done = subprocess.run(
        [sys.executable, "-m", "provlog", "run", "--log", "run.log", *arguments],
        cwd=folder, capture_output=True, text=True, check=False, env=environment(**variables),
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    return done


def script(folder: Path, text: str, name: str = "analysis.py") -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(dedent(text))
    return path


def recorded(folder: Path, name: str = "analysis.py") -> tuple[ProvGraph, Activity]:
    graph = provlog.read(folder / "run.log")
    assert graph.diagnostics == []
    return graph, activity(graph, name)


def test_a_run_without_options_records_the_script(tmp_path: Path) -> None:
    path = script(tmp_path, "import os\nos.chdir('/')\nprint('hello')\n")
    assert run(tmp_path, "analysis.py", "in.csv", "--password", "hunter2").stdout == "hello\n"
    graph, one = recorded(tmp_path)
    assert one.end is not None
    assert one.failure is None
    assert one.values("prov:type") == ["Program"]
    assert one.values("log:exit_status") == [0]
    assert one.values("log:working_directory") == [str(tmp_path)]
    assert parameters(one) == {"arguments": '["in.csv","--password","(withheld)"]'}
    file = used(graph, one)["script"]
    assert file.values("log:hash") == [sha256(path.read_bytes()).hexdigest()]
    assert file.values("prov:location") == [str(path)]
    assert "hunter2" not in (tmp_path / "run.log").read_text()


@pytest.mark.parametrize(
    ("text", "status", "failure"),
    [
        ("", 0, None),
        ("import sys; sys.exit()", 0, None),
        ("import sys; sys.exit(3)", 3, "failed: SystemExit"),
        ("import sys; sys.exit('no data')", 1, "failed: SystemExit"),
        ("5 / 0", 1, "failed: ZeroDivisionError"),
        ("raise KeyboardInterrupt", 130, "failed: KeyboardInterrupt"),
    ],
)
def test_the_exit_status_is_recorded(
    tmp_path: Path, text: str, status: int, failure: str | None
) -> None:
    script(tmp_path, text)
    run(tmp_path, "analysis.py", status=status)
    _, one = recorded(tmp_path)
    assert one.values("log:exit_status") == [status]
    assert one.failure == failure
    assert one.end is not None


@pytest.mark.skipif(os.name == "nt", reason="no SIGKILL")
def test_a_killed_program_has_no_end(tmp_path: Path) -> None:
    script(tmp_path, "import os, signal; os.kill(os.getpid(), signal.SIGKILL)")
    run(tmp_path, "analysis.py", status=-signal.SIGKILL)
    graph = provlog.read(tmp_path / "run.log")
    assert activity(graph, "analysis.py").end is None


def test_distributions_are_those_imported_by_the_end(tmp_path: Path) -> None:
    script(tmp_path, "import helper\nif True:\n    import yaml, numpy\n")
    script(tmp_path, "", "helper.py")
    run(tmp_path, "analysis.py")
    _, one = recorded(tmp_path)
    packages = json.loads(one.values("log:packages")[0])
    assert {"PyYAML", "numpy"} <= packages.keys()
    assert packages.keys().isdisjoint({"yaml", "helper", "pandas"})


def test_the_search_for_distributions_opens_no_file_for_the_program(tmp_path: Path) -> None:
    script(tmp_path, "import yaml")
    run(tmp_path, "--files", "all", "analysis.py")
    recorded(tmp_path)
    text = (tmp_path / "run.log").read_text()
    assert "PyYAML" in text
    assert "METADATA" not in text


def test_traced_calls_are_parts_of_the_run_and_objects_have_sessions(tmp_path: Path) -> None:
    script(
        tmp_path,
        """
        class Analysis:
            def fit(self): return [1.5]
        def load(): return Analysis()
        load().fit()
        """,
    )
    run(tmp_path, "-t", "Analysis", "-t", "load", "analysis.py")
    graph, one = recorded(tmp_path)
    load, fit = activity(graph, "load"), activity(graph, "fit")
    parts = {
        relation.source for relation in graph.relations["wasInfluencedBy"] if relation.target is one
    }
    assert parts == {load, fit}
    assert load.session is one.session
    assert fit.session is not one.session


@pytest.mark.parametrize("name", ["package", "package.cli"])
def test_a_module_has_the_name_of_its_file(tmp_path: Path, name: str) -> None:
    script(tmp_path, "", "package/__init__.py")
    script(tmp_path, "", "package/__main__.py")
    script(tmp_path, "", "package/cli.py")
    run(tmp_path, "-m", name)
    graph, one = recorded(tmp_path, {"package": "package", "package.cli": "cli.py"}[name])
    assert set(used(graph, one)) == {"script"}


def test_the_script_of_an_archive_is_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "program.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("__main__.py", "print('hello')")
    assert run(tmp_path, "program.zip").stdout == "hello\n"
    graph, one = recorded(tmp_path, "program.zip")
    assert used(graph, one)["script"].values("log:hash") == [sha256(path.read_bytes()).hexdigest()]


def test_a_disabled_capture_records_no_run(tmp_path: Path) -> None:
    script(tmp_path, "print('hello')")
    assert run(tmp_path, "analysis.py", PROVLOG_CAPTURE="0").stdout == "hello\n"
    assert not (tmp_path / "run.log").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks")
def test_a_forked_process_does_not_end_the_run(tmp_path: Path) -> None:
    script(
        tmp_path,
        """
        import os, sys
        child = os.fork()
        if not child:
            sys.exit(3)
        os.waitpid(child, 0)
        """,
    )
    run(tmp_path, "analysis.py")
    graph, one = recorded(tmp_path)
    assert one.values("log:exit_status") == [0]
    assert len(activities(graph, "analysis.py")) == 1


def test_a_program_that_cannot_be_run_leaves_no_activity(tmp_path: Path) -> None:
    run(tmp_path, "absent.py", status=2)
    log = tmp_path / "run.log"
    assert not log.exists() or log.read_text() == ""
