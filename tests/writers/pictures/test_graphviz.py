"""Pictures by both Graphvizes: the one on the PATH, and the one in pygraphviz."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

import provlog
from provlog.errors import OutputError
from provlog.writers.pictures.fitting import fitting
from provlog.writers.pictures.graphviz import render
from provlog.writers.pictures.options import Drawing
from tests.cli.test_cli import LOG, one_line, provlog_process, run
from tests.drawings import dot_of, parsed, svg_nodes
from tests.grids import grid
from tests.samples import EXCERPT, LOGS, PICTURES, SAMPLES

SIGNATURES = {"svg": b"<?xml", "png": b"\x89PNG\r\n\x1a\n", "pdf": b"%PDF-", "dot": b"digraph"}
DOT = shutil.which("dot")
ENGINES = ["dot", "pygraphviz"]


@pytest.fixture
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """Select the Graphviz: put only ``dot`` on the PATH, or nothing."""
    if request.param == "dot" and DOT is None:
        pytest.skip("Graphviz is not installed")
    if request.param == "pygraphviz":
        monkeypatch.setenv("PATH", str(tmp_path))
    return str(request.param)


def drawn(graph: provlog.ProvGraph, name: str, drawing: Drawing | None = None) -> bytes:
    picture = io.BytesIO()
    provlog.write(graph, picture, name, drawing=drawing)
    return picture.getvalue()


@pytest.mark.parametrize(
    ("path", "name", "engine"), grid(LOGS, PICTURES, ENGINES), indirect=["engine"]
)
def test_every_sample_is_drawn_in_every_format(path: Path, name: str, engine: str) -> None:
    graph = provlog.read(path)
    picture = drawn(graph, name)
    assert picture.startswith(SIGNATURES[name])
    assert len(picture) > 2000
    if name == "svg":
        nodes = svg_nodes(picture.decode())
        _, sketch = fitting(graph, Drawing(), name, render)
        assert dict(nodes) == parsed(sketch.dot).nodes
        assert set(Counter(node for node, _ in nodes).values()) == {1}
        assert all(all(lines) for _, lines in nodes)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_all_of_a_large_picture_is_drawn_on_request(engine: str) -> None:
    graph = provlog.read(SAMPLES / "lstosa-simulated-data.log.xz")
    everything = svg_nodes(drawn(graph, "svg", Drawing(max_nodes=0)).decode())
    elements = len(graph.entities) + len(graph.activities) + len(graph.agents)
    assert len(everything) == elements - len(graph.sessions)
    assert len(svg_nodes(drawn(graph, "svg", Drawing(max_nodes=40)).decode())) < 40


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_only_messages_of_provlog_are_on_standard_error(engine: str, tmp_path: Path) -> None:
    output = tmp_path / "run.png"
    process = provlog_process("graph", LOG, "-o", output)
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert output.read_bytes().startswith(SIGNATURES["png"])


@pytest.mark.skipif(sys.platform != "linux", reason="fonts are found otherwise elsewhere")
def test_text_is_drawn_without_installed_fonts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    installed = render("digraph {a [label=iiii, fontname=Helvetica]}", "svg")
    empty = tmp_path / "fonts.conf"
    empty.write_text("<fontconfig></fontconfig>")
    monkeypatch.setenv("FONTCONFIG_FILE", str(empty))
    words = [drawn_word(word) for word in ("iiii", "mmmm")]
    # Boxes instead of letters would have the same width and be equal.
    assert words[0] != words[1]
    assert len({len(word) for word in words}) == 2
    assert installed.startswith(SIGNATURES["svg"])


def drawn_word(word: str) -> bytes:
    return render(f"digraph {{a [label={word}, fontname=Helvetica, shape=none]}}", "png")


def program(path: Path, script: str) -> None:
    path.write_text(f"#!{shutil.which('sh')}\n{script}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_frames_that_graphviz_cannot_rank_are_drawn(engine: str) -> None:
    """Graphviz aborts on the first picture of this artificial log."""
    graph = provlog.read(Path(__file__).parents[2] / "data" / "frames.log")
    nodes = svg_nodes(drawn(graph, "svg").decode())
    assert dict(nodes) == parsed(dot_of(graph)).nodes


@pytest.mark.skipif(os.name == "nt", reason="a script cannot be a program")
def test_a_failed_drawing_is_repeated_with_new_ranks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    grep = shutil.which("grep")
    program(tmp_path / "dot", f"{grep} -q newrank=true && echo '<?xml ranked'")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render("digraph {a}", "svg") == b"<?xml ranked\n"


def test_files_in_the_current_folder_are_not_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "pygraphviz.py").write_text("open('run', 'w')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.path", [path for path in sys.path if path])
    assert render("digraph {a}", "svg").startswith(SIGNATURES["svg"])
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
def test_a_termination_leaves_no_processes_and_files(tmp_path: Path) -> None:
    program(tmp_path / "dot", f"exec {shutil.which('sleep')} 60")
    output = tmp_path / "out"
    temporary = tmp_path / "tmp"
    output.mkdir()
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "provlog", "graph", str(LOG), "-o", str(output / "run.svg")],
        env=os.environ | {"PATH": str(tmp_path), "TMPDIR": str(temporary)},
    )
    while not list(temporary.iterdir()):
        assert process.poll() is None
        time.sleep(0.05)
    process.terminate()
    assert process.wait(timeout=30) == 143
    assert [*output.iterdir(), *temporary.iterdir()] == []


@pytest.mark.skipif(os.name == "nt", reason="a script cannot be a program")
@pytest.mark.parametrize(
    "script", ["echo cannot >&2; exit 1", "exit 0", "echo hello", "kill -9 $$"]
)
def test_a_broken_dot_is_skipped(
    script: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    program(tmp_path / "dot", script)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render("digraph {a}", "svg").startswith(SIGNATURES["svg"])
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(os.name == "nt", reason="a script cannot be a program")
@pytest.mark.parametrize("content", [b"", b"\x7fELF", b"#!/absent/interpreter\n"])
def test_a_dot_that_is_not_a_program_is_skipped(
    content: bytes, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "dot").write_bytes(content)
    (tmp_path / "dot").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render("digraph {a}", "svg").startswith(SIGNATURES["svg"])
    monkeypatch.setattr("sys.executable", "")
    with pytest.raises(OutputError, match="Graphviz could not draw"):
        render("digraph {a}", "svg")


@pytest.mark.skipif(os.name == "nt", reason="a script cannot be a program")
def test_dot_on_the_path_takes_precedence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program(tmp_path / "dot", 'echo "%PDF $1"')
    monkeypatch.setenv("PATH", str(tmp_path))
    assert render("digraph {a}", "pdf") == b"%PDF -Tpdf\n"


def test_without_graphviz_there_is_an_error_and_no_output(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    output = tmp_path / "run.svg"
    output.write_text("before")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("provlog.writers.pictures.graphviz._BUNDLED", "import absent")
    result = run("graph", LOG, "-o", output)
    assert (result.code, result.output) == (4, "")
    said = one_line(result)
    assert said.startswith("provlog: Graphviz could not draw the picture (pygraphviz: ")
    assert "No module named 'absent'" in said
    assert "install Graphviz" in said
    assert "-f dot" in said
    assert [path.name for path in tmp_path.iterdir()] == ["run.svg"]
    assert output.read_text() == "before"
    assert provlog.read(EXCERPT)._repr_svg_() is None
    assert run("graph", LOG, "-f", "dot").code == 0


@pytest.mark.parametrize("engine", ENGINES, indirect=True)
def test_an_invalid_graph_is_reported_by_its_syntax_error(engine: str) -> None:
    with pytest.raises(OutputError) as raised:
        render("digraph {\na [label=]}", "svg")
    assert str(raised.value) == "Graphviz cannot read the graph: syntax error in line 2 near ']'"


@pytest.mark.skipif(os.name == "nt", reason="a script cannot be a program")
def test_a_failing_graphviz_causes_no_advice_to_install_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program(tmp_path / "dot", "echo out of memory >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("provlog.writers.pictures.graphviz._BUNDLED", "import absent")
    with pytest.raises(
        OutputError, match=r"dot: out of memory;.*absent.*: write DOT instead"
    ) as raised:
        render("digraph {a}", "svg")
    assert "install" not in str(raised.value)


def test_a_notebook_shows_a_graph_folded() -> None:
    graph = provlog.read(SAMPLES / "lstosa-simulated-data.log.xz")
    shown = graph._repr_svg_()
    assert shown is not None
    assert shown.encode() == drawn(graph, "svg")


@pytest.mark.skipif(os.name == "nt", reason="there are no such signals")
@pytest.mark.parametrize("engine", ["dot", "pygraphviz"])
def test_an_interruption_ends_the_drawing(engine: str, tmp_path: Path) -> None:
    """The drawing process ends with the command."""
    late = tmp_path / "late"
    drawing = f"import time, pathlib; time.sleep(2); pathlib.Path({str(late)!r}).touch()"
    if engine == "dot":
        program(tmp_path / "dot", f'exec {sys.executable} -c "{drawing}"')
    code = (
        "import os, signal, threading, time\n"
        "from provlog.writers.pictures import graphviz\n"
        f"graphviz._BUNDLED = {drawing!r}\n"
        "interrupt = lambda: os.kill(os.getpid(), signal.SIGINT)\n"
        "threading.Timer(0.5, interrupt).start()\n"
        "try: graphviz.render('digraph {a}', 'svg')\n"
        "except KeyboardInterrupt: time.sleep(3); print('interrupted')\n"
    )
    process = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False,
        env=os.environ | {"PATH": str(tmp_path)},
    )  # fmt: skip
    assert (process.stdout, process.stderr) == ("interrupted\n", "")
    assert not late.exists()
