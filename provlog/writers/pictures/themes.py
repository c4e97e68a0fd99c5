"""The colours of pictures: those of W3C PROV, colours for colour-blind readers, greys."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pydot

__all__ = ["THEMES", "recolour"]

THEMES: dict[str, dict[str, str]] = {
    "w3c": {},
    # The palette of Okabe and Ito, https://jfly.uni-koeln.de/color/, with light fills.
    "colour-blind": {
        "#FFFC87": "#FAF3A5", "#9FB1FC": "#A9DAF5", "#C9D3FD": "#D4EDFA", "#FDB266": "#F5C96B",
        "#FFE0B0": "#F8E3B4", "#0000FF": "#0072B2", "#00008B": "#004C78", "#8B0000": "#D55E00",
        "#006400": "#0072B2", "#D00000": "#D55E00", "#A0522D": "#7A5500", "#B06000": "#7A5500",
    },
    "grey": {
        "#FFFC87": "#F4F4F4", "#9FB1FC": "#C8C8C8", "#C9D3FD": "#DEDEDE", "#FDB266": "#A8A8A8",
        "#FFE0B0": "#ECECEC", "#0000FF": "#404040", "#00008B": "#303030", "#8B0000": "#606060",
        "#006400": "#101010", "#D00000": "#000000", "#A0522D": "#505050", "#B06000": "#505050",
        "#6070B0": "#808080", "#303880": "#404040",
    },
}  # fmt: skip
"""For each theme, the colours that replace those of W3C PROV."""

_COLOURS = ("color", "fillcolor", "fontcolor")


def recolour(picture: pydot.Graph, colours: dict[str, str]) -> None:
    """Replace the colours of a picture and of all its parts.

    Parameters
    ----------
    picture : pydot.Graph
        The picture, which is changed.
    colours : dict
        New colours by the colours that they replace.
    """
    if not colours:
        return
    parts = [picture, *picture.get_nodes(), *picture.get_edges()]
    for part in parts:
        attributes = part.get_attributes()
        for name in _COLOURS:
            if attributes.get(name) in colours:
                attributes[name] = colours[attributes[name]]
    for frame in picture.get_subgraphs():
        recolour(frame, colours)
