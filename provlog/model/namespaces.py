"""The namespaces of every document that provlog writes."""

from __future__ import annotations

import re
from collections.abc import Mapping

from provlog.errors import UsageError
from provlog.patterns import regex

__all__ = ["NAMESPACES", "RESERVED", "is_prefix", "own_namespace", "with_declared"]

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
"""IRIs by prefix, without ``prov`` and ``xsd``, which every format declares in its own way."""

RESERVED = frozenset(
    {*NAMESPACES, "prov", "xsd", "xsi", "xmlns", "rdf", "rdfs", "owl", "default", "terms", "urn"}
)
"""Reserved prefixes, which ids in a log cannot use."""

_PREFIX = regex(r"[A-Za-z][A-Za-z0-9_-]*", re.ASCII)
# An absolute IRI (RFC 3987, section 2.2), as far as all formats can write it.
_IRI = regex(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]*")


def is_prefix(text: str) -> bool:
    """Return whether ids in a log can use this prefix in every format.

    Examples
    --------
    >>> is_prefix("gamma-events"), is_prefix("prov"), is_prefix("1x")
    (True, False, False)
    """
    return (
        _PREFIX.fullmatch(text) is not None
        and text not in RESERVED
        and not text.lower().startswith("xml")
    )


def own_namespace(prefix: str) -> str:
    """Return the IRI for a prefix that ids in a log use without a declaration.

    Examples
    --------
    >>> own_namespace("gamma-events")
    'urn:provlog:gamma-events:'
    """
    return f"urn:provlog:{prefix}:"


def with_declared(declared: Mapping[str, str]) -> dict[str, str]:
    """Return the namespaces of provlog and those that the user declares, by prefix.

    Raises
    ------
    UsageError
        If a prefix or an IRI is invalid, or an IRI is already in use.
    """
    namespaces = dict(NAMESPACES)
    for prefix, iri in declared.items():
        if prefix != "log" and not is_prefix(prefix):
            raise UsageError(f"namespace {prefix!r}: ids in a log cannot use this prefix")
        if not _IRI.fullmatch(iri):
            raise UsageError(
                f"namespace {iri!r} is not an absolute IRI such as https://example.org/prov/"
            )
        taken = {PROV, XSD, *(own for key, own in namespaces.items() if key != prefix)}
        if iri in taken or (
            iri.startswith(own_namespace("")[:-1]) and iri != own_namespace(prefix)
        ):
            raise UsageError(
                f"namespace {iri!r} is already in use; choose another IRI for {prefix!r}"
            )
        namespaces[prefix] = iri
    return namespaces
