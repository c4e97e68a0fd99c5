"""Fold and scale a picture until it fits a screen."""

from __future__ import annotations

import re
from collections.abc import Callable

from provlog.model.graph import ProvGraph
from provlog.writers.pictures.dot import Sketch, sketch
from provlog.writers.pictures.options import Drawing

__all__ = ["MAX_HEIGHT", "MAX_WIDTH", "fitting", "pixels"]

MAX_WIDTH = 4000
MAX_HEIGHT = 3000
"""The largest picture that is not folded further, in pixels: two screens."""

# The smallest text has 12 pixels, and should not have fewer than 9.
_LEAST_SCALE = 0.75
_PIXELS_PER_POINT = 96 / 72
_SIZES = {
    "svg": re.compile(rb'<svg width="([\d.]+)pt" height="([\d.]+)pt"'),
    "pdf": re.compile(rb"/MediaBox \[ ?0 0 ([\d.]+) ([\d.]+)"),
}
# Graphviz leaves half an inch on each side of a page.
_PDF_MARGINS = 72
# Where the header of a PNG has width and height (ISO/IEC 15948, section 11.2.2).
_PNG_SIZE = slice(16, 24)

Render = Callable[[str, str], bytes]


def fitting(
    graph: ProvGraph, drawing: Drawing, format: str, render: Render
) -> tuple[bytes, Sketch]:
    """Return the first picture that fits two screens, and its sketch.

    If a picture is slightly too large, it becomes smaller, as long as its text can be read;
    otherwise the next step of folding is taken. Without a limit of nodes, the graph is drawn as
    it is.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    drawing : Drawing
        The options of the picture.
    format : str
        The format: ``svg``, ``png`` or ``pdf``.
    render : callable
        Returns the picture for DOT and a format.
    """
    least = 0
    while True:
        drawn = sketch(graph, drawing, least)
        picture = render(drawn.dot, format)
        width, height = pixels(picture, format)
        scale = min(1.0, MAX_WIDTH / width, MAX_HEIGHT / height)
        if scale == 1 or not drawing.max_nodes:
            return picture, drawn
        if scale >= _LEAST_SCALE or drawn.folding.is_last:
            scale = max(scale, _LEAST_SCALE)
            return render(_scaled(drawn.dot, format, scale), format), drawn
        least = drawn.folding.stage + 1


def pixels(picture: bytes, format: str) -> tuple[float, float]:
    """Return the width and height of a picture at 96 pixels per inch; 1, 1 if they are unknown."""
    if format == "png":
        sizes = picture[_PNG_SIZE]
        return float(int.from_bytes(sizes[:4])), float(int.from_bytes(sizes[4:]))
    found = _SIZES[format].search(picture) if format in _SIZES else None
    if found is None:
        return 1.0, 1.0
    margins = _PDF_MARGINS if format == "pdf" else 0
    width, height = ((float(points) - margins) * _PIXELS_PER_POINT for points in found.groups())
    return width, height


def _scaled(dot: str, format: str, scale: float) -> str:
    """Return DOT for a smaller picture. A page of PDF can have any size and stays as it is."""
    dpi = {"png": 96, "svg": 72}.get(format)
    return dot if dpi is None else dot.replace("{", f"{{dpi={dpi * scale:.2f};", 1)
