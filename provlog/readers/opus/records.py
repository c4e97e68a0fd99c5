"""The records of OPUS's provenance documents, in one form for both of its models.

In the W3C model, all records are those of PROV, with a class of the IVOA model as type.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from provlog.diagnostics.diagnostic import Report
from provlog.model.namespaces import NAMESPACES
from provlog.model.values import QUALIFIED_NAME, Literal, Value, safe_text
from provlog.readers.voprov.records import Document as Parsed
from provlog.readers.voprov.records import parse_json, parse_xml_document

__all__ = ["Document", "Record", "read_records"]

_CLASS = re.compile(r"voprov:\w")
_TYPED = frozenset(
    {"xsd:int", "xsd:long", "xsd:integer", "xsd:double", "xsd:boolean", "xsd:dateTime"}
) | {QUALIFIED_NAME}
_FORMALS = frozenset({
    "activity", "entity", "agent", "startTime", "endTime", "generatedEntity", "usedEntity",
    "collection", "influencee", "influencer", "informed", "informant", "configured",
    "configurator", "described", "descriptor", "related", "relator",
})  # fmt: skip
# Influences of the W3C model: their kind in the IVOA model, with its formal attributes.
_INFLUENCES = {
    "ConfigurationRelation": ("wasConfiguredBy", "configured", "configurator"),
    "DescriptionRelation": ("isDescribedBy", "described", "descriptor"),
    "RelatedToRelation": ("isRelatedTo", "related", "relator"),
}
_OWN = {iri: prefix for prefix, iri in NAMESPACES.items()}


class Record(Struct):
    """A record: an element with its name, or a relation.

    Parameters
    ----------
    kind : str
        The kind, such as ``activity`` or ``wasConfiguredBy``.
    name : str
        The qualified name of an element.
    formals : dict
        The formal attributes of a relation, and the times of an activity, by local name.
    attributes : list
        Other attributes: qualified names and values.
    bundle : str, optional
        The name of the bundle that it is in.
    """

    kind: str
    name: str
    formals: dict[str, str]
    attributes: list[tuple[str, Value]]
    bundle: str | None = None

    def texts(self) -> dict[str, str]:
        """Return the attributes as text, by their local names."""
        return {
            name.partition(":")[2]: value if isinstance(value, str) else value.text
            for name, value in self.attributes
        }


class Document(Struct):
    """The records of a document, and its namespaces by prefix (``""`` for the default one)."""

    records: list[Record]
    namespaces: dict[str, str]


def read_records(data: bytes, name: str, report: Report) -> Document:
    """Return the records of a document.

    Raises
    ------
    InputError
        If the document is neither valid JSON nor valid XML.
    """
    parse = parse_xml_document if data.lstrip()[:1] == b"<" else parse_json
    parsed = parse(data, name, report)
    namespaces = dict(parsed.namespaces)
    for bundle in parsed.bundles.values():
        namespaces = {**bundle.namespaces, **namespaces}
    return Document([*map(_restated, _records(parsed, namespaces, None))], namespaces)


def _records(parsed: Parsed, namespaces: dict[str, str], bundle: str | None) -> Iterator[Record]:
    for found in parsed.records:
        record = Record(found.kind, found.id, {}, [], bundle)
        for key, value in found.pairs:
            _add(record, key, value, namespaces)
        yield record
    for name, part in parsed.bundles.items():
        yield from _records(part, namespaces, name)


def _add(record: Record, key: str, value: Value, namespaces: dict[str, str]) -> None:
    prefix, _, local = key.rpartition(":")
    text = value if isinstance(value, str) else value.text
    if local in _FORMALS and prefix in ("prov", "voprov"):
        record.formals[local] = text
        return
    # OPUS omits the prefix of the role.
    prefix = prefix or ("prov" if key == "role" else "voprov")
    # In XML, OPUS invents prefixes for namespaces that provlog knows.
    prefix = _OWN.get(namespaces.get(prefix, ""), prefix)
    is_typed = isinstance(value, Literal) and value.datatype in _TYPED
    record.attributes.append((f"{prefix}:{local}", value if is_typed else safe_text(text)))


def _restated(record: Record) -> Record:
    """Return a record of the W3C model as one of the IVOA model."""
    types = [
        value.text.removeprefix("voprov:")
        for name, value in record.attributes
        if name == "prov:type" and isinstance(value, Literal) and _CLASS.match(value.text)
    ]
    if not types:
        return record
    record.attributes = [
        (name, value)
        for name, value in record.attributes
        if not (isinstance(value, Literal) and value.text.removeprefix("voprov:") in types)
    ]
    [kind, *_] = types
    if record.kind == "wasInfluencedBy" and kind in _INFLUENCES:
        record.kind, effect, cause = _INFLUENCES[kind]
        formals = record.formals
        record.formals = {
            effect: formals.get("influencee", ""),
            cause: formals.get("influencer", ""),
        }
    elif record.kind == "entity":
        record.kind = kind[0].lower() + kind[1:]
    return record
