"""The real logs, and helpers that read and write in one call."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import provlog
from provlog.model.graph import ProvGraph
from provlog.writers import FORMATS

SAMPLES = Path(__file__).resolve().parent.parent / "sample_logs"
LOGS = sorted(SAMPLES.glob("*.log*"))
NAMES = [path.name for path in LOGS]
DOCUMENTS = [format.name for format in FORMATS.values() if not format.is_picture]
PICTURES = [
    format.name for format in FORMATS.values() if format.is_picture and format.name != "html"
]
EXCERPT = SAMPLES / "presentation-excerpt.log"


def document(graph: ProvGraph, name: str) -> str:
    """Return the document of a graph in a text format."""
    stream = BytesIO()
    provlog.write(graph, stream, name)
    return stream.getvalue().decode()


def graph_of(folder: Path, lines: Iterable[str]) -> ProvGraph:
    """Return the graph of a log with these lines."""
    return provlog.read(log_of(folder, lines))


def log_of(folder: Path, lines: Iterable[str]) -> Path:
    """Write a log with these lines."""
    path = folder / "run.log"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def codes(graph: ProvGraph) -> list[str]:
    """Return the codes of a graph's diagnostics."""
    return [diagnostic.code for diagnostic in graph.diagnostics]
