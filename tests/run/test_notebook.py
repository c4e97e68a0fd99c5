"""Notebooks: cells are activities, linked by variables and files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import provlog
from provlog.capture import ipython
from provlog.graphs.lineage import lineage
from provlog.model.graph import ProvGraph
from tests.capture.programs import environment
from tests.capture.reading import activities, activity, generated, used

pytest.importorskip("IPython")

LOAD = "import numpy as np\ntable = np.loadtxt('in.csv')\n"
SCALE = "table *= 2\nshape = table.shape\n"
SAVE = "np.savetxt('out.csv', table)\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("1\n2\n")
    return tmp_path


@pytest.fixture
def shell() -> Iterator[Any]:
    """Return a shell of IPython with the extension."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    # Its database would stay open.
    config = Config({"HistoryManager": {"enabled": False}})
    shell: Any = InteractiveShell(config=config)  # type: ignore[no-untyped-call]
    shell.colors = "nocolor"
    shell.run_cell("%load_ext provlog")
    yield shell
    InteractiveShell.clear_instance()
    for capture in ipython._captures.values():
        capture.close()
    ipython._captures.clear()


def origins(graph: ProvGraph, name: str) -> set[str | None]:
    [file] = [one for one in graph.entities.values() if one.label == name]
    part = lineage(graph, [file])
    return {one.label for one in (*part.entities.values(), *part.activities.values())}


def test_cells_with_the_magic_are_activities(shell: Any) -> None:
    for name, cell in (("load", LOAD), ("scale", SCALE), ("save", SAVE)):
        result = shell.run_cell(f"%%provlog --log run.log {name}\n{cell}")
        assert result.success
    shell.run_cell("unrecorded = table + 1")
    graph = provlog.read("run.log")
    assert {"load", "scale", "save", "in.csv"} <= origins(graph, "out.csv")
    scale = activity(graph, "scale")
    assert used(graph, scale)["table"].id != generated(graph, scale)["table"].id
    assert set(generated(graph, activity(graph, "save"))) == {None}
    assert "unrecorded" not in Path("run.log").read_text()


def test_the_code_of_a_cell_has_no_secrets(shell: Any) -> None:
    code = "import os\nos.environ['API_TOKEN'] = password = 'hun' 'ter2'"
    assert shell.run_cell(f"%%provlog --log run.log login\n{code}").success
    assert "ter2" not in Path("run.log").read_text()
    [recorded] = activity(provlog.read("run.log"), "login").values("log:code")
    assert recorded.strip().startswith("import os\nos.environ['API_TOKEN'] = (withheld)")


def test_a_cell_generates_a_file_but_not_the_closed_stream(shell: Any) -> None:
    for end in ("", "\nstream = open('b.txt', 'w')"):
        code = "with open('a.txt', 'w') as stream:\n    stream.write('x')"
        shell.run_cell(f"%%provlog --log run.log write{end[:1].strip()}\n{code}{end}")
    graph = provlog.read("run.log")
    first, second = activities(graph, "write")
    assert set(generated(graph, first)) == {None}
    assert "stream" in generated(graph, second)


def test_a_failed_cell_is_a_failed_activity(shell: Any, capsys: pytest.CaptureFixture[str]) -> None:
    result = shell.run_cell("%%provlog --log run.log broken\n\n1 / 0\n")
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert capsys.readouterr().out.count("division by zero") == 1
    assert activity(provlog.read("run.log"), "broken").failure == "failed: ZeroDivisionError"


def test_results_and_line_numbers_of_a_cell_stay(shell: Any) -> None:
    plain = shell.run_cell("%time x = 1\nimport inspect\ninspect.currentframe().f_lineno")
    magic = shell.run_cell(
        "%%provlog --log r.log\n%time x = 1\nimport inspect\ninspect.currentframe().f_lineno"
    )
    assert magic.result == plain.result + 1


def test_a_log_that_cannot_be_written_does_not_stop_the_cell(
    shell: Any, caplog: pytest.LogCaptureFixture
) -> None:
    assert shell.run_cell("%%provlog --log missing/run.log\nx = 5\nx").result == 5
    assert "a cell is not recorded" in caplog.text


@pytest.mark.parametrize("options", ["--log", "--lgo run.log load"])
def test_a_wrong_option_is_reported(
    shell: Any, caplog: pytest.LogCaptureFixture, options: str
) -> None:
    assert shell.run_cell(f"%%provlog {options}\nx = 5\nx").result == 5
    message = "a cell is not recorded: write %%provlog [--log FILE] [NAME]"
    assert message in caplog.text
    assert not Path("prov.log").exists()


def write_notebook(*cells: str) -> None:
    nbformat = pytest.importorskip("nbformat")
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made), "analysis.ipynb")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "provlog", "run", "--log", "run.log", *arguments],
        env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_notebook_is_executed_and_recorded() -> None:
    pytest.importorskip("nbclient")
    Path("sub").mkdir()
    os.rename("in.csv", "sub/in.csv")
    Path("sub/steps.py").write_text("def scale(table): return table * 2\n")
    write_notebook(LOAD, "from steps import scale\ntable = scale(table)", SAVE + "table.shape")
    os.rename("analysis.ipynb", "sub/analysis.ipynb")
    done = run("-t", "steps", "sub/analysis.ipynb", "executed.ipynb")
    assert done.returncode == 0, done.stderr
    assert "(2,)" in Path("executed.ipynb").read_text()
    assert "provlog" not in Path("executed.ipynb").read_text()
    graph = provlog.read("run.log")
    names = {"cell 1", "cell 2", "cell 3", "scale", "in.csv"}
    assert names <= origins(graph, "out.csv")
    program = activity(graph, "analysis.ipynb")
    assert used(graph, program)["script"].label == "analysis.ipynb"
    assert program.values("log:exit_status") == [0]
    assert "numpy" in str(program.values("log:packages")[0])
    assert activity(graph, "scale").label == "scale"


def test_a_failing_notebook_fails() -> None:
    pytest.importorskip("nbclient")
    write_notebook("x = 1", "1 / 0", "x = 2")
    done = run("analysis.ipynb")
    assert done.returncode == 1
    assert "ZeroDivisionError" in done.stderr
    graph = provlog.read("run.log")
    assert activity(graph, "analysis.ipynb").values("log:exit_status") == [1]
    assert activity(graph, "cell 2").failure == "failed: ZeroDivisionError"
    assert [one for one in graph.activities.values() if one.label == "cell 3"] == []


def test_a_notebook_that_cannot_be_run_is_an_error() -> None:
    pytest.importorskip("nbclient")
    done = run("missing.ipynb")
    assert (done.returncode, done.stderr[:40]) == (2, "provlog: missing.ipynb: cannot read it: ")
    Path("broken.ipynb").write_text("x")
    done = run("broken.ipynb")
    assert (done.returncode, done.stderr[:39]) == (2, "provlog: broken.ipynb: cannot read it: ")
    write_notebook("x = 1")
    text = Path("analysis.ipynb").read_text()
    Path("analysis.ipynb").write_text(
        text.replace(
            '"metadata": {}', '"metadata": {"kernelspec": {"name": "nosuch", "display_name": "x"}}'
        )
    )
    assert run("analysis.ipynb", "a", "b").returncode == 2
