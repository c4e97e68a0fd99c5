"""Options of pictures."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DIRECTIONS", "MEMBERS", "Drawing"]

DIRECTIONS = ("BT", "TB", "LR", "RL")
"""Where edges may point to: to the top, the bottom, the right, the left."""

MEMBERS = ("auto", "show", "hide")
"""What may become of the members of collections."""


class Drawing(NamedTuple):
    """How a graph is drawn.

    Parameters
    ----------
    members : str
        ``auto``: a collection of more than eight members is one node with those that
        are nothing but members; ``hide``: every collection is; ``show``: none is,
        unless the picture would be too large.
    max_nodes : int
        How many nodes there are at most before parts are drawn as one; 0 for any number.
    parameters, attributes : bool
        Whether activities have a note of their parameters, all elements one of
        their other attributes.
    agents : bool
        Whether agents are drawn.
    descriptions : bool
        Whether the descriptions of activities and entities are drawn, too.
    direction : str
        Where edges point to, from effect to cause; one of :data:`DIRECTIONS`.
    title : str
        The title over the picture.
    legend : bool
        Whether there is a legend.
    focus : str, optional
        The qualified name of what stays a node of its own, with a thick border.
    """

    members: str = "auto"
    max_nodes: int = 400
    parameters: bool = False
    attributes: bool = False
    agents: bool = True
    descriptions: bool = False
    direction: str = "BT"
    title: str = ""
    legend: bool = False
    focus: str | None = None
