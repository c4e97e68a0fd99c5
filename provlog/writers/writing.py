"""Write a graph to a file or a stream, as a document or a picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import IO

from provlog.collector import collector_paused
from provlog.errors import UsageError
from provlog.files.replace import replacing
from provlog.model.graph import ProvGraph
from provlog.writers import ATTRIBUTES, PARAMETERS, Format, Piece, format_for_path, format_named
from provlog.writers.pictures.options import Drawing

__all__ = ["write"]

Path = str | os.PathLike[str]


def write(
    graph: ProvGraph,
    target: Path | IO[bytes],
    format: str | None = None,
    *,
    drawing: Drawing | None = None,
    parameters: str = ATTRIBUTES,
    report: Callable[[str], None] | None = None,
) -> None:
    """Write a graph to a file or a binary stream, as a document or a picture.

    A file is written completely or not at all.

    Parameters
    ----------
    graph : ProvGraph
        The graph.
    target : path or binary stream
        The file or stream.
    format : str, optional
        The name of the format, one of :data:`provlog.writers.FORMATS`; by default the
        format of the file's suffix.
    drawing : Drawing, optional
        The options of a picture.
    parameters : str, optional
        The form in which a W3C document states the parameters of activities:
        ``attributes`` or ``entities``.
    report : callable, optional
        Receives a line for each step that made a picture smaller.

    Raises
    ------
    UsageError
        If the format does not exist or cannot hold the graph, or if the options of a
        picture are given for a document.
    OutputError
        If the file cannot be written, or the picture cannot be drawn.
    TypeError
        If a stream is given without a format.
    OSError
        If the stream cannot be written.
    """
    # Elements, rows and lines hold no reference to each other.
    with collector_paused():
        if isinstance(target, (str, os.PathLike)):
            path = os.fspath(target)
            chosen = format_named(format) if format is not None else format_for_path(path)
            with replacing(path) as stream:
                _write_pieces(_pieces(chosen, graph, drawing, parameters, report), stream)
        elif format is None:
            raise TypeError("a stream has no suffix: pass format")
        else:
            chosen = format_named(format)
            _write_pieces(_pieces(chosen, graph, drawing, parameters, report), target)


def _pieces(
    format: Format,
    graph: ProvGraph,
    drawing: Drawing | None,
    parameters: str,
    report: Callable[[str], None] | None,
) -> Iterator[Piece]:
    if format.is_picture:
        return format.write(graph, drawing, report)
    if drawing is not None:
        raise UsageError(f"{format.name} is a document, not a picture")
    if parameters not in PARAMETERS:
        raise UsageError(f"parameters must be {' or '.join(PARAMETERS)}, not {parameters!r}")
    if format.has_descriptions:
        return format.write(graph)
    if graph.descriptions or parameters != ATTRIBUTES:
        from provlog.graphs.ivoa_view import plain

        graph = plain(graph, parameters=parameters != ATTRIBUTES)
    return format.write(graph)


def _write_pieces(pieces: Iterable[Piece], stream: IO[bytes]) -> None:
    for piece in pieces:
        stream.write(piece.encode() if isinstance(piece, str) else piece)
