"""Programs that are not Python scripts are recorded by what they read and write."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import provlog
from provlog.model.graph import Activity, ProvGraph
from provlog.run.command import executable
from tests.capture.programs import environment
from tests.capture.reading import activity, generated, parameters, used

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Unix programs are needed")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("2\n1\n")
    return tmp_path


def started(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "provlog", "run", *arguments],
        env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(*arguments: str) -> tuple[int, str, str]:
    process = started(*arguments)
    out, error = process.communicate()
    return process.returncode, out, error


def names(graph: ProvGraph, one: Activity) -> tuple[set[str | None], set[str | None]]:
    return (
        {entity.label for entity in used(graph, one).values()},
        {entity.label for entity in generated(graph, one).values()},
    )


def test_files_that_the_arguments_name_are_used_and_generated() -> None:
    assert run("--", "sort", "-o", "out.txt", "in.txt") == (0, "", "")
    graph = provlog.read("prov.log")
    one = activity(graph, "sort")
    assert names(graph, one) == ({"sort", "in.txt"}, {"out.txt"})
    assert parameters(one) == {"arguments": '["-o","out.txt","in.txt"]'}
    assert one.values("log:exit_status") == [0]
    [session] = graph.sessions.values()
    assert session.label == "sort"
    assert '"arguments":["sort","-o","out.txt","in.txt"]' in session.values("log:system")[0]


def test_new_files_in_the_folders_are_generated() -> None:
    Path("out").mkdir()
    code = "cat in.txt in.txt > double.txt; sort in.txt > out/sorted.txt"
    assert run("--log", "x.log", "--", "sh", "-c", code) == (0, "", "")
    graph = provlog.read("x.log")
    _, made = names(graph, activity(graph, "sh"))
    assert made == {"double.txt"}
    [used_file] = [one for one in graph.entities.values() if one.label == "in.txt"]
    assert used_file in used(graph, activity(graph, "sh")).values()


def test_output_and_exit_status_are_those_of_the_program() -> None:
    assert run("--", "sh", "-c", "echo out; echo error >&2; exit 3") == (3, "out\n", "error\n")
    one = activity(provlog.read("prov.log"), "sh")
    assert one.values("log:exit_status") == [3]
    assert one.failure == "failed"


def test_a_program_that_is_terminated_ends_the_run() -> None:
    process = started("--", "sh", "-c", "echo started; exec sleep 20")
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    process.send_signal(signal.SIGTERM)
    process.communicate()
    assert process.returncode == 128 + signal.SIGTERM
    one = activity(provlog.read("prov.log"), "sh")
    assert one.values("log:exit_status") == [128 + signal.SIGTERM]


def test_a_recorded_program_is_a_part_of_the_activity() -> None:
    Path("step.py").write_text("print(open('in.txt').read())\n")
    code = f"{sys.executable} -m provlog run --log inner.log step.py"
    assert run("--", "sh", "-c", code)[0] == 0
    graph = provlog.read("prov.log", "inner.log")
    outer, inner = activity(graph, "sh"), activity(graph, "step.py")
    parents = {one.source: one.target for one in graph.relations["wasInfluencedBy"]}
    assert inner.session is not None
    assert parents[inner.session] is outer


def test_python_scripts_run_as_before() -> None:
    Path("script.py").write_text("def f(): return 1\nprint(f())\n")
    assert run("--", "script.py") == (0, "1\n", "")
    assert activity(provlog.read("prov.log"), "f").label == "f"
    Path("tool").write_text(f"#!{sys.executable}\nprint('python')\n")
    Path("tool").chmod(0o755)
    assert executable("./tool") is None
    assert run("--", "./tool") == (0, "python\n", "")


def test_wrong_use_is_an_error() -> None:
    assert run("-t", "f", "--", "sort")[0] == 2
    code, _, error = run("--", "no-such-program")
    assert (code, error) == (
        2,
        "provlog: no-such-program: cannot read it: No such file or directory\n",
    )
    # Without a separator, the program is a Python script.
    assert run("sort", "--", "in.txt")[0] == 2


def test_secrets_are_not_recorded() -> None:
    assert run("--", "echo", "--password=hidden", "x")[0] == 0
    assert "hidden" not in Path("prov.log").read_text()
