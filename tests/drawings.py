"""Read pictures back: DOT with pygraphviz, SVG as XML."""

from __future__ import annotations

import html
import re
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pygraphviz

from provlog.model.graph import ProvGraph
from provlog.writers.pictures.dot import write_dot
from provlog.writers.pictures.options import Drawing

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"


class Drawn(NamedTuple):
    """The content of DOT: labels by node, ends and labels of edges, titles of frames."""

    nodes: dict[str, list[str]]
    edges: list[tuple[str, str, list[str]]]
    frames: dict[str, str]


def dot_of(graph: ProvGraph, drawing: Drawing | None = None) -> str:
    """Return a picture as DOT."""
    return "".join(write_dot(graph, drawing))


def shown(label: str | None) -> list[str]:
    """Return the lines that Graphviz shows for a label, with escapes and entities decoded."""
    pieces = re.findall(r"\\.|[^\\]", label or "", re.DOTALL)
    text = "".join("\n" if piece in (r"\n", r"\l") else piece[-1] for piece in pieces)
    return [html.unescape(line).strip("\N{NO-BREAK SPACE}") for line in text.split("\n")]


def without_space_below(lines: list[str]) -> list[str]:
    """Return the lines of a label without the empty one above a line to the left or the right."""
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def parsed(dot: str) -> Drawn:
    """Return the content of DOT according to Graphviz's own parser."""
    graph = pygraphviz.AGraph(string=dot)
    return Drawn(
        {str(node): shown(node.attr["label"]) for node in graph.nodes()},
        [
            (
                edge.attr["ltail"] or edge[0],
                edge.attr["lhead"] or edge[1],
                without_space_below(shown(edge.attr["label"])),
            )
            for edge in graph.edges()
        ],
        {frame.name: shown(frame.graph_attr["label"])[0] for frame in graph.subgraphs()},
    )


def svg_nodes(svg: str) -> list[tuple[str, list[str]]]:
    """Return name and lines of each node of an SVG picture."""
    groups = ET.fromstring(svg).iter(f"{SVG}g")
    return [
        (
            group.findtext(f"{SVG}title") or "",
            [str(text.text).strip("\N{NO-BREAK SPACE}") for text in group.iter(f"{SVG}text")],
        )
        for group in groups
        if group.get("class") == "node"
    ]


def svg_tooltips(svg: str) -> list[str]:
    """Return all tooltips of an SVG picture."""
    return [link.get(f"{XLINK}title", "") for link in ET.fromstring(svg).iter(f"{SVG}a")]
