"""Writers of graphs: one module for each format, found through :data:`FORMATS`.

A writer is a function from a graph to pieces of text or bytes. It does not access
files. To add a format, write its module and its line in the table.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from provlog.errors import UsageError
from provlog.extras import imported
from provlog.patterns import regex
from provlog.text import did_you_mean
from provlog.urls import is_url, shown

__all__ = [
    "ATTRIBUTES",
    "FORMATS",
    "PARAMETERS",
    "Format",
    "Piece",
    "format_for_path",
    "format_named",
]

ATTRIBUTES = "attributes"
PARAMETERS = (ATTRIBUTES, "entities")
"""The forms in which a document can state the parameters of activities."""

Piece = str | bytes
Write = Callable[..., Iterator[Piece]]

_QUERY = regex(r"[?#].*", re.DOTALL)


class Format(NamedTuple):
    """A format of documents or of pictures.

    Parameters
    ----------
    name : str
        The name for the command line and the API.
    title : str
        The name for the documentation.
    suffixes : tuple of str
        The file name suffixes; the first is the usual one.
    media_type : str
        The media type.
    module, function : str
        The place of the writer, which is imported at first use.
    extra : str, optional
        The extra of provlog that installs the packages of the writer.
    has_descriptions : bool
        Whether the writer handles descriptions itself; other writers get them as entities.
    is_picture : bool
        Whether the format is a picture. The writer of a picture also takes a
        :class:`~provlog.writers.pictures.options.Drawing` and a callable that receives notes.
    is_binary : bool
        Whether the output is binary and cannot be shown in a terminal.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    media_type: str
    module: str
    function: str
    extra: str | None = None
    is_picture: bool = False
    is_binary: bool = False
    has_descriptions: bool = False

    @property
    def write(self) -> Write:
        """The writer, a function from a graph to pieces.

        Raises
        ------
        MissingExtraError
            If the writer needs a package that is not installed.
        """
        return imported(self.module, self.function, self.name, self.extra)


FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format("provjson", "PROV-JSON", (".json", ".provjson"), "application/json",
               "provlog.writers.provjson", "write_provjson"),
        Format("provxml", "PROV-XML", (".xml", ".provx"), "application/provenance+xml",
               "provlog.writers.provxml", "write_provxml"),
        Format("provn", "PROV-N", (".provn",), 'text/provenance-notation; charset="UTF-8"',
               "provlog.writers.provn", "write_provn"),
        Format("turtle", "PROV-O in Turtle", (".ttl",), "text/turtle",
               "provlog.writers.rdf", "write_turtle"),
        Format("trig", "PROV-O in TriG", (".trig",), "application/trig",
               "provlog.writers.rdf", "write_trig"),
        Format("jsonld", "PROV-JSONLD", (".jsonld",), "application/ld+json",
               "provlog.writers.jsonld", "write_jsonld"),
        Format("votable", "VOTable, as a proposal", (".vot", ".votable"),
               "application/x-votable+xml",
               "provlog.writers.votable", "write_votable", has_descriptions=True),
        Format("svg", "Scalable Vector Graphics", (".svg",), "image/svg+xml",
               "provlog.writers.pictures.graphviz", "write_svg", is_picture=True),
        Format("png", "Portable Network Graphics", (".png",), "image/png",
               "provlog.writers.pictures.graphviz", "write_png", is_picture=True, is_binary=True),
        Format("pdf", "Portable Document Format", (".pdf",), "application/pdf",
               "provlog.writers.pictures.graphviz", "write_pdf", is_picture=True, is_binary=True),
        Format("html", "Explorer in one HTML file", (".html",), "text/html",
               "provlog.writers.explorer.page", "write_html", is_picture=True),
        Format("dot", "Graphviz's DOT", (".dot", ".gv"), "text/vnd.graphviz",
               "provlog.writers.pictures.dot", "write_dot", is_picture=True),
    )
}  # fmt: skip
"""All formats by name. A new format needs only a line here."""


def format_named(name: str) -> Format:
    """Return the format with this name or suffix.

    Raises
    ------
    UsageError
        If no format has it.

    Examples
    --------
    >>> format_named("provxml").name, format_named("xml").name, format_named(".TTL").name
    ('provxml', 'provxml', 'turtle')
    """
    wanted = name.lower().lstrip(".")
    names = FORMATS | {
        suffix.lstrip("."): format
        for format in reversed(FORMATS.values())
        for suffix in format.suffixes
        if suffix.lstrip(".") not in FORMATS
    }
    if wanted not in names:
        known = ", ".join(FORMATS)
        raise UsageError(
            f"unknown format {name!r}{did_you_mean(wanted, names)}; the formats are {known}"
        )
    return names[wanted]


def format_for_path(path: str) -> Format:
    """Return the format of a file name's suffix.

    Raises
    ------
    UsageError
        If no format has the suffix.

    Examples
    --------
    >>> format_for_path("out/run.provn").name
    'provn'
    """
    name = _QUERY.sub("", path) if is_url(path) else path
    suffix = os.path.splitext(name)[1].lower()
    for format in FORMATS.values():
        if suffix in format.suffixes:
            return format
    known = ", ".join(format.suffixes[0] for format in FORMATS.values())
    raise UsageError(
        f"{shown(path)}: no format has the suffix {suffix!r}; name one with -f, or use {known}"
    )
