"""Pictures as SVG, PNG and PDF, laid out by Graphviz.

Graphviz's ``dot`` draws where it is on the PATH; else the Graphviz that the wheel
of pygraphviz carries does, in a process of its own: that can be interrupted,
and what it says on standard error stays here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import cast
from xml.sax.saxutils import escape

from pydot import call_graphviz

from provlog.drawing import Drawing
from provlog.errors import OutputError
from provlog.model import ProvGraph
from provlog.writers.dot import write_dot

__all__ = ["render", "write_pdf", "write_png", "write_svg"]

# Reads DOT from standard input, writes the picture to standard output.
_BUNDLED = """
import sys
from pygraphviz import AGraph
dot = sys.stdin.buffer.read().decode()
sys.stdout.buffer.write(AGraph(string=dot).draw(format=sys.argv[1], prog="dot"))
"""


# Where no font is installed, as in a slim container, ours is found.
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
        One that Graphviz knows, such as ``svg``, ``png`` or ``pdf``.

    Raises
    ------
    OutputError
        If no Graphviz is there, or none draws it.
    """
    failures = []
    for draw in (_by_dot, _by_pygraphviz):
        try:
            return draw(dot, format)
        except _NotDrawnError as failure:
            failures.append(str(failure))
    raise OutputError(
        f"no Graphviz could draw the picture ({'; '.join(failures)}): install Graphviz, so that "
        "its program dot is on the PATH, or write DOT instead (-f dot)"
    )


class _NotDrawnError(Exception):
    """Why one of the ways to draw a picture did not."""


def _by_dot(dot: str, format: str) -> bytes:
    program = shutil.which("dot")
    if program is None:
        raise _NotDrawnError("dot is not on the PATH")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "provenance.dot")
        source.write_text(dot, encoding="utf-8")
        # pydot says that this is text; it is not.
        picture, said, process = cast(
            "tuple[bytes, bytes, subprocess.Popen[bytes]]",
            call_graphviz(program, [f"-T{format}", str(source)], folder),
        )
    return _picture(program, picture, said, process.returncode)


def _by_pygraphviz(dot: str, format: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        fontconfig = Path(folder, "fonts.conf")
        system = os.environ.get("FONTCONFIG_FILE", "/etc/fonts/fonts.conf")
        fontconfig.write_text(
            _FONTCONFIG.format(system=escape(system), fonts=escape(str(_FONTS))), encoding="utf-8"
        )
        process = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _BUNDLED, format],
            input=dot.encode(),
            capture_output=True,
            check=False,
            env=os.environ
            | {
                "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
                "FONTCONFIG_FILE": str(fontconfig),
            },
        )
    return _picture("pygraphviz", process.stdout, process.stderr, process.returncode)


def _picture(program: str, picture: bytes, said: bytes, code: int) -> bytes:
    if code == 0 and picture:
        return picture
    lines = said.decode(errors="replace").strip().splitlines()
    raise _NotDrawnError(f"{program}: {lines[-1] if lines else f'exit code {code}'}")


def _write(
    format: str,
    graph: ProvGraph,
    drawing: Drawing | None = None,
    report: Callable[[str], None] | None = None,
) -> Iterator[bytes]:
    yield render("".join(write_dot(graph, drawing, report)), format)


write_svg = partial(_write, "svg")
write_png = partial(_write, "png")
write_pdf = partial(_write, "pdf")
