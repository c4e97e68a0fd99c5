"""The options of a picture."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DIRECTIONS", "MEMBERS", "Drawing"]

DIRECTIONS = ("BT", "TB", "LR", "RL")
"""The directions in which edges can point: to the top, the bottom, the right, the left."""

MEMBERS = ("auto", "show", "hide")
"""The ways to draw the members of collections."""


class Drawing(NamedTuple):
    """The options of a picture.

    Parameters
    ----------
    members : str
        ``auto`` merges a collection of more than eight members into one node with those
        members that have no other relations. ``hide`` does so for every collection,
        ``show`` only if the picture would be too large.
    max_nodes : int
        The largest number of nodes before parts are merged; 0 for no limit.
    parameters, attributes : bool
        Whether to draw notes with the parameters of activities, and with the other
        attributes of all elements.
    agents : bool
        Whether to draw agents.
    descriptions : bool
        Whether to draw the descriptions of activities and entities.
    direction : str
        The direction of edges, from effect to cause; one of :data:`DIRECTIONS`.
    title : str
        The title above the picture.
    legend : bool
        Whether to draw a legend.
    focus : str, optional
        The qualified name of an element that is never merged and has a thick border.
    theme : str
        The colours: ``w3c``, ``colour-blind`` or ``grey``.
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
    theme: str = "w3c"
