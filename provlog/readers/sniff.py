"""Recognise sources by their first bytes: one function per kind, without importing readers."""

from __future__ import annotations

import re

from provlog.patterns import regex

__all__ = [
    "is_ctapipe",
    "is_fits",
    "is_hdf5",
    "is_jdl",
    "is_jsonld",
    "is_opus_database",
    "is_opus_provenance",
    "is_provjson",
    "is_provn",
    "is_provxml",
    "is_trig",
    "is_turtle",
    "is_uws",
    "is_voprov",
    "is_votable",
]

# Lists may be empty: a failing tool appends one up to version 0.21.1.
_CTAPIPE = regex(rb'\s*(?:\[\s*\]\s*)*(?:\[\s*)?\{\s*"activity_(?:name|uuid)"\s*:')


def is_ctapipe(head: bytes) -> bool:
    """Recognise ctapipe's provenance log by the first key of its first activity."""
    return _CTAPIPE.match(head) is not None


def is_hdf5(head: bytes) -> bool:
    """Recognise HDF5 by its signature, which a user block may precede."""
    return any(head.startswith(b"\x89HDF\r\n\x1a\n", start) for start in (0, 512, 1024, 2048))


def is_fits(head: bytes) -> bool:
    """Recognise FITS by its first card."""
    return head.startswith(b"SIMPLE  =")


# Atomic groups: otherwise a comment could be extended over the next ones, in exponential time.
_UWS = regex(
    rb"(?>\s|<\?[^>]*\?>|<!--.*?-->)*+<(?:[\w.-]+:)?jobs?[\s>][^>]*http://www\.ivoa\.net/xml/UWS/",
    re.DOTALL,
)


def is_uws(head: bytes) -> bool:
    """Recognise a job document of UWS, or a list of jobs, by its root element."""
    return _UWS.match(head) is not None


# Tables and columns that only OPUS has; in a dump, rows may separate the tables.
_OPUS = regex(rb"\b(?:job_parameters|job_results|owner_token|from_entity)\b")


def is_opus_database(head: bytes) -> bool:
    """Recognise OPUS's database, or a dump of it, by a table or column that only OPUS has."""
    is_database = head.startswith(b"SQLite format 3\0") or b"CREATE TABLE" in head
    return is_database and _OPUS.search(head) is not None


_JDL = regex(rb"<RESOURCE\b[^<>]*\butype=[\"']voprov:ActivityDescription[\"']")


def is_jdl(head: bytes) -> bool:
    """Recognise a job definition: a VOTable with the description of an activity as resource."""
    return b"<VOTABLE" in head[:4096] and _JDL.search(head) is not None


_PROVENANCE = regex(rb'\s*(?:\{\s*"prefix"\s*:|<(?:\?xml[^>]*>\s*<)?(?:\w+:)?document\b)')


def is_opus_provenance(head: bytes) -> bool:
    """Recognise a provenance document of OPUS by a prefix that only OPUS declares."""
    return _PROVENANCE.match(head) is not None and b"opus_job" in head


_VOTABLE = regex(
    rb"(?>\xef\xbb\xbf|\s|<\?[^>]*\?>|<!--.*?-->)*+<(?:[\w.-]+:)?VOTABLE[\s>]", re.DOTALL
)


def is_votable(head: bytes) -> bool:
    """Recognise a VOTable by its root element, without looking for provenance in it."""
    return _VOTABLE.match(head) is not None and (b"voprov:" in head or b"provenance" in head)


# Statements that only voprov writes, in JSON, XML and PROV-N.
_VOPROV = regex(
    rb'"(?:isDescribedBy|isRelatedTo|wasConfiguredBy|\w+Description|\w+Entity)"\s*:\s*\{'
    rb"|<voprov:(?:document|isDescribedBy|isRelatedTo|\w+Description)\b"
    rb"|^[ \t]*(?:isDescribedBy|isRelatedTo|wasConfiguredBy|\w+Description)\("
    rb"|(?<!vo)prov:name\b",
    re.MULTILINE,
)
_DECLARED = regex(rb'"voprov"\s*:|xmlns:voprov\s*=|prefix\s+voprov\b')
_DOCUMENT = regex(rb"\s*document\b")


def is_voprov(head: bytes) -> bool:
    """Recognise a document of voprov by its own kinds of statements, or its undeclared prefix."""
    if _PROVENANCE.match(head) is None and _DOCUMENT.match(head) is None:
        return False
    if b"opus_job" in head:
        return False
    return _VOPROV.search(head) is not None or (
        b"voprov:" in head and _DECLARED.search(head) is None
    )


_PROVJSON = regex(
    rb'\s*\{\s*"(?:prefix|entity|activity|agent|bundle|used|was[A-Z]\w+|hadMember|\w+Of)"\s*:\s*\{'
)


def is_provjson(head: bytes) -> bool:
    """Recognise PROV-JSON by its first section."""
    return _PROVJSON.match(head) is not None


_PROVXML = regex(
    rb"(?>\s|<\?[^>]*\?>|<!--.*?-->|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>)*+"
    rb"<(?:[\w.-]+:)?document\s[^>]*http://www\.w3\.org/ns/prov#",
    re.DOTALL,
)


def is_provxml(head: bytes) -> bool:
    """Recognise PROV-XML by its root element and the namespace of PROV."""
    return _PROVXML.match(head) is not None


_PROVN = regex(
    rb"(?>\s|//[^\n]*\n|/\*.*?\*/)*+document\s+"
    rb"(?://|/\*|prefix\s|default\s|bundle\s|endDocument|[A-Za-z:]+\()",
    re.DOTALL,
)


def is_provn(head: bytes) -> bool:
    """Recognise PROV-N by its first keyword."""
    return _PROVN.match(head) is not None


_RDF = regex(rb"(?:\s|#[^\n]*\n)*(?:@prefix|@base|prefix\s|base\s)", re.IGNORECASE)
_GRAPH = regex(rb"^[^#\n\"]*\{[ \t\r]*$", re.MULTILINE)


def is_trig(head: bytes) -> bool:
    """Recognise TriG, which includes Turtle, by a prefix for PROV."""
    return _RDF.match(head) is not None and b"http://www.w3.org/ns/prov#" in head


def is_turtle(head: bytes) -> bool:
    """Recognise Turtle by a prefix for PROV and no named graph."""
    return is_trig(head) and _GRAPH.search(head) is None


_JSONLD = regex(rb'\s*[\[{][\s\[{]*"@(?:context|graph|id|type)"\s*:')


def is_jsonld(head: bytes) -> bool:
    """Recognise PROV-JSONLD by a keyword of JSON-LD and the namespace of PROV."""
    return _JSONLD.match(head) is not None and b"prov" in head
