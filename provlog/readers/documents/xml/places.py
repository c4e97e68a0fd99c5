"""Find the places of statements in an XML document, by their numbers."""

from __future__ import annotations

from collections.abc import Container, Iterable
from xml.parsers import expat

__all__ = ["places"]


def places(
    chunks: Iterable[bytes], numbers: Container[int], containers: Container[str]
) -> dict[int, tuple[int, int]]:
    """Return line and column, from 1, of statements of a document that is well-formed so far.

    Parameters
    ----------
    chunks : iterable of bytes
        The document.
    numbers : container of int
        The numbers of the statements, from 1; 0 is the root.
    containers : container of str
        The tags of elements below the root that contain statements themselves.
    """
    found: dict[int, tuple[int, int]] = {}
    parser = expat.ParserCreate()
    depth, number, deepest = 0, -1, 1

    def start(tag: str, _: dict[str, str]) -> None:
        nonlocal depth, number, deepest
        if depth == 1:
            deepest = 2 if tag in containers else 1
        if depth <= deepest:
            number += 1
            if number in numbers:
                found[number] = (parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        depth += 1

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    for chunk in chunks:
        parser.Parse(chunk)
    return found
