"""Write pictures as DOT, the language of Graphviz, in the layout conventions of W3C PROV.

https://www.w3.org/2011/prov/wiki/Diagrams: entities are yellow ellipses,
activities blue boxes, agents orange houses, and edges lead from effect to cause.
https://graphviz.org/doc/info/lang.html

Strings from a log are quoted and escaped, so that Graphviz does not interpret them as
HTML, record labels, attributes or character entities.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pydot

from provlog.errors import UsageError
from provlog.graphs.ivoa_view import with_descriptions
from provlog.graphs.typed_entities import is_description
from provlog.model.graph import Activity, Element, ProvGraph
from provlog.model.identifiers import digest
from provlog.writers.pictures.captions import (
    caption,
    details,
    edge_caption,
    edge_details,
    frame_caption,
    kind_caption,
    notes,
    one_line,
)
from provlog.writers.pictures.folding import fold
from provlog.writers.pictures.grid import grid_links
from provlog.writers.pictures.nodes import (
    PART,
    Edge,
    Folding,
    Node,
    is_shown_by_frame,
    roles_by_node,
    rows_crossed_by,
)
from provlog.writers.pictures.options import DIRECTIONS, Drawing
from provlog.writers.pictures.quoting import beside, quoted, quoted_tooltip
from provlog.writers.pictures.ranks import longest_paths
from provlog.writers.pictures.themes import THEMES, recolour

__all__ = ["Sketch", "notes_on", "sketch", "write_dot"]

Style = dict[str, Any]

_FONT = "Helvetica,Arial,sans-serif"
_GRAPH: Style = {
    "charset": "utf-8", "compound": "true", "fontname": _FONT, "fontsize": "12",
    "nodesep": "0.2", "ranksep": "0.45", "pad": "0.2",
    # An unlimited search for the best places takes minutes where edges cross many rows; no
    # picture of a real log comes near these limits.
    "nslimit": "4", "nslimit1": "4", "mclimit": "0.5",
}  # fmt: skip
_NODE: Style = {"fontname": _FONT, "fontsize": "11", "style": "filled", "margin": "0.12,0.06"}
_EDGE: Style = {"fontname": _FONT, "fontsize": "9", "arrowsize": "0.7"}
# In greyscale these are light, medium and medium; the shapes distinguish the kinds.
_NODES: dict[str, Style] = {
    "entity": {"shape": "ellipse", "fillcolor": "#FFFC87", "color": "#808080", "margin": "0.02"},
    "activity": {"shape": "box", "fillcolor": "#9FB1FC", "color": "#0000FF"},
    "agent": {"shape": "house", "fillcolor": "#FDB266", "color": "#000000"},
    "session": {"shape": "box", "fillcolor": "#C9D3FD", "color": "#0000FF"},
    "note": {"shape": "note", "fillcolor": "#FFFFFF", "color": "#808080", "fontsize": "9"},
}  # fmt: skip
_EDGES: dict[str, Style] = {
    "used": {"color": "#8B0000", "fontcolor": "#8B0000"},
    "wasGeneratedBy": {"color": "#006400", "fontcolor": "#006400"},
    "wasInvalidatedBy": {"color": "#8B0000", "fontcolor": "#8B0000", "style": "dashed"},
    "wasStartedBy": {"color": "#00008B", "fontcolor": "#00008B"},
    "wasEndedBy": {"color": "#00008B", "fontcolor": "#00008B"},
    "wasInformedBy": {"color": "#00008B", "fontcolor": "#00008B", "style": "dashed"},
    "wasDerivedFrom": {"style": "dashed"},
    "wasAttributedTo": {"color": "#A0522D", "fontcolor": "#A0522D"},
    "wasAssociatedWith": {"color": "#A0522D", "fontcolor": "#A0522D", "style": "dashed"},
    "actedOnBehalfOf": {"color": "#A0522D", "fontcolor": "#A0522D", "style": "dotted"},
    "wasInfluencedBy": {"color": "#606060", "fontcolor": "#606060", "style": "dashed"},
    PART: {"color": "#606060", "fontcolor": "#606060", "style": "dashed"},
    "specializationOf": {"color": "#606060", "fontcolor": "#606060"},
    "alternateOf": {"color": "#606060", "fontcolor": "#606060", "arrowhead": "none"},
    "mentionOf": {"color": "#606060", "fontcolor": "#606060"},
    "hadMember": {"color": "#606060", "fontcolor": "#606060", "style": "dotted"},
    "isDescribedBy": {"color": "#B06000", "fontcolor": "#B06000", "style": "dashed"},
    "isRelatedTo": {"color": "#B06000", "fontcolor": "#B06000", "style": "dotted"},
    "note": {"color": "#B0B0B0", "arrowhead": "none"},
}
# The standard's figures have descriptions in orange.
_DESCRIPTION: Style = {"shape": "box", "fillcolor": "#FFE0B0", "color": "#B06000"}
# Further arguments of a relation, such as a plan.
_ARGUMENT: Style = {"color": "#B0B0B0", "fontcolor": "#606060", "style": "dotted"}
_FOLDED: Style = {"peripheries": "2"}
_FOCUS: Style = {"penwidth": "3"}
_FAILED: Style = {"color": "#D00000", "penwidth": "2"}
_FRAME: Style = {
    "color": "#6070B0", "fontcolor": "#303880", "fontsize": "12", "style": "rounded"
}  # fmt: skip
_LEGEND_NODES: dict[str, tuple[str, str, Style]] = {
    "entity": ("entity", "entity", {}),
    "activity": ("activity", "activity", {}),
    "part": ("activity", "part of it", {}),
    "note": ("note", "parameters", {}),
    "input": ("entity", "collection", {}),
    "agent": ("agent", "agent", {}),
    "origin": ("entity", "entity", {}),
    "members": ("entity", "11 entities", _FOLDED),
}
_IN_LEGEND_SESSION = frozenset({"entity", "activity", "part", "note"})
_LEGEND = (
    ("entity", "activity", "wasGeneratedBy", 1),
    ("part", "activity", PART, 1),
    ("activity", "input", "used", 1),
    ("activity", "agent", "wasAssociatedWith", 1),
    ("input", "origin", "wasDerivedFrom", 1),
    ("input", "members", "hadMember", 11),
)
_LONGEST_TITLE = 200
_LONGEST_NAME = 1000
# In larger pictures, routing edges around nodes would take most of the time.
_MOST_CURVES = 2500
# Larger pictures are easier to read in parts.
_EASY_TO_READ = 100


def write_dot(
    graph: ProvGraph, drawing: Drawing | None = None, report: Callable[[str], None] | None = None
) -> Iterator[str]:
    """Yield a picture of the graph as DOT, for Graphviz's ``dot``.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    drawing : Drawing, optional
        The options of the picture.
    report : callable, optional
        Receives a line for each step that made the graph smaller.

    Raises
    ------
    UsageError
        If an option is invalid, or the graph has bundles, which pictures do not support.
    """
    drawn = sketch(graph, drawing)
    if report is not None:
        for note in notes_on(drawn.folding):
            report(note)
    yield drawn.dot


class Sketch(NamedTuple):
    """A picture as DOT, and the folding that it shows."""

    dot: str
    folding: Folding


def sketch(graph: ProvGraph, drawing: Drawing | None = None, least: int = 0) -> Sketch:
    """Return a picture as DOT, after at least a number of folding steps.

    Raises
    ------
    UsageError
        If an option is invalid, or the graph has bundles, which pictures do not support.
    """
    if graph.bundles:
        raise UsageError("a picture cannot show bundles: it draws each session in a frame")
    drawing = drawing or Drawing()
    for option, known in (("direction", DIRECTIONS), ("theme", THEMES)):
        if getattr(drawing, option) not in known:
            value = getattr(drawing, option)
            raise UsageError(f"{option}: {value!r} is not one of {', '.join(known)}")
    if drawing.descriptions:
        graph = with_descriptions(graph)
    folding = fold(graph, drawing, least)
    picture = _picture(folding, drawing)
    recolour(picture, THEMES[drawing.theme])
    return Sketch(picture.to_string(), folding)


def notes_on(folding: Folding) -> Iterator[str]:
    """Yield what was folded, and how to see more."""
    yield from (f"folded: {step}" for step in folding.steps)
    if folding.steps:
        yield "to see more: -o NAME.html writes the explorer, --max-nodes 0 draws everything"
    if len(folding.nodes) > _EASY_TO_READ:
        yield (
            f"{len(folding.nodes):,} nodes are many for one picture: "
            f"--max-nodes {_EASY_TO_READ // 2} folds it, --focus and --session draw a part"
        )


class _Frame(NamedTuple):
    """The frame of a session.

    Parameters
    ----------
    session : Node
        The session.
    cluster : pydot.Subgraph
        The frame.
    anchor : Node
        The node in the frame at which the session's edges begin and end.
    """

    session: Node
    cluster: pydot.Subgraph
    anchor: Node


Frames = dict[Element | None, _Frame]


def _picture(folding: Folding, drawing: Drawing) -> pydot.Dot:
    picture = pydot.Dot("provenance", graph_type="digraph", rankdir=drawing.direction, **_GRAPH)
    picture.add_node(pydot.Node("node", **_NODE))
    picture.add_node(pydot.Node("edge", **_EDGE))
    if drawing.title:
        picture.set("label", quoted([one_line(drawing.title, _LONGEST_TITLE)]))
        picture.set("labelloc", "t")
        picture.set("fontsize", "16")
    if rows_crossed_by(folding.edges) > _MOST_CURVES:
        picture.set("splines", "line")
    frames = _frames(folding, drawing.direction)
    roles = roles_by_node(folding.edges)
    for node in folding.nodes:
        own = frames.get(node.head)
        frame = own or frames.get(node.home)
        place = frame.cluster if frame is not None else picture
        if own is None:
            place.add_node(_node(node, folding, roles.get(node, "")))
        lines = notes(node, parameters=drawing.parameters, attributes=drawing.attributes)
        if lines:
            place.add_node(_note(node, lines))
        if lines and own is None:
            place.add_edge(pydot.Edge(_note_name(node), _name(node), **_EDGES["note"]))
    edges = list(_gathered(folding, frames))
    for edge in edges:
        picture.add_edge(_edge(edge, frames, drawing.direction))
    drawn = [node for node in folding.nodes if node.head not in frames]
    for lower, upper in grid_links(drawn, edges):
        picture.add_edge(pydot.Edge(_name(lower), _name(upper), style="invis"))
    for frame in frames.values():
        picture.add_subgraph(frame.cluster)
    if drawing.legend:
        picture.add_subgraph(_legend(drawing.direction))
    return picture


def _frames(folding: Folding, direction: str) -> Frames:
    """Return the frames of the unfolded sessions, which replace their nodes."""
    contents: defaultdict[Element, list[Node]] = defaultdict(list)
    for node in folding.nodes:
        if node.home is not None:
            contents[node.home].append(node)
    followers = longest_paths(
        (edge.target, edge.source) for edge in folding.edges if not is_shown_by_frame(edge)
    )
    frames: Frames = {}
    for node in folding.nodes:
        inner = contents.get(node.head)
        # A folded session is one node; the focus may still be a node of its own.
        if node.kind == "session" and inner and len(node.elements) == 1:
            name = f"session_{len(frames) + 1}"
            tooltip = quoted_tooltip(details(node, Counter(), folding.descriptions))
            cluster = _cluster(name, frame_caption(node, inner), tooltip, direction)
            # The node with the longest chain of effects is nearest to the agents. An edge from
            # there leaves the frame at once, so that its label is outside.
            anchor = max(inner, key=followers.__getitem__)
            frames[node.head] = _Frame(node, cluster, anchor)
    return frames


def _cluster(name: str, title: str, tooltip: str, direction: str) -> pydot.Subgraph:
    # In a picture from bottom to top, Graphviz swaps top and bottom for titles, too.
    place: Style = {"labelloc": "b" if direction == "BT" else "t", "labeljust": "l"}
    return pydot.Subgraph(
        f"cluster_{name}", label=quoted([title]), tooltip=tooltip, **place, **_FRAME
    )


def _gathered(folding: Folding, frames: Frames) -> Iterator[Edge]:
    """Yield the edges to draw.

    If all activities in a frame have the same association with an agent, one edge from
    the frame replaces their edges and that of the session.
    """
    runs: Counter[Element | None] = Counter(
        node.home for node in folding.nodes if node.kind == "activity"
    )
    common: defaultdict[tuple[Element | None, Node], list[Edge]] = defaultdict(list)
    own: dict[tuple[Element | None, Node], Edge] = {}
    for edge in folding.edges:
        home = edge.source.home
        if edge.kind == "wasAssociatedWith" and edge.source.head in frames:
            own[edge.source.head, edge.target] = edge
        elif edge.kind == "wasAssociatedWith" and edge.source.kind == "activity" and home in frames:
            common[home, edge.target].append(edge)
        elif not (edge.is_part and edge.target.head in frames):
            yield edge
    for (place, agent), edges in common.items():
        is_complete = all(
            len(edge.roles) == 1 and edge.times == len(edge.source.elements) for edge in edges
        )
        of_session = own.get((place, agent))
        if is_complete and len(edges) == runs[place] and (len(edges) > 1 or of_session):
            activities = [element for edge in edges for element in edge.source.elements]
            session = Node("session", [frames[place].session.head, *activities])
            edges += [own.pop((place, agent))] if of_session else []
            roles = sum((edge.roles for edge in edges), Counter())
            yield Edge("wasAssociatedWith", session, agent, roles)
        else:
            yield from edges
    yield from own.values()


def _name(node: Node) -> str:
    """Return the name of a node in DOT, quoted."""
    return quoted([_full_name(node)])


def _full_name(node: Node) -> str:
    rest = len(node.elements) - 1
    name = node.head.id
    if len(name) > _LONGEST_NAME:
        # Graphviz cannot read strings of more than 16 kB.
        name = f"{name[:_LONGEST_NAME]}-{digest(name)}"
    return f"{name} and {rest} more" if rest else name


def _node(node: Node, folding: Folding, role: str) -> pydot.Node:
    style = _NODES[node.kind] | (_FOLDED if len(node.elements) > 1 else {})
    if any(isinstance(item, Activity) and item.failure is not None for item in node.elements):
        style |= _FAILED
    if is_description(node.head):
        style |= _DESCRIPTION
    if node.is_focus:
        style |= _FOCUS
    return pydot.Node(
        _name(node),
        label=quoted(caption(node, folding.members.get(node), role)),
        tooltip=quoted_tooltip(
            details(node, folding.inside.get(node, Counter()), folding.descriptions)
        ),
        **style,
    )


def _note(node: Node, lines: list[str]) -> pydot.Node:
    return pydot.Node(_note_name(node), label=quoted([*lines, ""], r"\l"), **_NODES["note"])


def _note_name(node: Node) -> str:
    return quoted([f"note on {_full_name(node)}"])


def _edge(edge: Edge, frames: Frames, direction: str) -> pydot.Edge:
    tooltip = quoted_tooltip(edge_details(edge))
    attributes = _EDGES.get(edge.kind, _ARGUMENT) | {"tooltip": tooltip, "labeltooltip": tooltip}
    ends = []
    for end, clipped in ((edge.source, "ltail"), (edge.target, "lhead")):
        frame = frames.get(end.head)
        if frame is not None:
            attributes[clipped] = frame.cluster.get_name()
            end = frame.anchor
        ends.append(_name(end))
    return pydot.Edge(ends[0], ends[1], label=beside(edge_caption(edge), direction), **attributes)


def _legend(direction: str) -> pydot.Subgraph:
    """Return a frame with one of each kind of node and edge."""
    legend = _cluster("legend", "legend", quoted(["legend"]), direction)
    legend.set("margin", "20")
    session = _cluster("legend_session", "session", quoted(["session"]), direction)
    legend.add_subgraph(session)
    for name, (kind, label, more) in _LEGEND_NODES.items():
        place = session if name in _IN_LEGEND_SESSION else legend
        place.add_node(pydot.Node(f"legend_{name}", label=quoted([label]), **(_NODES[kind] | more)))
    for source, target, kind, times in _LEGEND:
        ends = f"legend_{source}", f"legend_{target}"
        label = beside([kind_caption(kind, times)], direction)
        legend.add_edge(pydot.Edge(*ends, label=label, **_EDGES[kind]))
    legend.add_edge(pydot.Edge("legend_note", "legend_activity", **_EDGES["note"]))
    return legend
