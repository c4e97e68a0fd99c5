"""Readers of provenance: one for each kind of source, found through :data:`READERS`.

A reader takes an open :class:`~provlog.files.source.Source`. A reader of kind ``events``
yields events, from which the builder derives names and sessions. A reader of kind ``graph``
returns a graph with final identifiers. To add a reader, write its module, its line in the
table, and a function in ``provlog.readers.sniff`` that recognises its sources without
importing the module.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from provlog.errors import UsageError
from provlog.extras import imported
from provlog.readers import sniff
from provlog.text import did_you_mean

__all__ = ["READERS", "Reader", "reader_for", "reader_named"]

EVENTS = "events"
GRAPH = "graph"
DEFINITIONS = "definitions"


class Reader(NamedTuple):
    """A kind of source.

    Parameters
    ----------
    name : str
        The name for the command line and the API.
    title : str
        The name for the documentation.
    suffixes : tuple of str
        The usual file name suffixes; they decide between readers that recognise the same
        content.
    media_type : str
        The media type.
    recognizes : callable or None
        Returns whether the reader supports a source, given its first bytes; ``None`` for
        the reader of all sources that no other reader recognises.
    module, function : str
        The place of the function that reads a source. It takes the source and a callable
        that receives diagnostics, and is imported at first use.
    kind : str
        ``events`` if the function yields events, ``graph`` if it returns a graph,
        ``definitions`` if it returns definitions, which describe the activities in the
        other inputs.
    extra : str, optional
        The extra of provlog that installs the packages of the reader.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    media_type: str
    recognizes: Callable[[bytes], bool] | None
    module: str
    function: str
    kind: str = EVENTS
    extra: str | None = None

    @property
    def read(self) -> Callable[..., Any]:
        """The function that reads an open source.

        Raises
        ------
        MissingExtraError
            If the reader needs a package that is not installed.
        """
        return imported(self.module, self.function, self.name, self.extra)


_LOG = Reader("log", "Log with provenance records", (".log", ".txt", ".out"), "text/plain",
              None, "provlog.readers.log", "read_log")  # fmt: skip

READERS: dict[str, Reader] = {
    reader.name: reader
    for reader in (
        Reader("ctapipe", "Provenance log of ctapipe", (".log", ".json"), "application/json",
               sniff.is_ctapipe, "provlog.readers.ctapipe.activities", "read_ctapipe"),
        Reader("hdf5", "HDF5 product with CTAO's metadata", (".h5", ".hdf5"), "application/x-hdf5",
               sniff.is_hdf5, "provlog.readers.ctapipe.hdf5", "read_hdf5", extra="hdf5"),
        Reader("fits", "FITS product with CTAO's metadata", (".fits", ".fit"), "application/fits",
               sniff.is_fits, "provlog.readers.ctapipe.fits", "read_fits", extra="fits"),
        Reader("uws", "Job document of UWS or OPUS", (".xml",), "application/xml",
               sniff.is_uws, "provlog.readers.opus.uws", "read_uws", GRAPH),
        Reader("opus-database", "Database of OPUS, or its dump", (".db", ".sqlite", ".sql"),
               "application/vnd.sqlite3",
               sniff.is_opus_database, "provlog.readers.opus.database", "read_database", GRAPH),
        Reader("opus-provenance", "Provenance document of OPUS", (".json", ".xml"),
               "application/json", sniff.is_opus_provenance,
               "provlog.readers.opus.provenance", "read_opus_provenance", GRAPH),
        Reader("jdl", "Job definition of OPUS", (".xml",), "application/x-votable+xml",
               sniff.is_jdl, "provlog.definitions.jdl", "read_jdl", DEFINITIONS),
        Reader("voprov", "Document of voprov", (".json", ".xml", ".provn"), "application/json",
               sniff.is_voprov, "provlog.readers.voprov", "read_voprov", GRAPH),
        Reader("votable", "VOTable with provenance", (".vot", ".votable", ".xml"),
               "application/x-votable+xml",
               sniff.is_votable, "provlog.readers.votable", "read_votable", GRAPH),
        Reader("provjson", "PROV-JSON", (".json", ".provjson"), "application/json",
               sniff.is_provjson, "provlog.readers.documents.provjson", "read_provjson", GRAPH),
        Reader("provxml", "PROV-XML", (".xml", ".provx"), "application/provenance+xml",
               sniff.is_provxml, "provlog.readers.documents.xml.provxml", "read_provxml", GRAPH),
        Reader("provn", "PROV-N", (".provn",), 'text/provenance-notation; charset="UTF-8"',
               sniff.is_provn, "provlog.readers.documents.provn.provn", "read_provn", GRAPH),
        Reader("trig", "PROV-O in TriG", (".trig",), "application/trig", sniff.is_trig,
               "provlog.readers.documents.rdf", "read_trig", GRAPH, extra="rdf"),
        Reader("turtle", "PROV-O in Turtle", (".ttl",), "text/turtle", sniff.is_turtle,
               "provlog.readers.documents.rdf", "read_turtle", GRAPH, extra="rdf"),
        Reader("jsonld", "PROV-JSONLD", (".jsonld",), "application/ld+json",
               sniff.is_jsonld, "provlog.readers.documents.jsonld", "read_jsonld", GRAPH),
        _LOG,
    )
}  # fmt: skip
"""All readers by name. A new reader needs only a line here."""


def reader_named(name: str) -> Reader:
    """Return the reader with this name.

    Raises
    ------
    UsageError
        If no reader has it.
    """
    try:
        return READERS[name]
    except KeyError:
        raise UsageError(
            f"unknown reader {name!r}{did_you_mean(name, READERS)}; "
            f"the readers are {', '.join(READERS)}"
        ) from None


def reader_for(head: bytes, path: str) -> Reader:
    """Return the reader of a source, by default the log reader.

    Parameters
    ----------
    head : bytes
        The first bytes of the source, decompressed.
    path : str
        The path; its suffix decides between readers that recognise the same content.

    Examples
    --------
    >>> reader_for(b"2020-01-01 INFO reading events", "run.log").name
    'log'
    """
    found = [
        reader
        for reader in READERS.values()
        if reader.recognizes is not None and reader.recognizes(head)
    ]
    if len(found) > 1:
        from pathlib import PurePath

        suffix = PurePath(path).suffix.lower()
        found.sort(key=lambda reader: suffix not in reader.suffixes)
    return found[0] if found else _LOG
