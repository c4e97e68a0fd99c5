"""Pictures as SVG, PNG and PDF, laid out by Graphviz.

provlog runs Graphviz's ``dot`` if it is on the PATH, otherwise the Graphviz in the wheel
of pygraphviz. Both run as a separate process, so that they can be interrupted and their
standard error can be captured.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from xml.sax.saxutils import escape

from provlog.errors import OutputError
from provlog.model.graph import ProvGraph
from provlog.writers.pictures.dot import notes_on
from provlog.writers.pictures.fitting import fitting
from provlog.writers.pictures.options import Drawing

__all__ = ["render", "write_pdf", "write_png", "write_svg"]

# Reads DOT from standard input, writes the picture to standard output.
_BUNDLED = """
import sys
from pygraphviz import AGraph
dot = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(AGraph(string=dot).draw(format=sys.argv[1], prog="dot"))
"""


# The messages of both contain this.
_SYNTAX_ERROR = re.compile(r"syntax error in line \d+.*")
_BEGINNINGS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}

# Fontconfig falls back to provlog's fonts if none is installed, as in a slim container.
_FONTS = Path(__file__).with_name("fonts")
_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">{system}</include>
  <dir>{fonts}</dir>
</fontconfig>
"""


def render(dot: str, format: str) -> bytes:
    """Return a picture of a graph in DOT.

    Parameters
    ----------
    dot : str
        The graph.
    format : str
        A format of Graphviz, such as ``svg``, ``png`` or ``pdf``.

    Raises
    ------
    OutputError
        If the graph is invalid, or Graphviz is missing or fails.
    """
    failures: dict[str, str] = {}
    for program, command in _commands(format).items():
        # Graphviz drops edges or crashes on some graphs with frames. Its newer rank algorithm
        # draws them, though less well.
        for variant in (dot, dot.replace("{", "{newrank=true;", 1)):
            picture, errors = _run(command, variant)
            if picture.startswith(_BEGINNINGS.get(format, b"")) and picture:
                return picture
            if found := _SYNTAX_ERROR.search(errors):
                raise OutputError(f"Graphviz cannot read the graph: {found[0]}")
            failures.setdefault(program, errors.rpartition("\n")[2])
    reasons = "; ".join(f"{program}: {reason}" for program, reason in failures.items())
    advice = "" if shutil.which("dot") else "install Graphviz, so that dot is on the PATH, or "
    raise OutputError(
        f"Graphviz could not draw the picture ({reasons}): {advice}write DOT instead (-f dot)"
    )


def _commands(format: str) -> dict[str, list[str]]:
    """Return the commands that can draw the picture, in order of preference."""
    dot = shutil.which("dot")
    commands = {} if dot is None else {dot: [dot, f"-T{format}"]}
    # -P keeps Python from importing modules in the current folder.
    python = sys.executable or "python"
    return commands | {"pygraphviz": [python, "-P", "-c", _BUNDLED, format]}


def _run(command: list[str], dot: str) -> tuple[bytes, str]:
    """Return the picture, empty if the command failed, and its error messages."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(  # noqa: S603
                command,
                input=dot.encode(),
                capture_output=True,
                check=False,
                env=os.environ | _environment(Path(folder)),
            )
        except OSError as error:
            return b"", error.strerror or str(error)
    errors = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
    return (done.stdout if done.returncode == 0 else b""), errors


def _environment(folder: Path) -> dict[str, str]:
    """Return environment variables for the process to find pygraphviz and fonts."""
    paths = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    if sys.platform != "linux":
        return paths
    fontconfig = folder / "fonts.conf"
    system = os.environ.get("FONTCONFIG_FILE", "/etc/fonts/fonts.conf")
    fontconfig.write_text(
        _FONTCONFIG.format(system=escape(system), fonts=escape(str(_FONTS))), encoding="utf-8"
    )
    return paths | {"FONTCONFIG_FILE": str(fontconfig)}


def _write(
    format: str,
    graph: ProvGraph,
    drawing: Drawing | None = None,
    report: Callable[[str], None] | None = None,
) -> Iterator[bytes]:
    picture, drawn = fitting(graph, drawing or Drawing(), format, render)
    if report is not None:
        for note in notes_on(drawn.folding):
            report(note)
    yield picture


write_svg = partial(_write, "svg")
write_png = partial(_write, "png")
write_pdf = partial(_write, "pdf")
