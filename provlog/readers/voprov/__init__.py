"""Read documents of the ``voprov`` package, in its own notation and in that of W3C PROV.

voprov adds kinds of statements that PROV does not have, and its W3C documents use a prefix
that they do not declare. Both become the statements of W3C PROV that provlog writes.
"""

from __future__ import annotations

from provlog.diagnostics.diagnostic import Report
from provlog.files.source import Source
from provlog.model.graph import ProvGraph
from provlog.readers.documents.places import located
from provlog.readers.voprov.graph import graph_of
from provlog.readers.voprov.provn import parse_provn
from provlog.readers.voprov.records import parse_json, parse_xml_document

__all__ = ["read_voprov"]

_PARSERS = {b"{": parse_json, b"<": parse_xml_document}


def read_voprov(source: Source, report: Report) -> ProvGraph:
    """Return the graph of a document in JSON, XML or PROV-N.

    Parameters
    ----------
    source : Source
        The opened document.
    report : callable
        Receives the diagnostics as they are found.

    Raises
    ------
    InputError
        If the document is not well-formed.
    """
    data = source.read(report)
    parse = _PARSERS.get(data.lstrip()[:1], parse_provn)
    return graph_of(parse(data, source.name, report), located(data, source.name, report))
