"""The namespaces of every document that provlog writes."""

from __future__ import annotations

__all__ = ["NAMESPACES", "RESERVED", "own_namespace"]

PROV = "http://www.w3.org/ns/prov#"
XSD = "http://www.w3.org/2001/XMLSchema#"

NAMESPACES: dict[str, str] = {
    "dcterms": "http://purl.org/dc/terms/",
    "voprov": "http://www.ivoa.net/documents/ProvenanceDM/index.html#",
    "provone": "http://purl.dataone.org/provone/2015/01/15/ontology#",
    "provlog": "urn:provlog:terms:",
    "log": "urn:provlog:log:",
    "param": "urn:provlog:param:",
}
"""Prefix to IRI, without ``prov`` and ``xsd``, which every format declares in its own way."""

RESERVED = frozenset(
    {*NAMESPACES, "prov", "xsd", "xsi", "xml", "xmlns", "rdf", "rdfs", "owl", "default", "_"}
)
"""Prefixes that an id of a log cannot claim for itself."""


def own_namespace(prefix: str) -> str:
    """Return the IRI for a prefix that a log uses in its ids without declaring it.

    Examples
    --------
    >>> own_namespace("gamma-events")
    'urn:provlog:gamma-events:'
    """
    return f"urn:provlog:{prefix}:"
