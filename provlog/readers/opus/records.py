"""Read the records of OPUS's PROV-JSON and PROV-XML documents, in whichever model and version.

OPUS writes them with voprov, which deviates from PROV: ``voprov:`` for ``prov:``, new kinds
of records (``parameter``, ``wasConfiguredBy``), and missing prefixes. In its W3C model
every record is one of PROV, with its own class as a type. Both become the same records.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from msgspec import Struct

from provlog.errors import InputError
from provlog.model.namespaces import NAMESPACES, PROV
from provlog.model.values import Literal, Value, qname, safe_text
from provlog.readers.xml import parse_xml

__all__ = ["VOPROV", "Document", "Record", "read_records"]

VOPROV = NAMESPACES["voprov"]

_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_CLASS = re.compile(r"voprov:\w")
_QNAMES = frozenset({"prov:QUALIFIED_NAME", "xsd:QName", "xs:QName"})
_TYPED = frozenset(
    {"xsd:int", "xsd:long", "xsd:integer", "xsd:double", "xsd:boolean", "xsd:dateTime"}
)
# Influences of the W3C model: the kind they stand for, with its formal attributes.
_INFLUENCES = {
    "ConfigurationRelation": ("wasConfiguredBy", "configured", "configurator"),
    "DescriptionRelation": ("isDescribedBy", "described", "descriptor"),
    "RelatedToRelation": ("isRelatedTo", "related", "relator"),
}


class Record(Struct):
    """A record: an element with its name, or a relation.

    Parameters
    ----------
    kind : str
        Its kind, such as ``activity`` or ``wasConfiguredBy``.
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
    """The records of a document, and its namespaces by prefix; that without one is the default."""

    records: list[Record]
    namespaces: dict[str, str]


def read_records(data: bytes, name: str) -> Document:
    """Return the records of a document.

    Raises
    ------
    InputError
        If it is neither valid JSON nor valid XML.
    """
    if data.lstrip()[:1] == b"<":
        namespaces: dict[str, str] = {}
        root = parse_xml(data, name, namespaces)
        records = [*_of_xml(root, {uri: prefix for prefix, uri in namespaces.items()}, None)]
    else:
        try:
            document = json.loads(data)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: invalid JSON: {error}") from error
        namespaces = _prefixes(document)
        records = [*_of_json(document, None)]
    return Document([*map(_restated, records)], namespaces)


# PROV-JSON


def _prefixes(document: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in (document, *_mapping(_mapping(document).get("bundle")).values()):
        for prefix, iri in _mapping(_mapping(part).get("prefix")).items():
            found.setdefault("" if prefix == "default" else prefix, str(iri))
    return found


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _of_json(document: Any, bundle: str | None) -> Iterator[Record]:
    for kind, statements in _mapping(document).items():
        if kind == "prefix":
            continue
        for name, held in _mapping(statements).items():
            if kind == "bundle":
                yield from _of_json(held, name)
                continue
            for statement in held if isinstance(held, list) else [held]:
                yield _json_record(kind, name, _mapping(statement), bundle)


def _json_record(kind: str, name: str, statement: dict[str, Any], bundle: str | None) -> Record:
    record = Record(kind, name, {}, [], bundle)
    for key, held in statement.items():
        for value in held if isinstance(held, list) else [held]:
            if isinstance(value, dict):
                _add(record, key, str(value.get("$")), str(value.get("type", "")))
            elif value is not None:
                _add(record, key, value if isinstance(value, str) else json.dumps(value), "")
    return record


# PROV-XML


def _of_xml(parent: Element, prefixes: dict[str, str], bundle: str | None) -> Iterator[Record]:
    for child in parent:
        kind = child.tag.rpartition("}")[2]
        name = next((text for key, text in child.items() if key.endswith("}id")), "")
        if kind == "bundleContent":
            yield from _of_xml(child, prefixes, name)
            continue
        record = Record(kind, name, {}, [], bundle)
        for part in child:
            reference = next((text for key, text in part.items() if key.endswith("}ref")), None)
            uri, _, local = part.tag[1:].rpartition("}")
            prefix = "prov" if uri == PROV else "voprov" if uri == VOPROV else _known(uri, prefixes)
            text = reference if reference is not None else part.text or ""
            _add(record, f"{prefix}:{local}", text, part.get(_XSI_TYPE, ""))
        yield record


def _known(uri: str, prefixes: dict[str, str]) -> str:
    """Return the prefix that provlog has for a namespace, else that of the document."""
    own = {iri: prefix for prefix, iri in NAMESPACES.items()}
    return own.get(uri) or prefixes.get(uri, "log")


# Both

_FORMALS = frozenset({
    "activity", "entity", "agent", "startTime", "endTime", "generatedEntity", "usedEntity",
    "collection", "influencee", "influencer", "informed", "informant", "configured",
    "configurator", "described", "descriptor", "related", "relator",
})  # fmt: skip


def _add(record: Record, key: str, text: str, datatype: str) -> None:
    prefix, _, local = key.rpartition(":")
    if local in _FORMALS and prefix in ("prov", "voprov"):
        record.formals[local] = text
        return
    # OPUS forgets the prefix of the role.
    name = key if prefix else f"prov:{key}" if key == "role" else f"voprov:{key}"
    value: Value = safe_text(text)
    if datatype in _QNAMES:
        value = qname(text)
    elif datatype in _TYPED:
        value = Literal(text, datatype)
    record.attributes.append((name, value))


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
